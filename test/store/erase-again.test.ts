import { expect, test } from 'vitest'
import { deliverEvents } from '#core/deliver-events.ts'
import { eraseAgain } from '#core/learners/erase-again.ts'
import type { RecordItem } from '#core/records.ts'
import { type World, world } from '#test/support/world.ts'

/** Everything a learner had, as it stood before they were erased. */
async function erased(w: World) {
  const { learner } = await w.learner()
  const pk = `T#${learner.tenant}#L#${learner.id}`
  const before = {
    key: await w.records.get({ table: 'keys', pk, sk: 'KEY' }),
    own: await w.records.get({ pk, sk: 'META' }),
  }
  await w.store.eraseLearnerOnce(w.request('erase'), learner.id)
  await deliverEvents(w)
  return { learner, before }
}

/** As a restore would: whatever is there now. */
async function restore(w: World, item: RecordItem | undefined) {
  if (item) await w.records.transact([{ put: item }])
}

test('a key that a restore brought back is deleted again', async () => {
  const w = await world()
  const { learner, before } = await erased(w)
  await restore(w, before.key)
  expect(await eraseAgain(w)).toBe(1)
  expect(await w.records.get({ table: 'keys', pk: before.key?.pk ?? '', sk: 'KEY' })).toBeUndefined()
  expect(await w.store.findLearner(learner.id)).toMatchObject({ person: undefined })
  expect(await eraseAgain(w)).toBe(0)
})

test('a learner whom a restore of everything brought back is erased again, and everybody hears of it', async () => {
  const w = await world()
  const { learner, before } = await erased(w)
  await restore(w, before.key)
  await restore(w, before.own)
  expect(await w.store.findLearner(learner.id)).toMatchObject({ person: { givenName: 'Ada' } })
  expect(await eraseAgain(w)).toBe(1)
  expect(await w.store.findLearner(learner.id)).toMatchObject({ person: undefined })
  const events = await w.store.pendingEvents(learner.tenant, 10)
  expect(events.map(({ type }) => type)).toEqual(['learner.erased'])
})

test('nobody who was not erased is touched', async () => {
  const w = await world()
  const { learner } = await w.learner()
  await erased(w)
  expect(await eraseAgain(w)).toBe(0)
  expect(await w.store.findLearner(learner.id)).toMatchObject({ person: { givenName: 'Ada' } })
})
