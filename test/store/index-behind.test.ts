import { expect, onTestFinished, test } from 'vitest'
import { sqliteRecords } from '#adapters/sqlite/records.ts'
import { changeAwardStatus } from '#core/awards/change-award-status.ts'
import { requestErasure } from '#core/learners/request-erasure.ts'
import type { Records } from '#core/records.ts'
import { rebuildSupply } from '#core/skills/project-graph.ts'
import { type World, world } from '#test/support/world.ts'
import { otherEngine, worldsOn } from '#test/support/world-engine.ts'

type Answer = Awaited<ReturnType<Records['query']>>

/** An academy whose index of a learner's awards stands still when told to: an index of DynamoDB is behind its table. */
async function academy(): Promise<{ w: World; index: { standsStill: boolean } }> {
  const index = { standsStill: false }
  const answered = new Map<string, Answer>()
  const before = otherEngine()
  onTestFinished(() => worldsOn(before))
  worldsOn(async (clock) => {
    const engine = await (
      before ??
      (async () => {
        const records = sqliteRecords(':memory:', () => clock.now())
        return { records, close: () => records.close() }
      })
    )(clock)
    const query: Records['query'] = async (asked) => {
      const isOfAwards =
        asked.index === 'gsi1' && asked.sk && 'beginsWith' in asked.sk && asked.sk.beginsWith === 'AWD#'
      if (!isOfAwards) return engine.records.query(asked)
      if (index.standsStill) return answered.get(asked.pk) ?? { items: [] }
      const answer = await engine.records.query(asked)
      answered.set(asked.pk, answer)
      return answer
    }
    const records: Records = {
      get: (key) => engine.records.get(key),
      query,
      transact: (writes) => engine.records.transact(writes),
    }
    return { ...engine, records }
  })
  return { w: await world(), index }
}

test('an erasure revokes the award that was made a moment before it', async () => {
  const { w, index } = await academy()
  const { learner, actor } = await w.learner()
  index.standsStill = true
  const { award } = await w.award({ learner })
  expect(await w.store.awardsOf(learner.id)).toEqual([])
  await requestErasure(actor, { requestId: w.requestId(), learnerId: learner.id, revokeAwards: true }, w)
  expect((await w.store.findAward(award.id))?.status.state).toBe('revoked')
})

test('an award that was revoked a moment before is no supply in the skills graph', async () => {
  const { w, index } = await academy()
  const { learner, award } = await w.award()
  expect(await w.store.awardsOf(learner.id)).toHaveLength(1)
  index.standsStill = true
  const input = { requestId: w.requestId(), awardId: award.id, reason: 'A test of an index.' }
  await changeAwardStatus(w.actor('registrar'), 'revoke', input, w)
  expect((await w.store.awardsOf(learner.id))[0]?.status.state).toBe('valid')
  expect(await w.store.awardsInForceOf(learner.id)).toEqual([])
  await rebuildSupply(w)
  const slice = await w.graph.gapSlice('manufacturing', 20_000)
  expect(slice.filter(({ supply }) => supply[0] > 0)).toEqual([])
})
