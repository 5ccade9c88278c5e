import { generateKeyPair, SignJWT } from 'jose'
import { expect, test } from 'vitest'
import { type Academy, academy, publicUrl } from './academy.ts'

const now = '2026-11-23T09:00:00.000Z'
const nowSeconds = Math.floor(Date.parse(now) / 1000)
const text = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

const header = { alg: 'ES256', typ: 'at+jwt' }
const claims = {
  iss: `${publicUrl}/oidc`,
  aud: publicUrl,
  sub: 'registrar',
  iat: nowSeconds,
  exp: nowSeconds + 600,
  roles: ['registrar'],
  institution: 'north-lake',
}

async function viewer({ graphql }: Academy, token: string) {
  const { status, data, errors, headers } = await graphql('{ viewer { roles institution { slug } } }', {
    token,
  })
  return { status, data, code: errors?.[0]?.extensions?.code, challenge: headers.get('www-authenticate') }
}

/** A well-made token of the embedded provider with some parts changed, signed by its real key. */
function signedByProvider(edge: Academy, change: { header?: object; claims?: object }) {
  return edge.sign({ ...header, ...change.header }, { ...claims, ...change.claims })
}

test('a token of the register opens the account’s own institution', async () => {
  const edge = await academy({ now })
  expect(await viewer(edge, await edge.tokenOf('registrar-b'))).toMatchObject({
    status: 200,
    data: { viewer: { roles: ['registrar'], institution: { slug: 'institut-du-port' } } },
  })
})

test('without a token there is no viewer, and the catalogue is open', async () => {
  const { graphql } = await academy()
  const { data, errors } = await graphql('{ viewer { roles } ontology { version } }')
  expect(errors).toBeUndefined()
  expect(data).toMatchObject({ viewer: null, ontology: { version: expect.any(String) } })
})

test('an expired token is told apart from a wrong one', async () => {
  const edge = await academy({ now })
  const token = await edge.tokenOf('registrar')
  edge.ports.clock.set('2026-11-23T10:00:06.000Z')
  expect(await viewer(edge, token)).toEqual({
    status: 401,
    data: undefined,
    code: 'token_expired',
    challenge: 'Bearer error="invalid_token"',
  })
})

test.each([
  ['signed by another key', async () => signWith((await generateKeyPair('ES256')).privateKey, header)],
  ['alg none', async () => `${text({ ...header, alg: 'none' })}.${text(claims)}.`],
  ['alg none with a signature', async () => `${text({ ...header, alg: 'none' })}.${text(claims)}.AAAA`],
  ['HS256 under the public key', async (edge: Academy) => hs256UnderPublicKey(edge)],
  [
    'an unknown issuer',
    async () =>
      signWith((await generateKeyPair('ES256')).privateKey, header, { iss: 'https://evil.example' }),
  ],
  ['not a token', async () => 'not-a-token'],
  ['three dots', async () => '...'],
  ['a token of 9,000 characters', async () => 'a'.repeat(9000)],
  [
    'another audience',
    (edge: Academy) => signedByProvider(edge, { claims: { aud: 'https://elsewhere.example' } }),
  ],
  ['no audience', (edge: Academy) => signedByProvider(edge, { claims: { aud: undefined } })],
  ['an ID token', (edge: Academy) => signedByProvider(edge, { header: { typ: 'JWT' } })],
  ['no type', (edge: Academy) => signedByProvider(edge, { header: { typ: undefined } })],
  ['no expiry', (edge: Academy) => signedByProvider(edge, { claims: { exp: undefined } })],
  ['no subject', (edge: Academy) => signedByProvider(edge, { claims: { sub: undefined } })],
  ['not valid yet', (edge: Academy) => signedByProvider(edge, { claims: { nbf: nowSeconds + 60 } })],
  [
    'an institution that is not registered',
    (edge: Academy) => signedByProvider(edge, { claims: { institution: 'evil' } }),
  ],
  [
    'an institution as a list',
    (edge: Academy) => signedByProvider(edge, { claims: { institution: ['north-lake'] } }),
  ],
  [
    'an inherited name as institution',
    (edge: Academy) => signedByProvider(edge, { claims: { institution: 'constructor' } }),
  ],
  [
    'an unknown critical header',
    (edge: Academy) => signedByProvider(edge, { header: { crit: ['x'], x: 1 } }),
  ],
])('refused with 401 and a stable code: %s', async (_title, make) => {
  const edge = await academy({ now })
  expect(await viewer(edge, await make(edge))).toMatchObject({ status: 401, code: 'token_invalid' })
})

test.each(['Basic dXNlcjpwYXNz', 'Bearer', 'Bearer  two  parts', 'bearer ünïcode'])(
  'an Authorization header of another form is refused: %s',
  async (authorization) => {
    const { authenticator } = await academy()
    await expect(authenticator.actorOf(authorization)).rejects.toMatchObject({ code: 'token_invalid' })
  },
)

test.each([
  [['registrar', 'root', 7, null], ['registrar']],
  [['constructor', '__proto__'], []],
  ['registrar', ['registrar']],
  [{ registrar: true }, []],
  [undefined, []],
])('roles %j give %j: names that are not registered give nothing', async (roles, expected) => {
  const edge = await academy({ now })
  const token = await signedByProvider(edge, { claims: { roles } })
  expect(await viewer(edge, token)).toMatchObject({ status: 200, data: { viewer: { roles: expected } } })
})

async function signWith(
  key: Parameters<SignJWT['sign']>[0],
  protectedHeader: { alg: string },
  more: object = {},
) {
  return new SignJWT({ ...claims, ...more }).setProtectedHeader(protectedHeader).sign(key)
}

async function hs256UnderPublicKey({ providerKey: { d: _private, ...publicKey } }: Academy) {
  return signWith(Buffer.from(JSON.stringify(publicKey)), { ...header, alg: 'HS256' })
}
