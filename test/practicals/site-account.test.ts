import { describe, expect, test } from 'vitest'
import type { Actor } from '#core/access/operations.ts'
import { forgetFilesOf } from '#core/learners/forget-files.ts'
import { requestErasure } from '#core/learners/request-erasure.ts'
import { attemptsLeft } from '#core/practicals/attempts-of-day.ts'
import { cancelPractical } from '#core/practicals/cancel-practical.ts'
import { noCompute } from '#core/practicals/compute.ts'
import { estimatePractical } from '#core/practicals/estimate-practical.ts'
import {
  confirmSiteAccount,
  ownSiteAccounts,
  removeSiteAccount,
  siteAccountsAt,
  stateSiteAccount,
} from '#core/practicals/name-site-account.ts'
import { paperSite } from './paper-site.ts'
import { type SitesWorld, sitesWorld } from './sites-world.ts'

const page = 'https://docs.example.org/accounts'
const individual = () =>
  sitesWorld((clock) => [paperSite('one', clock, { accountModel: 'individual', accountPage: page })])

const name = (w: SitesWorld, actor: Actor, user: string, requestId = w.requestId()) =>
  stateSiteAccount(actor, { requestId, site: 'one', user, consent: true }, w)
const meant = (w: SitesWorld, { learnerId }: Actor) => {
  if (!learnerId) throw new Error('not a learner')
  return { requestId: w.requestId(), site: 'one', learnerId }
}
const seen = (w: SitesWorld, actor: Actor, userName: string) => ({ ...meant(w, actor), userName })
async function bound(w: SitesWorld, actor: Actor, user: string) {
  await name(w, actor, user)
  return confirmSiteAccount(w.actor('site-operator'), seen(w, actor, user), w)
}

describe('a site that wants each learner’s own account', () => {
  test('takes nobody who has none, and says the way to one; then who waits; then the work runs under it', async () => {
    const w = await individual()
    const { actor, start } = await w.enrolled()
    await expect(start()).rejects.toMatchObject({
      code: 'site_unavailable',
      message: `one: needs your own account there (how to get one: ${page}); name it on /me/site-accounts.`,
    })
    await name(w, actor, 'u4711')
    await expect(start()).rejects.toMatchObject({ message: /waits to be confirmed/ })
    const { options } = await estimatePractical(actor, { offeringId: w.cohort.id }, w)
    expect(options[0]?.excluded).toEqual({ why: 'account', state: 'stated', page })

    await confirmSiteAccount(w.actor('site-operator'), seen(w, actor, 'u4711'), w)
    const attempt = await w.finish((await start()).id)
    expect(attempt).toMatchObject({ state: 'graded', site: 'one' })
    const sent = [...(w.paper[0]?.jobs.values() ?? [])].map(({ request }) => request)
    expect(sent.map(({ stage, account }) => [stage, account])).toEqual([
      ['work', 'u4711'],
      ['grade', undefined],
    ])
    // The name of an account is in nothing that is kept of the attempt, nor in what the job is told.
    const kept = [attempt, await w.store.runsOf(attempt.id), await w.store.attemptEventsOf(attempt.id)]
    expect(JSON.stringify([kept, sent.map(({ environment }) => environment)])).not.toContain('u4711')
  })

  test('who takes the account back before the job was sent runs nothing under it, and pays nothing', async () => {
    const w = await individual()
    const { actor, start } = await w.enrolled()
    await bound(w, actor, 'u1')
    const { id } = await start()
    await removeSiteAccount(actor, meant(w, actor), w)
    await w.drive(3, 10)
    expect(await w.attempt(id)).toMatchObject({ state: 'void' })
    expect(w.paper[0]?.jobs.size).toBe(0)
    expect(await ownSiteAccounts(actor, w)).toMatchObject([{ profile: { name: 'one' } }])
    await expect(start()).rejects.toMatchObject({ message: /needs your own account/ })
  })
})

describe('a job that runs under the learner’s own account', () => {
  async function begun() {
    const w = await individual()
    const { actor, start } = await w.enrolled()
    await bound(w, actor, 'u1')
    const { id } = await start()
    await w.drive(1)
    const [site] = w.paper
    if (!site) throw new Error('there is no site')
    site.start(site.last())
    await w.drive(1, 40)
    const tried = async () =>
      10 - attemptsLeft([await w.attempt(id)], { ...w.practical, attemptsPerDay: 10 }, w.clock.now())
    return { w, actor, id, site, tried }
  }

  test('and is stopped at the site is charged for its time, is not sent again, and uses up a try', async () => {
    const { w, id, site, tried } = await begun()
    site.end(site.last(), 'cancelled')
    await w.drive(3, 10)
    expect(await w.attempt(id)).toMatchObject({
      state: 'cancelled',
      atSite: true,
      budget: { used: { gpuSeconds: 80 }, held: { work: noCompute, grade: noCompute } },
    })
    expect(site.asked.submit).toBe(1)
    expect(await tried()).toBe(1)
  })

  test('and is stopped here is charged and uses up no try', async () => {
    const { w, actor, id, tried } = await begun()
    await cancelPractical(actor, { attemptId: id }, w)
    await w.drive(3, 10)
    const attempt = await w.attempt(id)
    expect(attempt).toMatchObject({ state: 'cancelled', budget: { used: { gpuSeconds: 80 } } })
    expect(attempt).not.toHaveProperty('atSite')
    expect(await tried()).toBe(0)
  })

  test('does not make a grader that the site stops the learner’s doing', async () => {
    const { w, id, site, tried } = await begun()
    site.end(site.last())
    for (let round = 0; round < 5 && site.jobs.size < 2; round++) await w.drive(1, 10)
    expect(site.jobs.get(site.last())?.request.stage).toBe('grade')
    site.end(site.last(), 'cancelled')
    expect(await w.finish(id)).toMatchObject({ state: 'graded' })
    expect(await tried()).toBe(1)
  })
})

