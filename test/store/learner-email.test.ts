import { expect, test } from 'vitest'
import { keys } from '#adapters/store/keys.ts'
import { correctAward } from '#core/awards/correct-award.ts'
import type { AwardId } from '#core/ids.ts'
import { requestErasure } from '#core/learners/request-erasure.ts'
import { type World, world } from '#test/support/world.ts'

const person = { givenName: 'Zsófia', familyName: 'Example', email: 'zsofia@example.org' }
const fresh = (w: World, email: string, tenant = w.institutions.northLake.tag) => ({
  id: w.random.id(tenant, 'lrn'),
  tenant,
  rev: 0,
  person: { ...person, email },
  recognisedSkills: [],
})
const taken = { code: 'invalid_input', field: 'email' }
const corrected = (w: World, awardId: AwardId, email: string) =>
  correctAward(w.actor('registrar'), { requestId: w.requestId(), awardId, reason: 'Moved.', email }, w)

test('an address is one account’s in an institution: of accounts that are made with it at once one is made; the same account said twice is no other', async () => {
  const w = await world()
  const made = await Promise.allSettled(
    ['one', 'two', 'three'].map((name, at) =>
      w.store.saveLearnerOnce(name, fresh(w, at === 0 ? 'Z@example.org' : 'z@EXAMPLE.org')),
    ),
  )
  const reasons = made.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
  expect(reasons).toEqual([expect.objectContaining(taken), expect.objectContaining(taken)])
  const first = made.findIndex(({ status }) => status === 'fulfilled')
  const again = await w.store.saveLearnerOnce(['one', 'two', 'three'][first] ?? '', fresh(w, 'z@example.org'))
  expect(await w.store.findLearnersByEmail(again.tenant, 'z@example.org')).toEqual([again.id])
  const elsewhere = fresh(w, 'z@example.org', w.institutions.mittelberg.tag)
  expect(await w.store.saveLearnerOnce('one', elsewhere)).toMatchObject({ id: elsewhere.id })
})

test('of two corrections to one address at once one is written, also beside an account that is being made', async () => {
  const w = await world()
  const [{ award: a }, { award: b }] = [await w.award(), await w.award()]
  // Both have looked and found it free.
  const blind = { ...w, store: { ...w.store, findLearnersByEmail: async () => [] } }
  const done = await Promise.allSettled([
    corrected(blind, a.id, 'new@example.org'),
    corrected(blind, b.id, 'new@example.org'),
    w.store.saveLearnerOnce('third', fresh(w, 'new@example.org')),
  ])
  const reasons = done.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
  expect(reasons).toEqual([expect.objectContaining(taken), expect.objectContaining(taken)])
  expect(await w.store.findLearnersByEmail(a.tenant, 'new@example.org')).toHaveLength(1)
})

test('an address is free again once its account has another, or is erased', async () => {
  const w = await world()
  const { learner, actor } = await w.learner({ person: { ...person, email: 'first@example.org' } })
  const { award } = await w.award({ learner })
  await corrected(w, award.id, 'second@example.org')
  await w.store.saveLearnerOnce('b', fresh(w, 'first@example.org'))
  await expect(w.store.saveLearnerOnce('c', fresh(w, 'second@example.org'))).rejects.toMatchObject(taken)
  await requestErasure(actor, { requestId: w.requestId(), learnerId: learner.id, revokeAwards: false }, w)
  const next = fresh(w, 'second@example.org')
  expect(await w.store.saveLearnerOnce('c', next)).toMatchObject({ id: next.id })
  expect(await w.store.findLearnersByEmail(next.tenant, 'second@example.org')).toEqual([next.id])
})

/** As learners were stored before an address was one account's: with an item of their own for it, or with none. */
async function storedBefore(w: World, email: string, item: boolean) {
  const made = await w.learner({ person: { ...person, email } })
  const { id, tenant } = made.learner
  const stored = await w.records.get(keys.learner(id))
  const mac = stored?.data['emailMac']
  if (!stored || typeof mac !== 'string') throw new Error('the learner has no address')
  const { emailMac: _none, ...rest } = stored.data
  await w.records.transact([
    { delete: keys.email(tenant, mac) },
    { put: { ...stored, version: stored.version + 1, data: item ? stored.data : rest } },
    ...(item ? [{ put: { ...keys.email(tenant, mac), sk: id, version: 1, data: { learnerId: id } } }] : []),
  ])
  return made
}

test('an address of somebody stored with an item of their own counts, and is free when they go', async () => {
  const w = await world()
  const { learner, actor } = await storedBefore(w, 'old@example.org', true)
  await expect(w.store.saveLearnerOnce('b', fresh(w, 'old@example.org'))).rejects.toMatchObject(taken)
  await requestErasure(actor, { requestId: w.requestId(), learnerId: learner.id, revokeAwards: false }, w)
  expect(await w.store.saveLearnerOnce('b', fresh(w, 'old@example.org'))).toHaveProperty('id')
})

test('somebody stored without one claims their address with whatever is next written about them', async () => {
  const w = await world()
  const { learner } = await storedBefore(w, 'older@example.org', false)
  expect(await w.store.findLearnersByEmail(learner.tenant, 'older@example.org')).toEqual([])
  await w.award({ learner })
  expect(await w.store.findLearnersByEmail(learner.tenant, 'older@example.org')).toEqual([learner.id])
  await expect(w.store.saveLearnerOnce('b', fresh(w, 'older@example.org'))).rejects.toMatchObject(taken)
  // Who shared it already goes on as before; only one of them has it.
  const { learner: second } = await storedBefore(w, 'shared@example.org', false)
  const third = await w.store.saveLearnerOnce('d', fresh(w, 'shared@example.org'))
  await w.award({ learner: second })
  expect(await w.store.findLearnersByEmail(third.tenant, 'shared@example.org')).toEqual([third.id])
})
