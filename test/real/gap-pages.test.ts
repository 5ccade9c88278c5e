import { mkdirSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type ServerType, serve } from '@hono/node-server'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test } from 'vitest'
import { publishSnapshot } from '#core/gaps/publish-snapshot.ts'
import { seedAcademy } from '#functions/seed/seed-academy.ts'
import { gapRoutes } from '#http/pages/gaps/gap-routes.ts'
import { skillRoutes } from '#http/pages/skills.ts'
import { staticRoutes } from '#http/static/stylesheet.ts'
import { signedInApp } from '#test/pages/page-browser.ts'
import { launchChromium, mustBeAccessible, mustFit, openPage, sizes } from '../support/in-browser.ts'
import { type World, world } from '../support/world.ts'

/** Where to keep pictures of all of them, for who wants to look; none are taken otherwise. */
const pictures = process.env['GAP_PICTURES_DIR']

let academy: World
let server: ServerType
let browser: Browser
let failures: string[] = []

beforeAll(async () => {
  if (pictures) mkdirSync(pictures, { recursive: true })
  academy = await world()
  await seedAcademy(academy)
  const manager = academy.actor('programme-manager')
  await publishSnapshot(manager, { requestId: academy.requestId() }, academy)
  const routes = [
    staticRoutes(),
    gapRoutes(academy, (_actor, _query, _slice, answer) => answer()),
    skillRoutes(academy),
  ]
  server = serve({ fetch: signedInApp(routes, () => manager).fetch, port: 0, hostname: '127.0.0.1' })
  await new Promise((resolve) => server.once('listening', resolve))
  browser = await launchChromium()
})

afterAll(async () => {
  await browser?.close()
  server?.close()
  await academy?.close()
})

afterEach(() => {
  const found = failures
  failures = []
  expect(found).toEqual([])
})

const onPhone = { viewport: sizes.phone, locale: 'fr', name: '360-fr' } as const
const onDesk = { viewport: sizes.desktop, locale: 'en', name: '1280-en' } as const

async function open({ viewport, locale }: typeof onPhone | typeof onDesk, path: string): Promise<Page> {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { page, errors } = await openPage(browser, url, { viewport, locale }, path)
  onTestFinished(async () => {
    failures.push(...errors)
    await page.context().close()
  })
  expect(await page.locator('html').getAttribute('lang')).toBe(locale)
  return page
}

async function mustReadWell(page: Page, picture: string): Promise<void> {
  expect(await page.locator('h1').count()).toBe(1)
  await mustFit(page)
  await mustBeAccessible(page)
  if (!pictures) return
  await page.screenshot({ path: join(pictures, `${picture}.png`), fullPage: true, animations: 'disabled' })
}

const parts = [
  ['table', '/gaps?rows=sector&columns=country'],
  ['supply', '/gaps?rows=targetGroup&columns=skill'],
  ['slice', '/gaps?sector=manufacturing&role=mlops-engineer'],
  ['slice-between', '/gaps?sector=manufacturing&country=DE'],
  ['modules', '/gaps/modules'],
  ['portfolio', '/gaps/portfolio?role=mlops-engineer'],
  ['prerequisites', '/gaps/prerequisites'],
  ['funnel', '/gaps/funnel'],
  ['sheet', '/gaps/sheet?rows=sector&columns=domain'],
  ['demand', '/gaps/demand'],
] as const

test.each(parts)('%s reads well: a phone in French, a desk in English', async (name, path) => {
  for (const reader of [onPhone, onDesk]) {
    await mustReadWell(await open(reader, path), `gaps-${name}-${reader.name}`)
  }
})

test('the heat map is worked with the keys alone: passed over whole, or cell by cell to a slice and its trend', async () => {
  const page = await open(onDesk, '/gaps')
  await page.locator('select[name=snapshot]').first().focus()
  const focused = page.locator(':focus')
  const press = async (...keys: string[]) => {
    for (const key of keys) await page.keyboard.press(key)
  }
  await press('Tab', 'Tab')
  await expect.poll(() => focused.textContent()).toBe('Skip the map')
  expect(await focused.isVisible()).toBe(true)
  await press('Enter', 'Tab')
  expect(await focused.textContent()).toBe('The same as a table of numbers')

  // Backwards from there: the last cell first.
  await press('Shift+Tab')
  expect(await focused.getAttribute('href')).toBe('/gaps?sector=public-sector&domain=responsible-ai')
  const outline = await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')
  expect(outline).toBe('solid')
  await press('Enter')
  await page.waitForURL(/domain=/)
  expect(await page.locator('h2').first().textContent()).toContain('Public sector · ')
  const trend = page.locator('.trends svg').first()
  expect(await trend.getAttribute('aria-label')).toMatch(/^\d.* → /)
})

test('a hidden cell leads to its page, which says in plain words why the number is not there', async () => {
  const page = await open(onPhone, '/gaps')
  await page.locator('td.masked a').first().click()
  await page.waitForURL(/domain=/)
  await page.getByText('masqué', { exact: true }).first().waitFor()
  expect(await page.locator('#why-hidden').textContent()).toContain('au moins 10 apprenants')
})

test('what is printed is the sheet alone, in light colours, and says how many numbers are hidden', async () => {
  const page = await open(onDesk, '/gaps?sector=manufacturing&role=mlops-engineer')
  await page.getByRole('link', { name: 'Sheet to print' }).click()
  await page.waitForURL(/sheet/)
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' })
  expect(await page.locator('header nav, .no-print, footer').filter({ visible: true }).count()).toBe(0)
  expect(await page.locator('main').textContent()).toMatch(/\d+ of \d+ numbers are hidden\./)
  const sheet = await page.pdf({ format: 'A4' })
  expect(sheet.subarray(0, 5).toString()).toBe('%PDF-')
  await mustReadWell(page, 'gaps-sheet-print-en')
})

test.each([onPhone, onDesk])(
  'a file of demand with mistakes lists each with its row, then a sound one counts: $name',
  async (reader) => {
    const page = await open(reader, '/gaps/demand')
    const send = async (text: string) => {
      const buffer = Buffer.from(`role,sector,country,year,headcount\n${text}\n`)
      await page
        .locator('input[type=file]')
        .setInputFiles({ name: 'needs.csv', mimeType: 'text/csv', buffer })
      await page.locator('button[value=upload]').click()
      await page.locator('main .note').first().waitFor()
    }
    await send('ai-engineer,energy,LU,2026,-3\nai-engineer,no-such,LU,2026,4\n=1+1,energy,LU,2026,4')
    const mistakes = page.locator('table').first().locator('tbody tr')
    expect(await mistakes.locator('th').allTextContents()).toEqual(['2', '3', '4'])
    expect(await mistakes.locator('code').allTextContents()).toEqual(['headcount', 'sector', 'role'])
    await mustReadWell(page, `gaps-demand-wrong-${reader.name}`)
    await page.goto('/gaps/demand')
    await send('ai-engineer,energy,LU,2026,120')
    await page.locator('table .tag').first().waitFor()
    await mustReadWell(page, `gaps-demand-done-${reader.name}`)
  },
)
