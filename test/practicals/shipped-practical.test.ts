import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { localBox } from '#adapters/local/box.ts'
import { attemptFolder } from '#core/practicals/run-files.ts'
import { runHere } from './run-here.ts'

const read = (file: string) => readFileSync(`practicals/${file}`, 'utf8')

test('serving a model runs as two real jobs under its limits and is measured by the grader', async () => {
  // Eight threads need the most memory and processes the practical allows.
  const good = JSON.parse(read('inference-throughput/solutions/good.json')) as object
  const { attempt } = await runHere('inference-throughput', { ...good, threads: 8 })
  expect(attempt.graded.sanity.map(({ held }) => held)).toEqual([true, true, true, true])
  expect(attempt.graded.metrics[0]?.value).toBeGreaterThan(0.5)
  expect(attempt.graded.evidence).toMatchObject({ environment: 'local', level: 1, hardware: { gpus: 0 } })
}, 120_000)

test('a learner’s script runs as two real jobs, shut in where this machine can, and is judged on what it did', async () => {
  const { w, attempt } = await runHere('batch-job-repair', {
    script: read('batch-job-repair/solutions/good.sh'),
  })
  expect(attempt.graded).toMatchObject({
    outcome: 'passed',
    scorePercent: 100,
    metrics: [
      { name: 'tasks_right', value: 1, threshold: 1, met: true },
      { name: 'memory_fit', value: 1, threshold: 0.1, met: true },
    ],
    evidence: { environment: 'local', level: 1 },
  })
  const kept = await w.files.get(`${attemptFolder(attempt)}run-1/artefact.json`)
  const artefact: unknown = JSON.parse(new TextDecoder().decode(kept))
  expect(artefact).toMatchObject({ box: localBox(), tasks: { length: 5 } })
}, 120_000)
