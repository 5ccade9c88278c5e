import * as jose from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readSeal, sealedCredential } from '#core/edc/read-seal.ts'
import { type SealAlgorithm, type SealKey, sealAlgorithms } from '#core/edc/seal.ts'
import { verifySealSignature } from '#core/edc/verify-seal.ts'
import { Malformed } from '#core/jose/malformed.ts'
import { sealSample, tampered } from './sealing.ts'
import { type TestAuthority, testAuthority } from './test-authority.ts'

let authority: TestAuthority
const keys = {} as Record<SealAlgorithm, ReturnType<TestAuthority['seal']>>
let sealed: string

beforeAll(async () => {
  authority = testAuthority()
  for (const alg of sealAlgorithms) keys[alg] = authority.seal(alg)
  sealed = (await sealSample(keys.ES256)).text
}, 60_000)
afterAll(() => authority?.close())

const headerOf = (text: string): Record<string, unknown> =>
  jose.decodeProtectedHeader((JSON.parse(text) as { signatures: [{ protected: string }] }).signatures[0])

const isGenuine = async (text: string): Promise<boolean> => {
  const { signatures } = readSeal(text)
  const [signature] = signatures
  return signature !== undefined && (await verifySealSignature(signature))
}

describe('JAdES baseline B', () => {
  test.each(sealAlgorithms)('by %s verifies in jose and in our own reader', async (alg) => {
    const { text, level } = await sealSample(keys[alg])
    expect(level).toBe('JAdES-BASELINE-B')
    const file = JSON.parse(text) as jose.GeneralJWS
    const key = await jose.importX509(
      `-----BEGIN CERTIFICATE-----\n${keys[alg].x5c[0]}\n-----END CERTIFICATE-----`,
      alg,
    )
    await expect(jose.generalVerify(file, key)).resolves.toBeDefined()
    expect(await isGenuine(text)).toBe(true)
    const credential = sealedCredential(readSeal(text))
    expect(credential['type']).toEqual(['VerifiableCredential', 'EuropeanDigitalCredential'])
  })

  test('§5.1 carries the chain, the digest of the leaf, the time in whole seconds and the payload as it is', async () => {
    const now = new Date('2026-11-23T09:00:00.900Z')
    const { text } = await sealSample(keys.ES256, { now })
    expect(text.startsWith('{"payload":"{')).toBe(true)
    expect(headerOf(text)).toMatchObject({
      alg: 'ES256',
      typ: 'jose+json',
      cty: 'json',
      x5c: keys.ES256.x5c,
      iat: 1795424400,
      b64: false,
      crit: ['b64'],
    })
    expect(headerOf(text)['kid']).toMatch(/^M[A-Za-z0-9+/=]{60,}$/)
    expect(Object.keys(headerOf(text))).not.toContain('sigT')
  })

  test('writes the older signing time when asked to, and never both', async () => {
    const now = new Date('2026-11-23T09:00:00.900Z')
    const { text } = await sealSample(keys.ES256, { now, signingTime: 'sigT' })
    expect(headerOf(text)).toMatchObject({ sigT: '2026-11-23T09:00:00Z', crit: ['b64', 'sigT'] })
    expect(Object.keys(headerOf(text))).not.toContain('iat')
    expect(readSeal(text).signatures[0]?.claimedAt).toEqual(new Date('2026-11-23T09:00:00Z'))
    expect(await isGenuine(text)).toBe(true)
  })

  test('takes the issuer of the credential from the certificate', () => {
    const { issuer } = sealedCredential(readSeal(sealed)) as {
      issuer: { altLabel: object; legalName: object }
    }
    expect(issuer.altLabel).toEqual({ en: 'North Lake e-seal' })
    expect(issuer.legalName).toEqual({ en: 'North Lake University (fictional)' })
  })

  test('says whether the certificate claims to be qualified', async () => {
    expect((await sealSample(keys.ES256)).claimsQualifiedSeal).toBe(false)
    const qualified = await sealSample(authority.seal('ES256', { qualified: true }))
    expect(qualified.claimsQualifiedSeal).toBe(true)
    expect(qualified.text).not.toContain('does not claim to be a qualified certificate')
  })
})

describe('a key that may not seal', () => {
  test.each<[string, () => SealKey, string]>([
    ['expired', () => authority.seal('ES256', { notAfter: '20260101000000Z' }), 'has expired'],
    ['not valid yet', () => authority.seal('ES256', { notBefore: '20350101000000Z' }), 'is not valid yet'],
    ['for encryption only', () => authority.seal('RS256', { keyUsage: 'keyEncipherment' }), 'key usage'],
    [
      'of another body',
      () => authority.seal('ES256', { organizationIdentifier: 'VATFR-00000000000' }),
      'another legal identifier',
    ],
    ['of another country', () => authority.seal('ES256', { country: 'DE' }), 'another country'],
    ['without a certificate', () => ({ ...keys.ES256, x5c: [] }), 'not a readable X.509 certificate'],
    [
      'with a broken certificate',
      () => ({ ...keys.ES256, x5c: ['AAAA'] }),
      'not a readable X.509 certificate',
    ],
  ])('%s: refused, nothing is signed', async (_, make, why) => {
    let signed = 0
    const key = make()
    const counting: SealKey = {
      ...key,
      async sign(bytes) {
        signed++
        return key.sign(bytes)
      },
    }
    await expect(sealSample(counting)).rejects.toMatchObject({
      code: 'certificate_unusable',
      message: expect.stringContaining(why),
    })
    expect(signed).toBe(0)
  })

  test('a key that does not belong to the certificate is found out before anything is handed out', async () => {
    const mixed: SealKey = { ...keys.ES256, x5c: authority.seal('ES256').x5c }
    await expect(sealSample(mixed)).rejects.toThrow('does not belong to the certificate')
  })
})

