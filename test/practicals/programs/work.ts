import { readFileSync, writeFileSync } from 'node:fs'

// A work run that does what the test's configuration tells it to.
const { mode } = JSON.parse(readFileSync('configuration.json', 'utf8')) as { mode: string }
if (mode === 'work-fails') process.exit(3)
if (mode === 'work-overruns') setTimeout(() => {}, 60_000)
else if (mode !== 'work-silent') writeFileSync('out/artefact.json', JSON.stringify({ mode }))
