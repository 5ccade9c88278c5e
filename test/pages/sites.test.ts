import { expect, test } from 'vitest'
import type { Actor } from '#core/access/operations.ts'
import { siteRoutes } from '#http/pages/sites.ts'
import { paperSite } from '#test/practicals/paper-site.ts'
import { type SitesWorld, sitesWorld } from '#test/practicals/sites-world.ts'
import { pageBrowser } from './page-browser.ts'

const browser = (w: SitesWorld, actor: Actor | undefined) => pageBrowser(siteRoutes(w), actor, w)

const open = () =>
  sitesWorld((clock) => [
    paperSite('one', clock, {
      calendar: [
        { kind: 'closed', reason: 'Winter maintenance', from: at('2026-12-24'), to: at('2026-12-27') },
        { kind: 'closed', reason: 'Long ago', from: at('2026-01-24'), to: at('2026-01-27') },
      ],
    }),
    paperSite('two', clock, { killSwitch: 'Fire' }),
  ])
const at = (day: string) => new Date(`${day}T00:00:00Z`)

test('an operator sees health, queue, budget and calendar of each site', async () => {
  const w = await open()
  const first = await (await w.enrolled()).start()
  await (await w.enrolled()).start()
  await w.drive(1)
  const [one] = w.paper
  one?.start('1')
  await w.drive(9, 1)
  w.clock.advance({ hours: 2 })
  const page = await browser(w, w.actor('site-operator')).text('/sites')
  expect(page).toContain('0 to be sent or collected, 1 queued, 1 running')
  expect(page).toMatch(/since 23 November 2026 at 09:00 \(2 hours\)/)
  expect(page).toContain('0 used and 180 set aside of 16,667 GPU-minutes')
  expect(page).toContain('4 × a100, 64 processors, x86_64')
  expect(page).toContain('Winter maintenance')
  expect(page).not.toContain('Long ago')
  expect(page).toMatch(/kill switch in the sites file is on/)
  const french = await browser(w, w.actor('site-operator')).text('/sites?lang=fr')
  expect(french).toContain('0 consommées et 180 réservées sur 16')
  one?.fail('unavailable')
  expect(await browser(w, w.actor('site-operator')).text('/sites')).toContain('does not answer')
  expect(await w.attempt(first.id)).toMatchObject({ job: { state: 'RUNNING' } })
})

test('pausing and opening a site, with a reason that stays on record', async () => {
  const w = await open()
  const operator = browser(w, w.actor('site-operator'))
  expect((await operator.post('/sites/one', { action: 'pause', reason: 'Cooling <b>' })).status).toBe(303)
  const page = await operator.text('/sites')
  expect(page).toContain('Cooling &lt;b&gt;')
  expect(page).toMatch(/What was set before[\s\S]*paused/)
  expect((await operator.post('/sites/one', { action: 'pause', reason: 'Again' })).status).toBe(409)
  expect((await operator.post('/sites/one', { action: 'resume', reason: 'Repaired' })).status).toBe(303)
  expect((await operator.post('/sites/two', { action: 'resume', reason: 'Repaired' })).status).toBe(409)
  expect((await w.store.siteControl('one')).state).toBe('open')
  const log = await w.store.auditTrail(w.actor('site-operator').tenant, { limit: 10 })
  expect(log.items.map(({ action, about }) => [action, about])).toEqual([
    ['site.resume', 'one'],
    ['site.pause', 'one'],
  ])
  expect(JSON.stringify(log.items)).not.toContain('Cooling')
})

test.each([
  ['no reason', { action: 'pause', reason: '' }, 400],
  ['a reason without end', { action: 'pause', reason: 'x'.repeat(301) }, 400],
  ['an action there is none of', { action: 'explode', reason: 'because' }, 400],
  ['the token of another browser', { action: 'pause', reason: 'because', csrf: 'wrong' }, 403],
])('%s changes nothing', async (_title, form, status) => {
  const w = await open()
  expect((await browser(w, w.actor('site-operator')).post('/sites/one', form)).status).toBe(status)
  expect((await w.store.siteControl('one')).state).toBe('open')
})

test('nobody else sees or changes a site', async () => {
  const w = await open()
  expect((await browser(w, undefined).get('/sites')).status).toBe(401)
  for (const role of ['assessor', 'registrar', 'programme-manager', 'platform-operator'] as const) {
    const other = browser(w, w.actor(role))
    expect((await other.get('/sites')).status).toBe(403)
    expect((await other.post('/sites/one', { action: 'stop', reason: 'because' })).status).toBe(403)
  }
  expect(
    (await browser(w, w.actor('site-operator')).post('/sites/nowhere', { action: 'stop', reason: 'because' }))
      .status,
  ).toBe(404)
})

test('the report of a month is a page, a CSV and a JSON with the same figures', async () => {
  const w = await open()
  for (let n = 0; n < 2; n++) await w.finish((await (await w.enrolled()).start()).id, 1800)
  const manager = browser(w, w.actor('programme-manager'))
  const page = await manager.text('/sites/report?month=2026-11')
  // Work and grading of two attempts: 2 GPUs for half an hour, and for a quarter of one at most.
  expect(page).toMatch(/<td class="number">4<\/td><td class="number">2<\/td><td class="number">3<\/td>/)
  expect(page).toContain('North Lake')
  const csv = await manager.text('/sites/report.csv?month=2026-11')
  expect(csv.split('\r\n')[0]).toBe(
    'month,site,aiFactory,institution,module,moduleTitle,startsOn,endsOn,jobs,runHours,gpuHours,coreHours,unchargedGpuHours,unchargedCoreHours',
  )
  expect(csv).toMatch(
    /^2026-11,one,AI Factory one,.*,m-llm-inference,.*,2026-11-01,2027-03-31,4,2,3,0,0,0\r$/m,
  )
  const json = (await (await manager.get('/sites/report.json?month=2026-11')).json()) as { rows: object[] }
  expect(json).toMatchObject({ month: '2026-11', rows: [{ site: 'one', jobs: 4, runHours: 2, gpuHours: 3 }] })
  expect(await manager.text('/sites/report?month=2026-10')).toContain('Nothing ran in this month')
  expect((await manager.get('/sites/report?month=<script>')).status).toBe(400)
  expect((await manager.get('/sites/report.csv?month=1')).status).toBe(400)
  expect((await browser(w, w.actor('assessor')).get('/sites/report')).status).toBe(403)
  expect((await browser(w, undefined).get('/sites/report.csv')).status).toBe(401)
})
