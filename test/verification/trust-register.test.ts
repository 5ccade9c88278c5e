import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { didWebDocumentUrl } from '#core/verification/did-web.ts'
import { emptyTrustRegister, parseTrustRegister } from '#core/verification/trust-register.ts'
import { certify } from './foreign-issuer.ts'

const now = new Date('2026-11-23T09:00:00Z')
const types = ['https://college.example/vct/diploma']

test('an empty file trusts nobody', () => {
  expect(parseTrustRegister(parse(''))).toEqual(emptyTrustRegister)
  expect(parseTrustRegister({})).toEqual(emptyTrustRegister)
})

test('an anchor may be written as PEM or as base64', async () => {
  const { certificate } = await certify('Root', { ca: true, now })
  const pem = `-----BEGIN CERTIFICATE-----\n${certificate.replace(/(.{64})/g, '$1\n')}\n-----END CERTIFICATE-----\n`
  for (const written of [certificate, pem]) {
    const { anchors } = parseTrustRegister({ anchors: [{ name: 'Root', certificate: written, types }] })
    expect(anchors).toEqual([{ name: 'Root', certificate, types }])
  }
})

test.each<[string, string, () => unknown]>([
  ['a text', 'input', () => 'x'],
  ['a list', 'input', () => []],
  ['an unknown member', 'input', () => ({ anchor: [] })],
  [
    'an anchor without types',
    'anchors.0.types',
    () => ({ anchors: [{ name: 'a', certificate: 'x', types: [] }] }),
  ],
  [
    'a certificate that is none',
    'anchors.0.certificate',
    () => ({ anchors: [{ name: 'a', certificate: 'AAAA', types }] }),
  ],
  ['a did of another method', 'dids.0.did', () => ({ dids: [{ name: 'a', did: 'did:key:z6Mk', types }] })],
  ['a did of an address', 'dids.0.did', () => ({ dids: [{ name: 'a', did: 'did:web:127.0.0.1', types }] })],
])('%s is refused by its path', (_what, field, make) => {
  expect(() => parseTrustRegister(make())).toThrow(expect.objectContaining({ code: 'invalid_input', field }))
})

test('the certificate of an end entity is no anchor', async () => {
  const { certificate } = await certify('College', { uri: 'https://college.example', now })
  expect(() => parseTrustRegister({ anchors: [{ name: 'a', certificate, types }] })).toThrow(
    'is not a CA certificate',
  )
})

test.each([
  ['did:web:college.example', 'https://college.example/.well-known/did.json'],
  ['did:web:college.example:institutions:north', 'https://college.example/institutions/north/did.json'],
  ['did:web:college.example%3A8443:a', 'https://college.example:8443/a/did.json'],
])('%s is read at %s', (did, url) => {
  expect(didWebDocumentUrl(did)).toBe(url)
})

test.each([
  'did:web:',
  'did:web:college.example:',
  'did:web:college.example::a',
  'did:web:college.example:..:a',
  'did:web:college.example:%2e%2e',
  'did:web:college.example%2Fa',
  'did:web:user@college.example',
  'did:web:10.0.0.1',
  'did:web:college.example#key',
  'did:web:college.example?x=1',
  'https://college.example',
])('%s has no address', (did) => {
  expect(didWebDocumentUrl(did)).toBeUndefined()
})

test('verification imports no platform module', () => {
  // The offline file bundles these: a platform module among their imports would break it.
  const files = [
    'verify-credential',
    'status',
    'holder',
    'issuer-key',
    'type-and-times',
    'facts',
    'certificate-chain',
    'x509',
    'did-web',
  ]
  for (const file of files) {
    const source = readFileSync(new URL(`../../core/verification/${file}.ts`, import.meta.url), 'utf8')
    expect(source, file).not.toMatch(/from 'node:/)
  }
})
