import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { localBox } from '#adapters/local/box.ts'
import { systemClock } from '#adapters/node-platform/clock.ts'
import { startPractical } from '#core/practicals/dispatch-practical.ts'
import { driveAttempts } from '#core/practicals/drive-attempts.ts'
import { attemptFolder } from '#core/practicals/run-files.ts'
import type { Json } from '#core/records.ts'
import { world } from '#test/support/world.ts'

const read = (file: string) => readFileSync(`practicals/${file}`, 'utf8')

/** Runs the practical of a module on this machine, from the start to its grade. */
async function runHere(moduleId: string, configuration: Json) {
  const w = { ...(await world({ now: new Date().toISOString() })), clock: systemClock }
  const { learner, actor } = await w.learner()
  const offering = await w.offering({ moduleId, allowsLocalEvidence: true })
  await w.enrolment(learner.id, offering)
  const input = { requestId: w.requestId(), offeringId: offering.id, configuration }
  const { id } = await startPractical(actor, input, w)
  await expect
    .poll(
      async () => {
        await driveAttempts(w)
        return (await w.store.findAttempt(id))?.state
      },
      { timeout: 90_000, interval: 200 },
    )
    .toBe('graded')
  const attempt = await w.store.findAttempt(id)
  if (attempt?.state !== 'graded') throw new Error('not graded')
  const runs = await w.store.runsOf(id)
  expect(runs.map(({ stage, state, try: number }) => [stage, state, number])).toEqual([
    ['work', 'DONE', 1],
    ['grade', 'DONE', 1],
  ])
  return { w, attempt }
}

test('serving a model runs as two real jobs under its limits and is measured by the grader', async () => {
  // Eight threads need the most memory and processes the practical allows.
  const good = JSON.parse(read('inference-throughput/solutions/good.json')) as object
  const { attempt } = await runHere('m-llm-inference', { ...good, threads: 8 })
  expect(attempt.graded.sanity.map(({ held }) => held)).toEqual([true, true, true, true])
  expect(attempt.graded.metrics[0]?.value).toBeGreaterThan(0.5)
  expect(attempt.graded.evidence).toMatchObject({ environment: 'local', level: 1, hardware: { gpus: 0 } })
}, 120_000)

test('a learner’s script runs as two real jobs, shut in where this machine can, and is judged on what it did', async () => {
  const { w, attempt } = await runHere('m-linux-hpc-start', {
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
