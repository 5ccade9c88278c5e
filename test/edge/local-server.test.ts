import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readSettings } from '#functions/settings.ts'
import { type LocalServer, startLocal } from '#functions/start-local.ts'

let folder = ''
let server: LocalServer
const logged: unknown[] = []

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'academy-server-'))
  const settings = readSettings({ PORT: '0', DATA_DIR: join(folder, 'data') })
  server = await startLocal(settings, (line) => logged.push(line))
}, 60_000)

afterAll(async () => {
  await server?.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** `npm start` in its own process with these settings, until it ends by itself. */
async function start(environment: Record<string, string>) {
  const child = spawn(process.execPath, ['functions/local.ts'], {
    env: { PATH: process.env['PATH'] ?? '', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => (output += part))
  const [code] = (await once(child, 'exit')) as [number | null]
  return { code, output }
}

/** A browser that keeps cookies and goes where it is sent. */
function browser(jar = new Map<string, string>()) {
  const visit = async (address: string, init: RequestInit = {}) => {
    const headers = new Headers(init.headers)
    headers.set('accept', 'text/html')
    headers.set('cookie', [...jar].map(([name, value]) => `${name}=${value}`).join('; '))
    const response = await fetch(new URL(address, server.url), { ...init, headers, redirect: 'manual' })
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
      if (value === '' || /max-age=0|1970/i.test(cookie)) jar.delete(name)
      else jar.set(name, value)
    }
    return response
  }
  const follow = async (address: string, init?: RequestInit) => {
    let response = await visit(address, init)
    let at = address
    for (let steps = 0; steps < 8 && response.headers.has('location'); steps++) {
      at = new URL(response.headers.get('location') ?? '', server.url).href
      response = await visit(at)
    }
    return { response, at }
  }
  return { jar, visit, follow }
}

async function signIn(account: string, returnTo: string, cookies?: Map<string, string>) {
  const { jar, visit, follow } = browser(cookies)
  const { response, at } = await follow(`/sign-in?return=${encodeURIComponent(returnTo)}`)
  const form = await response.text()
  const done = await follow(at, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ account }),
  })
  return { jar, visit, follow, form, done }
}

test('a person signs in with a code and PKCE, and comes back to where they were', async () => {
  const { jar, form, done } = await signIn('manager', '/gaps?lang=en')
  expect(form).toContain('value="manager"')
  expect(form).not.toContain('<script')
  expect(done.at).toBe(`${server.url}/gaps?lang=en`)
  expect(done.response.status).toBe(200)
  expect([...jar.keys()]).toContain('academy_session')
  expect(jar.get('academy_session')).not.toMatch(/manager|platform/)
})

test('in the same browser one signs in again as another account', async () => {
  const { jar, visit } = await signIn('manager', '/gaps')
  const csrf = /name="csrf" value="([^"]+)"/.exec(await (await visit('/gaps')).text())?.[1] ?? ''
  await visit('/sign-out', { method: 'POST', body: new URLSearchParams({ csrf }) })
  const { done } = await signIn('learner', '/me', jar)
  expect(done.at).toBe(`${server.url}/me`)
  expect(await done.response.text()).toContain('Ada')
})

test('a sign-in begun under another name of this machine goes on under the server’s own', async () => {
  const { port } = new URL(server.url)
  const answer = await fetch(`http://localhost:${port}/sign-in?return=%2Fme`, { redirect: 'manual' })
  expect(answer.headers.get('location')).toBe(`${server.url}/sign-in?return=%2Fme`)
  expect(answer.headers.getSetCookie()).toEqual([])
})

test.each(['//evil.example', '/\\evil.example', 'https://evil.example', 'javascript:alert(1)', '/a\r\nx: y'])(
  'nobody is sent elsewhere after signing in: %j',
  async (returnTo) => {
    const { done } = await signIn('employer', returnTo)
    expect(done.at).toBe(`${server.url}/`)
  },
)

test('a callback nobody asked for signs nobody in', async () => {
  const { jar, visit } = browser()
  const response = await visit('/callback?code=abc&state=def')
  expect(response.status).toBe(401)
  expect(jar.has('academy_session')).toBe(false)
})

test('a callback with another state signs nobody in', async () => {
  const { jar, visit } = browser()
  await visit('/sign-in')
  expect((await visit('/callback?code=abc&state=wrong')).status).toBe(401)
  expect(jar.has('academy_session')).toBe(false)
})

test('a code of another browser’s sign-in is worth nothing', async () => {
  const { jar, visit } = browser()
  const { headers } = await visit('/sign-in')
  const state = new URL(headers.get('location') ?? '').searchParams.get('state') ?? ''
  const response = await visit(`/callback?code=stolen-code&state=${state}`)
  expect(response.status).toBe(401)
  expect(jar.has('academy_session')).toBe(false)
})

