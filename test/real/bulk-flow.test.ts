import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readSettings } from '#functions/settings.ts'
import { startLocal } from '#functions/start-local.ts'
import { asker, devToken } from '#test/support/graphql.ts'
import { launchChromium, mustBeAccessible, mustFit } from '#test/support/in-browser.ts'
import { freePort, type RunningServer, startServer } from '#test/support/server.ts'

/** `PICTURES_DIR=docs/pictures` renews the pictures of the documentation; else they go with the test's folder. */
const folder = mkdtempSync(join(tmpdir(), 'academy-bulk-'))
const pictures = process.env['PICTURES_DIR'] ?? join(folder, 'pictures')
const dataDir = join(folder, 'data')
const rows = 5000
const badRows = 188
/** Of these: who did not reach the pass mark is no mistake of the file, and is left out. */
const notPassed = 24

let port: number
let server: RunningServer
let browser: Browser
const restart = async () => {
  server = await startServer({ dataDir, port, readyWithinSeconds: 120 })
}

beforeAll(async () => {
  mkdirSync(pictures, { recursive: true })
  port = await freePort()
  await restart()
  browser = await launchChromium()
})
afterAll(async () => {
  await browser?.close()
  await server?.stop().catch(() => undefined)
  rmSync(folder, { recursive: true, force: true })
})

const names = [
  ['Zoë', 'Lefèvre'],
  ['Ελένη', 'Παππά'],
  ['Дарія', 'Шевченко'],
  ['محمد', 'العلي'],
  ['Արամ', 'Սարգսյան'],
  ['Ana', "O'Neill"],
  ['ნინო', 'ბერიძე'],
  ['Søren', 'Ødegård'],
] as const

type Cells = [
  account: string,
  givenName: string,
  familyName: string,
  email: string,
  score: string,
  on: string,
]

/** Each makes one row bad in one way. */
const spoilt: ((cells: Cells) => string[])[] = [
  ([account, given, family, , score, on]) => [account, given, family, 'no-address', score, on],
  ([account, given, family, email, , on]) => [account, given, family, email, '', on],
  ([account, given, family, email, , on]) => [account, given, family, email, 'ninety', on],
  ([account, given, family, email, , on]) => [account, given, family, email, '12', on],
  ([account, given, family, email, score]) => [account, given, family, email, score, '01/12/2031'],
  ([account, given, , email, score, on]) => [account, given, '', email, score, on],
  ([account, , family, email, score, on]) => [account, '', family, email, score, on],
  ([account, given, family, email]) => [account, given, family, email],
]

/** As a spreadsheet in Europe saves it: a mark in front, semicolons, decimal commas, days as people write them. */
function resultsFile(): { text: string; bad: number[] } {
  const bad: number[] = []
  const lines = Array.from({ length: rows }, (_row, place) => {
    const [given, family] = names[place % names.length] ?? names[0]
    const cells: Cells = [
      `s-${place}`,
      given,
      family,
      `s-${place}@example.org`,
      `${60 + (place % 40)},5`,
      '20.11.2026',
    ]
    if (place % 26 !== 13 || bad.length >= badRows) return cells.join(';')
    const spoil = spoilt[bad.length % spoilt.length]
    // The first line names the columns.
    bad.push(place + 2)
    return (spoil?.(cells) ?? cells).join(';')
  })
  const columns = 'account;given_name;family_name;email;score_percent;awarded_on'
  return { text: `\uFEFF${[columns, ...lines].join('\r\n')}\r\n`, bad }
}

async function signedIn(options: BrowserContextOptions): Promise<Page> {
  const context = await browser.newContext({ baseURL: server.url, ...options })
  const page = await context.newPage()
  await page.goto('/me')
  await page.locator('main a.button').first().click()
  await page.locator('button[value=registrar]').click()
  await page.waitForURL(/\/me$/)
  return page
}

async function mustBeGood(page: Page): Promise<void> {
  await mustFit(page)
  await mustBeAccessible(page)
}

const picture = (page: Page, name: string) =>
  page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true, animations: 'disabled' })

const press = (page: Page, label: RegExp) => page.getByRole('button', { name: label }).click()

/** Loads the job's page again until it is so. */
async function until(page: Page, isSo: (page: Page) => Promise<boolean>): Promise<void> {
  while (!(await isSo(page))) {
    await page.waitForTimeout(300)
    await page.reload()
  }
}

const says = (text: RegExp) => async (page: Page) =>
  text.test((await page.locator('main .lead').textContent()) ?? '')

async function figure(page: Page, label: string): Promise<number> {
  const value = page
    .locator('dl.figures > div', { has: page.locator(`dt:text-is("${label}")`) })
    .locator('dd')
  return (await value.count()) === 0 ? 0 : Number((await value.textContent())?.replaceAll(/\D/g, ''))
}

const figures = async (page: Page, first: string) => [
  await figure(page, first),
  await figure(page, 'to fix'),
  await figure(page, 'left out'),
]

/** A dated module for so many, opened through the API. */
async function openOffering(): Promise<string> {
  const ask = asker(server.url, await devToken(server.url, 'registrar'))
  const input = {
    requestId: 'offering-of-the-bulk-flow',
    moduleId: 'm-ai-for-everyone',
    startsOn: '2026-09-01',
    endsOn: '2027-06-30',
    language: 'en',
    seats: 6000,
  }
  const { createOffering } = await ask<{ createOffering: { id: string; message?: string } }>(
    `mutation ($input: CreateOfferingInput!) { createOffering(input: $input) {
      ... on Offering { id } ... on Refusal { message } } }`,
    { input },
  )
  if (!createOffering.id) throw new Error(createOffering.message)
  return createOffering.id
}

