import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isLive } from '#core/practicals/attempt.ts'
import { cancelPractical } from '#core/practicals/cancel-practical.ts'
import { addCompute, dayOf, noCompute, reservedFor, usedBy } from '#core/practicals/compute.ts'
import { startPractical } from '#core/practicals/dispatch-practical.ts'
import { driveAttempts } from '#core/practicals/drive-attempts.ts'
import type { Queue } from '#core/practicals/queue.ts'
import { fixedSites } from '#core/practicals/site.ts'
import { Refusal } from '#core/refusal.ts'
import type { Store } from '#core/store.ts'
import { paperSite } from './paper-site.ts'
import { type SitesWorld, sitesWorld } from './sites-world.ts'

const gpu = (gpuSeconds: number) => ({ gpuSeconds, coreSeconds: 0 })
const usageOf = (
  w: SitesWorld,
  learnerId: Parameters<SitesWorld['store']['usagesAt']>[0]['learnerId'],
  site = 'one',
) => w.store.usagesAt({ site, learnerId, offeringId: w.cohort.id, day: dayOf(w.clock.now()) })

describe('what is set aside for an attempt', () => {
  test('both its jobs, on the learner, the cohort and the day of the site; what they used is charged, the rest given back', async () => {
    const w = await sitesWorld((clock) => [paperSite('one', clock)])
    const { learner, start } = await w.enrolled()
    const { id, budget } = await start()
    expect(budget.held).toEqual({ work: gpu(3600), grade: gpu(1800) })
    for (const usage of Object.values(await usageOf(w, learner.id)))
      expect(usage).toEqual({ held: gpu(5400), used: noCompute })

    const [site] = w.paper
    await w.drive(1)
    const work = site?.last() ?? ''
    site?.start(work)
    w.clock.advance({ seconds: 100 })
    await w.drive(1)
    site?.end(work)
    w.clock.advance({ seconds: 60 })
    await w.drive(1)
    // The grader's share is still there, so that the work that was done can be graded.
    for (const usage of Object.values(await usageOf(w, learner.id)))
      expect(usage).toEqual({ held: gpu(1800), used: gpu(200) })
    const attempt = await w.finish(id, 30)
    expect(attempt).toMatchObject({
      state: 'graded',
      budget: { held: { work: noCompute, grade: noCompute }, used: gpu(260) },
    })
    for (const usage of Object.values(await usageOf(w, learner.id)))
      expect(usage).toEqual({ held: noCompute, used: gpu(260) })
    expect(await w.store.monthUsage('2026-11')).toEqual([
      {
        month: '2026-11',
        site: 'one',
        offeringId: w.cohort.id,
        jobs: 2,
        runSeconds: 130,
        used: gpu(260),
        uncharged: noCompute,
      },
    ])
  })

  test('what the site breaks is given back and told apart; the try that follows is not charged twice', async () => {
    const w = await sitesWorld((clock) => [paperSite('one', clock)])
    const { learner, start } = await w.enrolled()
    const { id } = await start()
    const [site] = w.paper
    await w.drive(1)
    site?.start(site.last())
    w.clock.advance({ seconds: 50 })
    site?.end(site.last(), 'infrastructure')
    await w.drive(1, 10)
    expect((await w.attempt(id)).budget.held).toEqual({ work: gpu(3600), grade: gpu(1800) })
    await w.finish(id, 30)
    expect((await usageOf(w, learner.id)).day).toEqual({ held: noCompute, used: gpu(120) })
    expect(await w.store.monthUsage('2026-11')).toMatchObject([
      { jobs: 3, used: gpu(120), uncharged: gpu(100) },
    ])
  })

  test('a learner who stops pays for the time that ran, and for nothing that did not start', async () => {
    const w = await sitesWorld((clock) => [paperSite('one', clock)])
    const [site] = w.paper
    const run = await w.enrolled()
    const ran = await run.start()
    await w.drive(1)
    site?.start(site.last())
    await w.drive(1, 40)
    await cancelPractical(run.actor, { attemptId: ran.id }, w)
    await w.drive(3, 10)
    expect(await w.attempt(ran.id)).toMatchObject({
      state: 'cancelled',
      budget: { used: gpu(80), held: { work: noCompute } },
    })
    expect((await usageOf(w, run.learner.id)).learner).toEqual({ held: noCompute, used: gpu(80) })

    const waited = await w.enrolled()
    const never = await waited.start()
    await w.drive(1)
    await cancelPractical(waited.actor, { attemptId: never.id }, w)
    await w.drive(3, 10)
    expect(await w.attempt(never.id)).toMatchObject({ state: 'cancelled' })
    expect((await usageOf(w, waited.learner.id)).learner).toEqual({ held: noCompute, used: noCompute })
  })

  test('a job that is ended late is charged what was set aside, so no cap is passed', () => {
    const resources = { gpus: 2, cpus: 8, tasks: 1, memoryGiB: 1, minutes: 1, arch: ['x86_64' as const] }
    const run = { startedAt: new Date(0), endedAt: new Date(95_000) }
    expect(usedBy(run, resources)).toEqual(reservedFor(resources))
    expect(usedBy({ endedAt: new Date(5) }, resources)).toEqual(noCompute)
    const given = { cpu: '', cores: 4, memoryGiB: 1, gpus: 1 }
    expect(usedBy({ startedAt: new Date(0), endedAt: new Date(10_001), hardware: given }, resources)).toEqual(
      gpu(11),
    )
    expect(usedBy({ ...run, hardware: given }, { ...resources, gpus: 0 })).toEqual({
      gpuSeconds: 0,
      coreSeconds: 380,
    })
  })
})

