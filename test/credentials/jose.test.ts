import { createHash, generateKeyPairSync, randomBytes, sign, verify } from 'node:crypto'
import fc from 'fast-check'
import { CompactSign, calculateJwkThumbprint, compactVerify, exportJWK, importJWK } from 'jose'
import { describe, expect, test } from 'vitest'
import {
  fromBase64Url,
  portableFromBase64Url,
  portableToBase64Url,
  textToBase64Url,
  toBase64Url,
} from '#core/jose/base64url.ts'
import { derToRaw, rawToDer } from '#core/jose/ecdsa-signature.ts'
import { type PublicJwk, parsePublicJwk, thumbprint } from '#core/jose/jwk.ts'
import { parseJws, writeJws } from '#core/jose/jws.ts'
import { Malformed } from '#core/jose/malformed.ts'

const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const signRaw = (bytes: Uint8Array) => derToRaw(sign('sha256', bytes, privateKey))

function reasonOf(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    if (error instanceof Malformed) return error.reason
    throw error
  }
  return 'accepted'
}

describe('base64url', () => {
  test('both implementations agree with each other and read back what they wrote', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const text = toBase64Url(bytes)
        expect(portableToBase64Url(bytes)).toBe(text)
        expect(Buffer.from(fromBase64Url(text))).toEqual(Buffer.from(bytes))
        expect(Buffer.from(portableFromBase64Url(text))).toEqual(Buffer.from(bytes))
      }),
    )
  })

  test.each([
    ['padding', 'YQ=='],
    ['stray bits', 'YR'],
    ['the alphabet of base64', 'a+/b'],
    ['white space', 'YWJj\n'],
    ['a length that cannot be', 'YWJjZ'],
  ])('%s is refused by both implementations', (_what, text) => {
    expect(reasonOf(() => fromBase64Url(text))).toBe('not_base64url')
    expect(reasonOf(() => portableFromBase64Url(text))).toBe('not_base64url')
  })
})

describe('ECDSA signatures', () => {
  test('every DER signature of node:crypto becomes the r‖s that node:crypto verifies, and back', () => {
    for (let round = 0; round < 400; round++) {
      const bytes = randomBytes(round)
      const der = sign('sha256', bytes, privateKey)
      const raw = derToRaw(der)
      expect(verify('sha256', bytes, { key: publicKey, dsaEncoding: 'ieee-p1363' }, raw)).toBe(true)
      expect(Buffer.from(rawToDer(raw))).toEqual(der)
    }
  })

  test('any r‖s survives the way to DER and back', () => {
    const edges = fc.constantFrom(
      new Uint8Array(64),
      new Uint8Array(64).fill(255),
      new Uint8Array(64).fill(1, 31),
    )
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ minLength: 64, maxLength: 64 }), edges), (raw) => {
        expect(Buffer.from(derToRaw(rawToDer(raw)))).toEqual(Buffer.from(raw))
      }),
    )
  })

  test.each([
    ['nothing', ''],
    ['a wrong tag', '3106020101020101'],
    ['a wrong outer length', '3007020101020101'],
    ['a byte behind the end', '300602010102010100'],
    ['a negative integer', '3006020181020101'],
    ['an integer with a needless zero', '300702020001020101'],
    ['an integer of no bytes', '30050200020101'],
    ['an integer of 33 bytes', `302602210${'1'.repeat(65)}020101`],
    ['an integer that runs over the end', '3006020101020501'],
  ])('DER with %s is refused', (_what, hex) => {
    expect(reasonOf(() => derToRaw(Buffer.from(hex, 'hex')))).toBe('signature_length')
  })
})

