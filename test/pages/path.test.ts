import { Hono } from 'hono'
import { beforeEach, expect, test } from 'vitest'
import type { Actor } from '#core/access/operations.ts'
import type { Award } from '#core/awards/award.ts'
import { issueCredential } from '#core/credentials/issue-credential.ts'
import type { AcademyEnv } from '#http/environment.ts'
import { onError } from '#http/errors.ts'
import { moduleRoutes } from '#http/pages/modules.ts'
import { pathRoutes } from '#http/pages/path.ts'
import { type World, world } from '#test/support/world.ts'
import { makeKeyPair } from '../verification/foreign-issuer.ts'

let w: World
beforeEach(async () => {
  w = await world()
})

function browser(actor?: Actor) {
  const app = new Hono<AcademyEnv>()
  app.onError(onError(() => undefined, false))
  app.use(async (c, next) => {
    c.set('pageSession', { actor, csrfToken: () => 'token' })
    await next()
  })
  for (const routes of [pathRoutes(w), moduleRoutes(w)]) app.route('/', routes)
  const get = (path: string) => app.request(path, { headers: { accept: 'text/html' } })
  return {
    get,
    text: async (path: string) => (await get(path)).text(),
    post: (form: Record<string, string>) =>
      app.request('/path', {
        method: 'POST',
        headers: { accept: 'text/html' },
        body: new URLSearchParams(form),
      }),
  }
}

async function collected(award: Award): Promise<string> {
  const asked = { awardId: award.id, format: 'dc+sd-jwt' as const, holderKey: makeKeyPair().jwk }
  return (await issueCredential(asked, w)).text
}

test('a visitor sees the path to a role with its costs, its bound, and what no module teaches', async () => {
  const page = await browser().text('/path?role=sector-professional&lang=en')
  expect(page).toContain('<dd>263 hours</dd>')
  expect(page).toContain('no path takes under 263 hours of work')
  expect(page).toContain('Proved: no other choice of modules takes fewer hours of work.')
  expect(page).toMatch(/Taught by no module<\/dt><dd><ul><li>.*modules lead to level 1/)
  const french = await browser().text('/path?role=mlops-engineer&sector=energy&minimise=gpuHours&lang=fr')
  expect(french).toMatch(/aucun parcours à moins de [\d,]+ heures GPU/)
})

test('what is ticked shortens the path and stays ticked; what is held at a lower level comes along', async () => {
  const all = await browser().text('/path?role=sector-professional')
  const boxes = [...all.matchAll(/name="hold" value="([^"]+)">/g)].map(([, value]) => value ?? '')
  expect(boxes).toContain('ai-literacy.2')
  const query = new URLSearchParams({ role: 'sector-professional' })
  for (const box of boxes.filter((one) => !one.startsWith('human-oversight'))) query.append('hold', box)
  query.append('hold', 'human-oversight.1')
  query.append('hold', 'quantum-knitting.4')
  const page = await browser().text(`/path?${query.toString()}`)
  expect(page).toContain('value="ai-literacy.2" checked>')
  expect(page).toContain('<input type="hidden" name="hold" value="human-oversight.1">')
  expect(page).toContain('you hold level 1')
  expect(page).not.toContain('263 hours')
  expect(page).toMatch(/You hold already<\/dt><dd><ul><li>/)
})

test.each([
  'hold=..%2F..%2Fetc.1',
  'hold=ai-literacy.9',
  'hold=%3Cscript%3E.1',
  'hold=',
  'minimise=money',
  `${'hold=x.1&'.repeat(500)}`,
])('odd parameters %# are left aside', async (query) => {
  const answer = await browser().get(`/path?role=sector-professional&${query}`)
  expect(answer.status).toBe(200)
  expect(await answer.text()).toContain('263 hours')
})

test('a presented credential is checked; its skills are ticked, and its text is in no address', async () => {
  const { award } = await w.award({ offering: await w.offering({ moduleId: 'm-ai-for-everyone' }) })
  const answer = await browser().post({
    credential: await collected(award),
    query: 'role=sector-professional',
  })
  expect(answer.status).toBe(303)
  const location = answer.headers.get('location') ?? ''
  expect(location).not.toContain('eyJ')
  for (const { skill, level } of award.skills) expect(location).toContain(`hold=${skill}.${level}`)
  const page = await browser().text(location)
  expect(page).toContain(`${award.skills.length} skills were taken from the credential.`)
  expect(page).toContain('<dd>250 hours</dd>')
})

test('a credential that fails a check counts for nothing, and the page says why in plain words', async () => {
  const { award } = await w.award()
  const text = await collected(award)
  await w.store.saveAwardStatusOnce(w.request('revoke', award.tenant), {
    awardId: award.id,
    version: award.version,
    status: { state: 'revoked', since: w.clock.now() },
  })
  const answer = await browser().post({ credential: text, query: 'role=sector-professional' })
  expect(answer.status).toBe(400)
  const page = await answer.text()
  expect(page).toContain('Its skills cannot count: Revoked.')
  expect(page).toContain('<dd>263 hours</dd>')
  expect(await (await browser().post({ credential: ' ' })).text()).toContain('Paste a credential first.')
})

test('a learner’s own awards count without a tick', async () => {
  const { learner, actor } = await w.learner()
  await w.award({ learner, offering: await w.offering({ moduleId: 'm-ai-for-everyone' }) })
  expect(await browser(actor).text('/path?role=sector-professional')).toContain('<dd>250 hours</dd>')
})

test.each([
  ['level=8', ['m-foundation-models']],
  ['hours=13&group=general-public', ['m-ai-for-everyone', 'm-spot-the-fake']],
  ['sector=manufacturing', ['m-ai-manufacturing']],
  ['q=red+teaming', ['m-red-teaming']],
])('the modules filtered by %s', async (query, expected) => {
  const page = await browser().text(`/modules?${query}`)
  const found = [...page.matchAll(/<h2><a href="\/modules\/([^"]+)">/g)].map(([, id]) => id)
  expect(found).toEqual(expected)
})
