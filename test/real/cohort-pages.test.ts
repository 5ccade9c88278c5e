import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import type { Actor } from '#core/access/operations.ts'
import { startPractical } from '#core/practicals/dispatch-practical.ts'
import { operateSite } from '#core/practicals/operate-site.ts'
import { cohortRunRoutes } from '#http/pages/cohort-run.ts'
import { cohortRoutes } from '#http/pages/cohorts.ts'
import { practicalRoutes } from '#http/pages/practical.ts'
import { siteRoutes } from '#http/pages/sites.ts'
import { staticRoutes } from '#http/static/stylesheet.ts'
import { signedInApp } from '#test/pages/page-browser.ts'
import { paperSite } from '#test/practicals/paper-site.ts'
import { type SitesWorld, sitesWorld } from '#test/practicals/sites-world.ts'
import { launchChromium, mustBeAccessible, mustFit, openPage, sizes } from '../support/in-browser.ts'

/** `PICTURES_DIR=docs/pictures` renews the pictures of the documentation; else they go with the test's folder. */
const folder = mkdtempSync(join(tmpdir(), 'academy-cohort-pages-'))
const pictures = process.env['PICTURES_DIR'] ?? join(folder, 'pictures')
/** Those the documentation shows. */
const shown = new Set([
  'practical-start-360-en.png',
  'practical-360-fr.png',
  'cohort-1280-en.png',
  'cohort-run-360-en.png',
  'sites-1280-en.png',
])
let browser: Browser

beforeAll(async () => {
  mkdirSync(pictures, { recursive: true })
  browser = await launchChromium()
})

afterAll(async () => {
  await browser?.close()
  rmSync(folder, { recursive: true, force: true })
})

