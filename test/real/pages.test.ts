import { hash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { judge } from '#core/assessments/judge.ts'
import type { Award } from '#core/awards/award.ts'
import { issueCredential } from '#core/credentials/issue-credential.ts'
import type { Ports } from '#core/ports.ts'
import type { PracticalEvidence } from '#core/practicals/evidence.ts'
import { requestOf } from '#core/requests.ts'
import { checksOfTokens, type Outcome } from '#core/verification/verification.ts'
import { readSettings } from '#functions/settings.ts'
import { type LocalServer, startLocal } from '#functions/start-local.ts'
import { verificationWords } from '#http/pages/i18n/verification.ts'
import { launchChromium, mustBeAccessible, mustFit, openPage, sizes } from '../support/in-browser.ts'
import { certify, foreignIssuer, foreignSdJwt, makeKeyPair } from '../verification/foreign-issuer.ts'

/** `PICTURES_DIR=docs/pictures` renews the pictures of the documentation; else they go with the test's folder. */
const folder = mkdtempSync(join(tmpdir(), 'academy-pages-'))
const pictures = process.env['PICTURES_DIR'] ?? join(folder, 'pictures')
const languages = ['en', 'fr'] as const
const planned = '/path?role=mlops-engineer&sector=energy&hold=containers.2'

let server: LocalServer
let browser: Browser
let credentials: Record<'valid' | 'tampered' | 'foreign-issuer' | 'revoked', string>

beforeAll(async () => {
  mkdirSync(pictures, { recursive: true })
  server = await startLocal(readSettings({ PORT: '0', DATA_DIR: join(folder, 'data') }), () => undefined)
  browser = await launchChromium()

  const { ports } = server
  const valid = await issued(ports, 0)
  const revoked = await issued(ports, 1)
  await ports.store.saveAwardStatusOnce(
    requestOf(registrar, 'test', revoked.award.tenant, 'revoke-one', {}),
    {
      awardId: revoked.award.id,
      version: revoked.award.version,
      status: { state: 'revoked', since: ports.clock.now() },
    },
  )
  credentials = {
    valid: valid.text,
    revoked: revoked.text,
    tampered: changePayload(valid.text),
    'foreign-issuer': await foreign(ports.clock.now()),
  }
})

afterAll(async () => {
  await browser?.close()
  await server?.stop()
  rmSync(folder, { recursive: true, force: true })
})

const registrar = { subject: 'registrar-of-this-test', tenant: 'platform' as Award['tenant'] }

/** An award of the account `learner` with local evidence, collected as SD-JWT. */
async function issued(ports: Ports, nth: number): Promise<{ award: Award; text: string }> {
  const institution = await ports.store.findInstitutionBySlug('north-lake')
  if (!institution) throw new Error('the seeded institution is missing')
  const learner = await ports.store.findLearnerBySubject(institution.tag, 'learner')
  const { items: offerings } = await ports.store.listOfferings(institution.tag, { limit: 100 })
  // Local evidence counts only where the offering says so: the first of these awards has some.
  const offering = offerings.find(({ moduleId, allowsLocalEvidence }) =>
    nth === 0 ? moduleId === 'm-llm-inference' : !allowsLocalEvidence,
  )
  const module = offering && ports.ontology.modules.get(offering.moduleId)
  if (!learner || !offering || !module) throw new Error('the seeded learner or offering is missing')
  await ports.store.saveEnrolmentOnce(
    requestOf(registrar, 'test', institution.tag, `enrol-number-${nth}`, {}),
    {
      learnerId: learner.id,
      offeringId: offering.id,
      enrolledAt: ports.clock.now(),
      analyticsConsent: false,
      purpose: 'skills-gap-statistics',
      country: 'LU',
      targetGroup: 'professionals',
      sector: 'manufacturing',
    },
  )
  const recorded = judge(
    {
      offering,
      module,
      learnerId: learner.id,
      scorePercent: 82,
      decidedBy: 'assessor',
      evidence: nth === 0 ? [localRun(ports)] : [],
    },
    ports,
  )
  if (!recorded.award) throw new Error('this score does not pass')
  await ports.store.saveAssessmentOnce(
    requestOf(registrar, 'test', institution.tag, `assess-number-${nth}`, {}),
    recorded,
  )
  const asked = { awardId: recorded.award.id, format: 'dc+sd-jwt' as const, holderKey: makeKeyPair().jwk }
  const { text } = await issueCredential(asked, ports)
  return { award: recorded.award, text }
}

function localRun({ clock }: Ports): PracticalEvidence {
  return {
    practical: 'inference-throughput',
    practicalVersion: 1,
    specHash: hash('sha256', 'the spec of this test', 'hex'),
    environment: 'local',
    site: 'local',
    hardware: { cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, memoryGiB: 4, gpus: 0 },
    assurance: 'unsupervised-run',
    level: 1,
    metrics: [{ name: 'tokens_per_second_ratio', value: 2.614, unit: '×', threshold: 1.5 }],
    runDigest: hash('sha256', 'the run of this test', 'hex'),
    finishedAt: clock.now(),
  }
}

function changePayload(text: string): string {
  const [jws = '', ...disclosures] = text.split('~')
  const [header, payload = '', signature] = jws.split('.')
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object
  const changed = JSON.stringify({ ...claims, achievement_title: 'Master of Everything' })
  return [`${header}.${Buffer.from(changed).toString('base64url')}.${signature}`, ...disclosures].join('~')
}

async function foreign(now: Date): Promise<string> {
  const root = await certify('A root nobody here knows', { ca: true, now })
  const leaf = await certify('College', { parent: root, uri: foreignIssuer, now })
  return foreignSdJwt(leaf, [leaf.certificate], now)
}

const open = (options: BrowserContextOptions, path: string) => openPage(browser, server.url, options, path)

async function verifyByPaste(page: Page, text: string): Promise<void> {
  await page.locator('textarea').fill(text)
  await page.locator('main button').click()
  await page.locator('.verdict').waitFor()
}

const picture = (page: Page, name: string, fullPage = true) =>
  page.screenshot({ path: join(pictures, `${name}.png`), fullPage, animations: 'disabled' })

describe.each(Object.entries(sizes))('on a %s', (size, viewport) => {
  describe.each(languages)('in %s', (language) => {
    test.each<Outcome>(['valid', 'tampered', 'foreign-issuer', 'revoked'])(
      'a %s credential gets its plain verdict',
      async (outcome) => {
        const { page, errors } = await open({ viewport }, `/verify?lang=${language}`)
        await verifyByPaste(page, credentials[outcome as keyof typeof credentials])
        const { title } = verificationWords[language].outcomes[outcome]
        expect(await page.locator('h1').textContent()).toBe(title)
        expect(await page.locator('html').getAttribute('lang')).toBe(language)
        expect(await page.locator('.checks > li').count()).toBe(checksOfTokens.length)
        await mustFit(page)
        await mustBeAccessible(page)
        await picture(page, `verify-${outcome}-${viewport.width}-${language}`)
        expect(errors).toEqual([])
        await page.context().close()
      },
    )

    // Pages of the catalogue are the same in each combination but these two.
    const catalogue =
      (size === 'phone') === (language === 'fr')
        ? ['/skills', '/skills/gpu-resource-allocation', '/modules', '/gaps', '/path', planned]
        : []
    test.each(['/', '/verify', '/nothing-here', '/me', ...catalogue])(
      '%s can be read, fits and is accessible',
      async (path) => {
        const { page, errors } = await open(
          { viewport },
          `${path}${path.includes('?') ? '&' : '?'}lang=${language}`,
        )
        expect(await page.locator('h1').count()).toBe(1)
        await mustFit(page)
        await mustBeAccessible(page)
        if (path === '/' || path === '/verify') {
          await picture(page, `${path === '/' ? 'home' : 'verify'}-${viewport.width}-${language}`)
        }
        if (path === planned) await picture(page, `path-${viewport.width}-${language}`)
        if (path.startsWith('/skills/')) await picture(page, `skill-${viewport.width}-${language}`)
        expect(errors).toEqual([])
        await page.context().close()
      },
    )
  })

  test('the dark colours are accessible, too', async () => {
    const { page } = await open({ viewport, colorScheme: 'dark' }, '/verify')
    await mustBeAccessible(page)
    for (const outcome of ['valid', 'revoked'] as const) {
      await page.goto('/verify')
      await verifyByPaste(page, credentials[outcome])
      await mustBeAccessible(page)
      await picture(page, `verify-${outcome}-${viewport.width}-dark`)
    }
    await page.context().close()
  })
})

test('everything works with script switched off: paste, upload, language', async () => {
  const { page, errors } = await open({ viewport: sizes.phone, javaScriptEnabled: false }, '/')
  await page.getByRole('link', { name: 'Verify a credential' }).first().click()
  await verifyByPaste(page, credentials.valid)
  expect(await page.locator('h1').textContent()).toBe('Genuine and valid')
  await page.getByRole('link', { name: 'Verify another credential' }).click()
  await page.locator('input[type=file]').setInputFiles({
    name: 'credential.txt',
    mimeType: 'text/plain',
    buffer: Buffer.from(credentials.revoked),
  })
  await page.locator('main button').click()
  expect(await page.locator('h1').textContent()).toBe('Revoked')
  await page.getByRole('link', { name: 'Français' }).click()
  expect(await page.locator('h1').textContent()).toBe('Vérifier une attestation')
  await page.goto('/')
  expect(await page.locator('html').getAttribute('lang')).toBe('fr')
  expect(errors).toEqual([])
  await page.context().close()
})

test('a page speaks the language of the browser unless told otherwise', async () => {
  const { page } = await open({ locale: 'fr-BE' }, '/verify')
  expect(await page.locator('h1').textContent()).toBe('Vérifier une attestation')
  await page.context().close()
})

test('with the keyboard alone: skip link first, then a visible focus to the verdict', async () => {
  const { page } = await open({ viewport: sizes.desktop }, '/verify')
  await page.keyboard.press('Tab')
  expect(await page.locator(':focus').textContent()).toBe('Skip to the content')
  await page.keyboard.press('Enter')
  await page.keyboard.press('Tab')
  expect(await page.locator(':focus').getAttribute('id')).toBe('credential')
  await page.keyboard.insertText(credentials.valid)
  await page.keyboard.press('Tab')
  await page.keyboard.press('Tab')
  const outline = await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')
  expect(outline).toBe('solid')
  await page.keyboard.press('Enter')
  await page.locator('.verdict').waitFor()
  await page.context().close()
})

test('a learner signs in, collects, shares by a link and withdraws it, with script switched off', async () => {
  const options = { viewport: sizes.phone, javaScriptEnabled: false, locale: 'en' }
  const { page, errors } = await open(options, '/me')
  await page.getByRole('link', { name: 'Sign in' }).click()
  await page.locator('button[value=learner]').click()
  await page.waitForURL(/\/me$/)
  await picture(page, 'me-360-en')
  await mustFit(page)

  await page.getByRole('link', { name: 'Collect into a wallet' }).first().click()
  expect(await page.locator('.qr svg').count()).toBe(1)
  expect(
    await page.getByRole('link', { name: 'Open in the wallet on this device' }).getAttribute('href'),
  ).toMatch(/^openid-credential-offer:\/\/\?credential_offer_uri=http/)
  expect(await page.locator('main').textContent()).toContain('your wallet will ask for no code')
  await picture(page, 'claim-360-en')
  await mustFit(page)

  await page.goto('/me')
  const make = page.getByText('Make the link')
  await page.locator('details').filter({ has: make }).first().locator('summary').click()
  await make.first().click()
  const link = (await page.locator('.note a').getAttribute('href')) ?? ''
  expect(link).toMatch(/\/v\/[a-z2-7]{8}\.[A-Za-z0-9_-]{43}$/)

  const employer = await open({ viewport: sizes.phone, javaScriptEnabled: false, locale: 'fr' }, link)
  expect(await employer.page.locator('h1').textContent()).toBe('Authentique et valable')
  expect(await employer.page.locator('main').textContent()).toContain('Environnement local')
  await picture(employer.page, 'shared-360-fr')

  await page.goto('/me')
  await page.getByRole('button', { name: 'Withdraw' }).click()
  await page.waitForURL(/\/me$/)
  await employer.page.reload()
  expect(await employer.page.locator('h1').textContent()).toBe('Il n’y a rien ici')

  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.goto('/me')
  expect(await page.locator('h1').textContent()).toBe('Sign in to go on')
  expect([...errors, ...employer.errors]).toEqual([])
  await employer.page.context().close()
  await page.context().close()
})

test.each([
  ['learner', '/modules/m-llm-inference/enrol'],
  ['learner', '/modules/m-ai-for-everyone/enrol'],
  ['learner', '/path?role=mlops-engineer'],
  ['assessor', '/cohorts'],
  ['registrar', '/me'],
  ['manager', '/gaps'],
])('signed in as %s, %s can be read on a phone, fits and is accessible', async (account, path) => {
  const { page, errors } = await open({ viewport: sizes.phone, locale: 'fr' }, '/me')
  await page.locator('main a.button').click()
  await page.locator(`button[value=${account}]`).click()
  await page.waitForURL(/\/me$/)
  await page.goto(path)
  expect(await page.locator('html').getAttribute('lang')).toBe('fr')
  await mustFit(page)
  await mustBeAccessible(page)
  if (path === '/cohorts') {
    await page.locator('main td, main th[scope=row]').locator('a').first().click()
    await page.waitForURL(/\/cohorts\/.+/)
    await mustFit(page)
    await mustBeAccessible(page)
  }
  expect(errors).toEqual([])
  await page.context().close()
})

test('a curator’s pages can be read on a phone in French: drafts, a draft, matches, the import of ESCO', async () => {
  const { page, errors } = await open({ viewport: sizes.phone, locale: 'fr' }, '/me')
  await page.locator('main a.button').click()
  await page.locator('button[value=curator]').click()
  await page.waitForURL(/\/me$/)
  const mustBeSound = async () => {
    expect(await page.locator('html').getAttribute('lang')).toBe('fr')
    await mustFit(page)
    await mustBeAccessible(page)
  }
  await page.goto('/curate/esco')
  await mustBeSound()
  await page.goto('/curate')
  await mustBeSound()
  await page.locator('input[name=title]').fill('Des noms plus simples')
  await page.locator('main form button').click()
  await page.waitForURL(/-drf-/)
  await mustBeSound()
  await page.goto(`${page.url().split('?')[0]}/align?skill=machine-learning`)
  await page.locator('table').first().waitFor()
  await mustBeSound()
  await picture(page, 'align-360-fr')
  expect(errors).toEqual([])
  await page.context().close()
})

test('a visitor who opens a claim page is asked for the code from the mail', async () => {
  const { ports } = server
  const institution = await ports.store.findInstitutionBySlug('north-lake')
  const learner = institution && (await ports.store.findLearnerBySubject(institution.tag, 'learner'))
  const [offer] = learner ? await ports.store.offersOf(learner.id) : []
  const { page, errors } = await open({ viewport: sizes.desktop }, `/claim/${offer?.id}`)
  await mustBeAccessible(page)
  await mustFit(page)
  await picture(page, 'claim-1280-en')
  expect(errors).toEqual([])
  await page.context().close()
})
