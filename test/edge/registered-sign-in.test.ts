import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { guardedFetch } from '#adapters/outbound/guarded-fetch.ts'
import { registeredIdentity } from '#functions/registered-identity.ts'
import { northLake } from '#functions/seed/institutions.ts'
import { createApp } from '#http/app.ts'
import { world } from '#test/support/world.ts'
import { outsideIssuer } from './outside-issuer.ts'

const publicUrl = 'https://academy.example'
const secret = 'a secret+with/odd characters %'

type Method = 'none' | 'client_secret_basic' | 'client_secret_post'

/** An academy at which one signs in elsewhere. */
async function academy(method: Method, change: object = {}, more: object[] = []) {
  // Tokens of a real provider bear the real time.
  const ports = await world({ now: new Date().toISOString(), settings: { publicUrl } })
  const issuer = await outsideIssuer({
    audience: publicUrl,
    redirectUri: `${publicUrl}/callback${more.length > 0 ? '/north-lake' : ''}`,
    method,
    ...(method === 'none' ? {} : { secret }),
  })
  const folder = mkdtempSync(join(tmpdir(), 'academy-register-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const entry = {
    issuer: issuer.issuer,
    audience: publicUrl,
    jwksUri: `${issuer.issuer}/jwks`,
    algorithms: ['ES256'],
    rolesClaim: ['realm_access', 'roles'],
    roles: { 'academy-registrar': 'registrar' },
    tenant: { slug: northLake.slug },
    signIn: {
      id: 'north-lake',
      name: { en: 'North Lake', fr: 'North Lake' },
      clientId: 'academy',
      authorizationEndpoint: `${issuer.issuer}/auth`,
      tokenEndpoint: `${issuer.issuer}/token`,
      clientAuthentication: method,
      ...(method === 'none' ? {} : { secretFile: join(folder, 'secret') }),
      ...change,
    },
  }
  writeFileSync(join(folder, 'secret'), `${secret}\n`)
  writeFileSync(join(folder, 'identity.json'), JSON.stringify({ issuers: [entry, ...more] }))
  const outbound = guardedFetch({ now: () => ports.clock.now(), mayConnect: () => true, ca: issuer.ca })
  const identity = registeredIdentity(join(folder, 'identity.json'), { ...ports, outbound })
  const app = createApp(ports, {
    ...identity,
    rateLimits: { graphql: 1000, wallet: 1000, pages: 1000, signIn: 1000, analytics: 1000 },
    production: true,
    log: () => {},
  })
  const jar = new Map<string, string>()
  const open = async (path: string) => {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await app.request(`${publicUrl}${path}`, { headers: { accept: 'text/html', cookie } })
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      jar.set(name, value)
    }
    return answer
  }
  return { open, issuer, jar }
}

test.each(['none', 'client_secret_basic', 'client_secret_post'] as const)(
  'who signs in at a registered issuer (client authentication %s) comes back as who they are there',
  async (method) => {
    const { open, issuer } = await academy(method)
    const away = await open('/sign-in?return=/me')
    expect(away.status).toBe(303)
    const back = await issuer.signIn(away.headers.get('location') ?? '', 'rita')
    const answer = await open(`${back.pathname}${back.search}`)
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/me'])
    const page = await (await open('/me')).text()
    expect(page).toContain('/sign-out')
    expect(page).toContain('You are signed in as registrar')
  },
)

test('an answer that is not to our question, or of somebody else, signs nobody in', async () => {
  const { open, issuer, jar } = await academy('none')
  const away = await open('/sign-in')
  const back = await issuer.signIn(away.headers.get('location') ?? '', 'rita')
  const waiting = jar.get('academy_sign_in') ?? ''
  const again = async (change: (url: URL) => void) => {
    jar.set('academy_sign_in', waiting)
    const url = new URL(back)
    change(url)
    return (await open(`${url.pathname}${url.search}`)).status
  }
  expect(await again((url) => url.searchParams.set('state', 'other'))).toBe(401)
  expect(await again((url) => url.searchParams.set('iss', 'https://evil.example'))).toBe(401)
  expect(await again((url) => url.searchParams.set('code', 'other'))).toBe(401)
  expect(await again(() => {})).toBe(303)
})

