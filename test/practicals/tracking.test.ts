import { describe, expect, test } from 'vitest'
import { allowance } from '#core/practicals/allowance.ts'
import { driveSite } from '#core/practicals/drive-attempts.ts'
import { settableClock } from '#test/support/fixed-ports.ts'
import { paperSite } from './paper-site.ts'
import { type SitesWorld, sitesWorld } from './sites-world.ts'

const many = async (count: number): Promise<SitesWorld> => {
  const w = await sitesWorld((clock) => [paperSite('one', clock)])
  for (let n = 0; n < count; n++) await (await w.enrolled()).start()
  await w.drive(1)
  return w
}

describe('tracking the jobs of a site', () => {
  test('one list call tells of all that are due, and never more than two requests a second are made', async () => {
    const w = await many(40)
    const [site] = w.paper
    if (!site) throw new Error('no site')
    expect(site.asked).toMatchObject({ submit: 40, list: 0 })
    const seconds = 120
    await w.drive(seconds * 4, 0.25)
    const { list, get, findByKey } = site.asked
    expect(list * 2 + get * 4 + findByKey * 4).toBeLessThanOrEqual(seconds * 2 + 6)
    // All of them have been looked at all the time.
    const runs = (await Promise.all((await liveIds(w)).map((id) => w.store.runsOf(id)))).flat()
    expect(runs.every(({ state }) => state === 'QUEUED')).toBe(true)
    for (const jobId of site.jobs.keys()) site.start(jobId)
    // Whatever is due at some moment brings news of all the others.
    await w.drive(12, 1)
    const after = (await Promise.all((await liveIds(w)).map((id) => w.store.runsOf(id)))).flat()
    expect(after.every(({ state }) => state === 'RUNNING')).toBe(true)
  })

  test('a job is asked for after 5 s, then each time half as long again, up to a minute', async () => {
    const w = await many(1)
    const [site] = w.paper
    const at: number[] = []
    const began = w.clock.now().getTime()
    for (let asked = 0; at.length < 12; ) {
      await w.drive(1, 1)
      if (site && site.asked.list > asked) at.push((w.clock.now().getTime() - began) / 1000)
      asked = site?.asked.list ?? 0
    }
    const pauses = at.map((moment, index) => moment - (at[index - 1] ?? 0))
    // One fifth of jitter, and up to two seconds early, when it is asked for together with others.
    for (const [index, wanted] of [5, 7.5, 11.25, 16.9, 25.3, 38, 57, 60, 60].entries()) {
      expect(pauses[index]).toBeGreaterThan(wanted * 0.6 - 3)
      expect(pauses[index]).toBeLessThanOrEqual(Math.min(60, wanted * 1.5) * 1.2 + 2)
    }
    expect(Math.max(...pauses)).toBeLessThan(75)
  })

  test('what the list is silent about is asked for alone; two answers "unknown" make it lost', async () => {
    const w = await many(1)
    const [site] = w.paper
    if (!site) throw new Error('no site')
    site.forget(site.last())
    await w.drive(30, 1)
    expect(site.asked.get).toBeGreaterThanOrEqual(2)
    const [id] = await liveIds(w)
    expect(id && (await w.store.runsOf(id))[0]?.state).toBe('LOST')
  })

  test('quiet looks are not kept: the record of an attempt grows with what happens, not with time', async () => {
    const w = await many(1)
    await w.drive(200, 10)
    const [id] = await liveIds(w)
    expect(id && (await w.store.attemptEventsOf(id))).toHaveLength(3)
  })

  test('a hint makes a site be asked at once, and no more than it may', async () => {
    const w = await many(3)
    const [site] = w.paper
    if (!site) throw new Error('no site')
    for (const jobId of site.jobs.keys()) site.start(jobId)
    await w.drive(1)
    expect(site.asked.list).toBe(0)
    await driveSite('one', w, { hinted: true })
    expect(site.asked.list).toBe(1)
    const phases = await Promise.all(
      (await liveIds(w)).map(async (id) => (await w.attempt(id)).phases.at(-1)?.phase),
    )
    expect(phases).toEqual(['work-running', 'work-running', 'work-running'])
    for (let n = 0; n < 50; n++) await driveSite('one', w, { hinted: true })
    expect(site.asked.list).toBeLessThanOrEqual(3)
  })

  test('a site that cannot be asked holds up no other', async () => {
    const w = await sitesWorld((clock) => [
      paperSite('one', clock),
      paperSite('two', clock, { partitions: [] }),
    ])
    const [one] = w.paper
    const first = await (await w.enrolled()).start()
    await w.drive(1)
    one?.fail('unavailable')
    await w.drive(5, 20)
    expect(await w.attempt(first.id)).toMatchObject({ state: 'working' })
    one?.fail(undefined)
    expect(await w.finish(first.id)).toMatchObject({ state: 'graded' })
  })

  test('what jobs have waited is what the next learner is told', async () => {
    const w = await many(3)
    const [site] = w.paper
    if (!site) throw new Error('no site')
    for (const [index, jobId] of [...site.jobs.keys()].entries()) {
      w.clock.advance({ seconds: index === 0 ? 30 : 60 })
      site.start(jobId)
      await driveSite('one', w, { hinted: true })
    }
    await w.drive(60, 1)
    expect(await w.store.waitsAt('one', 'gpu')).toEqual([30, 90, 150])
    for (let n = 0; n < 20; n++) await w.store.noteWait('one', 'gpu', n)
    expect(await w.store.waitsAt('one', 'gpu')).toHaveLength(15)
  })
})

async function liveIds(w: SitesWorld) {
  const due = await w.store.dueAttempts(w.cohort.tenant, 'one', new Date('9999-01-01T00:00:00Z'), 1000)
  return due.map(({ id }) => id)
}

test('an allowance saves up for a few seconds and no longer, and gives nothing on credit', () => {
  const clock = settableClock('2026-11-23T09:00:00Z')
  const { mayAsk, mayList } = allowance(clock, 5)
  clock.advance({ hours: 1 })
  expect([mayAsk(4), mayAsk(4), mayAsk(2), mayAsk(1)]).toEqual([true, false, true, false])
  clock.advance({ seconds: 1 })
  expect([mayAsk(2), mayAsk(1), mayAsk(0)]).toEqual([true, false, true])
  clock.advance({ seconds: 5 })
  expect([mayList(2), mayList(2), mayList(0)]).toEqual([true, false, true])
  clock.advance({ seconds: 4.9 })
  expect(mayList(2)).toBe(false)
  clock.advance({ seconds: 0.1 })
  expect(mayList(2)).toBe(true)
})
