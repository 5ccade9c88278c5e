import { Hono } from 'hono'
import { expect, test } from 'vitest'
import type { Attempt } from '#core/practicals/attempt.ts'
import { type Attention, standingsOf } from '#core/practicals/cohort-board.ts'
import { cohortRunRoutes } from '#http/pages/cohort-run.ts'
import { cohortRoutes } from '#http/pages/cohorts.ts'
import { practicalRoutes } from '#http/pages/practical.ts'
import { paperSite } from '#test/practicals/paper-site.ts'
import { type SitesWorld, sitesWorld } from '#test/practicals/sites-world.ts'
import { asks } from '#test/support/asks.ts'
import { pageBrowser } from './page-browser.ts'

const cap = { gpuSeconds: 60_000, coreSeconds: 0 }
const open = () =>
  sitesWorld((clock) => [paperSite('one', clock, { caps: { perLearner: cap, perCohort: cap, perDay: cap } })])

function routesOf(w: SitesWorld) {
  const app = new Hono()
  for (const routes of [cohortRoutes(w), cohortRunRoutes(w), practicalRoutes(w)]) app.route('/', routes)
  return app
}
const judgedAt = (w: SitesWorld, at: object) => {
  for (const metric of w.practical.rubric.metrics) metric.at = at as typeof metric.at
}

/** One run each: queued, running, passed, waiting for a person, broken by the site. */
async function busyCohort() {
  const w = await open()
  const [site] = w.paper
  if (!site) throw new Error('a world of sites has one')
  const begin = async () => (await w.enrolled()).start()
  const passed = await w.finish((await begin()).id)
  judgedAt(w, {})
  const review = await w.finish((await begin()).id)
  const broken = await begin()
  for (let round = 0; round < 12 && (await w.attempt(broken.id)).state !== 'void'; round++) {
    await w.drive(1, 90)
    for (const [id, { job }] of site.jobs) if (job.state === 'pending') site.end(id, 'infrastructure')
    await w.drive(1, 90)
  }
  const running = await begin()
  await w.drive(1)
  site.start(site.last())
  await w.drive(2, 30)
  const queued = await begin()
  await w.drive(1)
  return { w, passed, review, broken, running, queued }
}

test('an assessor sees how many runs stand where, what is left, and the exceptions before all others', async () => {
  const { w, review, broken } = await busyCohort()
  const assessor = pageBrowser(routesOf(w), w.actor('assessor'), w)
  const page = await assessor.text(`/cohorts/${w.cohort.id}`)
  for (const [standing, count] of Object.entries({ queued: 1, running: 1, passed: 1, failed: 0 }))
    expect(page).toContain(`<dt>${standing}</dt><dd>${count}</dd>`)
  expect(page).toContain('2 runs need you')
  const rows = page.split('<tbody>')[1]?.split('<tr>').slice(1) ?? []
  expect(rows).toHaveLength(5)
  expect(rows[0]).toContain('no reference for this place: a person decides')
  expect(rows[0]).toContain(`href="/cohorts/${w.cohort.id}/runs/${review.id}"`)
  expect(rows[1]).toContain('the site failed; the attempt did not count')
  expect(rows[1]).toContain(`href="/practicals/${broken.id}"`)
  // Two live attempts hold 90 minutes each; two that ended were charged for their jobs of two minutes or so.
  expect(page).toMatch(/one: 8\d\d GPU-minutes of 1,000 GPU-minutes/)
  const french = await assessor.text(`/cohorts/${w.cohort.id}?lang=fr`)
  expect(french).toContain('2 essais attendent votre regard')
  // A registrar reads it and decides nothing.
  const registrar = pageBrowser(routesOf(w), w.actor('registrar'), w)
  expect(await registrar.text(`/cohorts/${w.cohort.id}`)).not.toContain('/runs/')

  const answer = await asks(
    w,
    w.actor('assessor'),
  )(
    `{ offering(id: "${w.cohort.id}") { cohort { counts { standing runs } quota { site cap { gpuMinutes } left { gpuMinutes } }
      runs(first: 2) { standing attention run { site state reason learner { id } } } cut } } }`,
  )
  expect(answer.errors).toBeUndefined()
  expect(answer.data).toMatchObject({
    offering: {
      cohort: {
        quota: [{ site: 'one', cap: { gpuMinutes: 1000 } }],
        runs: [
          { standing: 'review', attention: 'review' },
          { standing: 'void', attention: 'infrastructure', run: { state: 'void' } },
        ],
        cut: false,
      },
    },
  })
  const learner = await asks(
    w,
    (await w.enrolled()).actor,
  )(`{ offering(id: "${w.cohort.id}") { cohort { cut } } }`)
  expect(learner.data).toEqual({ offering: { cohort: null } })
})

