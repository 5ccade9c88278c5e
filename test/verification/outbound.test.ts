import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { makeTlsCertificate } from '#adapters/file/certificates.ts'
import { guardedFetch } from '#adapters/outbound/guarded-fetch.ts'
import { isPublicAddress } from '#adapters/outbound/public-address.ts'

const limits = { maxBytes: 1000, timeoutSeconds: 2 }
let server: Server
let base: string
let ca: string
const hits = new Map<string, number>()

beforeAll(async () => {
  const { certificate: cert, privateKey: key } = await makeTlsCertificate(['localhost'], new Date(), 1)
  ca = cert
  server = createServer({ cert, key }, (request, response) => {
    const path = request.url ?? ''
    hits.set(path, (hits.get(path) ?? 0) + 1)
    if (path.startsWith('/moved')) return response.writeHead(302, { location: `${base}/ok` }).end()
    if (path === '/large') return response.end(Buffer.alloc(1001))
    if (path === '/packed') return response.writeHead(200, { 'content-encoding': 'gzip' }).end('x')
    if (path === '/slow') return response.write('.')
    if (path === '/missing') return response.writeHead(404).end('none')
    return response.writeHead(200, { 'content-type': 'text/plain' }).end('hello')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  base = `https://localhost:${(server.address() as AddressInfo).port}`
})

afterAll(() => {
  server.closeAllConnections()
  server.close()
})

// Loopback counts as public here and only here; everything else of the guard stays on.
const open = (more = {}) =>
  guardedFetch({ now: () => new Date(), mayConnect: (address) => /^(127\.|::1$)/.test(address), ca, ...more })

test('a plain answer comes back with status, type and body', async () => {
  const { status, contentType, body } = await open().get(`${base}/ok`, limits)
  expect([status, contentType, Buffer.from(body).toString()]).toEqual([200, 'text/plain', 'hello'])
  expect((await open().get(`${base}/missing`, limits)).status).toBe(404)
})

test.each([
  ['/moved', 'redirect-refused'],
  ['/large', 'too-large'],
  ['/packed', 'encoding-refused'],
])('%s is answered with %s', async (path, reason) => {
  await expect(open().get(base + path, limits)).rejects.toMatchObject({ reason })
})

test('an answer that does not end is given up', async () => {
  await expect(open().get(`${base}/slow`, { ...limits, timeoutSeconds: 0.3 })).rejects.toMatchObject({
    reason: 'timeout',
  })
})

test('a name that resolves to loopback is refused when connecting', async () => {
  const guarded = guardedFetch({ now: () => new Date(), ca })
  await expect(guarded.get(`${base}/never`, limits)).rejects.toMatchObject({ reason: 'address-refused' })
  expect(hits.get('/never')).toBeUndefined()
})

test.each([
  ['http://example.com/', 'not-https'],
  ['https://user:secret@example.com/', 'not-https'],
  ['file:///etc/passwd', 'not-https'],
  ['not an address', 'not-https'],
  ['https://127.0.0.1/', 'address-refused'],
  ['https://2130706433/', 'address-refused'],
  ['https://0x7f.1/', 'address-refused'],
  ['https://[::1]/', 'address-refused'],
  ['https://[::ffff:169.254.169.254]/', 'address-refused'],
  ['https://169.254.169.254/latest/meta-data/', 'address-refused'],
])('%s is answered with %s', async (url, reason) => {
  const guarded = guardedFetch({ now: () => new Date() })
  await expect(guarded.get(url, limits)).rejects.toMatchObject({ reason })
})

test('a certificate nobody vouches for is not accepted', async () => {
  const guarded = guardedFetch({ now: () => new Date(), mayConnect: () => true })
  await expect(guarded.get(`${base}/ok`, limits)).rejects.toMatchObject({ reason: 'unreachable' })
})

test('an answer is kept for its time and then asked for again', async () => {
  let at = Date.parse('2026-01-01T00:00:00Z')
  const outbound = open({ now: () => new Date(at), keptSeconds: 60 })
  await outbound.get(`${base}/kept`, limits)
  at += 59_000
  await outbound.get(`${base}/kept`, limits)
  expect(hits.get('/kept')).toBe(1)
  at += 2_000
  await outbound.get(`${base}/kept`, limits)
  expect(hits.get('/kept')).toBe(2)
})

test('a failure is kept too, for less long', async () => {
  let at = Date.parse('2026-01-01T00:00:00Z')
  const outbound = open({ now: () => new Date(at), failureKeptSeconds: 15 })
  await expect(outbound.get(`${base}/moved?kept`, limits)).rejects.toThrow()
  await vi.waitFor(() => expect(hits.get('/moved?kept') ?? 0).toBe(1))
  await expect(outbound.get(`${base}/moved?kept`, limits)).rejects.toThrow()
  expect(hits.get('/moved?kept')).toBe(1)
  at += 16_000
  await expect(outbound.get(`${base}/moved?kept`, limits)).rejects.toThrow()
  expect(hits.get('/moved?kept')).toBe(2)
})

test.each(['8.8.8.8', '1.1.1.1', '2606:4700:4700::1111'])('%s is a public address', (address) => {
  expect(isPublicAddress(address)).toBe(true)
})

test.each([
  '0.0.0.0',
  '10.1.2.3',
  '100.64.0.1',
  '127.0.0.1',
  '127.255.255.254',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '198.18.0.1',
  '224.0.0.1',
  '255.255.255.255',
  '168.63.129.16',
  '::',
  '::1',
  '::ffff:8.8.8.8',
  '::ffff:127.0.0.1',
  '64:ff9b::7f00:1',
  'fe80::1',
  'fe80::1%eth0',
  'fc00::1',
  'fd00:ec2::254',
  'ff02::1',
  '2001::1',
  '2001:db8::1',
  '2002:7f00:1::',
  'localhost',
  '',
])('%s is not a public address', (address) => {
  expect(isPublicAddress(address)).toBe(false)
})
