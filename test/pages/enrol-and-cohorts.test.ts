import { beforeEach, expect, test } from 'vitest'
import type { Actor } from '#core/access/operations.ts'
import { cohortRoutes } from '#http/pages/cohorts.ts'
import { enrolRoutes } from '#http/pages/enrol.ts'
import { meRoutes } from '#http/pages/me.ts'
import { supervisionRoutes } from '#http/pages/supervision.ts'
import { type World, world } from '#test/support/world.ts'
import { pageBrowser } from './page-browser.ts'

let w: World
beforeEach(async () => {
  w = await world()
})

const browser = (actor: Actor | undefined) =>
  pageBrowser([enrolRoutes(w), cohortRoutes(w), supervisionRoutes(w), meRoutes(w)], actor, w)

const about = { place: 'DEC', targetGroup: 'professionals', sector: 'manufacturing' }

test('a visitor who wants to enrol is asked to sign in and led back', async () => {
  const { moduleId } = await w.offering()
  const answer = await browser(undefined).get(`/modules/${moduleId}/enrol`)
  expect(answer.status).toBe(401)
  expect(await answer.text()).toContain(`return=%2Fmodules%2F${moduleId}%2Fenrol`)
})

test('a learner enrols from the page, once; without consent nothing said for statistics is kept', async () => {
  const { learner, actor } = await w.learner()
  const offering = await w.offering()
  const path = `/modules/${offering.moduleId}/enrol`
  const me = browser(actor)
  expect(await me.text(path)).toContain(`value="${offering.id}"`)
  const organisation = 'Atelier du Nord'
  expect((await me.post(path, { ...about, organisation, offeringId: offering.id })).status).toBe(303)
  // A second window, with a request of its own.
  expect((await me.post(path, { ...about, offeringId: offering.id, analyticsConsent: 'on' })).status).toBe(
    303,
  )
  const [stored, ...others] = await w.store.enrolmentsOf(learner.id)
  expect(others).toEqual([])
  expect(stored).toEqual({
    learnerId: learner.id,
    offeringId: offering.id,
    analyticsConsent: false,
    purpose: 'skills-gap-statistics',
    enrolledAt: w.clock.now(),
  })
  const after = await me.text(path)
  expect(after).toContain('You are enrolled')
  expect(after).not.toContain('<form')
  expect(await me.text('/me')).toContain(`href="/modules/${offering.moduleId}"`)
})

test('who agrees counts where they live and work, by a region of the list and a code for the employer', async () => {
  const { learner, actor } = await w.learner()
  const offering = await w.offering()
  const form = { ...about, organisation: 'Atelier du Nord', offeringId: offering.id, analyticsConsent: 'on' }
  await browser(actor).post(`/modules/${offering.moduleId}/enrol`, form)
  const [stored] = await w.store.enrolmentsOf(learner.id)
  expect(stored).toMatchObject({
    country: 'DE',
    nuts1: 'DEC',
    sector: 'manufacturing',
    analyticsConsent: true,
  })
  expect(stored?.organisation).toMatch(/^[\w-]{22}$/)
})

test('who would rather not say enrols all the same', async () => {
  const { learner, actor } = await w.learner()
  const offering = await w.offering()
  const path = `/modules/${offering.moduleId}/enrol`
  const none = { place: '', targetGroup: '', sector: '', organisation: '', analyticsConsent: 'on' }
  expect((await browser(actor).post(path, { ...none, offeringId: offering.id })).status).toBe(303)
  const [stored] = await w.store.enrolmentsOf(learner.id)
  expect(stored).toMatchObject({ analyticsConsent: true })
  expect(stored).not.toHaveProperty('sector')
})

test('a learner leaves statistics from their page, whatever was agreed to, and comes back', async () => {
  const { learner, actor } = await w.learner()
  await w.enrolment(learner.id, await w.offering())
  const me = browser(actor)
  expect(await me.text('/me')).toContain('You agreed that your progress may count.')
  const left = await me.post('/me/statistics', { objects: 'yes' })
  expect([left.status, left.headers.get('location')]).toEqual([303, '/me#statistics'])
  expect(await w.store.objects(learner.id)).toBe(true)
  expect(await me.text('/me')).toContain('Count me again, with what I say at my next enrolment')
  await me.post('/me/statistics', { objects: 'no' })
  expect(await w.store.objects(learner.id)).toBe(false)
  expect((await browser(actor).post('/me/statistics', { objects: 'yes', csrf: 'another' })).status).toBe(403)
})

