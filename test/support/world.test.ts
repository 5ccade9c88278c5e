import { expect, test } from 'vitest'
import { world } from './world.ts'

test('two worlds of one seed are the same, and neither sees the other', async () => {
  const [one, two] = [await world(), await world()]
  const { learner } = await one.learner()
  expect((await two.learner()).learner).toEqual(learner)
  expect(await one.store.listInstitutions()).toHaveLength(3)
})

test('a learner is enrolled once; a stored learner reads back whole', async () => {
  const { store, institutions, ...w } = await world()
  const { learner, actor } = await w.learner()
  const offering = await w.offering()
  const enrolment = await w.enrolment(learner.id, offering)
  expect(await store.enrolmentsOf(learner.id)).toEqual([enrolment])
  expect(await store.findLearner(learner.id)).toEqual(learner)
  expect(await store.findLearnerBySubject(institutions.northLake.tag, actor.subject)).toEqual(learner)
  expect(await store.findLearnerBySubject(institutions.mittelberg.tag, actor.subject)).toBeUndefined()
  await expect(w.enrolment(learner.id, offering)).rejects.toMatchObject({ code: 'already_enrolled' })
  expect((await store.participantsOf(offering.id, { limit: 10 })).items).toEqual([enrolment])
  const listed = await store.listOfferings(institutions.northLake.tag, { limit: 10 })
  expect(listed.items).toEqual([offering])
})
