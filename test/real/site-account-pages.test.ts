import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readSettings } from '#functions/settings.ts'
import { type LocalServer, startLocal } from '#functions/start-local.ts'
import { launchChromium, mustReadWell, signedIn, sizes } from '../support/in-browser.ts'

const folder = mkdtempSync(join(tmpdir(), 'academy-site-accounts-'))
let server: LocalServer
let browser: Browser

/** The example of the documentation as a site that wants learners' own accounts; nothing listens there. */
function individualSite(): string {
  const docs = readFileSync('docs/sites.md', 'utf8')
  const yaml = [...docs.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text = '']) => text)
  const example = yaml.find((text) => text.includes('adapter: slurmrest')) ?? ''
  const changed = example
    .replace('https://slurmrestd.example.org:6820', 'http://127.0.0.1:1')
    .replace(
      'accountModel: service',
      'accountModel: individual\n    accountPage: https://docs.example.org/accounts',
    )
    .replace(/work: \{ user: academy-work.*\}/, 'learners: { tokenFolder: /run/secrets/slurm-learners }')
  const path = join(folder, 'sites.yaml')
  writeFileSync(path, changed)
  return path
}

beforeAll(async () => {
  const settings = { PORT: '0', DATA_DIR: join(folder, 'data'), SITES_FILE: individualSite() }
  server = await startLocal(readSettings(settings), () => undefined)
  browser = await launchChromium()
})

afterAll(async () => {
  await browser?.close()
  await server?.stop()
  rmSync(folder, { recursive: true, force: true })
})

const opened = (account: string) =>
  signedIn(browser, server.url, account, { viewport: sizes.phone, javaScriptEnabled: true, locale: 'en' })

/** A page in both languages on both sizes, left in English. */
async function read(page: Page, path: string): Promise<void> {
  await mustReadWell(page, path)
  await page.goto(`${path}?lang=en`)
}

test('a learner names an account, an operator confirms it, the learner takes it back; each page reads well at each step', async () => {
  const mine = '/me/site-accounts'
  const theirs = '/sites/test-factory/accounts'
  const me = await opened('learner')
  await me.page.getByRole('link', { name: 'My accounts at sites' }).click()
  await read(me.page, mine)
  await me.page.getByLabel('Your user name there').fill('u4711')
  await me.page.getByRole('checkbox').check()
  await me.page.getByRole('button', { name: 'Name this account' }).click()
  await me.page.getByText('waits to be confirmed').waitFor()

  const operator = await opened('operator')
  await operator.page.goto('/sites?lang=en')
  await operator.page.getByRole('link', { name: 'Learners’ accounts' }).click()
  await read(operator.page, theirs)
  expect(await operator.page.locator('main').textContent()).toContain('u4711')
  await operator.page.getByRole('button', { name: 'Confirm' }).click()
  await operator.page.getByText('confirmed', { exact: true }).waitFor()

  await read(me.page, mine)
  await me.page.getByText('confirmed', { exact: true }).waitFor()
  await me.page.getByRole('button', { name: 'Take it back' }).click()
  await me.page.getByText('none named').waitFor()
  await read(operator.page, theirs)
  expect(await operator.page.locator('main').textContent()).toContain('Nobody has named an account yet.')
  expect([...me.errors, ...operator.errors]).toEqual([])
})