test('who lacks entry skills sees which, and no form; sending one anyway is refused', async () => {
  const { learner, actor } = await w.learner()
  const offering = await w.offering({ moduleId: 'm-llm-inference' })
  const me = browser(actor)
  const page = await me.text('/modules/m-llm-inference/enrol')
  expect(page).toContain('What you still need')
  expect(page).toContain('href="/path"')
  expect(page).not.toContain('<form')
  const sent = await me.post('/modules/m-llm-inference/enrol', { ...about, offeringId: offering.id })
  expect(sent.status).toBe(409)
  expect(await w.store.enrolmentsOf(learner.id)).toEqual([])
})

test.each([
  ['a place that is none', { place: '<script>' }],
  ['a sector nobody knows', { sector: 'alchemy' }],
  ['a target group nobody knows', { targetGroup: 'wizards' }],
  ['no offering', { offeringId: '' }],
])('the enrolment form with %s is answered with what to do, and enrols nobody', async (_title, wrong) => {
  const { learner, actor } = await w.learner()
  const offering = await w.offering()
  const path = `/modules/${offering.moduleId}/enrol`
  const answer = await browser(actor).post(path, { ...about, offeringId: offering.id, ...wrong })
  expect(answer.status).toBe(400)
  expect(await answer.text()).toContain('Check each field')
  expect(await w.store.enrolmentsOf(learner.id)).toEqual([])
})

test('a full date says so', async () => {
  const offering = await w.offering({ seats: 1 })
  const [first, second] = [await w.learner(), await w.learner()]
  const path = `/modules/${offering.moduleId}/enrol`
  await browser(first.actor).post(path, { ...about, offeringId: offering.id })
  const answer = await browser(second.actor).post(path, { ...about, offeringId: offering.id })
  expect(answer.status).toBe(409)
  expect(await answer.text()).toContain('No seat is left')
})

test('an assessor records a result on the cohort’s page; a pass makes the award', async () => {
  const { learner, actor: student } = await w.learner()
  const offering = await w.offering()
  await w.enrolment(learner.id, offering)
  const assessor = browser(w.actor('assessor'))
  expect(await assessor.text('/cohorts')).toContain(`/cohorts/${offering.id}`)
  const path = `/cohorts/${offering.id}`
  expect(await assessor.text(path)).toContain(learner.person?.familyName ?? 'nobody')
  const form = { learnerId: learner.id, scorePercent: '91' }
  expect((await assessor.post(`${path}/results`, form)).status).toBe(303)
  const [award] = await w.store.awardsOf(learner.id)
  expect(award).toMatchObject({ scorePercent: 91, status: { state: 'valid' } })
  const after = await assessor.text(path)
  expect(after).toContain('91 %, passed')
  expect(after).not.toContain('name="scorePercent"')
  expect(after).not.toContain('name="reason"')
  expect((await assessor.post(`${path}/results`, form)).status).toBe(409)
  expect(await browser(student).text('/me')).toContain('Collect into a wallet')
})

test.each(['', ' ', '101', '-1', 'NaN', '1e9', '<b>'])(
  'the score %j records nothing',
  async (scorePercent) => {
    const { learner } = await w.learner()
    const offering = await w.offering()
    await w.enrolment(learner.id, offering)
    const form = { learnerId: learner.id, scorePercent }
    const answer = await browser(w.actor('assessor')).post(`/cohorts/${offering.id}/results`, form)
    expect(answer.status).toBe(400)
    expect(await answer.text()).toContain('Nothing was recorded')
    expect(await w.store.assessmentsOf(learner.id)).toEqual([])
  },
)

