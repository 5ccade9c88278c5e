import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { systemClock } from '#adapters/node-platform/clock.ts'
import { startPractical } from '#core/practicals/dispatch-practical.ts'
import { driveAttempts } from '#core/practicals/drive-attempts.ts'
import { world } from '#test/support/world.ts'

const solution = (name: string) =>
  JSON.parse(readFileSync(`practicals/inference-throughput/solutions/${name}.json`, 'utf8'))

test('the shipped practical runs as two real jobs under its limits and is measured by the grader', async () => {
  const w = { ...(await world({ now: new Date().toISOString() })), clock: systemClock }
  const { learner, actor } = await w.learner()
  const offering = await w.offering({ moduleId: 'm-llm-inference', allowsLocalEvidence: true })
  await w.enrolment(learner.id, offering)
  // Eight threads need the most memory and processes the practical allows.
  const configuration = { ...solution('good'), threads: 8 }
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
  expect(attempt.graded.sanity.map(({ held }) => held)).toEqual([true, true, true, true])
  expect(attempt.graded.metrics[0]?.value).toBeGreaterThan(0.5)
  expect(attempt.graded.evidence).toMatchObject({ environment: 'local', level: 1, hardware: { gpus: 0 } })
  const runs = await w.store.runsOf(id)
  expect(runs.map(({ stage, state, try: number }) => [stage, state, number])).toEqual([
    ['work', 'DONE', 1],
    ['grade', 'DONE', 1],
  ])
}, 120_000)
