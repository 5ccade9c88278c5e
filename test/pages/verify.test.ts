import { Hono } from 'hono'
import { describe, expect, test } from 'vitest'
import type { Award, AwardState } from '#core/awards/award.ts'
import { issueCredential } from '#core/credentials/issue-credential.ts'
import { shareAward } from '#core/share/share-award.ts'
import { checksOfTokens, outcomes } from '#core/verification/verification.ts'
import type { AcademyEnv } from '#http/environment.ts'
import { verificationWords } from '#http/pages/i18n/verification.ts'
import { meRoutes } from '#http/pages/me.ts'
import { shareRoutes } from '#http/pages/share.ts'
import { verifyRoutes } from '#http/pages/verify.ts'
import { type World, world } from '#test/support/world.ts'
import { makeKeyPair } from '../verification/foreign-issuer.ts'

async function academy() {
  const ports = await world()
  const { learner, actor } = await ports.learner({
    person: { givenName: '<script>alert(1)</script>', familyName: 'O’Hara & "Co"', email: 'x@example.org' },
  })
  const { award } = await ports.award({ learner })
  const { text } = await issueCredential(
    { awardId: award.id, format: 'dc+sd-jwt', holderKey: makeKeyPair().jwk },
    ports,
  )
  const app = new Hono().route('/', verifyRoutes(ports)).route('/', shareRoutes(ports))
  return { ports, award, actor, text, app }
}

function form(fields: Record<string, string | File>): { method: string; body: FormData } {
  const body = new FormData()
  for (const [name, value] of Object.entries(fields)) body.set(name, value)
  return { method: 'POST', body }
}

async function setState(
  ports: World,
  award: { id: never } | { id: string },
  state: AwardState,
): Promise<void> {
  const id = award.id as Parameters<World['store']['findAward']>[0]
  const { version } = (await ports.store.findAward(id)) ?? { version: 0 }
  await ports.store.saveAwardStatusOnce(ports.request('status'), {
    awardId: id,
    version,
    status: { state, since: ports.clock.now() },
  })
}

test('a pasted credential gets its verdict, its facts and its ten checks, in one page', async () => {
  const { app, text, award } = await academy()
  const answer = await app.request('/verify', form({ credential: text }))
  const page = await answer.text()
  expect(answer.status).toBe(200)
  expect(page).toContain('<h1>Genuine and valid</h1>')
  expect(page).toContain(award.title.en.replaceAll('&', '&amp;'))
  expect(page).toContain('Holder not proven')
  expect(page.match(/<li><span>/g)).toHaveLength(checksOfTokens.length)
  expect(answer.headers.get('cache-control')).toBe('no-store')
})

test('an uploaded file is the same as a paste', async () => {
  const { app, text } = await academy()
  const file = new File([`${text}\n`], 'credential.txt', { type: 'text/plain' })
  const page = await (await app.request('/verify?lang=fr', form({ credential: '', file }))).text()
  expect(page).toContain('<h1>Authentique et valable</h1>')
})

test('what a learner is called never becomes markup', async () => {
  const { app, text } = await academy()
  const page = await (await app.request('/verify', form({ credential: text }))).text()
  expect(page).not.toContain('<script')
  expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt; O’Hara &amp; &quot;Co&quot;')
})

test.each([
  ['with a script', '<script>alert(1)</script>'],
  ['of three letters', 'a.b.c'],
  ['of sixty thousand letters', 'x'.repeat(60_000)],
  ['of tildes', '~~~~'],
  ['that is a NUL', '\u0000'],
])('a text %s gets a plain page and is not echoed', async (_what, credential) => {
  const { app } = await academy()
  const page = await (await app.request('/verify', form({ credential }))).text()
  expect(page).toContain('<h1>This cannot be read</h1>')
  expect(page).not.toContain('<script')
  expect(page).not.toContain('xxxxxxxxxx')
})

test('nothing entered is said beside the field, and tied to it', async () => {
  const { app } = await academy()
  const answer = await app.request('/verify', form({ credential: '  ', file: new File([], '') }))
  expect(answer.status).toBe(400)
  const page = await answer.text()
  expect(page).toContain('aria-invalid="true"')
  expect(page).toMatch(/aria-describedby="credential-hint credential-error"/)
})