test('a registrar suspends, reinstates and revokes from the page, each with a reason', async () => {
  const { award, offering } = await w.award()
  const path = `/cohorts/${offering.id}`
  const registrar = browser(w.actor('registrar'))
  expect(await registrar.text(path)).not.toContain('name="scorePercent"')
  const send = (change: string, reason = 'a complaint of the examination board') =>
    registrar.post(`${path}/status`, { awardId: award.id, change, reason })
  const state = async () => (await w.store.findAward(award.id))?.status.state
  expect((await send('revoke', '')).status).toBe(400)
  expect((await send('delete')).status).toBe(400)
  expect(await state()).toBe('valid')
  expect((await send('suspend')).status).toBe(303)
  expect(await state()).toBe('suspended')
  expect((await send('reinstate')).status).toBe(303)
  expect((await send('revoke')).status).toBe(303)
  expect(await state()).toBe('revoked')
  expect((await send('revoke')).status).toBe(409)
  expect(await registrar.text(path)).toContain('a complaint of the examination board')
})

test.each([
  ['a learner', 'learner', 403],
  ['an employer', 'employer', 403],
  ['a programme manager', 'programme-manager', 403],
] as const)('%s sees no cohort', async (_title, role, status) => {
  const offering = await w.offering()
  const someone = browser(w.actor(role))
  expect((await someone.get('/cohorts')).status).toBe(status)
  expect((await someone.get(`/cohorts/${offering.id}`)).status).toBe(status)
})

test('staff of another institution see nothing of this one, and change nothing', async () => {
  const { award, learner, offering } = await w.award()
  const { tag } = w.institutions.institutDuPort
  for (const role of ['assessor', 'registrar'] as const) {
    const stranger = browser(w.actor(role, { tenant: tag }))
    expect((await stranger.get(`/cohorts/${offering.id}`)).status).toBe(404)
    expect(await stranger.text('/cohorts')).not.toContain(offering.id)
    const change = { awardId: award.id, change: 'revoke', reason: 'because we can' }
    expect((await stranger.post(`/cohorts/${offering.id}/status`, change)).status).not.toBe(303)
    const result = { learnerId: learner.id, scorePercent: '10' }
    expect((await stranger.post(`/cohorts/${offering.id}/results`, result)).status).not.toBe(303)
  }
  expect((await w.store.findAward(award.id))?.status.state).toBe('valid')
})

test('a form from elsewhere changes nothing', async () => {
  const { learner } = await w.learner()
  const offering = await w.offering()
  await w.enrolment(learner.id, offering)
  const form = { learnerId: learner.id, scorePercent: '91', csrf: 'a guess' }
  const answer = await browser(w.actor('assessor')).post(`/cohorts/${offering.id}/results`, form)
  expect(answer.status).toBe(403)
  expect(await w.store.assessmentsOf(learner.id)).toEqual([])
})

test.each([
  ['assessor', '/cohorts'],
  ['registrar', '/cohorts'],
  ['programme-manager', '/gaps'],
  ['employer', '/verify'],
] as const)('the page of %s leads to what the account can do', async (role, href) => {
  expect(await browser(w.actor(role)).text('/me')).toMatch(
    new RegExp(`class="button( quiet)?" href="${href}"`),
  )
})

test('an assessor states from the cohort who is watched, and ends it; a learner and a registrar do not', async () => {
  const { learner, actor } = await w.learner()
  const offering = await w.offering({ moduleId: 'm-llm-inference' })
  await w.enrolment(learner.id, offering)
  const me = browser(w.actor('assessor'))
  expect(await me.text(`/cohorts/${offering.id}`)).toContain(`href="/cohorts/${offering.id}/supervision"`)
  const path = `/cohorts/${offering.id}/supervision`
  const word = { learnerId: learner.id, identity: 'document', presence: 'online', minutes: '120' }
  expect(await me.text(path)).toContain(`name="learnerId" value="${learner.id}"`)
  expect((await me.post(path, word)).status).toBe(303)
  expect(await me.text(path)).toContain('Supervised until')
  w.clock.advance({ minutes: 1 })
  expect((await me.post(path, { ...word, minutes: '0' })).status).toBe(303)
  expect(await me.text(`${path}?lang=fr`)).not.toContain('Surveillé jusqu’à')
  for (const wrong of [{ minutes: '9999' }, { minutes: '-1' }, { identity: 'seen' }, { presence: '' }])
    expect((await me.post(path, { ...word, ...wrong })).status).toBe(400)
  expect(await w.store.supervisionsOf(learner.id, offering.id)).toHaveLength(2)
  expect((await browser(actor).get(path)).status).toBe(403)
  expect((await browser(w.actor('registrar')).get(path)).status).toBe(403)
  expect((await browser(undefined).get(path)).status).toBe(401)
})
