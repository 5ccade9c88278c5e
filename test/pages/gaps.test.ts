import { Hono } from 'hono'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Actor } from '#core/access/operations.ts'
import { publishSnapshot } from '#core/gaps/publish-snapshot.ts'
import { seedAcademy } from '#functions/seed/seed-academy.ts'
import type { AcademyEnv } from '#http/environment.ts'
import { onError } from '#http/errors.ts'
import { gapRoutes } from '#http/pages/gaps.ts'
import { pathRoutes } from '#http/pages/path.ts'
import { type World, world } from '#test/support/world.ts'

/** The two pages as one browser sees them, signed in as `actor`. */
function browser(academy: World, actor: Actor | undefined) {
  const app = new Hono<AcademyEnv>()
  app.onError(onError(() => undefined, false))
  app.use(async (c, next) => {
    c.set('pageSession', { actor, csrfToken: () => 'the-token-of-this-browser' })
    await next()
  })
  app.route('/', gapRoutes(academy))
  app.route('/', pathRoutes(academy))
  return {
    get: (path: string) => app.request(path),
    post: (path: string, form: Record<string, string>) =>
      app.request(path, { method: 'POST', body: new URLSearchParams(form) }),
  }
}

/** Seeded once: these tests only read it. */
let academy: World
beforeAll(async () => {
  academy = await world()
  await seedAcademy(academy)
  await publishSnapshot(academy.actor('programme-manager'), { requestId: academy.requestId() }, academy)
})
afterAll(() => academy.close())

test('a visitor is asked to sign in and led back', async () => {
  const answer = await browser(academy, undefined).get('/gaps')
  expect(answer.status).toBe(401)
  expect(await answer.text()).toContain('/sign-in?return=%2Fgaps')
})

test('a learner may not read the gap', async () => {
  const answer = await browser(academy, academy.actor('learner')).get('/gaps')
  expect(answer.status).toBe(403)
})

test('before the first snapshot the page says so, and the manager publishes from it', async () => {
  const empty = await world()
  const manager = browser(empty, empty.actor('programme-manager'))
  expect(await (await manager.get('/gaps')).text()).toContain('No snapshot has been published yet')
  const form = { csrf: 'the-token-of-this-browser', requestId: 'from-the-page-1' }
  for (let again = 0; again < 2; again++) {
    const answer = await manager.post('/gaps/publish', form)
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/gaps'])
  }
  expect(await empty.store.listSnapshots(10)).toHaveLength(1)
})

test('a form from elsewhere publishes nothing', async () => {
  const empty = await world()
  const manager = browser(empty, empty.actor('programme-manager'))
  const answer = await manager.post('/gaps/publish', { csrf: 'another', requestId: 'from-the-page-1' })
  expect(answer.status).toBe(403)
  expect(await empty.store.listSnapshots(10)).toEqual([])
})

test('the gap of a sector and role names skills, the next module, and where the numbers come from', async () => {
  const manager = browser(academy, academy.actor('programme-manager'))
  const text = await (await manager.get('/gaps?sector=manufacturing&role=mlops-engineer')).text()
  expect(text).toContain('<h2>MLOps engineer · Manufacturing, engineering and construction</h2>')
  expect(text).toContain('<a href="/skills/model-serving">')
  expect(text).toContain('<a href="/modules/m-llm-inference">Serving language models</a>')
  expect(text).toContain(academy.ontology.digest)
  expect(text).toContain('10 learners')
  expect(text).toContain('Invented head counts')
  expect(text).toMatch(/hidden, so that nobody can be recognised/)
  expect(text).not.toMatch(/<script|style=|\son[a-z]+=/i)
})

test('without a sector the sectors stand side by side, each with its own address', async () => {
  const manager = browser(academy, academy.actor('programme-manager'))
  const text = await (await manager.get('/gaps?role=mlops-engineer')).text()
  expect(text).toContain('href="/gaps?sector=manufacturing&amp;role=mlops-engineer"')
  expect(text).toContain('By sector')
})

test('an older snapshot can be chosen, and a made-up one is not found', async () => {
  const manager = academy.actor('programme-manager')
  const second = await academy.store.findSnapshot()
  if (!second) throw new Error('nothing was published')
  const page = browser(academy, manager)
  const text = await (await page.get(`/gaps?snapshot=${second.previous}`)).text()
  expect(text).toContain(`<option value="${second.previous}" selected>`)
  expect((await page.get(`/gaps?snapshot=${second.id.slice(0, -3)}aaa`)).status).toBe(404)
  expect((await page.get('/gaps?snapshot=<script>')).status).toBe(400)
})

test.each(['/gaps?sector=%3Cscript%3E', '/gaps?role=constructor', '/path?role=%22%3E'])(
  '%s is a plain refusal that repeats nothing',
  async (path) => {
    const account = path.startsWith('/path')
      ? (await academy.learner()).actor
      : academy.actor('programme-manager')
    const answer = await browser(academy, account).get(path)
    expect(answer.status).toBe(400)
    expect(await answer.text()).not.toMatch(/<script>|constructor|">"/)
  },
)

test('both pages speak French', async () => {
  const manager = browser(academy, academy.actor('programme-manager'))
  const gaps = await (await manager.get('/gaps?sector=manufacturing&role=mlops-engineer&lang=fr')).text()
  expect(gaps).toContain('<h1>Besoins en compétences</h1>')
  expect(gaps).toContain('masqué')
  const { actor } = await academy.learner()
  const path = await (await browser(academy, actor).get('/path?role=educator&lang=fr')).text()
  expect(path).toContain('<h1>Parcours</h1>')
  expect(path).toContain('Modules dans l’ordre')
})

test('the path starts from what the learner holds', async () => {
  const learner = await academy.store.findLearnerBySubject(academy.institutions.northLake.tag, 'learner')
  if (!learner) throw new Error('the demo learner was not seeded')
  const actor: Actor = {
    subject: 'learner',
    tenant: learner.tenant,
    roles: ['learner'],
    learnerId: learner.id,
  }
  const text = await (await browser(academy, actor).get('/path?role=mlops-engineer')).text()
  expect(text).toContain('<a href="/modules/m-llm-inference">')
  expect(text).not.toContain('<a href="/modules/m-deep-learning">')
  expect(text).toContain('no other choice of modules takes fewer hours of work.')
  expect(text).toContain('modules lead to level 2')
})
