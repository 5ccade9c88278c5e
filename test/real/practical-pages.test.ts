import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { OfferingId } from '#core/ids.ts'
import { requestOf } from '#core/requests.ts'
import { readSettings } from '#functions/settings.ts'
import { type LocalServer, startLocal } from '#functions/start-local.ts'
import { launchChromium, mustFit, mustReadWell, signedIn, sizes } from '../support/in-browser.ts'

const folder = mkdtempSync(join(tmpdir(), 'academy-practical-pages-'))
const offerings = new Map<string, OfferingId>()
let server: LocalServer
let browser: Browser

beforeAll(async () => {
  server = await startLocal(readSettings({ PORT: '0', DATA_DIR: join(folder, 'data') }), () => undefined)
  browser = await launchChromium()
  const { store, clock } = server.ports
  const institution = await store.findInstitutionBySlug('north-lake')
  if (!institution) throw new Error('the seeded institution is missing')
  const learner = await store.findLearnerBySubject(institution.tag, 'learner')
  const { items } = await store.listOfferings(institution.tag, { limit: 100 })
  for (const { id, moduleId, allowsLocalEvidence } of items) {
    if (!allowsLocalEvidence || !learner) continue
    offerings.set(moduleId, id)
    const registrar = { subject: 'registrar-of-this-test', tenant: institution.tag }
    await store.saveEnrolmentOnce(requestOf(registrar, 'test', institution.tag, `enrol-${moduleId}`, {}), {
      learnerId: learner.id,
      offeringId: id,
      enrolledAt: clock.now(),
      analyticsConsent: false,
      purpose: 'skills-gap-statistics',
      country: 'LU',
      targetGroup: 'professionals',
      sector: 'manufacturing',
    })
  }
})

afterAll(async () => {
  await browser?.close()
  await server?.stop()
  rmSync(folder, { recursive: true, force: true })
})

test('each shipped practical is offered to the demo learner, and its page reads well', async () => {
  expect([...offerings.keys()].sort()).toEqual([
    'm-distributed-training',
    'm-linux-hpc-start',
    'm-llm-inference',
  ])
  const { page, errors } = await signedIn(browser, server.url, 'learner', { viewport: sizes.phone })
  for (const offering of offerings.values()) {
    await mustReadWell(page, `/practicals/start/${offering}`)
    expect(await page.locator('textarea').inputValue()).not.toBe('')
  }
  expect(errors).toEqual([])
  await page.context().close()
})

test('with script switched off, a learner hands in a bad script, is told the line, mends it and passes', async () => {
  const options = { viewport: sizes.phone, javaScriptEnabled: false, locale: 'en' }
  const { page, errors } = await signedIn(browser, server.url, 'learner', options)
  const start = `/practicals/start/${offerings.get('m-linux-hpc-start')}`
  await page.goto(start)
  await page.locator('textarea').fill('#!/bin/bash\n#SBATCH --uid=0\nid\n')
  await page.locator('main form button').first().click()
  expect(await page.locator('.field .error').textContent()).toContain('line 2')
  const good = readFileSync('practicals/batch-job-repair/solutions/good.sh', 'utf8')
  await page.locator('textarea').fill(good)
  await page.locator('main form button').first().click()
  await page.waitForURL(/\/practicals\/[a-z0-9-]+-att-/)
  const address = page.url()
  await expect
    .poll(
      async () => {
        await page.goto(address)
        return page.locator('h1').first().textContent()
      },
      { timeout: 90_000, interval: 1000 },
    )
    .toBe('Passed')
  await mustFit(page)
  await page.goto('/me')
  expect(await page.locator('main').textContent()).toContain('First steps on a supercomputer')
  // Where the next try would begin: with what was handed in, as it was.
  await page.goto(start)
  expect(await page.locator('textarea').inputValue()).toBe(good)
  expect(errors).toEqual([])
  await page.context().close()
})

test('an assessor states who is watched, and the page reads well before and after', async () => {
  const { page, errors } = await signedIn(browser, server.url, 'assessor', {
    viewport: sizes.phone,
    locale: 'en',
  })
  const path = `/cohorts/${offerings.get('m-llm-inference')}/supervision`
  await mustReadWell(page, path)
  await page.goto(`${path}?lang=en`)
  await page.getByRole('button', { name: 'State it' }).first().click()
  await page.getByText('Supervised until').first().waitFor()
  await mustReadWell(page, path)
  await page.goto(`${path}?lang=en`)
  await page.getByRole('button', { name: 'End it now' }).first().click()
  await page.waitForURL(/supervision/)
  expect(errors).toEqual([])
  await page.context().close()
})
