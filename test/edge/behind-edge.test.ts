import { Hono } from 'hono'
import { expect, test, vi } from 'vitest'
import { edgeCheck } from '#functions/behind-edge.ts'
import { doorOf } from '#functions/lambda-handler.ts'
import type { LambdaWorld } from '#functions/lambda-world.ts'
import type { AcademyEnv } from '#http/environment.ts'
import { settableClock } from '#test/support/fixed-ports.ts'
import { world } from '#test/support/world.ts'

const first = 'a'.repeat(48)
const second = 'b'.repeat(48)
const rateLimits = { graphql: 2, wallet: 2, pages: 2, signIn: 2, analytics: 2 }

/** A door of a function with one page, whose requests come from the address that AWS names. */
async function door(values: Record<string, string> | undefined) {
  const ports = await world()
  const readSecret = vi.fn(async () => values ?? {})
  const routes = new Hono<AcademyEnv>()
  routes.get('/page', (c) => c.text('served'))
  const opened = doorOf(
    {
      ports,
      settings: { rateLimits, production: true } as LambdaWorld['settings'],
      aws: { edgeSecret: values && 'arn:the-secret' } as LambdaWorld['aws'],
      log: () => {},
      readSecret,
    },
    routes,
  )
  return (headers: Record<string, string>, path = '/page') =>
    opened
      .behind({ requestContext: { http: { sourceIp: '192.0.2.7' } } } as never)
      .fetch(new Request(`https://academy.example${path}`, { headers }))
}

test('behind CloudFront nobody is served who comes by another way, whatever the path', async () => {
  const ask = await door({ first })
  for (const path of ['/page', '/healthz', '/nowhere']) {
    for (const headers of [{}, { 'x-academy-origin': second }, { 'x-academy-origin': '' }]) {
      const refused = await ask(headers, path)
      expect([refused.status, refused.headers.get('content-type')]).toEqual([
        403,
        'text/plain; charset=utf-8',
      ])
    }
  }
  expect(await (await ask({ 'x-academy-origin': first })).text()).toBe('served')
})

test('behind CloudFront the visitors it names are counted, and IPv6 by its network', async () => {
  const ask = await door({ first })
  const from = async (visitor: string) =>
    (await ask({ 'x-academy-origin': first, 'x-academy-visitor': visitor })).status
  expect([await from('198.51.100.1'), await from('198.51.100.1'), await from('198.51.100.1')]).toEqual([
    200, 200, 429,
  ])
  expect(await from('198.51.100.2')).toBe(200)
  expect([await from('2001:db8::1'), await from('2001:db8::2'), await from('2001:db8::3')]).toEqual([
    200, 200, 429,
  ])
})

test('without CloudFront the address AWS names is counted, and no header is believed', async () => {
  const ask = await door(undefined)
  const from = async (visitor: string) =>
    (await ask({ 'x-academy-visitor': visitor, 'x-forwarded-for': visitor })).status
  expect([await from('198.51.100.1'), await from('198.51.100.2'), await from('198.51.100.3')]).toEqual([
    200, 200, 429,
  ])
})

test('a new value counts beside the old one within a minute, and the old one until it is taken out', async () => {
  const clock = settableClock('2026-03-01T10:00:00Z')
  let values: Record<string, string> = { first }
  let fails = false
  const check = edgeCheck(async () => {
    if (fails) throw new Error('throttled')
    return values
  }, clock)
  const shows = (value: string) => check(new Headers({ 'x-academy-origin': value }))
  expect([await shows(first), await shows(second)]).toEqual([true, false])
  values = { first, second }
  clock.advance({ minutes: 1 })
  expect([await shows(first), await shows(second)]).toEqual([true, true])
  values = { second }
  fails = true
  clock.advance({ minutes: 1 })
  // Not to be read just now: what was read before holds.
  expect([await shows(first), await shows(second)]).toEqual([true, true])
  fails = false
  clock.advance({ minutes: 1 })
  expect([await shows(first), await shows(second)]).toEqual([false, true])
})

test('a secret that cannot be read at first serves nobody, and neither does a short word in it', async () => {
  const clock = settableClock('2026-03-01T10:00:00Z')
  const never = edgeCheck(() => Promise.reject(new Error('denied')), clock)
  await expect(never(new Headers({ 'x-academy-origin': first }))).rejects.toThrow('denied')
  const short = edgeCheck(async () => ({ first: '', second: 'changeme' }), clock)
  for (const headers of [{}, { 'x-academy-origin': '' }, { 'x-academy-origin': 'changeme' }])
    expect(await short(new Headers(headers))).toBe(false)
})
