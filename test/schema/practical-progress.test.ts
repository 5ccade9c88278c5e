import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import { createClient } from 'graphql-sse'
import { expect, onTestFinished, test } from 'vitest'
import type { Actor } from '#core/access/operations.ts'
import type { LearnerId } from '#core/ids.ts'
import { createApp } from '#http/app.ts'
import type { StreamLimits } from '#http/progress-streams.ts'
import { paperSite } from '#test/practicals/paper-site.ts'
import { type SitesWorld, sitesWorld } from '#test/practicals/sites-world.ts'

const query = 'subscription ($id: ID!) { practicalRun(id: $id) { state site ended phases { phase } } }'
const quick: StreamLimits = { perAccount: 2, inAll: 50, lookEveryMs: 10, longestMs: 86_400_000 }

type Told = {
  data?: { practicalRun: { state: string; ended: boolean; phases: { phase: string }[] } } | null
  errors?: readonly { message: string; extensions?: Record<string, unknown> }[]
}

interface Served {
  w: SitesWorld
  url: string
  /** A name for an account, to stand after `Bearer`. */
  tokenOf: (actor: Actor) => string
  /** Follows a run with a client that shares no code with ours. */
  follow: (token: string | undefined, id: string) => AsyncIterableIterator<Told>
  ask: (token: string, id: string, signal?: AbortSignal) => Promise<Response>
}

