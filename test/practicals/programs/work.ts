import { readFileSync, writeFileSync } from 'node:fs'

// A work run that does what the test's configuration tells it to.
const { mode } = JSON.parse(readFileSync('configuration.json', 'utf8')) as { mode: string }
if (mode === 'chatty') console.log('said by the run')
if (mode === 'work-fails') {
  process.stdout.write(
    Buffer.concat([Buffer.from('the end is near: \u001b[31m'), Buffer.from([0xff, 0x07, 0x00])]),
  )
  process.stdout.write(' red\u001b[0m <b>bold</b>\ttab\r\n', () => process.exit(3))
} else if (mode === 'work-overruns') {
  console.log(Array.from({ length: 10_000 }, (_, line) => `line ${line}`).join('\n'))
  setTimeout(() => {}, 60_000)
} else if (mode !== 'work-silent') writeFileSync('out/artefact.json', JSON.stringify({ mode }))
