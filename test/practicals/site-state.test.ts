import { describe, expect, test } from 'vitest'
import { dayOf, noCompute } from '#core/practicals/compute.ts'
import { driveAttempts } from '#core/practicals/drive-attempts.ts'
import { operateSite, type SiteAction } from '#core/practicals/operate-site.ts'
import { fixedSites } from '#core/practicals/site.ts'
import { type PaperSite, paperSite } from './paper-site.ts'
import { type SitesWorld, sitesWorld } from './sites-world.ts'

async function at(w: SitesWorld, site: string, action: SiteAction, reason = 'Cooling is being repaired') {
  const operator = w.actor('site-operator')
  return operateSite(operator, action, { requestId: w.requestId(), site, reason }, w)
}
const two = () => sitesWorld((clock) => [paperSite('one', clock), paperSite('two', clock)])
const one = () => sitesWorld((clock) => [paperSite('one', clock)])
const heldAt = async (w: SitesWorld, site: string) =>
  (await w.store.dayUsage(site, dayOf(w.clock.now()))).held.gpuSeconds
const sent = (site: PaperSite | undefined) => site?.jobs.size ?? 0

describe('a paused site', () => {
  test('takes no new attempt, and its reason reaches the learner', async () => {
    const w = await one()
    await at(w, 'one', 'pause')
    const { start } = await w.enrolled()
    await expect(start()).rejects.toMatchObject({
      code: 'site_unavailable',
      message: 'one takes no attempts now: Cooling is being repaired',
    })
    await at(w, 'one', 'resume', 'Repaired')
    await expect(start()).resolves.toMatchObject({ site: 'one' })
  })

  test('gets no job of an attempt that was taken before, which goes to another site with what was set aside for it', async () => {
    const w = await two()
    const { id, site } = await (await w.enrolled()).start()
    expect(site).toBe('one')
    await at(w, 'one', 'pause')
    await w.drive(2)
    expect(await w.attempt(id)).toMatchObject({ site: 'two', choice: { why: 'only-fit' } })
    expect([await heldAt(w, 'one'), await heldAt(w, 'two')]).toEqual([0, 5400])
    expect(w.paper.map(sent)).toEqual([0, 1])
    expect((await w.store.attemptEventsOf(id)).map(({ type }) => type)).toContain('moved')
    expect(await w.finish(id)).toMatchObject({ state: 'graded', graded: { evidence: { site: 'two' } } })
  })

  test('is waited for where no other fits, for a day; then the attempt is void and costs nothing', async () => {
    const w = await one()
    const { start, learner } = await w.enrolled()
    const { id } = await start()
    await at(w, 'one', 'pause')
    await w.drive(30, 60)
    expect(sent(w.paper[0])).toBe(0)
    expect(await w.attempt(id)).toMatchObject({ state: 'working' })
    w.clock.advance({ hours: 24 })
    await w.drive(1)
    expect(await w.attempt(id)).toMatchObject({ state: 'void', reason: 'site-unavailable' })
    const place = { site: 'one', learnerId: learner.id, offeringId: w.cohort.id, day: '2026-11-23' }
    for (const usage of Object.values(await w.store.usagesAt(place)))
      expect(usage).toEqual({ held: noCompute, used: noCompute })
    await at(w, 'one', 'resume', 'Repaired')
    await expect(start()).resolves.toMatchObject({ state: 'working' })
  })

  test('goes on with what runs there, but sends no grader until it is open again', async () => {
    const w = await two()
    const { id } = await (await w.enrolled()).start()
    await w.drive(1)
    const [first] = w.paper
    first?.start(first.last())
    await at(w, 'one', 'pause')
    await w.drive(1, 10)
    first?.end(first.last())
    await w.drive(5, 20)
    // The work stays where it was done, so its grader waits there.
    expect(await w.attempt(id)).toMatchObject({ state: 'grading', site: 'one' })
    expect(w.paper.map(sent)).toEqual([1, 0])
    await at(w, 'one', 'resume', 'Repaired')
    expect(await w.finish(id)).toMatchObject({ state: 'graded' })
  })

  test('is not sent again what may be there already', async () => {
    const w = await one()
    const [site] = w.paper
    const { id } = await (await w.enrolled()).start()
    const lost = {
      ...site,
      queue: { ...site?.queue, submit: () => new Promise<never>(() => {}) },
    } as PaperSite
    void driveAttempts({ ...w, sites: fixedSites([lost]) })
    await expect.poll(async () => (await w.store.runsOf(id))[0]?.state).toBe('SUBMITTING')
    await at(w, 'one', 'pause')
    await w.drive(8, 30)
    expect((await w.store.runsOf(id))[0]).toMatchObject({ state: 'CREATED', sent: true })
    expect(sent(site)).toBe(0)
    await at(w, 'one', 'resume', 'Repaired')
    expect(await w.finish(id)).toMatchObject({ state: 'graded' })
    expect(sent(site)).toBe(2)
  })
})

describe('a draining site', () => {
  test('finishes what it has taken and takes nothing new', async () => {
    const w = await one()
    const { id } = await (await w.enrolled()).start()
    await at(w, 'one', 'drain', 'A new machine comes')
    await expect((await w.enrolled()).start()).rejects.toMatchObject({
      message: expect.stringMatching(/A new machine/),
    })
    expect(await w.finish(id)).toMatchObject({ state: 'graded' })
  })
})

