import axe from 'axe-core'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { expect } from 'vitest'

export const sizes = { phone: { width: 360, height: 780 }, desktop: { width: 1280, height: 900 } }

/** Debian's Chromium, as `test/engines/chromium/start.sh` found it. */
export function launchChromium(): Promise<Browser> {
  const executablePath = process.env['CHROMIUM']
  if (!executablePath) throw new Error('test/engines/chromium/start.sh says where Chromium is')
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] })
}

/** Opens a page that must hold no script error and no failed request of its own. */
export async function openPage(
  browser: Browser,
  baseURL: string,
  options: BrowserContextOptions,
  path: string,
): Promise<{ page: Page; errors: string[] }> {
  const context = await browser.newContext({ baseURL, ...options })
  const page = await context.newPage()
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(error.message))
  page.on('console', (message) => {
    // The browser itself complains about the status of an error page; that status is meant.
    if (message.type() === 'error' && !/status of 40\d/.test(message.text())) errors.push(message.text())
  })
  page.on('requestfailed', (request) => {
    // Aborted: the next page was opened while the icon of this one was still on its way.
    if (request.failure()?.errorText !== 'net::ERR_ABORTED') errors.push(`failed: ${request.url()}`)
  })
  await page.goto(path)
  return { page, errors }
}

/** The page `/me` of a demo account, in a browser of its own. */
export async function signedIn(
  browser: Browser,
  baseURL: string,
  account: string,
  options: BrowserContextOptions,
): Promise<{ page: Page; errors: string[] }> {
  const opened = await openPage(browser, baseURL, options, '/me')
  await opened.page.locator('main a.button').click()
  await opened.page.locator(`button[value=${account}]`).click()
  await opened.page.waitForURL(/\/me$/)
  return opened
}

/** A page in both languages, on a phone and on a desk. */
export async function mustReadWell(page: Page, path: string): Promise<void> {
  for (const viewport of Object.values(sizes)) {
    await page.setViewportSize(viewport)
    for (const language of ['en', 'fr']) {
      await page.goto(`${path}?lang=${language}`)
      expect(await page.locator('html').getAttribute('lang')).toBe(language)
      await mustFit(page)
      await mustBeAccessible(page)
    }
  }
}

/** No serious violation. */
export async function mustBeAccessible(page: Page): Promise<void> {
  await page.evaluate(axe.source)
  const { violations } = await page.evaluate(() =>
    (globalThis as unknown as { axe: typeof axe }).axe.run({ resultTypes: ['violations'] }),
  )
  const found = violations.map(
    ({ id, impact, nodes }) => `${impact} ${id}: ${nodes.map(({ html }) => html).join(' | ')}`,
  )
  expect(found.filter((line) => /^(serious|critical)/.test(line))).toEqual([])
}

/** Nothing wider than the window, and no caption that goes on beyond the box its table scrolls in. */
export async function mustFit(page: Page): Promise<void> {
  const overflow = await page.evaluate(
    'document.documentElement.scrollWidth - document.documentElement.clientWidth',
  )
  expect(overflow).toBe(0)
  const cut = await page.locator('.scroll caption').evaluateAll((captions) =>
    captions.flatMap((caption) => {
      const box = caption.closest('.scroll')?.getBoundingClientRect()
      const shown = getComputedStyle(caption).position !== 'absolute'
      const range = document.createRange()
      range.selectNodeContents(caption)
      return shown && box && range.getBoundingClientRect().right > box.right ? [caption.textContent] : []
    }),
  )
  expect(cut).toEqual([])
}