describe('a cap', () => {
  const caps = (perLearner: number, perCohort: number, perDay: number) => ({
    caps: { perLearner: gpu(perLearner), perCohort: gpu(perCohort), perDay: gpu(perDay) },
  })

  test.each([
    ['of the learner', caps(5399, 99_999, 99_999), /your share/],
    ['of the cohort', caps(5400, 10_000, 99_999), /share of compute of this offering/],
    ['of the day', caps(5400, 99_999, 10_000), /one day/],
  ])('%s refuses what would pass it, and says which it is', async (_title, more, message) => {
    const w = await sitesWorld((clock) => [paperSite('one', clock, more)])
    const first = await w.enrolled()
    const second = await w.enrolled()
    const both = [
      await first.start().catch((error: unknown) => error),
      await second.start().catch((error: unknown) => error),
    ]
    const refused = both.find((one) => one instanceof Refusal)
    expect(refused).toMatchObject({ code: 'budget_exceeded', message: expect.stringMatching(message) })
  })

  test('of the day is open again on the next', async () => {
    const w = await sitesWorld((clock) => [paperSite('one', clock, caps(5400, 99_999, 6000))])
    const { id } = await (await w.enrolled()).start()
    await w.finish(id)
    const later = await w.enrolled()
    w.clock.advance({ hours: 24 })
    await expect(later.start()).resolves.toMatchObject({ state: 'working' })
  })

  test('is never passed, however many start at once', async () => {
    const w = await sitesWorld((clock) => [paperSite('one', clock, caps(5400, 5400 * 3, 99_999))])
    const learners = []
    for (let n = 0; n < 8; n++) learners.push(await w.enrolled())
    const all = await Promise.allSettled(learners.map(({ start }) => start()))
    expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(3)
    expect((await usageOf(w, learners[0]?.learner.id as never)).cohort.held).toEqual(gpu(5400 * 3))
  })

  test('is not held against a repeated request', async () => {
    const w = await sitesWorld((clock) => [paperSite('one', clock, caps(5400, 5400, 5400))])
    const { start } = await w.enrolled()
    const first = await start('the-same-request')
    await expect(start('the-same-request')).resolves.toMatchObject({ id: first.id })
  })
})

/** The process dies before or after a call, as often as the schedule says. */
class Crash extends Error {}
function crashing<T extends object>(
  port: T,
  names: readonly (keyof T)[],
  dies: () => 'before' | 'after' | 'no',
): T {
  const changed = names.map((name) => {
    const call = port[name] as (...args: unknown[]) => Promise<unknown>
    return [
      name,
      async (...args: unknown[]) => {
        const when = dies()
        if (when === 'before') throw new Crash()
        const answer = await call(...args)
        if (when === 'after') throw new Crash()
        return answer
      },
    ]
  })
  return { ...port, ...Object.fromEntries(changed) }
}

const acts = [
  'start',
  'start',
  'begin',
  'begin',
  'end',
  'end',
  'break',
  'fail',
  'cancel',
  'later',
  'stop',
  'open',
] as const