function withSignature(text: string, change: (old: string) => string): string {
  return tampered(text, {
    file: ({ signatures }) => {
      for (const signature of signatures) signature.signature = change(signature.signature)
    },
  })
}

function withHeader(text: string, header: object): string {
  return tampered(text, { file: ({ signatures }) => Object.assign(signatures[0] ?? {}, { header }) })
}

const nest = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)

/** So many time stamps in each of the properties. */
const stamps = (...counts: number[]) =>
  counts.map((count) =>
    Buffer.from(JSON.stringify({ sigTst: { tstTokens: Array(count).fill({ val: 'AAAA' }) } })).toString(
      'base64url',
    ),
  )

describe('tampering', () => {
  test.each<[string, (text: string) => string]>([
    ['the payload', (text) => text.replace('87/100', '88/100')],
    ['one space in the payload', (text) => tampered(text, { file: (file) => (file.payload += ' ') })],
    ['the signing time', (text) => tampered(text, { header: (header) => (header['iat'] = 1) })],
    [
      'the end of the chain',
      (text) =>
        tampered(text, { header: (header) => (header['x5c'] = [headerOf(text)['x5c']].flat().slice(0, 1)) }),
    ],
    [
      'the signature',
      (text) => withSignature(text, (old) => `${old.startsWith('A') ? 'B' : 'A'}${old.slice(1)}`),
    ],
    ['a shorter signature', (text) => withSignature(text, (old) => old.slice(4))],
    ['the algorithm', (text) => tampered(text, { header: (header) => (header['alg'] = 'PS256') })],
  ])('with %s does not verify', async (_, change) => {
    expect(await isGenuine(sealed)).toBe(true)
    expect(await isGenuine(change(sealed))).toBe(false)
  })

  test.each<[string, (header: Record<string, unknown>) => void]>([
    ['no algorithm', (header) => (header['alg'] = 'none')],
    ['an HMAC', (header) => (header['alg'] = 'HS256')],
    ['an encoded payload', (header) => (header['b64'] = true)],
    ['no b64 in crit', (header) => (header['crit'] = [])],
    ['an unknown critical header', (header) => (header['crit'] = ['b64', 'sigD'])],
    ['a critical header that is absent', (header) => (header['crit'] = ['b64', 'sigT'])],
    ['both signing times', (header) => (header['sigT'] = '2026-11-23T09:00:00Z')],
    ['no signing time', (header) => delete header['iat']],
    ['a signing time in text', (header) => (header['iat'] = '1795424400')],
    ['no certificate', (header) => delete header['x5c']],
    ['too many certificates', (header) => (header['x5c'] = Array(11).fill('AAAA'))],
    ['a large certificate', (header) => (header['x5c'] = [keys.ES256.x5c[0], 'A'.repeat(8196)])],
    ['the digest of another certificate', (header) => (header['x5t#S256'] = 'A'.repeat(43))],
    ['another certificate', (header) => (header['x5c'] = keys.RS256.x5c)],
  ])('a header with %s is not read', (_, header) => {
    expect(() => readSeal(tampered(sealed, { header }))).toThrow(Malformed)
  })

  test.each<[string, (text: string) => string]>([
    ['a compact JWS', () => 'eyJhbGciOiJFUzI1NiJ9.e30.AAAA'],
    ['the payload last', (text) => JSON.stringify({ signatures: [], ...JSON.parse(text) })],
    [
      'the payload as an object',
      (text) => `{"payload":${(JSON.parse(text) as { payload: string }).payload},"signatures":[]}`,
    ],
    ['no signature', (text) => tampered(text, { file: (file) => (file.signatures = []) })],
    [
      'many signatures',
      (text) => tampered(text, { file: (file) => (file.signatures = Array(6).fill(file.signatures[0])) }),
    ],
    // The signature is over the last of the two; another reader might show the first.
    ['a payload before its payload', (text) => `{"payload":"{}",${text.slice(1)}`],
    ['its payload twice, written otherwise', (text) => `{"payload":"{}","p\\u0061yload"${text.slice(10)}`],
    ['a signature’s value twice', (text) => text.replace('"signature":', '"signature":"AAAA","signature":')],
    ['an algorithm beside the protected one', (text) => withHeader(text, { alg: 'none' })],
    ['certificates beside the protected ones', (text) => withHeader(text, { x5c: keys.RS256.x5c })],
    ['a deep nest of arrays', (text) => text.replace('"signatures":', `"x":${nest(40)},"signatures":`)],
    ['six time stamps', (text) => withHeader(text, { etsiU: stamps(3, 3) })],
    ['no JSON', () => '{"payload":"'],
    ['nothing', () => ''],
  ])('a file with %s is not read', (_, change) => {
    expect(() => readSeal(change(sealed))).toThrow(Malformed)
  })

  test.each([`{"type":[],"x":${nest(70)}}`, '{"type":"A","type":"B"}', '[]', '"text"'])(
    'a payload of %s is no credential',
    (payload) => {
      expect(() => sealedCredential({ payload, signatures: [] })).toThrow(Malformed)
    },
  )

  test('a file with five time stamps, white space and a header of its own is read', () => {
    const file = JSON.stringify(JSON.parse(withHeader(sealed, { etsiU: stamps(2, 3) })), undefined, 2)
    expect(readSeal(file).signatures[0]?.timeStamps).toHaveLength(5)
  })
})
