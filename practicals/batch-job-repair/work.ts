import { readFileSync, writeFileSync } from 'node:fs'
import { parse } from '#core/parse.ts'
import { boxKind, checkBoxImage } from '../kit/box.ts'
import type { Artefact } from './artefact.ts'
import { readJobScript } from './job-script.ts'
import { isRight } from './judge-script.ts'
import { batchJobRepair } from './practical.ts'
import { runJobScript } from './run-job-script.ts'
import { publicShards } from './shards.ts'

// The learner's run: does what the script says with shards anybody may see, and tells what came of it.
const { script: text } = parse(
  batchJobRepair.zConfiguration,
  JSON.parse(readFileSync('configuration.json', 'utf8')),
)
const script = readJobScript(text)
if ('what' in script) throw new Error(`line ${script.line}: ${script.what}`)
const box = boxKind(process.env)
await checkBoxImage(process.env)
const shards = publicShards()
const job = await runJobScript(script, shards, { folder: 'run', box: process.env, jobId: 4200 })

for (const line of script.unheeded)
  console.log(`line ${line}: looks like an option, and the scheduler does not read it`)
for (const task of job.tasks) {
  const verdict = isRight(task, shards, job) ? 'as it should be' : 'not as it should be'
  const damaged = task.task === shards.damaged ? ' (its shard is damaged, on purpose)' : ''
  console.log(
    `task ${task.task}${damaged}: exit code ${task.exitCode}${task.stopped ? `, stopped: ${task.stopped}` : ''}, ${verdict}`,
  )
  console.log(`  new results: ${task.wrote.join(', ') || 'none'}`)
  if (task.touched.length > 0) console.log(`  changed the results of others: ${task.touched.join(', ')}`)
  if (task.log === undefined) console.log('  its log could not be opened: does the folder of --output exist?')
  else for (const line of task.log.trimEnd().split('\n')) console.log(`  | ${line}`)
}
const artefact: Artefact = { script: text, unheeded: script.unheeded, box, tasks: job.tasks }
writeFileSync('out/artefact.json', JSON.stringify(artefact))