describe('JWS', () => {
  const payload = { sub: 'é', n: 1 }

  test('jose verifies what we write', async () => {
    const token = await writeJws({ alg: 'ES256', typ: 'JWT' }, payload, signRaw)
    const verified = await compactVerify(token, publicKey, { algorithms: ['ES256'] })
    expect(JSON.parse(new TextDecoder().decode(verified.payload))).toEqual(payload)
    expect(verified.protectedHeader).toEqual({ alg: 'ES256', typ: 'JWT' })
  })

  test('we read what jose writes', async () => {
    const token = await new CompactSign(Buffer.from(JSON.stringify(payload)))
      .setProtectedHeader({ alg: 'ES256', kid: 'k' })
      .sign(await importJWK(privateKey.export({ format: 'jwk' }), 'ES256'))
    const parsed = parseJws(token)
    expect(parsed).toMatchObject({ header: { alg: 'ES256', kid: 'k' }, payload })
    const key = { key: publicKey, dsaEncoding: 'ieee-p1363' } as const
    expect(verify('sha256', parsed.signingInput, key, parsed.signature)).toBe(true)
  })

  const make = (header: unknown, body: unknown = payload, signature = randomBytes(64)) =>
    `${textToBase64Url(JSON.stringify(header))}.${textToBase64Url(JSON.stringify(body))}.${toBase64Url(signature)}`

  test.each([
    ['alg none', make({ alg: 'none' }), 'algorithm_not_allowed'],
    [
      'alg none without a signature',
      make({ alg: 'none' }, payload, Buffer.alloc(0)),
      'algorithm_not_allowed',
    ],
    ['an HMAC', make({ alg: 'HS256' }), 'algorithm_not_allowed'],
    ['another spelling of alg', make({ alg: 'es256' }), 'algorithm_not_allowed'],
    ['no alg', make({}), 'algorithm_not_allowed'],
    ['crit', make({ alg: 'ES256', crit: ['b64'], b64: false }), 'critical_header'],
    ['b64 false', make({ alg: 'ES256', b64: false }), 'critical_header'],
    ['a kid that is no text', make({ alg: 'ES256', kid: 1 }), 'header_invalid'],
    ['a header that is a list', make([]), 'not_json'],
    ['a payload that is a text', make({ alg: 'ES256' }, 'x'), 'not_json'],
    ['a short signature', make({ alg: 'ES256' }, payload, randomBytes(63)), 'signature_length'],
    [
      'a DER signature',
      make({ alg: 'ES256' }, payload, sign('sha256', Buffer.from('x'), privateKey)),
      'signature_length',
    ],
    ['two parts', 'e30.e30', 'not_compact'],
    ['four parts', `${make({ alg: 'ES256' })}.e30`, 'not_compact'],
    ['an empty payload', 'e30..e30', 'not_compact'],
    ['bytes that are not UTF-8', `${toBase64Url(Buffer.from([0xff]))}.e30.e30`, 'not_json'],
    ['padding', `${make({ alg: 'ES256' })}=`, 'not_base64url'],
  ])('a token with %s is refused', (_what, token, reason) => {
    expect(reasonOf(() => parseJws(token))).toBe(reason)
  })

  test('a token above the limit is refused before it is read', () => {
    expect(reasonOf(() => parseJws(make({ alg: 'ES256' }), { maxCharacters: 20 }))).toBe('too_large')
  })
})

describe('RFC 7638 keys', () => {
  test('the thumbprint is that of jose', async () => {
    const jwk = parsePublicJwk(await exportJWK(publicKey))
    const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest()
    expect(await thumbprint(jwk, sha256)).toBe(await calculateJwkThumbprint(jwk))
  })

  const jwk = publicKey.export({ format: 'jwk' }) as unknown as PublicJwk
  test('only the four public members are kept', () => {
    expect(parsePublicJwk({ ...jwk, kid: 'x', use: 'sig', alg: 'ES256' })).toEqual(jwk)
  })

  test.each([
    ['nothing', null],
    ['a list', []],
    ['a private key', privateKey.export({ format: 'jwk' })],
    ['a secret', { kty: 'oct', k: 'YQ' }],
    ['another curve', { ...jwk, crv: 'P-384' }],
    ['an RSA key', { kty: 'RSA', n: 'YQ', e: 'AQAB' }],
    ['a short coordinate', { ...jwk, x: 'YQ' }],
    ['a coordinate that is no text', { ...jwk, y: 5 }],
  ])('%s is refused', (_what, input) => {
    expect(reasonOf(() => parsePublicJwk(input))).toBe('key_not_supported')
  })
})