test('a credential in the address is not looked at', async () => {
  const { app, text } = await academy()
  const page = await (await app.request(`/verify?credential=${encodeURIComponent(text)}`)).text()
  expect(page).toContain('<h1>Verify a credential</h1>')
})

describe('a shared link', () => {
  test('shows the verdict and the chosen facts, and may not be kept or passed on by the browser', async () => {
    const { app, ports, actor, award } = await academy()
    const asked = {
      requestId: ports.requestId(),
      awardId: award.id,
      show: ['skills' as const],
      lifetimeDays: 30,
    }
    const { text } = await shareAward(actor, asked, ports)
    const answer = await app.request(`/v/${text}`)
    const page = await answer.text()
    expect(page).toContain('<h1>Genuine and valid</h1>')
    expect(page).toContain('until 23 December 2026')
    expect(page).not.toContain('O’Hara')
    expect(page).toContain('<meta name="robots" content="noindex">')
    expect(answer.headers.get('referrer-policy')).toBe('no-referrer')
    expect(answer.headers.get('cache-control')).toBe('no-store')
  })

  test.each<[AwardState, string, string]>([
    ['revoked', 'Revoked', 'Révoquée'],
    ['suspended', 'Suspended', 'Suspendue'],
  ])('says %s as soon as it is, in both languages', async (state, english, french) => {
    const { app, ports, actor, award } = await academy()
    const asked = { requestId: ports.requestId(), awardId: award.id, show: [], lifetimeDays: 30 }
    const { text } = await shareAward(actor, asked, ports)
    await setState(ports, award, state)
    expect(await (await app.request(`/v/${text}`)).text()).toContain(`<h1>${english}</h1>`)
    expect(await (await app.request(`/v/${text}?lang=fr`)).text()).toContain(`<h1>${french}</h1>`)
  })
})

test('each outcome has words of its own in each language', () => {
  for (const words of Object.values(verificationWords)) {
    const titles = outcomes.map((outcome) => words.outcomes[outcome].title)
    expect(new Set(titles).size).toBe(outcomes.length)
  }
})

/** The academy after its ontology went on: the first skill of the award has another name, the second another skill. */
function sinceThen(ports: World, award: Award): World {
  const [first, second] = award.skills.map(({ skill }) => ports.ontology.skills.get(skill))
  if (!first || !second) throw new Error('the award has too few skills')
  const skills = new Map(ports.ontology.skills)
  skills.set(first.id, { ...first, label: { en: 'Another name', fr: 'Un autre nom' } })
  skills.set(second.id, { ...second, status: 'deprecated', replacedBy: 'batch-jobs' })
  return { ...ports, ontology: { ...ports.ontology, version: '9.0.0', skills } }
}

describe('a skill stands as issued, as it is called now, and with what replaced it since', () => {
  const expected = ({ skills: [first, second], ontology: { version } }: Award) => [
    `href="/ontology/${version}/skill/${first?.skill}">as in version ${version} of the ontology</a>; now called <a href="/skills/${first?.skill}" lang="en">Another name</a>`,
    `href="/ontology/${version}/skill/${second?.skill}">as in version ${version} of the ontology</a>; replaced since by <a href="/skills/batch-jobs" lang="en">`,
  ]

  test('where a credential is verified', async () => {
    const { ports, award, text, app } = await academy()
    const later = new Hono().route('/', verifyRoutes(sinceThen(ports, award)))
    const page = await (await later.request('/verify', form({ credential: text }))).text()
    for (const line of expected(award)) expect(page).toContain(line)
    expect(page).toContain(award.skills[0]?.label.en)
    const before = await (await app.request('/verify', form({ credential: text }))).text()
    expect(before).not.toMatch(/now called|replaced since/)
  })

  test('beside the award on the page of its learner, in French too', async () => {
    const { ports, award, actor } = await academy()
    const app = new Hono<AcademyEnv>()
    app.use(async (c, next) => {
      c.set('pageSession', { actor, csrfToken: () => 'token' })
      await next()
    })
    app.route('/', meRoutes(sinceThen(ports, award)))
    const page = await (await app.request('/me?lang=en')).text()
    for (const line of expected(award)) expect(page).toContain(line)
    expect(page).toContain(award.skills[0]?.label.en)
    expect(await (await app.request('/me?lang=fr')).text()).toContain('remplacée depuis par')
  })
})
