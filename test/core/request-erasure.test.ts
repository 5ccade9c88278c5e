import { beforeEach, expect, test } from 'vitest'
import type { Actor } from '#core/access/operations.ts'
import { brokenAuditLine } from '#core/audit/audit.ts'
import { changeInstitutionSettings } from '#core/institutions/institution-settings.ts'
import { requestErasure } from '#core/learners/request-erasure.ts'
import { type World, world } from '#test/support/world.ts'

let w: World
let learner: Awaited<ReturnType<World['learner']>>
let award: Awaited<ReturnType<World['award']>>['award']
let registrar: Actor
beforeEach(async () => {
  w = await world()
  learner = await w.learner()
  award = (await w.award({ learner: learner.learner })).award
  registrar = w.actor('registrar')
})

const erase = (by: Actor, revokeAwards: boolean, requestId = w.requestId()) =>
  requestErasure(by, { requestId, learnerId: learner.learner.id, revokeAwards }, w)
const wantFourEyes = () =>
  changeInstitutionSettings(w.actor('registrar'), { requestId: w.requestId(), fourEyes: true }, w)
const stateNow = async () => (await w.store.findAward(award.id))?.status.state
const personNow = async () => (await w.store.findLearner(learner.learner.id))?.person
const log = async () => (await w.store.auditTrail(award.tenant, { limit: 10 })).items

test('where four eyes are wanted a registrar revokes nothing with an erasure, and erases without', async () => {
  await wantFourEyes()
  await expect(erase(registrar, true)).rejects.toMatchObject({
    code: 'four_eyes_required',
    field: 'revokeAwards',
  })
  expect(await stateNow()).toBe('valid')
  expect(await personNow()).toBeDefined()
  expect((await log()).map(({ action }) => action)).toEqual(['settings.change'])
  await erase(registrar, false)
  expect(await stateNow()).toBe('valid')
  expect(await personNow()).toBeUndefined()
})

test('four eyes do not keep learners from giving up their own awards', async () => {
  await wantFourEyes()
  await erase(learner.actor, true)
  expect(await stateNow()).toBe('revoked')
  expect(await personNow()).toBeUndefined()
})

test('a registrar who is the learner of somebody else is not the learner', async () => {
  await wantFourEyes()
  const other = await w.learner()
  const both: Actor = { ...other.actor, roles: ['learner', 'registrar'] }
  await expect(erase(both, true)).rejects.toMatchObject({ code: 'four_eyes_required' })
  expect(await stateNow()).toBe('valid')
})

test('the log tells of an erasure and of each award revoked with it, once', async () => {
  const requestId = w.requestId()
  await erase(registrar, true, requestId)
  await erase(registrar, true, requestId)
  const lines = await log()
  const { id: learnerId } = learner.learner
  const by = registrar.subject
  expect(lines).toMatchObject([
    { action: 'learner.erase', by, about: learnerId, learnerId, detail: { revokeAwards: true } },
    { action: 'award.revoke', by, about: award.id, learnerId, detail: { reasonCode: 'withdrawn' } },
  ])
  expect(brokenAuditLine(lines)).toBeUndefined()
})

test('learners who had themselves erased stand in the log by their id, not by their account', async () => {
  await erase(learner.actor, true)
  const lines = await log()
  expect(lines.map(({ action, by }) => [action, by])).toEqual([
    ['learner.erase', learner.learner.id],
    ['award.revoke', learner.learner.id],
  ])
  expect(JSON.stringify(lines)).not.toContain(learner.actor.subject)
})
