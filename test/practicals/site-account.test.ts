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

describe('an attempt is bound to the account that was confirmed when it began', () => {
  test('a send that is tried again does not go under another one that was named and confirmed meanwhile', async () => {
    const w = await individual()
    const { actor, start } = await w.enrolled()
    await bound(w, actor, 'u1')
    const { id } = await start()
    w.paper[0]?.fail('unavailable')
    await w.drive(2, 5)
    await removeSiteAccount(actor, meant(w, actor), w)
    await bound(w, actor, 'u2')
    w.paper[0]?.fail(undefined)
    await w.drive(5, 10)
    expect(await w.attempt(id)).toMatchObject({ state: 'void' })
    expect(w.paper[0]?.jobs.size).toBe(0)
    await w.finish((await start()).id)
    expect([...(w.paper[0]?.jobs.values() ?? [])][0]?.request.account).toBe('u2')
  })

  test('nor under the same one, taken back and confirmed anew: what was taken back sends nothing more', async () => {
    const w = await individual()
    const { actor, start } = await w.enrolled()
    await bound(w, actor, 'u1')
    const { id } = await start()
    await removeSiteAccount(actor, meant(w, actor), w)
    await bound(w, actor, 'u1')
    await w.drive(3, 10)
    expect(await w.attempt(id)).toMatchObject({ state: 'void' })
    expect(w.paper[0]?.jobs.size).toBe(0)
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

  test('and leaves nothing behind is charged and uses up a try: its owner could have taken it away', async () => {
    const { w, id, site, tried } = await begun()
    site.loseWork(site.last())
    site.end(site.last())
    await w.drive(30, 60)
    expect(await w.attempt(id)).toMatchObject({
      state: 'failed',
      stage: 'work',
      reason: 'work-missing',
      budget: { used: { gpuSeconds: 80 } },
    })
    expect(site.asked.submit).toBe(1)
    expect(await tried()).toBe(1)
  })

  test('and is forgotten by its site without having delivered uses up a try, unless it was given up here', async () => {
    const { w, id, site, tried } = await begun()
    site.forget(site.last())
    await w.drive(30, 60)
    expect(await w.attempt(id)).toMatchObject({ state: 'failed', reason: 'work-missing' })
    expect(await tried()).toBe(1)
  })

  test('and leaves nothing while its site’s folder cannot be seen is sent again, and costs nothing', async () => {
    const { w, id, site, tried } = await begun()
    site.loseWork(site.last(), { unseen: true })
    site.end(site.last())
    await w.drive(12, 60)
    expect(site.asked.submit).toBe(2)
    expect(await w.attempt(id)).toMatchObject({ state: 'working', budget: { used: noCompute } })
    expect(await tried()).toBe(1)
  })

  test.each([
    ['was taken away before it was graded', true, 'failed'],
    ['is still there when a grader breaks down', false, 'void'],
  ])('whose work %s', async (_what, lost, state) => {
    const { w, id, site, tried } = await begun()
    const work = site.last()
    site.end(work)
    for (let round = 0; round < 60; round++) {
      await w.drive(1, 10)
      if (site.jobs.size === 1) continue
      if (lost) site.loseWork(work)
      const { job } = site.jobs.get(site.last()) ?? {}
      if (job?.state === 'pending') site.start(site.last())
      else if (job?.state === 'running') site.end(site.last(), 'infrastructure')
    }
    expect(await w.attempt(id)).toMatchObject({ state, ...(lost ? { reason: 'work-missing' } : {}) })
    expect(site.asked.submit).toBe(lost ? 2 : 4)
    expect(await tried()).toBe(lost ? 1 : 0)
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
  test('two may name the same one; the operator sees that, confirms it for one of them, and nobody by themselves', async () => {
    const w = await individual()
    const [owner, other] = [(await w.enrolled()).actor, (await w.enrolled()).actor]
    const operator = w.actor('site-operator')
    // Whoever is first keeps nobody out.
    await Promise.all([name(w, other, 'u1'), name(w, owner, 'u1')])
    const listed = await siteAccountsAt(operator, 'one', w)
    expect(listed.map(({ user, alsoNamedBy }) => [user, alsoNamedBy])).toEqual([
      ['u1', 1],
      ['u1', 1],
    ])
    await expect(confirmSiteAccount(owner, seen(w, owner, 'u1'), w)).rejects.toMatchObject({
      code: 'not_allowed',
    })
    const both = await Promise.allSettled(
      [owner, other].map((actor) => confirmSiteAccount(operator, seen(w, actor, 'u1'), w)),
    )
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(both.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'state_conflict', field: 'user' },
    })
    const [theirs, wrong] = both[0]?.status === 'fulfilled' ? [owner, other] : [other, owner]
    await expect(confirmSiteAccount(operator, seen(w, wrong, 'u1'), w)).rejects.toMatchObject({
      code: 'state_conflict',
      field: 'user',
    })
    await expect(removeSiteAccount(wrong, meant(w, theirs), w)).rejects.toMatchObject({ code: 'not_allowed' })
    // Who named it in vain takes it back, and it stays confirmed as the other's.
    await removeSiteAccount(wrong, meant(w, wrong), w)
    await name(w, wrong, 'u1')
    await expect(confirmSiteAccount(operator, seen(w, wrong, 'u1'), w)).rejects.toMatchObject({
      field: 'user',
    })
    // Given back, it is free for whoever it belongs to.
    await removeSiteAccount(operator, meant(w, theirs), w)
    const confirmed = await confirmSiteAccount(operator, seen(w, wrong, 'u1'), w)
    expect(confirmed).toMatchObject({ state: 'confirmed', user: 'u1' })
  })

  test('an account that is named anew never has a version that somebody may still hold', async () => {
    const w = await individual()
    const { actor } = await w.enrolled()
    const first = await bound(w, actor, 'u1')
    await removeSiteAccount(actor, meant(w, actor), w)
    const second = await name(w, actor, 'u2')
    expect([first.version - 1, first.version]).not.toContain(second.version)
    const late = { ...first, state: 'confirmed' as const }
    const audit = { action: 'site.account.confirm' as const, by: 'x', about: 'one', detail: {} }
    for (const save of [
      () => w.store.saveSiteAccountOnce(w.request('late'), late, audit),
      () => w.store.removeSiteAccountOnce(w.request('late'), late, audit),
    ])
      await expect(save()).rejects.toMatchObject({ code: 'state_conflict', field: 'site' })
    expect(await ownSiteAccounts(actor, w)).toMatchObject([{ account: { user: 'u2', state: 'stated' } }])
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