/** The pages about practicals on two AI Factories on paper, in a browser whose header says who is signed in. */
async function academy() {
  const cap = (gpuMinutes: number) => ({ gpuSeconds: gpuMinutes * 60, coreSeconds: 0 })
  const caps = { perLearner: cap(600), perCohort: cap(6000), perDay: cap(3000) }
  const w = await sitesWorld((clock) => [
    paperSite('alpine', clock, { aiFactory: 'Alpine AI Factory', caps }),
    paperSite('boreal', clock, { aiFactory: 'Boreal AI Factory', caps }),
  ])
  for (const seconds of [1200, 1500, 900]) await w.store.noteWait('boreal', 'gpu', seconds)
  for (const seconds of [240, 300, 180]) await w.store.noteWait('alpine', 'gpu', seconds)
  const people = new Map<string, Actor>()
  const routes = new Hono()
  routes.route('/', staticRoutes())
  for (const one of [cohortRoutes(w), cohortRunRoutes(w), practicalRoutes(w), siteRoutes(w)])
    routes.route('/', one)
  const app = signedInApp(routes, (c) => people.get(c.req.header('x-reader') ?? ''))
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' })
  await new Promise((resolve) => server.once('listening', resolve))
  onTestFinished(() => void server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const open = async (actor: Actor, path: string) => {
    const name = `reader-${people.size}`
    people.set(name, actor)
    const options = {
      viewport: sizes.phone,
      locale: 'en',
      javaScriptEnabled: true,
      extraHTTPHeaders: { 'x-reader': name },
    }
    const opened = await openPage(browser, url, options, path)
    onTestFinished(() => opened.page.context().close())
    return opened
  }
  return { w, open }
}

/** In both languages, on a phone and on a desk; keeps the pictures the documentation shows. */
async function mustReadWell(page: Page, path: string, name: string): Promise<void> {
  for (const language of ['en', 'fr']) {
    for (const size of [sizes.phone, sizes.desktop]) {
      await page.setViewportSize(size)
      await page.goto(`${path}?lang=${language}`)
      expect(await page.locator('html').getAttribute('lang')).toBe(language)
      await mustFit(page)
      await mustBeAccessible(page)
      const file = `${name}-${size.width}-${language}.png`
      if (!shown.has(file)) continue
      await page.screenshot({ path: join(pictures, file), fullPage: true, animations: 'disabled' })
    }
  }
}

const judgedAt = (w: SitesWorld, at: (typeof w.practical.rubric.metrics)[number]['at']) => {
  for (const metric of w.practical.rubric.metrics) metric.at = at
}
const names = [
  'Ada Lindqvist',
  'Bruno Keller',
  'Chiara Moretti',
  'David Novak',
  'Emilia Costa',
  'Filip Horvat',
  'Greta Olsen',
  'Hugo Laurent',
  'Ines Duarte',
]

/** A learner of the cohort with a name of their own. */
async function somebody(w: SitesWorld) {
  const [givenName = '', familyName = ''] = (names.shift() ?? '').split(' ')
  const person = { givenName, familyName, email: `${givenName}@example.org` }
  const { learner, actor } = await w.learner({ person })
  await w.enrolment(learner.id, w.cohort)
  const start = () =>
    startPractical(actor, { requestId: w.requestId(), offeringId: w.cohort.id, configuration: {} }, w)
  return { actor, start }
}
const begin = async (w: SitesWorld) => (await somebody(w)).start()

test('a learner reads where a practical would run and why, then how it was judged, on a phone in two languages', async () => {
  const { w, open } = await academy()
  const { actor, start } = await w.enrolled()
  const path = `/practicals/start/${w.cohort.id}`
  const { page, errors } = await open(actor, path)
  await mustReadWell(page, path, 'practical-start')
  await page.goto(`${path}?lang=en`)
  await page.getByText('the shortest wait of those that fit').waitFor()
  await page.locator('summary').click()
  await page.getByRole('cell', { name: 'chosen' }).waitFor()

  const { id } = await start()
  await w.finish(id)
  await mustReadWell(page, `/practicals/${id}`, 'practical')
  await page.goto(`/practicals/${id}?lang=en`)
  expect(await page.locator('h1').first().textContent()).toBe('Passed')
  await page.getByText('at least 1.3').waitFor()
  expect(errors).toEqual([])
})

test('an assessor finds the exceptions first, decides about a run, and the learner reads it', async () => {
  const { w, open } = await academy()
  await w.finish((await begin(w)).id)
  judgedAt(w, { '*': { pass: 5, full: 9, bound: 60 } })
  await w.finish((await begin(w)).id)
  judgedAt(w, {})
  const { actor, start } = await somebody(w)
  const review = await w.finish((await start()).id)
  const running = await begin(w)
  await w.drive(1)
  const site = w.paper.find(({ profile }) => profile.name === running.site)
  site?.start(site.last())
  await w.drive(2, 30)
  await begin(w)
  await w.drive(1)

  const path = `/cohorts/${w.cohort.id}`
  const { page, errors } = await open(w.actor('assessor'), path)
  await mustReadWell(page, path, 'cohort')
  await page.goto(`${path}?lang=en`)
  const first = page.locator('tbody tr').first()
  await first.getByText('no reference for this place: a person decides').waitFor()
  await first.getByRole('link', { name: /^Decide/ }).click()
  await page.waitForURL(/\/runs\//)
  await mustReadWell(page, `${path}/runs/${review.id}`, 'cohort-run')
  await page.goto(`${path}/runs/${review.id}?lang=en`)
  await page.getByLabel('Score in percent').fill('75')
  await page.getByLabel('Reason').selectOption('no-reference')
  await page.getByLabel('In words').fill('Compared with the same run elsewhere')
  await page.locator('main form button').last().click()
  await page.waitForURL(new RegExp(`${path}$`))
  await page.getByText('75 of 100, decided by an assessor').waitFor()
  const learner = await open(actor, `/practicals/${review.id}?lang=en`)
  await learner.page.getByText('An assessor decided: no reference for the place it ran at.').waitFor()
  expect([...errors, ...learner.errors]).toEqual([])
})

test('an operator sees the sites, and a pause with its reason reaches the learner’s page', async () => {
  const { w, open } = await academy()
  await w.finish((await begin(w)).id)
  await begin(w)
  await w.drive(1)
  const { page, errors } = await open(w.actor('site-operator'), '/sites')
  await mustReadWell(page, '/sites', 'sites')
  await mustReadWell(page, '/sites/report', 'sites-report')
  await page.goto('/sites?lang=en')
  const card = page.locator('#boreal')
  await card.getByText('Change boreal').click()
  await card.getByLabel('Reason').fill('Cooling is being repaired')
  await card.getByRole('button', { name: 'Pause' }).click()
  await card.getByText('paused', { exact: true }).first().waitFor()
  const pause = { requestId: w.requestId(), site: 'alpine', reason: 'Moved to another hall' }
  await operateSite(w.actor('site-operator'), 'pause', pause, w)
  const start = `/practicals/start/${w.cohort.id}`
  const learner = await open((await w.enrolled()).actor, start)
  await mustReadWell(learner.page, start, 'practical-paused')
  await learner.page.goto(`${start}?lang=en`)
  await learner.page.getByText('paused: Cooling is being repaired').waitFor()
  await learner.page.getByText('paused: Moved to another hall').waitFor()
  expect([...errors, ...learner.errors]).toEqual([])
})