test('a run is decided on its page: the learner reads the result and the reason, not the words', async () => {
  const w = await open()
  judgedAt(w, { '*': { pass: 5, full: 9, bound: 60 } })
  const { actor, start } = await w.enrolled()
  const { id } = await w.finish((await start()).id)
  const assessor = pageBrowser(routesOf(w), w.actor('assessor'), w)
  const path = `/cohorts/${w.cohort.id}/runs/${id}`
  expect(await assessor.text(path)).toContain('Your decision holds at once.')
  for (const wrong of [
    { scorePercent: '' },
    { scorePercent: '101' },
    { reasonCode: 'whim' },
    { reason: 'x' },
  ]) {
    const form = { scorePercent: '80', reasonCode: 'site-disturbed', reason: 'Slow <b>disks</b>', ...wrong }
    expect((await assessor.post(path, form)).status).toBe(400)
  }
  const form = { scorePercent: '80', reasonCode: 'site-disturbed', reason: 'Slow <b>disks</b>' }
  expect((await assessor.post(path, form)).status).toBe(303)
  expect((await assessor.post(path, form)).status).toBe(409)
  const page = await assessor.text(path)
  expect(page).toContain('Slow &lt;b&gt;disks&lt;/b&gt;')
  expect(await assessor.text(`/cohorts/${w.cohort.id}`)).toContain('80 of 100, decided by an assessor')
  const mine = await pageBrowser(routesOf(w), actor, w).text(`/practicals/${id}`)
  expect(mine).toContain('80 of 100. An assessor decided: the site was disturbed.')
  expect(mine).not.toContain('disks')
  expect((await pageBrowser(routesOf(w), actor, w).get(path)).status).toBe(403)
  expect((await pageBrowser(routesOf(w), undefined, w).get(path)).status).toBe(401)
  const stranger = w.actor('assessor', { tenant: w.institutions.mittelberg.tag })
  expect((await pageBrowser(routesOf(w), stranger, w).get(path)).status).toBe(404)
})

test('where the module asks for a second assessor, the first cannot confirm, and by GraphQL the second does', async () => {
  const w = await open()
  judgedAt(w, {})
  Object.assign(w, { practicals: { find: () => w.practical } })
  const cohort = await w.offering({ moduleId: 'm-distributed-training' })
  const { learner, start } = await w.enrolled(cohort)
  const { id } = await w.finish((await start()).id)
  const [grace, alan] = [w.actor('assessor'), w.actor('assessor')]
  const first = pageBrowser(routesOf(w), grace, w)
  const path = `/cohorts/${cohort.id}/runs/${id}`
  expect(await first.text(path)).toContain('A second assessor must confirm it before anything follows.')
  await first.post(path, { scorePercent: '90', reasonCode: 'no-reference', reason: 'Read line by line' })
  const mine = await first.text(path)
  expect(mine).toContain('value="withdraw"')
  expect(mine).not.toContain('value="confirm"')
  expect((await first.post(path, { decision: 'confirm' })).status).toBe(409)
  expect(await pageBrowser(routesOf(w), alan, w).text(path)).toContain('value="confirm"')
  expect(await first.text(`/cohorts/${cohort.id}`)).toContain('a decision waits for a second assessor')
  expect(await first.text(`/cohorts/${cohort.id}`)).not.toContain('name="scorePercent"')
  expect(await w.store.awardsOf(learner.id)).toEqual([])

  const confirm = `mutation { confirmOverride(input: { requestId: "confirm-once", id: "${id}" }) {
    __typename ... on PracticalRun { recorded overrides { state passed scorePercent reasonCode reason by secondBy } }
    ... on Refusal { code } } }`
  expect((await asks(w, grace)(confirm)).data).toMatchObject({
    confirmOverride: { __typename: 'Refusal', code: 'four_eyes_required' },
  })
  const second = await asks(w, alan)(confirm)
  expect(second.errors).toBeUndefined()
  expect(second.data).toMatchObject({
    confirmOverride: {
      recorded: 'assessment',
      overrides: [{ state: 'done', passed: true, reason: 'Read line by line', by: grace.subject }],
    },
  })
  expect((await asks(w, alan)(confirm)).data).toEqual(second.data)
  // Who operates the site sees where a run stands, and no marks.
  const marks = `{ practicalRun(id: "${id}") { state recorded graded { scorePercent } overrides { scorePercent } } }`
  expect((await asks(w, alan)(marks)).data).toMatchObject({
    practicalRun: { state: 'graded', recorded: 'assessment', overrides: [{ scorePercent: 90 }] },
  })
  expect((await asks(w, w.actor('site-operator'))(marks)).data).toEqual({
    practicalRun: { state: 'graded', recorded: null, graded: null, overrides: [] },
  })
  expect(await w.store.awardsOf(learner.id)).toMatchObject([{ scorePercent: 90 }])
})

test.each<[string, Partial<Attempt>[], (Attention | undefined)[]]>([
  ['a report that did not match, whatever came later', [{}, failed('integrity')], [undefined, 'integrity']],
  ['a rule that must hold did not', [graded('failed', false)], ['sanity']],
  [
    'the same, but the learner has tried again since',
    [graded('failed'), graded('failed', false)],
    [undefined, undefined],
  ],
  ['a job that is being given up', [live('STUCK')], ['stuck']],
  ['a job that waits', [live('QUEUED')], [undefined]],
  ['a run that took too long is the learner’s to look at', [failed('timeout')], [undefined]],
  [
    'a site that failed, unless it went well since',
    [graded('passed'), { state: 'void', reason: 'node-fail' }],
    [undefined, undefined],
  ],
])('what needs an assessor: %s', (_title, attempts, expected) => {
  const runs = attempts.map((more, n) => ({ id: `a${n}`, learnerId: 'l', practical: { id: 'p' }, ...more }))
  expect(standingsOf(runs as unknown as Attempt[], new Set()).map(({ attention }) => attention)).toEqual(
    expected,
  )
})

function graded(outcome: 'passed' | 'failed', held = true): Partial<Attempt> {
  return { state: 'graded', graded: { outcome, sanity: [{ name: 's', held }] } } as Partial<Attempt>
}
function failed(reason: string): Partial<Attempt> {
  return { state: 'failed', reason } as Partial<Attempt>
}
function live(state: string): Partial<Attempt> {
  return { state: 'working', nextAt: new Date(0), job: { id: '1', state } } as Partial<Attempt>
}