test('a session that was changed is no session', async () => {
  const { jar, visit } = await signIn('manager', '/')
  const session = jar.get('academy_session') ?? ''
  // Not the last sign: some of its bits mean nothing.
  jar.set(
    'academy_session',
    session.replace(/.(?=.{9}$)/, (sign) => (sign === 'x' ? 'y' : 'x')),
  )
  expect(await (await visit('/gaps')).text()).toContain('/sign-in')
})

test('signing out needs the page’s own form', async () => {
  const { jar, visit } = await signIn('manager', '/')
  const form = { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' } }
  expect((await visit('/sign-out', { ...form, body: 'csrf=guess' })).status).toBe(403)
  expect((await visit('/sign-out', { ...form, body: '' })).status).toBe(403)
  expect(jar.has('academy_session')).toBe(true)

  const csrf = /name="csrf" value="([^"]+)"/.exec(await (await visit('/gaps')).text())?.[1] ?? ''
  const elsewhere = { ...form, headers: { ...form.headers, 'sec-fetch-site': 'cross-site' } }
  expect((await visit('/sign-out', { ...elsewhere, body: new URLSearchParams({ csrf }) })).status).toBe(403)
  expect((await visit('/sign-out', { ...form, body: new URLSearchParams({ csrf }) })).status).toBe(303)
  expect(jar.has('academy_session')).toBe(false)
})

test('a form made for one browser is worth nothing in another', async () => {
  const first = await signIn('manager', '/')
  const second = await signIn('manager', '/')
  const csrf = /name="csrf" value="([^"]+)"/.exec(await (await first.visit('/gaps')).text())?.[1] ?? ''
  const body = new URLSearchParams({ csrf })
  expect((await second.visit('/sign-out', { method: 'POST', body })).status).toBe(403)
})

test('the sign-in page speaks French when asked', async () => {
  const { follow } = browser()
  const { response } = await follow('/sign-in?lang=fr')
  expect(await response.text()).toContain('Se connecter')
})

test('an access token for scripts is the real thing', async () => {
  const token = await (await fetch(`${server.url}/dev/token?as=learner`)).text()
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: '{"query":"{ viewer { roles learner { givenName } institution { slug } } }"}',
  })
  expect(await response.json()).toEqual({
    data: {
      viewer: { roles: ['learner'], learner: { givenName: 'Ada' }, institution: { slug: 'north-lake' } },
    },
  })
})

test('an account that does not exist has no token', async () => {
  expect((await fetch(`${server.url}/dev/token?as=root`)).status).toBe(404)
})

/** One request with a Host of one's own choosing, as a name that resolves to 127.0.0.1 would send it. */
async function withHost(host: string, path: string): Promise<number> {
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
  socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
  let answer = ''
  for await (const part of socket) answer += String(part)
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1])
}

test.each(['/dev/token?as=registrar', '/oidc/.well-known/openid-configuration'])(
  '%s answers no page that reached this machine by another name',
  async (path) => {
    expect(await withHost('evil.example', path)).toBe(403)
    expect(await withHost('127.0.0.1', path)).toBe(200)
  },
)

test('it is alive and ready, and says with which ontology', async () => {
  expect(await (await fetch(`${server.url}/healthz`)).json()).toEqual({ status: 'ok' })
  const ready = await fetch(`${server.url}/readyz`)
  expect(await ready.json()).toEqual({
    status: 'ready',
    ontology: server.ports.ontology.version,
    seals: { good: 3, expiring: 0, unusable: 0 },
  })
})

test('every answer carries its request’s id and the headers that keep a browser safe', async () => {
  for (const path of ['/', '/nothing-here', '/healthz', '/skills']) {
    const { headers } = await fetch(`${server.url}${path}`)
    expect(headers.get('x-request-id'), path).toMatch(/^[0-9a-f-]{36}$/)
    expect(headers.get('content-security-policy'), path).toMatch(/default-src 'none'/)
    expect(headers.get('x-content-type-options'), path).toBe('nosniff')
    expect(headers.get('x-frame-options'), path).toBe('DENY')
  }
})

test('a second server on the same DATA_DIR is refused, and the first goes on', async () => {
  const { code, output } = await start({ PORT: '0', DATA_DIR: join(folder, 'data') })
  expect(code).toBe(1)
  expect(output).toMatch(/DATA_DIR: .* is in use by another server \(process \d+\)/)
  expect(output).not.toMatch(/^ready$/m)
  expect((await fetch(`${server.url}/readyz`)).status).toBe(200)
})

/** Starting in this process with these settings; what it throws is what `npm start` prints. */
async function refusedStart(environment: Record<string, string>): Promise<string> {
  const dataDir = join(folder, 'other')
  const work = async () =>
    startLocal(readSettings({ PORT: '0', DATA_DIR: dataDir, ...environment }), (line) => logged.push(line))
  const started = await work().catch((error: unknown) => String(error))
  if (typeof started === 'string') return started
  await started.stop()
  return 'it started'
}

test('a port that is taken is refused by its name', async () => {
  const { port } = new URL(server.url)
  expect(await refusedStart({ PORT: port })).toContain('PORT: another program')
})

