import { expect, test } from 'vitest'
import { networkOf } from '#http/limits.ts'
import { academy } from './academy.ts'

const rateLimits = { graphql: 3, wallet: 2, pages: 4, signIn: 1, analytics: 2 }

test.each([
  ['/graphql?query={ontology{version}}', 'GET', 3],
  ['/token', 'POST', 2],
  ['/eudi/nonce', 'POST', 2],
  ['/offers/x', 'GET', 2],
  ['/', 'GET', 4],
  ['/dev/token?as=learner', 'GET', 1],
])(
  '%s takes so many requests a minute from one address, and says when to come again',
  async (path, method, limit) => {
    const { request, ports } = await academy({ rateLimits })
    const ask = (address: string) => request(path, { method }, address)
    for (let count = 0; count < limit; count++) expect((await ask('127.0.0.1')).status).not.toBe(429)
    const refused = await ask('127.0.0.1')
    expect(refused.status).toBe(429)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(await refused.json()).toMatchObject({ code: 'too_many_requests' })
    expect((await ask('127.0.0.2')).status).not.toBe(429)
    ports.clock.advance({ minutes: 1 })
    expect((await ask('127.0.0.1')).status).not.toBe(429)
  },
)

test('whether the server lives may be asked at any rate', async () => {
  const { request } = await academy({ rateLimits })
  for (let count = 0; count < 20; count++) expect((await request('/healthz')).status).toBe(200)
})

test('an address named in a header counts for nothing', async () => {
  const { request } = await academy({ rateLimits })
  const ask = (from: string) => request('/', { headers: { 'x-forwarded-for': from } })
  for (let count = 0; count < 4; count++) await ask(`10.0.0.${count}`)
  expect((await ask('10.0.0.9')).status).toBe(429)
})

test.each([
  ['127.0.0.1', '127.0.0.1'],
  ['::ffff:127.0.0.1', '127.0.0.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:db8:1:2::9', '2001:db8:1:2'],
  ['2001:db8::1', '2001:db8:0:0'],
  ['::1', '0:0:0:0'],
  ['fe80::1%eth0', 'fe80:0:0:0'],
])('%s counts as %s: a whole /64 is one house', (address, network) => {
  expect(networkOf(address)).toBe(network)
})

test('no token is given to whoever comes from elsewhere, by socket or by name', async () => {
  const { request } = await academy()
  const ask = (address: string, host: string) =>
    request('/dev/token?as=registrar', { headers: { host } }, address)
  expect((await ask('127.0.0.1', 'localhost:4000')).status).toBe(200)
  expect((await ask('::1', '[::1]:4000')).status).toBe(200)
  for (const [address, host] of [
    ['10.1.2.3', '127.0.0.1:4000'],
    ['127.0.0.1', 'academy.example'],
    ['127.0.0.1', '127.0.0.1.evil.example'],
    ['127.0.0.1', 'localhost.evil.example'],
  ] as const) {
    const refused = await ask(address, host)
    expect(refused.status, `${address} ${host}`).toBe(403)
    expect(await refused.json()).toMatchObject({ code: 'not_allowed' })
  }
})

test('a page for people and a problem for programs say the same', async () => {
  const { request } = await academy()
  const page = await request('/nothing', { headers: { accept: 'text/html' } })
  const problem = await request('/nothing')
  expect([page.status, problem.status]).toEqual([404, 404])
  expect(await page.text()).toContain('<code>not_found</code>')
  expect(problem.headers.get('content-type')).toBe('application/problem+json')
  expect(await problem.json()).toMatchObject({
    status: 404,
    code: 'not_found',
    requestId: expect.any(String),
  })
})

test.each([
  ['/verify', 8 * 1024],
  ['/token', 64],
  ['/credential', 64],
  ['/graphql', 64],
])('%s takes no body over %i KiB', async (path, kibibytes) => {
  const { request } = await academy()
  const headers = { 'content-type': 'application/json' }
  const response = await request(path, { method: 'POST', headers, body: 'x'.repeat(kibibytes * 1024 + 1) })
  expect(response.status).toBe(413)
})