test('whatever happens, and wherever the process dies in between: what is set aside is what live attempts need, nothing is charged twice and nothing leaks', async () => {
  const w = await sitesWorld((clock) => [paperSite('one', clock), paperSite('two', clock)])
  const [one, two] = w.paper
  if (!one || !two) throw new Error('no sites')
  const learners = await Promise.all([w.enrolled(), w.enrolled(), w.enrolled()])
  const ids: Awaited<ReturnType<(typeof learners)[number]['start']>>['id'][] = []

  /** Counters against attempts, in every scope of both sites. */
  async function reckon() {
    const attempts = await Promise.all(ids.map((id) => w.attempt(id)))
    for (const site of [one, two]) {
      const name = site?.profile.name ?? ''
      const mine = attempts.filter((attempt) => attempt.site === name)
      const held = mine
        .map(({ budget }) => addCompute(budget.held.work, budget.held.grade))
        .reduce(addCompute, noCompute)
      expect((await w.store.cohortUsage(name, w.cohort.id)).held).toEqual(held)
    }
    const used = attempts.map(({ budget }) => budget.used).reduce(addCompute, noCompute)
    const counted = await Promise.all(
      w.paper.map(({ profile }) => w.store.cohortUsage(profile.name, w.cohort.id)),
    )
    expect(counted.map((usage) => usage.used).reduce(addCompute, noCompute)).toEqual(used)
    const months = (await w.store.monthUsage('2026-11')).map((month) => month.used)
    expect(months.reduce(addCompute, noCompute)).toEqual(used)
    return attempts
  }

  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.constantFrom(...acts), fc.nat(2)), { minLength: 20, maxLength: 40 }),
      fc.array(fc.constantFrom('no', 'no', 'no', 'no', 'no', 'before', 'after'), {
        minLength: 40,
        maxLength: 40,
      }),
      async (plan, schedule) => {
        let call = 0
        const dies = () => (schedule[call++ % schedule.length] ?? 'no') as 'before' | 'after' | 'no'
        const store: Store = crashing(w.store, ['saveStep', 'saveAttemptOnce', 'runsOf'], dies)
        const sites = fixedSites(
          w.paper.map((site) => {
            const queue: Queue = crashing(site.queue, ['submit', 'list', 'findByKey', 'cancel'], dies)
            return { ...site, queue }
          }),
        )
        const mortal = { ...w, store, sites }
        for (const [step, which] of plan) {
          const learner = learners[which]
          // The job that is next, wherever it is.
          const inState = (state: string) =>
            w.paper.flatMap((site) =>
              [...site.jobs].filter(([, { job }]) => job.state === state).map(([jobId]) => ({ site, jobId })),
            )[0]
          const [pending, running] = [inState('pending'), inState('running')]
          switch (step) {
            case 'start': {
              const requestId = w.requestId()
              // A learner whose server died asks again with the same request.
              for (let tries = 0; tries < 3; tries++) {
                const input = { requestId, offeringId: w.cohort.id, configuration: {} }
                const started = await startPractical(learner?.actor, input, mortal).catch(
                  (error: unknown) => error as Error,
                )
                if (started instanceof Error) continue
                if (!ids.includes(started.id)) ids.push(started.id)
                break
              }
              break
            }
            case 'begin':
              pending?.site.start(pending.jobId)
              break
            case 'end':
              running?.site.end(running.jobId)
              break
            case 'break':
              running?.site.end(running.jobId, 'infrastructure')
              break
            case 'fail':
              running?.site.end(running.jobId, 'failed')
              break
            case 'cancel': {
              const live = (await Promise.all(ids.map((id) => w.attempt(id)))).find(
                (attempt) => attempt.learnerId === learner?.learner.id && isLive(attempt),
              )
              if (live) await cancelPractical(learner?.actor, { attemptId: live.id }, mortal).catch(() => {})
              break
            }
            case 'later':
              w.clock.advance({ seconds: 70 })
              break
            case 'stop':
            case 'open': {
              const control = await w.store.siteControl(which === 0 ? 'one' : 'two')
              const state = step === 'stop' ? ('stopped' as const) : ('open' as const)
              await w.store.saveSiteControlOnce(w.request('control'), step === 'stop' ? 'stop' : 'resume', {
                ...control,
                state,
                reason: 'a test',
              })
              break
            }
          }
          w.clock.advance({ seconds: 6 })
          await driveAttempts(mortal).catch(() => {})
          await reckon()
        }
        // What is left comes to its end.
        for (const { profile } of w.paper) {
          const control = await w.store.siteControl(profile.name)
          await w.store.saveSiteControlOnce(w.request('control'), 'resume', { ...control, state: 'open' })
        }
        for (const id of ids) if (isLive(await w.attempt(id))) await w.finish(id)
        const attempts = await reckon()
        for (const { budget, id } of attempts) {
          expect(addCompute(budget.held.work, budget.held.grade)).toEqual(noCompute)
          // Each run that is charged, once.
          const bills = (await w.store.runsOf(id)).map((run) => {
            const isOurs = run.state === 'FAILED' && run.stage === 'grade'
            const isCharged = ['DONE', 'FAILED', 'CANCELLED'].includes(run.state) && !isOurs
            return isCharged && 'endedAt' in run ? usedBy(run, w.practical[run.stage].resources) : noCompute
          })
          expect(budget.used).toEqual(bills.reduce(addCompute, noCompute))
        }
      },
    ),
    { numRuns: 8 },
  )
})
