import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { deflateSync, gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { nodePrimitives } from '#adapters/node-crypto/primitives.ts'

const primitives = nodePrimitives()
const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const jwk = publicKey.export({ format: 'jwk' }) as { kty: string; crv: string; x: string; y: string }
const message = Buffer.from('what is signed')
const raw = (text: Uint8Array) => sign('sha256', text, { key: privateKey, dsaEncoding: 'ieee-p1363' })

test('a signature as r‖s is accepted for its message and no other', async () => {
  const key = await primitives.importEs256(jwk)
  expect(await primitives.verifyEs256(key, message, raw(message))).toBe(true)
  expect(await primitives.verifyEs256(key, Buffer.from('another'), raw(message))).toBe(false)
})

test('a signature by another key is not accepted', async () => {
  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' })
  const key = await primitives.importEs256(other as typeof jwk)
  expect(await primitives.verifyEs256(key, message, raw(message))).toBe(false)
})

test.each([0, 63, 65, 72])('a signature of %i bytes is not accepted and does not throw', async (length) => {
  const key = await primitives.importEs256(jwk)
  expect(await primitives.verifyEs256(key, message, new Uint8Array(length))).toBe(false)
})

test('a signature of zeros is not accepted (CVE-2022-21449)', async () => {
  expect(await primitives.verifyEs256(await primitives.importEs256(jwk), message, new Uint8Array(64))).toBe(
    false,
  )
})

test.each([
  [
    'another curve',
    { ...generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey.export({ format: 'jwk' }) },
  ],
  ['an RSA key', { kty: 'RSA', n: 'AQAB', e: 'AQAB' }],
  ['a point off the curve', { ...jwk, y: jwk.x }],
  ['a secret', { kty: 'oct', k: 'c2VjcmV0' }],
])('%s is refused as a key', async (_what, bad) => {
  await expect((async () => primitives.importEs256(bad as typeof jwk))()).rejects.toThrow()
})

test('SHA-256 agrees with the published example', async () => {
  // FIPS 180-4, "abc".
  const expected = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'
  expect(Buffer.from(await primitives.sha256('abc'), 'base64url').toString('hex')).toBe(expected)
  expect(createHash('sha256').update('abc').digest('hex')).toBe(expected)
})

test('what inflates past the limit is refused before it fills the memory', async () => {
  const bomb = new Uint8Array(1_000_000)
  expect(await primitives.inflate(deflateSync(bomb), 1_000_000)).toHaveLength(1_000_000)
  await expect((async () => primitives.inflate(deflateSync(bomb), 999_999))()).rejects.toThrow()
  await expect((async () => primitives.gunzip(gzipSync(bomb), 999_999))()).rejects.toThrow()
  await expect((async () => primitives.inflate(gzipSync(bomb), 1_000_000))()).rejects.toThrow()
})
