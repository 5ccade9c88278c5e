import { Hono } from 'hono'
import { expect, test } from 'vitest'
import type { Actor } from '#core/access/operations.ts'
import type { AcademyEnv } from '#http/environment.ts'
import { onError } from '#http/errors.ts'
import { practicalRoutes } from '#http/pages/practical.ts'
import { type AttemptWorld, attemptWorld } from '#test/practicals/attempt-world.ts'

function browser(w: AttemptWorld, actor: Actor | undefined) {
  const app = new Hono<AcademyEnv>()
  app.onError(onError(() => undefined, false))
  app.use(async (c, next) => {
    c.set('pageSession', { actor, csrfToken: () => 'the-token-of-this-browser' })
    await next()
  })
  app.route('/', practicalRoutes(w))
  const get = (path: string) => app.request(path)
  return {
    get,
    text: async (path: string) => (await get(path)).text(),
    post: (path: string, form: Record<string, string>) =>
      app.request(path, {
        method: 'POST',
        body: new URLSearchParams({ csrf: 'the-token-of-this-browser', ...form }),
      }),
  }
}

test('a learner starts from the form, follows the phases and reads how it was judged', async () => {
  const w = await attemptWorld()
  const me = browser(w, w.learnerActor)
  const path = `/practicals/start/${w.enrolled.offering.id}`
  const form = await me.text(path)
  expect(form).toContain('Serve a language model faster')
  expect(form).toContain('at least 1.3')
  const requestId = /name="requestId" value="([^"]+)"/.exec(form)?.[1] ?? ''
  const answer = await me.post(path, { requestId, configuration: '{"mode":"slow"}' })
  expect(answer.status).toBe(303)
  const address = answer.headers.get('location') ?? ''
  expect(await me.text(address)).toContain('Your run is under way')
  const again = await me.post(path, { requestId, configuration: '{"mode":"slow"}' })
  expect(again.headers.get('location')).toBe(address)

  const [attempt] = await w.store.attemptsOf(w.enrolled.learner.id)
  if (!attempt) throw new Error('nothing was started')
  await w.drive(attempt.id)
  const ended = await me.text(address)
  expect(ended).toContain('Not passed')
  expect(ended).toContain('46 of 100')
  expect(ended).toContain('missed')
  expect(ended).toContain('You may start again now.')
  expect(ended).toContain('The grader was queued')
  const french = await me.text(`${address}?lang=fr`)
  expect(french).toContain('Non réussi')
  expect(french).toContain('au moins 1,3')
})

test('a run that failed says why, and when the next may start', async () => {
  const w = await attemptWorld({ perDay: 1 })
  const { id } = await w.start('work-overruns')
  await w.drive(id)
  const ended = await browser(w, w.learnerActor).text(`/practicals/${id}`)
  expect(ended).toContain('Your run took longer than the practical allows')
  expect(ended).toContain('You may start again on')
  expect(ended).not.toContain('href="/practicals/start/')
})

test('a live attempt can be stopped from its page', async () => {
  const w = await attemptWorld()
  const { id } = await w.start('pass')
  const me = browser(w, w.learnerActor)
  expect(await me.text(`/practicals/${id}`)).toContain('Stop this attempt')
  expect((await me.post(`/practicals/${id}/cancel`, {})).status).toBe(303)
  expect(await me.text(`/practicals/${id}`)).toContain('Stopped')
})

test.each(['{', '', 'null; DROP', '[1', '<script>alert(1)</script>'])(
  'the form answers the configuration %j with what is wrong, escaped, and starts nothing',
  async (configuration) => {
    const w = await attemptWorld()
    const me = browser(w, w.learnerActor)
    const path = `/practicals/start/${w.enrolled.offering.id}`
    const answer = await me.post(path, { requestId: 'from-the-page-1', configuration })
    expect(answer.status).toBe(400)
    const text = await answer.text()
    expect(text).toContain('This is not JSON.')
    expect(text).not.toContain('<script>alert')
    expect(await w.store.attemptsOf(w.enrolled.learner.id)).toEqual([])
  },
)

test('strangers, visitors and made-up addresses see nothing', async () => {
  const w = await attemptWorld()
  const { id } = await w.start('pass')
  expect((await browser(w, undefined).get(`/practicals/${id}`)).status).toBe(401)
  const other = await w.learner()
  expect((await browser(w, other.actor).get(`/practicals/${id}`)).status).toBe(403)
  const stranger = await w.learner({ tenant: w.institutions.mittelberg.tag })
  expect((await browser(w, stranger.actor).get(`/practicals/${id}`)).status).toBe(404)
  for (const made of ['x', id.replace(/.$/, '7'), '%00', '../me']) {
    expect((await browser(w, w.learnerActor).get(`/practicals/${made}`)).status).toBe(404)
  }
})

test.each(['['.repeat(9000) + ']'.repeat(9000), `${'{"a":'.repeat(3000)}1${'}'.repeat(3000)}`])(
  'a configuration nested without end is refused beside its field',
  async (configuration) => {
    const w = await attemptWorld()
    const me = browser(w, w.learnerActor)
    const form = { requestId: w.requestId(), configuration }
    const answer = await me.post(`/practicals/start/${w.enrolled.offering.id}`, form)
    expect(answer.status).toBe(400)
    expect(await answer.text()).toContain('at most 8 levels deep')
    expect(await w.store.attemptsOf(w.enrolled.learner.id)).toEqual([])
  },
)