describe('a stopped site', () => {
  test('has its jobs cancelled; the attempts are tried elsewhere and cost nothing', async () => {
    const w = await two()
    const { start, learner } = await w.enrolled()
    const { id } = await start()
    await w.drive(1)
    const [first] = w.paper
    first?.start(first.last())
    await w.drive(1, 10)
    await at(w, 'one', 'stop', 'Intrusion')
    await w.drive(3, 10)
    expect(first?.jobs.get(first.last())?.job).toMatchObject({ state: 'ended', outcome: 'cancelled' })
    expect(await w.finish(id)).toMatchObject({ state: 'graded', site: 'two' })
    expect((await w.store.runsOf(id))[0]).toMatchObject({ state: 'INFRA', reason: 'site-stopped' })
    const place = { site: 'one', learnerId: learner.id, offeringId: w.cohort.id, day: '2026-11-23' }
    expect((await w.store.usagesAt(place)).day).toEqual({ held: noCompute, used: noCompute })
    expect(await w.store.monthUsage('2026-11')).toMatchObject([
      { site: 'one', used: noCompute, uncharged: { gpuSeconds: 40 } },
      { site: 'two', uncharged: noCompute },
    ])
  })

  test('by the kill switch of its file, above what operators set', async () => {
    const w = await sitesWorld((clock) => [paperSite('one', clock, { killSwitch: 'Fire' })])
    await expect((await w.enrolled()).start()).rejects.toMatchObject({
      message: expect.stringMatching(/Fire/),
    })
    await at(w, 'one', 'pause')
    await expect(at(w, 'one', 'resume')).rejects.toMatchObject({ code: 'state_conflict' })
  })
})

describe('a site that is not there', () => {
  test('cannot be reached: the attempt waits, and after a quarter of an hour goes where it can', async () => {
    const w = await two()
    const { id } = await (await w.enrolled()).start()
    w.paper[0]?.fail('unavailable')
    await w.drive(10, 60)
    expect(await w.attempt(id)).toMatchObject({ site: 'one', state: 'working' })
    await w.drive(10, 120)
    expect(await w.attempt(id)).toMatchObject({ site: 'two' })
    expect(await w.finish(id)).toMatchObject({ state: 'graded' })
  })

  test('left the file: what was not sent goes elsewhere, what was sent is void after an hour', async () => {
    const w = await two()
    const sentThere = await (await w.enrolled()).start()
    await w.drive(1)
    const notSent = await (await w.enrolled()).start()
    const sites = fixedSites(w.paper.slice(1))
    await driveAttempts({ ...w, sites })
    expect(await w.attempt(notSent.id)).toMatchObject({ site: 'two' })
    for (let round = 0; round < 3; round++) {
      w.clock.advance({ minutes: 31 })
      await driveAttempts({ ...w, sites })
    }
    expect(await w.attempt(sentThere.id)).toMatchObject({ state: 'void', reason: 'site-gone' })
    expect(await heldAt(w, 'one')).toBe(0)
  })

  test('lets a job wait longer than it may: it is cancelled and tried at the next site', async () => {
    const w = await sitesWorld((clock) => [
      paperSite('one', clock, { maxPendingMinutes: 30 }),
      paperSite('two', clock),
    ])
    const { id } = await (await w.enrolled()).start()
    await w.drive(40, 60)
    expect(await w.attempt(id)).toMatchObject({ site: 'two' })
    expect((await w.store.runsOf(id)).map(({ state }) => state)).toEqual(['INFRA', 'QUEUED'])
    expect([await heldAt(w, 'one'), await heldAt(w, 'two')]).toEqual([0, 5400])
  })

  test('refuses the job: another site is asked; when none is left the attempt is void', async () => {
    const w = await two()
    w.paper[0]?.fail('rejected')
    const { id } = await (await w.enrolled()).start()
    await w.drive(2, 5)
    expect(await w.attempt(id)).toMatchObject({ site: 'two', state: 'working' })
    const again = await (await w.enrolled()).start()
    w.paper[1]?.fail('rejected')
    await w.drive(4, 5)
    expect(await w.attempt(again.id)).toMatchObject({ state: 'void' })
    expect(await heldAt(w, 'one')).toBe(0)
  })
})

describe('what operators set', () => {
  test('is kept with who, when and why, and holds for a server that starts anew', async () => {
    const w = await one()
    const set = await at(w, 'one', 'pause', '  Cooling   ')
    expect(set).toMatchObject({ state: 'paused', reason: '  Cooling   ', version: 1, at: w.clock.now() })
    await at(w, 'one', 'resume', 'Repaired')
    expect(await w.store.siteControlHistory('one')).toMatchObject([
      { state: 'open', reason: 'Repaired', version: 2 },
      { state: 'paused', version: 1, by: expect.stringMatching(/^site-operator/) },
    ])
  })

  test('is for operators of the platform, of a site there is, and once for each request', async () => {
    const w = await one()
    const input = { requestId: w.requestId(), site: 'one', reason: 'Cooling' }
    const operator = w.actor('site-operator')
    await expect(operateSite(w.actor('assessor'), 'pause', input, w)).rejects.toMatchObject({
      code: 'not_allowed',
    })
    await expect(operateSite(undefined, 'pause', input, w)).rejects.toMatchObject({ code: 'not_signed_in' })
    await expect(operateSite(operator, 'pause', { ...input, site: 'nowhere' }, w)).rejects.toMatchObject({
      code: 'not_found',
    })
    const first = await operateSite(operator, 'pause', input, w)
    expect(await operateSite(operator, 'pause', input, w)).toEqual(first)
    await expect(at(w, 'one', 'pause')).rejects.toMatchObject({ code: 'state_conflict' })
    expect(await w.store.siteControlHistory('one')).toHaveLength(1)
  })
})
