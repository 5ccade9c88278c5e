import { expect } from 'vitest'
import { systemClock } from '#adapters/node-platform/clock.ts'
import { startPractical } from '#core/practicals/dispatch-practical.ts'
import { driveAttempts } from '#core/practicals/drive-attempts.ts'
import type { Json } from '#core/records.ts'
import { world } from '#test/support/world.ts'

/** Runs a shipped practical on this machine as two real jobs, from the start to its grade. */
export async function runHere(practicalId: string, configuration: Json) {
  const w = { ...(await world({ now: new Date().toISOString() })), clock: systemClock }
  const { learner, actor } = await w.learner()
  const module = [...w.ontology.modules.values()].find(({ practical }) => practical?.id === practicalId)
  if (!module) throw new Error('no module has this practical')
  const offering = await w.offering({ moduleId: module.id, allowsLocalEvidence: true })
  await w.enrolment(learner.id, offering)
  const input = { requestId: w.requestId(), offeringId: offering.id, configuration }
  const { id } = await startPractical(actor, input, w)
  await expect
    .poll(
      async () => {
        await driveAttempts(w)
        return (await w.store.findAttempt(id))?.state
      },
      { timeout: 110_000, interval: 200 },
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