test('a secret that is wrong signs nobody in and is told to nobody', async () => {
  const { open, issuer } = await academy('client_secret_basic', { secretFile: '/etc/hostname' })
  const away = await open('/sign-in')
  const back = await issuer.signIn(away.headers.get('location') ?? '', 'rita')
  const answer = await open(`${back.pathname}${back.search}`)
  expect(answer.status).toBe(401)
  expect(await answer.text()).not.toMatch(/invalid_client|hostname/)
})

const other = {
  issuer: 'https://other.example',
  audience: publicUrl,
  jwksUri: 'https://other.example/jwks',
  algorithms: ['ES256'],
  rolesClaim: ['roles'],
  roles: {},
  tenant: { slug: northLake.slug },
  signIn: {
    id: 'other',
    name: { en: 'The other one', fr: 'L’autre' },
    clientId: 'academy',
    authorizationEndpoint: 'https://other.example/auth?realm=x',
    tokenEndpoint: 'https://other.example/token',
    askForAudience: false,
  },
}

test('where there are several places to sign in, one is chosen', async () => {
  const { open } = await academy('none', {}, [other])
  const choice = await open('/sign-in?return=/me')
  expect(choice.status).toBe(200)
  const page = await choice.text()
  expect(page).toMatch(/North Lake[\s\S]*The other one/)
  expect(page).toContain('at=https%3A%2F%2Fother.example&amp;return=%2Fme')
  const away = new URL((await open('/sign-in?at=https%3A%2F%2Fother.example')).headers.get('location') ?? '')
  expect(Object.fromEntries(away.searchParams)).toMatchObject({
    realm: 'x',
    scope: 'openid',
    redirect_uri: `${publicUrl}/callback/other`,
  })
  expect(away.searchParams.has('resource')).toBe(false)
  expect((await open('/sign-in?at=https%3A%2F%2Fnobody.example')).status).toBe(404)
})

test('one of several issuers cannot pass on to another what was asked of it', async () => {
  const { open, issuer, jar } = await academy('none', {}, [other])
  // Somebody wanted to sign in at the other one, which sends them on to North Lake with our own question.
  const asked = new URL((await open('/sign-in?at=https%3A%2F%2Fother.example')).headers.get('location') ?? '')
  const passedOn = new URL(`${issuer.issuer}/auth${asked.search}`)
  passedOn.searchParams.set('redirect_uri', `${publicUrl}/callback/north-lake`)
  passedOn.searchParams.set('resource', publicUrl)
  const back = await issuer.signIn(passedOn.href, 'rita')
  back.searchParams.delete('iss')
  const waiting = jar.get('academy_sign_in') ?? ''
  expect((await open(`${back.pathname}${back.search}`)).status).toBe(401)
  expect(await (await open('/me')).text()).not.toContain('/sign-out')

  // Asked for at its own place, the same person signs in, though the answer does not say whose it is.
  const own = await open(`/sign-in?at=${encodeURIComponent(issuer.issuer)}`)
  expect(jar.get('academy_sign_in')).not.toBe(waiting)
  const answer = await issuer.signIn(own.headers.get('location') ?? '', 'rita')
  answer.searchParams.delete('iss')
  expect((await open(`${answer.pathname}${answer.search}`)).status).toBe(303)
})

test.each([[undefined], ['other'], ['Not/A/Path']])(
  'where several sign people in, %s is no id of one of them',
  async (id) => {
    await expect(academy('none', { id }, [other])).rejects.toThrow(/IDENTITY: issuers\.[01]\.signIn\.id/)
  },
)