describe('whose an account is', () => {
  test('two learners who name the same one at once: one of them is refused, and nobody confirms by themselves', async () => {
    const w = await individual()
    const [first, second] = [(await w.enrolled()).actor, (await w.enrolled()).actor]
    const both = await Promise.allSettled([name(w, first, 'u1'), name(w, second, 'u1')])
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(both.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'state_conflict', field: 'user' },
    })
    const owner = both[0]?.status === 'fulfilled' ? first : second
    const other = owner === first ? second : first
    await expect(confirmSiteAccount(owner, seen(w, owner, 'u1'), w)).rejects.toMatchObject({
      code: 'not_allowed',
    })
    await expect(removeSiteAccount(other, meant(w, owner), w)).rejects.toMatchObject({ code: 'not_allowed' })
    // Given back, it is free for whoever it belongs to.
    await removeSiteAccount(w.actor('site-operator'), meant(w, owner), w)
    expect(await name(w, other, 'u1')).toMatchObject({ state: 'stated', user: 'u1' })
  })

  test('said twice counts once; another one is taken only after the first was given back', async () => {
    const w = await individual()
    const { actor } = await w.enrolled()
    const requestId = w.requestId()
    const first = await name(w, actor, 'u1', requestId)
    expect(await name(w, actor, 'u1', requestId)).toEqual(first)
    await expect(name(w, actor, 'u2')).rejects.toMatchObject({ code: 'state_conflict' })
    await removeSiteAccount(actor, meant(w, actor), w)
    expect(await name(w, actor, 'u2')).toMatchObject({ user: 'u2' })
    // Confirmed twice at once counts once.
    const operator = w.actor('site-operator')
    const twice = await Promise.allSettled([
      confirmSiteAccount(operator, seen(w, actor, 'u2'), w),
      confirmSiteAccount(operator, seen(w, actor, 'u2'), w),
    ])
    expect(twice.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  })

  test('who names another account after the operator has looked is not confirmed under it', async () => {
    const w = await individual()
    const { actor } = await w.enrolled()
    await name(w, actor, 'mine')
    const shown = seen(w, actor, 'mine')
    await removeSiteAccount(actor, meant(w, actor), w)
    await name(w, actor, 'of-somebody-else')
    const refused = confirmSiteAccount(w.actor('site-operator'), shown, w)
    await expect(refused).rejects.toMatchObject({
      code: 'state_conflict',
      field: 'userName',
      message: expect.not.stringContaining('of-somebody-else'),
    })
    expect(await ownSiteAccounts(actor, w)).toMatchObject([{ account: { state: 'stated' } }])
  })

  test('an operator reads who named what, those that wait first; the log and the records never hold the name in clear', async () => {
    const w = await individual()
    const [early, late] = [await w.enrolled(), await w.enrolled()]
    await bound(w, early.actor, 'secret-name-1')
    await name(w, late.actor, 'secret-name-2')
    const listed = await siteAccountsAt(w.actor('site-operator'), 'one', w)
    expect(listed.map(({ user, state }) => [user, state])).toEqual([
      ['secret-name-2', 'stated'],
      ['secret-name-1', 'confirmed'],
    ])
    const { givenName, familyName } = late.learner.person ?? {}
    expect(listed[0]?.learnerName).toBe(`${givenName} ${familyName}`)
    await expect(siteAccountsAt(late.actor, 'one', w)).rejects.toMatchObject({ code: 'not_allowed' })

    const { items } = await w.store.auditTrail(early.learner.tenant, { limit: 10 })
    expect(items.map(({ action }) => action)).toEqual(['site.account.state', 'site.account.state'])
    const stored = await Promise.all(
      [early, late].map(async ({ learner }) => [
        await w.records.query({ pk: `T#${learner.tenant}#L#${learner.id}`, limit: 100 }),
        await w.records.query({ pk: 'T#platform#SITE#one', limit: 100 }),
      ]),
    )
    expect(JSON.stringify(stored)).toContain('SACC#one')
    expect(JSON.stringify([items, stored])).not.toMatch(/secret-name/)
  })

  test('an erased learner’s account is nobody’s any more', async () => {
    const w = await individual()
    const { learner, actor } = await w.enrolled()
    await bound(w, actor, 'u1')
    const erase = { requestId: w.requestId(), learnerId: learner.id, revokeAwards: false }
    await requestErasure(actor, erase, w)
    expect(await siteAccountsAt(w.actor('site-operator'), 'one', w)).toEqual([])
    await forgetFilesOf(learner.id, w)
    const left = await w.records.query({ pk: 'T#platform#SITE#one', sk: { beginsWith: 'ACCT#' }, limit: 10 })
    expect(left.items).toEqual([])
    expect(await bound(w, (await w.enrolled()).actor, 'u1')).toMatchObject({ state: 'confirmed' })
  })
})