/** The academy behind a real socket, its practicals on a site on paper. Who calls is named by the token. */
async function served(streams: StreamLimits | 'none' = quick): Promise<Served> {
  const w = await sitesWorld((clock) => [paperSite('one', clock)])
  const actors = new Map<string, Actor>()
  const app = createApp(w, {
    authenticator: {
      actorOf: async (header) => actors.get(header ?? ''),
      verifyToken: () => Promise.reject(new Error('not asked here')),
      withLearner: async (actor) => actor,
    },
    rateLimits: { graphql: 1000, wallet: 1000, pages: 1000, signIn: 1000, analytics: 1000 },
    production: false,
    log: () => undefined,
    ...(streams === 'none' ? {} : { streams }),
  })
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' })
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())))
  await new Promise<void>((resolve) =>
    server.listening ? resolve() : server.once('listening', () => resolve()),
  )
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`
  const headersOf = (token: string | undefined): Record<string, string> =>
    token === undefined ? {} : { authorization: `Bearer ${token}` }
  return {
    w,
    url,
    tokenOf(actor) {
      const token = crypto.randomUUID()
      actors.set(`Bearer ${token}`, actor)
      return token
    },
    follow(token, id) {
      const client = createClient({ url, headers: headersOf(token), retryAttempts: 0 })
      onTestFinished(() => client.dispose())
      return client.iterate({ query, variables: { id } }) as AsyncIterableIterator<Told>
    },
    ask: (token, id, signal) =>
      fetch(url, {
        method: 'POST',
        headers: { ...headersOf(token), 'content-type': 'application/json', accept: 'text/event-stream' },
        body: JSON.stringify({ query, variables: { id } }),
        ...(signal ? { signal } : {}),
      }),
  }
}

const stateOf = async (events: AsyncIterableIterator<Told>) =>
  (await events.next()).value?.data?.practicalRun.state
const codeOf = async (events: AsyncIterableIterator<Told>) => {
  const first = await events.next()
  return first.value?.errors?.[0]?.extensions?.['code'] ?? `told ${JSON.stringify(first.value)}`
}

test('a learner follows their practical with a client nobody here wrote: each change once, and the stream ends with the run', async () => {
  const { w, follow, tokenOf } = await served()
  const { actor, start } = await w.enrolled()
  const { id } = await start()
  const events = follow(tokenOf(actor), id)
  expect(await stateOf(events)).toBe('working')
  const ended = w.finish(id)
  const told: string[] = []
  for await (const { data } of events)
    told.push(`${data?.practicalRun.state} ${data?.practicalRun.phases.at(-1)?.phase}`)
  expect((await ended).state).toBe('graded')
  expect(told.at(-1)).toBe('graded ended')
  expect(new Set(told).size).toBe(told.length)
})

test('a run that has ended is told once, and the stream ends', async () => {
  const { w, follow, tokenOf } = await served()
  const { actor, start } = await w.enrolled()
  const { id } = await start()
  await w.finish(id)
  const told: unknown[] = []
  for await (const event of follow(tokenOf(actor), id)) told.push(event.data?.practicalRun.ended)
  expect(told).toEqual([true])
})

test('only the learner and the assessors of their institution may listen', async () => {
  const { w, follow, tokenOf } = await served()
  const { start, learner } = await w.enrolled()
  const { id } = await start()
  const other = await w.enrolled()
  const hears = (actor: Partial<Actor> & { role: Parameters<SitesWorld['actor']>[0] }) => {
    const { role, ...more } = actor
    return codeOf(follow(tokenOf(w.actor(role, more)), id))
  }
  expect(await stateOf(follow(tokenOf(w.actor('assessor')), id))).toBe('working')
  expect(await codeOf(follow(tokenOf(other.actor), id))).toBe('not_found')
  expect(await hears({ role: 'registrar' })).toBe('not_allowed')
  expect(await hears({ role: 'site-operator' })).toBe('not_allowed')
  expect(await hears({ role: 'employer' })).toBe('not_allowed')
  const elsewhere = w.institutions.institutDuPort.tag
  expect(await hears({ role: 'assessor', tenant: elsewhere })).toBe('not_found')
  expect(await hears({ role: 'learner', tenant: elsewhere, learnerId: learner.id as LearnerId })).toBe(
    'not_found',
  )
  expect(await codeOf(follow(undefined, id))).toBe('not_signed_in')
  expect(await codeOf(follow(tokenOf(w.actor('assessor')), 'att-that-is-none'))).toBe('invalid_input')
})

test('who follows a run again takes the place of their former stream, and has no more than they may', async () => {
  const { w, follow, tokenOf } = await served()
  const attempts = await Promise.all([1, 2, 3].map(async () => (await w.enrolled()).start()))
  const [a = '', b = '', c = ''] = attempts.map(({ id }) => id)
  const token = tokenOf(w.actor('assessor'))
  const first = follow(token, a)
  expect(await stateOf(first)).toBe('working')
  expect(await stateOf(follow(token, a))).toBe('working')
  expect((await first.next()).done).toBe(true)
  const last = follow(token, b)
  expect(await stateOf(last)).toBe('working')
  expect(await codeOf(follow(token, c))).toBe('too_many_requests')
  // Somebody else has streams of their own.
  expect(await stateOf(follow(tokenOf(w.actor('assessor', { subject: 'another' })), c))).toBe('working')
})

test('who goes away leaves no stream behind', async () => {
  const { w, ask, follow, tokenOf } = await served({ ...quick, perAccount: 1 })
  const attempts = await Promise.all([1, 2].map(async () => (await w.enrolled()).start()))
  const [a = '', b = ''] = attempts.map(({ id }) => id)
  const token = tokenOf(w.actor('assessor'))
  const gone = new AbortController()
  const reader = (await ask(token, a, gone.signal)).body?.getReader()
  await reader?.read()
  expect(await codeOf(follow(token, b))).toBe('too_many_requests')
  gone.abort()
  await expect.poll(() => stateOf(follow(token, b)), { timeout: 20_000 }).toBe('working')
})

test('a stream ends when its time is over, though the run goes on', async () => {
  const { w, follow, tokenOf } = await served({ ...quick, longestMs: 60_000 })
  const { actor, start } = await w.enrolled()
  const events = follow(tokenOf(actor), (await start()).id)
  expect(await stateOf(events)).toBe('working')
  w.clock.advance({ seconds: 61 })
  expect((await events.next()).done).toBe(true)
})

test('a stream is server-sent events that nothing on the way holds back, kept alive while nothing happens', async () => {
  const { w, ask, tokenOf } = await served()
  const { actor, start } = await w.enrolled()
  const response = await ask(tokenOf(actor), (await start()).id)
  expect(response.status).toBe(200)
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'content-type': expect.stringMatching(/^text\/event-stream/),
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  })
  expect(response.headers.has('content-encoding')).toBe(false)
  const reader = response.body?.getReader()
  let text = ''
  // Beyond the first event nothing happens: what still comes are comments.
  while (!text.includes('event: next') || text.lastIndexOf(':\n\n') < text.indexOf('event: next'))
    text += Buffer.from((await reader?.read())?.value ?? []).toString()
  expect(text.match(/event: next/g)).toHaveLength(1)
  await reader?.cancel()
})

test('where nothing can be streamed, one is told to ask', async () => {
  const { w, follow, tokenOf } = await served('none')
  const { actor, start } = await w.enrolled()
  expect(await codeOf(follow(tokenOf(actor), (await start()).id))).toBe('query_refused')
})