test('wrong settings are refused by their names, all at once', async () => {
  expect(await refusedStart({ PORT: 'http', RECORDS: 'paper' })).toMatch(
    /PORT: must be a whole number\nRECORDS: must be sqlite or dynamodb/,
  )
})

test('a broken ontology keeps the academy from starting, and is told by file and key path', async () => {
  const broken = join(folder, 'ontology')
  cpSync('skills-ontology', broken, { recursive: true })
  const file = join(broken, 'modules.yaml')
  writeFileSync(file, readFileSync(file, 'utf8').replace(/eqfLevel: \d/, 'eqfLevel: 12'))
  expect(await refusedStart({ ONTOLOGY_DIR: broken })).toMatch(/modules\.yaml.*eqfLevel/)
})

test.each([
  ['in production', { NODE_ENV: 'production' }],
  ['behind a public address', { PUBLIC_URL: 'https://academy.example' }],
])('accounts without passwords do not exist %s', async (_title, environment) => {
  expect(await refusedStart(environment)).toContain('IDENTITY: the embedded provider has no passwords')
})

const entry = {
  issuer: 'https://a.example',
  audience: 'x',
  jwksUri: 'https://a.example/jwks',
  algorithms: ['ES256'],
  rolesClaim: ['roles'],
  roles: { staff: 'registrar' },
  tenant: { slug: 'north-lake' },
}

test.each([
  ['no file', undefined],
  ['not JSON', '{'],
  ['no issuers', JSON.stringify({ issuers: [] })],
  ['a key set over http', JSON.stringify({ issuers: [{ ...entry, jwksUri: 'http://a.example/jwks' }] })],
  ['no key set', JSON.stringify({ issuers: [{ ...entry, jwksUri: undefined }] })],
  [
    'an algorithm that is a shared secret',
    JSON.stringify({ issuers: [{ ...entry, algorithms: ['HS256'] }] }),
  ],
  ['a role we do not have', JSON.stringify({ issuers: [{ ...entry, roles: { staff: 'root' } }] })],
  ['a member nobody knows', JSON.stringify({ issuers: [{ ...entry, trustAll: true }] })],
])('an issuer register that cannot be used is refused: %s', async (_title, content) => {
  const file = join(folder, 'register.json')
  rmSync(file, { force: true })
  if (content !== undefined) writeFileSync(file, content)
  expect(await refusedStart({ IDENTITY: file })).toContain('IDENTITY: ')
})

test('with a register of issuers there are no invented accounts', async () => {
  const file = join(folder, 'register.json')
  writeFileSync(file, JSON.stringify({ issuers: [entry] }))
  const settings = readSettings({ PORT: '0', DATA_DIR: join(folder, 'third'), IDENTITY: file })
  const other = await startLocal(settings, (line) => logged.push(line))
  expect(other.accounts).toEqual([])
  expect((await fetch(`${other.url}/dev/token?as=registrar`)).status).toBe(404)
  expect((await fetch(`${other.url}/oidc/jwks`)).status).toBe(404)
  await other.stop()
})

test('behind a proxy that is trusted visitors are counted one by one, and otherwise all of them as one', async () => {
  const file = join(folder, 'register.json')
  writeFileSync(file, JSON.stringify({ issuers: [entry] }))
  const statuses = async (more: Record<string, string>) => {
    const settings = readSettings({ PORT: '0', IDENTITY: file, RATE_LIMIT_PAGES: '2', ...more })
    const other = await startLocal(settings, (line) => logged.push(line))
    const ask = async (forwardedFor: string) =>
      (await fetch(`${other.url}/nowhere`, { headers: { 'x-forwarded-for': forwardedFor } })).status
    const answers = []
    for (const last of [1, 1, 1, 2]) answers.push(await ask(`192.0.2.${answers.length}, 198.51.100.${last}`))
    await other.stop()
    return answers
  }
  const trusting = { DATA_DIR: join(folder, 'behind-proxy'), TRUSTED_PROXIES: '127.0.0.0/8, ::1' }
  expect(await statuses(trusting)).toEqual([404, 404, 429, 404])
  expect(await statuses({ DATA_DIR: join(folder, 'behind-proxy') })).toEqual([404, 404, 429, 429])
})

test.each([
  ['no file', undefined],
  ['a certificate that is none', 'anchors: [{ name: X, certificate: AAAA, types: [t] }]'],
  ['no YAML', '{{'],
])('a trust file that cannot be used is refused: %s', async (_title, content) => {
  const file = join(folder, 'trust.yaml')
  rmSync(file, { force: true })
  if (content !== undefined) writeFileSync(file, content)
  expect(await refusedStart({ TRUST_FILE: file })).toContain('TRUST_FILE: ')
})

test('nothing went wrong on our side in all of this', () => {
  const usual = ['request', 'analytics-query']
  expect(logged.filter((line) => !usual.includes((line as { event: string }).event))).toEqual([])
})