interface Receipt {
  rows: { row: number; outcome: string; awardId?: string; learnerId?: string }[]
}

test('a registrar issues 5,000 rows with 188 bad ones, pausing, through two `kill -9`: 4,812 awards, none twice', async () => {
  const offeringId = await openOffering()
  const { text, bad } = resultsFile()
  expect(bad).toHaveLength(badRows)
  // No script on the way; a phone in French and a desk in English look beside it with script, for axe.
  const page = await signedIn({
    viewport: { width: 1280, height: 900 },
    javaScriptEnabled: false,
    locale: 'en',
  })
  const phone = await signedIn({ viewport: { width: 360, height: 780 }, locale: 'fr' })
  const desk = await signedIn({ viewport: { width: 1280, height: 900 }, locale: 'en' })
  const bothMustBeGood = async (path: string) => {
    for (const one of [desk, phone]) {
      await one.goto(path)
      expect(await one.locator('html').getAttribute('lang')).toBe(one === desk ? 'en' : 'fr')
      await mustBeGood(one)
    }
  }
  for (const path of ['/awards', '/bulk', '/bulk/new', '/bulk/corrections', '/approvals']) {
    await bothMustBeGood(path)
  }
  await phone.goto('/bulk/new')
  await picture(phone, 'bulk-new-360-fr')

  await page.goto('/bulk')
  await page.getByRole('link', { name: 'Issue awards to many' }).first().click()
  await page.locator('select[name=offeringId]').selectOption(offeringId)
  await page.locator('input[type=file]').setInputFiles({
    name: 'results-autumn.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from(text),
  })
  await press(page, /^Check/)
  await page.waitForURL(/\/bulk\/[a-z2-7]{8}-blk-/)
  const job = new URL(page.url()).pathname

  await until(page, says(/Look at it, then start it/))
  expect(await figures(page, 'to do')).toEqual([rows - badRows, badRows - notPassed, notPassed])
  await picture(page, 'bulk-checked-1280-en')
  await bothMustBeGood(job)
  await picture(phone, 'bulk-checked-360-fr')

  await press(page, /^Issue 4,812 awards/)
  await until(page, async () => (await figure(page, 'issued')) > 0)
  await press(page, /^Pause/)
  await until(page, says(/It stands still/))
  const paused = await figure(page, 'issued')
  expect(paused).toBeLessThan(rows - badRows)
  await picture(page, 'bulk-paused-1280-en')

  await server.kill()
  await restart()
  await page.goto(job)
  expect(await page.locator('main .lead').textContent()).toContain('It stands still')
  expect(await figure(page, 'issued')).toBeGreaterThanOrEqual(paused)
  await press(page, /^Resume/)
  // In the middle of its work, the second time.
  await until(page, async () => (await figure(page, 'issued')) > paused)
  await server.kill()
  await restart()
  await page.goto(job)
  await until(page, says(/All rows are done/))
  await picture(page, 'bulk-done-1280-en')
  expect(await figures(page, 'issued')).toEqual([rows - badRows, badRows - notPassed, notPassed])
  await bothMustBeGood(`${job}?rows=all`)

  const receipt = (await (await page.request.get(`${job}/receipt.json`)).json()) as Receipt
  const issued = receipt.rows.filter(({ outcome }) => outcome === 'done')
  expect(receipt.rows).toHaveLength(rows)
  expect(new Set(issued.map(({ awardId }) => awardId)).size).toBe(rows - badRows)
  expect(new Set(issued.map(({ learnerId }) => learnerId)).size).toBe(rows - badRows)
  expect(receipt.rows.filter(({ outcome }) => outcome !== 'done').map(({ row }) => row)).toEqual(bad)
  const toFix = await (await page.request.get(`${job}/rows-to-fix.csv`)).text()
  expect(toFix.trim().split('\n')).toHaveLength(badRows - notPassed + 1)

  // What the registrar sees of one of them, and what many look like.
  await bothMustBeGood(`/awards?offeringId=${offeringId}`)
  await page.goto(`/awards?offeringId=${offeringId}`)
  await picture(page, 'awards-1280-en')
  await bothMustBeGood(`/awards/${issued[2]?.awardId}/manage`)
  await picture(phone, 'award-manage-360-fr')
  await bothMustBeGood(`/awards/${issued[2]?.awardId}/correct`)
  await desk.context().close()
  await page.context().close()
  await phone.context().close()

  // The records themselves: every learner of the file has one award of this offering, and one open offer.
  await server.stop()
  const local = await startLocal(readSettings({ PORT: '0', DATA_DIR: dataDir }), () => undefined)
  const { store } = local.ports
  const institution = await store.findInstitutionBySlug('north-lake')
  if (!institution) throw new Error('the seeded institution is missing')
  const holders: string[] = []
  let cursor: string | undefined
  do {
    const next = await store.listAwards(institution.tag, { limit: 1000, ...(cursor ? { cursor } : {}) })
    holders.push(...next.items.filter((one) => one.offeringId === offeringId).map((one) => one.learnerId))
    cursor = next.cursor
  } while (cursor)
  await local.stop()
  expect([holders.length, new Set(holders).size]).toEqual([rows - badRows, rows - badRows])
}, 600_000)
