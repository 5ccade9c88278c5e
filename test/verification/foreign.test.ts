import { createHmac, webcrypto } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import 'reflect-metadata'
import { KeyUsageFlags } from '@peculiar/x509'
import { beforeAll, describe, expect, test } from 'vitest'
import { nodePrimitives } from '#adapters/node-crypto/primitives.ts'
import { writeJws } from '#core/jose/jws.ts'
import type { Ports } from '#core/ports.ts'
import { disclosable } from '#core/sd-jwt/write-sd-jwt.ts'
import { parseTrustRegister } from '#core/verification/trust-register.ts'
import type { CheckName, Verification } from '#core/verification/verification.ts'
import {
  type VerifyOptions,
  type VerifyPorts,
  verifyCredential,
} from '#core/verification/verify-credential.ts'
import {
  bitstringUri,
  type CertifiedPair,
  certify,
  didDocument,
  foreignDid,
  foreignIssuer,
  foreignJwtVc,
  foreignSdJwt,
  foreignVct,
  type KeyPair,
  makeKeyPair,
  outsideWorld,
  revocationListOf,
  statusList,
  statusUri,
} from './foreign-issuer.ts'

const now = new Date('2026-11-23T09:00:00Z')
const later = (milliseconds: number) => new Date(now.getTime() + milliseconds)
const primitives = nodePrimitives()
let root: CertifiedPair
let middle: CertifiedPair
let leaf: CertifiedPair
let x5c: string[]
let trust: Ports['trust']
const didKey = makeKeyPair()

beforeAll(async () => {
  root = await certify('Root', { ca: true, now })
  middle = await certify('Middle', { ca: true, parent: root, now })
  leaf = await certify('College', { parent: middle, uri: foreignIssuer, now })
  x5c = [leaf.certificate, middle.certificate]
  trust = parseTrustRegister({
    anchors: [{ name: 'Ministry of Learning', certificate: root.certificate, types: [foreignVct] }],
    dids: [{ name: 'The College', did: foreignDid, types: ['Diploma'] }],
  })
})

async function verify(
  text: string,
  {
    answers = {},
    at = now,
    trusting = trust,
    ...options
  }: VerifyOptions & {
    answers?: Record<string, string | { status: number }>
    at?: Date
    trusting?: Ports['trust']
  } = {},
): Promise<Verification> {
  const ports: VerifyPorts = {
    clock: { now: () => at },
    primitives,
    trust: trusting,
    outbound: outsideWorld({
      [`https://college.example/.well-known/did.json`]: didDocument(didKey.jwk),
      ...answers,
    }),
    settings: { publicUrl: 'https://academy.example' } as Ports['settings'],
    // Nobody here is one of ours.
    signers: { anchors: async () => [], published: async () => [] } as unknown as Ports['signers'],
    store: {
      findInstitutionBySlug: async () => undefined,
      findStanding: async () => undefined,
      findInstitution: async () => undefined,
      findAward: async () => undefined,
    },
    seals: { signingTime: 'iat' },
  }
  return verifyCredential(text, options, ports)
}

const failing = (check: CheckName, code: string) => ({
  verified: false,
  failedCheck: check,
  checks: expect.arrayContaining([expect.objectContaining({ name: check, code })]),
})

describe('a credential of a trusted foreign issuer', () => {
  test('verifies under its certificate chain; every check is named in its order', async () => {
    const verdict = await verify(await foreignSdJwt(leaf, x5c, now))
    expect(verdict.checks.map(({ name, state }) => `${name} ${state}`)).toEqual([
      'shape passed',
      'algorithm passed',
      'issuer-key passed',
      'certificate-status not-run',
      'signature passed',
      'type passed',
      'times passed',
      'issuer-entitled passed',
      'disclosures passed',
      'holder not-run',
      'status not-run',
    ])
    expect(verdict).toMatchObject({
      verified: true,
      outcome: 'valid',
      holderProven: false,
      issuer: { id: foreignIssuer, name: { en: 'Ministry of Learning' }, trust: 'register' },
      facts: {
        title: 'Diploma of Foreign Things',
        holder: { givenName: 'Grace', familyName: 'Example' },
        hidden: 0,
      },
    })
  })

  test('verifies under its allow-listed did:web', async () => {
    const verdict = await verify(await foreignJwtVc(didKey, now))
    expect(verdict).toMatchObject({ verified: true, format: 'jwt_vc_json', issuer: { id: foreignDid } })
  })

  test('may leave out iss when its certificate names it', async () => {
    const text = await foreignSdJwt(leaf, x5c, now, { payload: { iss: undefined } })
    expect(await verify(text)).toMatchObject({ verified: true, issuer: { id: foreignIssuer } })
  })

  test('may wrap its lines in a mail', async () => {
    const text = await foreignSdJwt(leaf, x5c, now)
    expect(await verify(` ${text.replace(/(.{72})/g, '$1\r\n')}\n`)).toMatchObject({ verified: true })
  })

  test('shows less when its holder hides a claim, and still verifies', async () => {
    const parts = (await foreignSdJwt(leaf, x5c, now)).split('~')
    const verdict = await verify([parts[0], ...parts.slice(2)].join('~'))
    expect(verdict).toMatchObject({ verified: true, facts: { hidden: 1 } })
  })
})

describe('the issuer’s key', () => {
  test.each<[string, string, () => Promise<string[]> | string[]]>([
    [
      'no chain to an anchor',
      'anchor_unknown',
      async () => {
        const other = await certify('Root', { ca: true, now })
        return [
          (await certify('College', { parent: other, uri: foreignIssuer, now, pair: leaf })).certificate,
        ]
      },
    ],
    [
      'a self-signed leaf',
      'certificate_self_signed',
      async () => [(await certify('College', { uri: foreignIssuer, now, pair: leaf })).certificate],
    ],
    ['the anchor sent along', 'certificate_self_signed', () => [...x5c, root.certificate]],
    ['five certificates', 'chain_too_long', () => [...x5c, ...x5c, leaf.certificate]],
    [
      'a leaf for another issuer',
      'certificate_names_another',
      async () => [
        (await certify('College', { parent: middle, uri: 'https://elsewhere.example', now, pair: leaf }))
          .certificate,
        middle.certificate,
      ],
    ],
    [
      'a leaf that has run out',
      'certificate_outside_validity',
      async () => [
        (
          await certify('College', {
            parent: middle,
            uri: foreignIssuer,
            now,
            pair: leaf,
            notAfter: later(-1000),
          })
        ).certificate,
        middle.certificate,
      ],
    ],
    [
      'a leaf not valid yet',
      'certificate_outside_validity',
      async () => [
        (
          await certify('College', {
            parent: middle,
            uri: foreignIssuer,
            now,
            pair: leaf,
            notBefore: later(60_000),
          })
        ).certificate,
        middle.certificate,
      ],
    ],
    [
      'a leaf below another leaf',
      'certificate_usage_wrong',
      async () => [
        (await certify('Deputy', { parent: leaf, uri: foreignIssuer, now, pair: leaf })).certificate,
        ...x5c,
      ],
    ],
    [
      'a CA as the leaf',
      'certificate_usage_wrong',
      async () => [
        (await certify('College', { parent: middle, ca: true, uri: foreignIssuer, now, pair: leaf }))
          .certificate,
        middle.certificate,
      ],
    ],
    [
      'a leaf that may not sign',
      'certificate_usage_wrong',
      async () => [
        (
          await certify('College', {
            parent: middle,
            uri: foreignIssuer,
            now,
            pair: leaf,
            usage: KeyUsageFlags.keyAgreement,
          })
        ).certificate,
        middle.certificate,
      ],
    ],
    [
      'an intermediate that may not certify',
      'certificate_usage_wrong',
      async () => {
        const weak = await certify('Weak', { ca: true, parent: root, usage: KeyUsageFlags.cRLSign, now })
        return [
          (await certify('College', { parent: weak, uri: foreignIssuer, now, pair: leaf })).certificate,
          weak.certificate,
        ]
      },
    ],
    [
      'a path longer than its CA allows',
      'certificate_usage_wrong',
      async () => {
        const short = await certify('Short', { ca: true, pathLength: 0, parent: root, now })
        const below = await certify('Below', { ca: true, parent: short, now })
        const end = await certify('College', { parent: below, uri: foreignIssuer, now, pair: leaf })
        return [end.certificate, below.certificate, short.certificate]
      },
    ],
    [
      'an intermediate of the same name with another key',
      'chain_broken',
      async () => {
        const imposter = await certify('Middle', { ca: true, parent: root, now })
        return [leaf.certificate, imposter.certificate]
      },
    ],
    ['a chain out of order', 'certificate_usage_wrong', () => [middle.certificate, leaf.certificate]],
    ['a certificate that is none', 'certificate_unreadable', () => ['AAAA']],
    ['no certificate at all', 'chain_missing', () => []],
  ])('%s is refused', async (_what, code, chain) => {
    const verdict = await verify(await foreignSdJwt(leaf, await chain(), now))
    expect(verdict).toMatchObject({ ...failing('issuer-key', code), outcome: 'foreign-issuer' })
    expect(verdict.facts).toBeUndefined()
    expect(verdict.issuer).toBeUndefined()
  })

  test('a good certificate beside a signature by another key is refused', async () => {
    const text = await foreignSdJwt(leaf, x5c, now, { sign: makeKeyPair().sign })
    expect(await verify(text)).toMatchObject({
      ...failing('signature', 'signature_wrong'),
      outcome: 'tampered',
    })
  })

  test('a key in the header is never believed', async () => {
    const own = makeKeyPair()
    const text = await foreignSdJwt(own, x5c, now, {
      header: { jwk: own.jwk, jku: 'https://evil.example', x5u: 'https://evil.example' },
    })
    expect(await verify(text)).toMatchObject(failing('signature', 'signature_wrong'))
    const without = await foreignJwtVc(own, now, { header: { jwk: own.jwk } })
    expect(await verify(without)).toMatchObject(failing('signature', 'signature_wrong'))
  })

  test.each<[string, string, Parameters<typeof foreignJwtVc>[2]]>([
    ['an issuer nobody listed', 'issuer_not_trusted', { payload: { iss: 'did:web:stranger.example' } }],
    ['an https issuer without a chain', 'issuer_not_trusted', { payload: { iss: foreignIssuer } }],
    ['a kid of another did', 'key_of_another', { header: { kid: 'did:web:stranger.example#key-1' } }],
    ['a kid the document does not have', 'key_not_published', { header: { kid: `${foreignDid}#key-2` } }],
    ['no kid', 'key_not_named', { header: { kid: undefined } }],
    ['no issuer', 'issuer_missing', { payload: { iss: undefined } }],
    ['an issuer that is no text', 'issuer_missing', { payload: { iss: 7 } }],
  ])('%s is refused', async (_what, code, more) => {
    expect(await verify(await foreignJwtVc(didKey, now, more))).toMatchObject(failing('issuer-key', code))
  })

  test('no address is fetched for an issuer that is not listed', async () => {
    const outbound = outsideWorld({})
    const text = await foreignJwtVc(didKey, now, { payload: { iss: 'did:web:stranger.example' } })
    await verifyCredential(
      text,
      {},
      {
        clock: { now: () => now },
        primitives,
        trust,
        outbound,
        settings: { publicUrl: 'https://academy.example' } as Ports['settings'],
        signers: {} as Ports['signers'],
        store: {} as VerifyPorts['store'],
        seals: { signingTime: 'iat' },
      },
    )
    expect(outbound.asked).toEqual([])
  })

  test.each<[string, string, string]>([
    ['names another did', 'key_not_published', didDocument(didKey.jwk, { id: 'did:web:stranger.example' })],
    [
      'does not allow the key for assertions',
      'key_not_published',
      didDocument(didKey.jwk, { assertionMethod: [] }),
    ],
    ['is not JSON', 'not_json', '<html>'],
    ['holds a private key', 'key_not_supported', didDocument({ ...didKey.jwk, d: 'AA' } as KeyPair['jwk'])],
  ])('a did document that %s is refused', async (_what, code, document) => {
    const answers = { 'https://college.example/.well-known/did.json': document }
    expect(await verify(await foreignJwtVc(didKey, now), { answers })).toMatchObject(
      failing('issuer-key', code),
    )
  })

  test('a did document that cannot be fetched leaves the issuer unknown, and the credential not verified', async () => {
    const answers = { 'https://college.example/.well-known/did.json': { status: 503 } }
    const verdict = await verify(await foreignJwtVc(didKey, now), { answers })
    expect(verdict).toMatchObject({ verified: false, outcome: 'status-unknown' })
    expect(verdict.checks[2]).toEqual({ name: 'issuer-key', state: 'unknown', code: 'issuer_unreachable' })
  })
})

describe('the algorithm', () => {
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

  async function resigned(
    header: Record<string, unknown>,
    signature: (input: string) => string,
  ): Promise<string> {
    const [jws = '', ...rest] = (await foreignSdJwt(leaf, x5c, now)).split('~')
    const input = `${encode({ typ: 'dc+sd-jwt', x5c, ...header })}.${jws.split('.')[1]}`
    return [`${input}.${signature(input)}`, ...rest].join('~')
  }

  test.each(['none', 'None', 'NONE', '', 'ES384', 'RS256', undefined, null, ['ES256']])(
    'alg %j is refused',
    async (alg) => {
      const text = await resigned({ alg }, () => Buffer.alloc(64).toString('base64url'))
      expect(await verify(text)).toMatchObject({
        ...failing('algorithm', 'algorithm_not_allowed'),
        outcome: 'forged',
      })
    },
  )

  test('a public key used as an HMAC secret is refused', async () => {
    const pem = Buffer.from(leaf.certificate, 'base64')
    const text = await resigned({ alg: 'HS256' }, (input) =>
      createHmac('sha256', pem).update(input).digest('base64url'),
    )
    expect(await verify(text)).toMatchObject(failing('algorithm', 'algorithm_not_allowed'))
  })

  test.each([{ crit: ['exp'] }, { crit: [] }, { b64: false, crit: ['b64'] }, { b64: false }])(
    'a header with %j is refused',
    async (more) => {
      const text = await foreignSdJwt(leaf, x5c, now, { header: more })
      expect(await verify(text)).toMatchObject(failing('algorithm', 'critical_header'))
    },
  )
})

describe('the shape', () => {
  test.each<[string, string]>([
    ['', 'empty'],
    [' \n\t ', 'empty'],
    ['hello', 'not_compact'],
    ['a.b', 'not_compact'],
    ['a.b.c.d', 'not_compact'],
    ['~', 'not_compact'],
    ['{"vct":"x"}', 'not_compact'],
    [`${'a'.repeat(300_000)}`, 'too_large'],
    [`e30.e30.${'A'.repeat(86)}~${'W10~'.repeat(501)}`, 'too_large'],
    ['<script>alert(1)</script>.b.c', 'not_base64url'],
    [`${Buffer.from('[]').toString('base64url')}.e30.${'A'.repeat(86)}`, 'not_json'],
    [`${Buffer.from('{"alg":"ES256"}').toString('base64url')}.e30.AAAA`, 'signature_length'],
  ])('text %# is unreadable', async (text, code) => {
    expect(await verify(text)).toMatchObject({ ...failing('shape', code), outcome: 'unreadable' })
  })
})

describe('type and times', () => {
  test.each<[string, string, Parameters<typeof foreignSdJwt>[3]]>([
    ['the typ of an access token', 'typ_wrong', { header: { typ: 'at+jwt' } }],
    ['the older typ', 'typ_wrong', { header: { typ: 'vc+sd-jwt' } }],
    ['no typ', 'typ_wrong', { header: { typ: undefined } }],
    ['no vct', 'vct_missing', { payload: { vct: undefined } }],
    ['a vct that is no text', 'vct_missing', { payload: { vct: ['x'] } }],
  ])('an SD-JWT with %s is refused', async (_what, code, more) => {
    expect(await verify(await foreignSdJwt(leaf, x5c, now, more))).toMatchObject({
      ...failing('type', code),
      outcome: 'wrong-type',
    })
  })

  test.each<[string, string, Parameters<typeof foreignJwtVc>[2]]>([
    ['an audience', 'audience_unexpected', { payload: { aud: 'https://academy.example' } }],
    ['no vc', 'vc_missing', { payload: { vc: undefined } }],
    ['another context', 'context_wrong', { vc: { '@context': ['https://www.w3.org/ns/credentials/v2'] } }],
    ['no type', 'type_missing', { vc: { type: ['Diploma'] } }],
    ['two issuers', 'issuer_contradiction', { vc: { issuer: 'did:web:other.example' } }],
    [
      'two subjects',
      'subject_contradiction',
      { payload: { sub: 'did:jwk:a' }, vc: { credentialSubject: { id: 'did:jwk:b' } } },
    ],
    ['the typ of a status list', 'typ_wrong', { header: { typ: 'statuslist+jwt' } }],
  ])('a JWT credential with %s is refused', async (_what, code, more) => {
    expect(await verify(await foreignJwtVc(didKey, now, more))).toMatchObject(failing('type', code))
  })

  const at = Math.floor(now.getTime() / 1000)
  test.each<[string, string, Record<string, unknown>]>([
    ['exp now', 'expired', { exp: at }],
    ['exp long ago', 'expired', { exp: 1 }],
    ['iat beyond the skew', 'not_yet_valid', { iat: at + 61 }],
    ['nbf beyond the skew', 'not_yet_valid', { nbf: at + 61 }],
    ['exp as text', 'time_invalid', { exp: '9999999999' }],
    ['iat null', 'time_invalid', { iat: null }],
    ['no start', 'start_missing', { iat: undefined }],
  ])('%s: %s', async (_what, code, payload) => {
    expect(await verify(await foreignSdJwt(leaf, x5c, now, { payload }))).toMatchObject(
      failing('times', code),
    )
  })

  test('one second before exp, and a start within the skew, are in time', async () => {
    const payload = { exp: at + 1, iat: at + 60, nbf: at + 60 }
    expect(await verify(await foreignSdJwt(leaf, x5c, now, { payload }))).toMatchObject({ verified: true })
  })

  test('a W3C credential that ends by expirationDate alone has ended', async () => {
    const text = await foreignJwtVc(didKey, now, {
      payload: { exp: undefined },
      vc: { expirationDate: '2026-11-23T08:59:59Z' },
    })
    expect(await verify(text)).toMatchObject(failing('times', 'expired'))
  })

  test('what an expired credential said is still shown, and nothing of one its issuer may not issue', async () => {
    const expired = await foreignSdJwt(leaf, x5c, now, { payload: { exp: at } })
    expect(await verify(expired)).toMatchObject({
      outcome: 'expired',
      facts: { title: 'Diploma of Foreign Things' },
    })
    const other = await foreignSdJwt(leaf, x5c, now, {
      payload: { exp: at, vct: 'https://college.example/vct/other' },
    })
    expect((await verify(other)).facts).toBeUndefined()
  })

  test.each([
    [
      'vct',
      async () =>
        foreignSdJwt(leaf, x5c, now, { payload: { vct: 'https://academy.example/vct/ai-skill/1' } }),
    ],
    [
      'W3C type',
      async () => foreignJwtVc(didKey, now, { vc: { type: ['VerifiableCredential', 'AiSkillCredential'] } }),
    ],
    [
      'vct it calls by another name,',
      async () =>
        foreignSdJwt(leaf, x5c, now, {
          payload: { vct: 'https://academy.example/vct/ai-skill/1', aka_vcts: [foreignVct] },
        }),
    ],
    [
      'W3C type beside its own',
      async () =>
        foreignJwtVc(didKey, now, { vc: { type: ['VerifiableCredential', 'Diploma', 'AiSkillCredential'] } }),
    ],
    [
      'mere VerifiableCredential',
      async () => foreignJwtVc(didKey, now, { vc: { type: ['VerifiableCredential'] } }),
    ],
  ])('a trusted issuer may not issue a %s it is not registered for', async (_what, make) => {
    const verdict = await verify(await make())
    expect(verdict).toMatchObject({
      ...failing('issuer-entitled', 'type_not_allowed'),
      outcome: 'not-entitled',
    })
    expect(verdict.facts).toBeUndefined()
  })
})

describe('disclosures', () => {
  test.each<[string, string, (parts: string[], other: string[]) => string[]]>([
    [
      'swapped for one of another credential',
      'disclosure_unmatched',
      ([jws = '', first = ''], other) => [jws, first, other[2] ?? '', ''],
    ],
    [
      'sent twice',
      'disclosure_duplicate',
      ([jws = '', first = '', second = '']) => [jws, first, first, second, ''],
    ],
  ])('a disclosure %s is refused', async (_what, code, change) => {
    const parts = (await foreignSdJwt(leaf, x5c, now)).split('~')
    const other = (await foreignSdJwt(leaf, x5c, now)).split('~')
    expect(await verify(change(parts, other).join('~'))).toMatchObject({
      ...failing('disclosures', code),
      outcome: 'tampered',
    })
  })

  test.each(['cnf', 'status', 'vct#integrity'])(
    'what decides the credential may not be disclosed, in part neither: %s',
    async (claim) => {
      const payload = { [claim]: { part: disclosable('x') } }
      expect(await verify(await foreignSdJwt(leaf, x5c, now, { payload }))).toMatchObject({
        ...failing('disclosures', 'reserved_name'),
        outcome: 'tampered',
      })
    },
  )

  test('a disclosure with another value under the same salt is refused', async () => {
    const [jws, first = '', ...rest] = (await foreignSdJwt(leaf, x5c, now)).split('~')
    const [salt, name] = JSON.parse(Buffer.from(first, 'base64url').toString()) as string[]
    const changed = Buffer.from(JSON.stringify([salt, name, 'Somebody Else'])).toString('base64url')
    expect(await verify([jws, changed, ...rest].join('~'))).toMatchObject(
      failing('disclosures', 'disclosure_unmatched'),
    )
  })
})

describe('status', () => {
  const listed = { status: { status_list: { idx: 3, uri: statusUri } } }
  const sdJwt = () => foreignSdJwt(leaf, x5c, now, { payload: listed })

  test.each<[number, string]>([
    [0, 'valid'],
    [1, 'revoked'],
    [2, 'suspended'],
    [3, 'revoked'],
  ])('value %i of its Token Status List means %s', async (value, outcome) => {
    const answers = { [statusUri]: await statusList(leaf, now, { 3: value }) }
    const verdict = await verify(await sdJwt(), { answers })
    expect(verdict).toMatchObject({ verified: outcome === 'valid', outcome })
    expect(verdict.checks.at(-1)?.state).toBe(outcome === 'valid' ? 'passed' : 'failed')
  })

  test('a list signed with a newer key of the same issuer counts; one of somebody else under the same root does not', async () => {
    const newer = await certify('College', { parent: middle, uri: foreignIssuer, now })
    const other = await certify('Other', { parent: middle, uri: 'https://other.example', now })
    const listOf = (signer: CertifiedPair) => {
      const header = { x5c: [signer.certificate, middle.certificate] }
      return statusList(signer, now, { 3: 1 }, { header })
    }
    const text = await sdJwt()
    const seen = await verify(text, { answers: { [statusUri]: await listOf(newer) } })
    expect(seen).toMatchObject({ outcome: 'revoked' })
    const forged = await verify(text, { answers: { [statusUri]: await listOf(other) } })
    expect(forged).toMatchObject(failing('status', 'status_list_forged'))
  })

  test('a list signed under a certificate that is revoked, run out or not valid yet is not believed', async () => {
    const usage = KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign
    const authority = await certify('Authority', { ca: true, usage, now })
    const college = (more: Partial<Parameters<typeof certify>[1]> = {}) =>
      certify('College', { parent: authority, uri: foreignIssuer, now, ...more })
    const [current, lost] = [await college(), await college()]
    const trusting = parseTrustRegister({
      anchors: [{ name: 'Ministry', certificate: authority.certificate, types: [foreignVct] }],
      revocationLists: [await revocationListOf(authority, { now, entries: [{ of: lost }] })],
    })
    const text = await foreignSdJwt(current, [current.certificate], now, { payload: listed })
    const found = async (signer: CertifiedPair) => {
      const list = await statusList(signer, now, {}, { header: { x5c: [signer.certificate] } })
      const verdict = await verify(text, { answers: { [statusUri]: list }, trusting })
      return verdict.checks.at(-1)?.code
    }
    expect(await found(await college())).toBe('ok')
    expect(await found(lost)).toBe('status_list_key_revoked')
    expect(await found(await college({ notAfter: later(-1000) }))).toBe('status_list_forged')
    expect(await found(await college({ notBefore: later(1000) }))).toBe('status_list_forged')
    expect(await found(await college({ usage: KeyUsageFlags.keyAgreement }))).toBe('status_list_forged')
  })

  test('an anchor that vouches for other types than the credential’s may not certify who signs its list', async () => {
    const other = await certify('Other root', { ca: true, now })
    const namesake = await certify('College', { parent: other, uri: foreignIssuer, now })
    const trusting = (types: string[]) =>
      parseTrustRegister({
        anchors: [
          { name: 'Ministry', certificate: root.certificate, types: [foreignVct] },
          { name: 'Guild', certificate: other.certificate, types },
        ],
      })
    const list = await statusList(namesake, now, {}, { header: { x5c: [namesake.certificate] } })
    const answers = { [statusUri]: list }
    const text = await sdJwt()
    expect(await verify(text, { answers, trusting: trusting(['Trade']) })).toMatchObject(
      failing('status', 'status_list_forged'),
    )
    expect(await verify(text, { answers, trusting: trusting(['Trade', foreignVct]) })).toMatchObject({
      verified: true,
    })
  })

  test.each<[string, string, () => Promise<string | { status: number } | undefined>]>([
    ['cannot be reached', 'status_unreachable', async () => undefined],
    ['is gone', 'status_unreachable', async () => ({ status: 404 })],
    ['is not a list', 'status_list_unreadable', async () => '<html>'],
    ['is signed by another', 'status_list_forged', () => statusList(makeKeyPair(), now, {})],
    [
      'is a list of another address',
      'status_list_of_another',
      () => statusList(leaf, now, {}, { payload: { sub: 'https://x.example' } }),
    ],
    [
      'has another typ',
      'status_list_of_another',
      () => statusList(leaf, now, {}, { header: { typ: 'JWT' } }),
    ],
    ['has run out', 'status_list_expired', () => statusList(leaf, now, {}, { payload: { exp: at } })],
    ['begins later', 'status_list_early', () => statusList(leaf, now, {}, { payload: { iat: at + 61 } })],
    ['is not valid yet', 'status_list_early', () => statusList(leaf, now, {}, { payload: { nbf: at + 61 } })],
    [
      'does not say when it was made',
      'status_list_unreadable',
      () => statusList(leaf, now, {}, { payload: { iat: undefined } }),
    ],
    [
      'may be kept for no time at all',
      'status_list_unreadable',
      () => statusList(leaf, now, {}, { payload: { ttl: 0 } }),
    ],
    [
      'names another issuer',
      'status_list_of_another',
      () => statusList(leaf, now, {}, { payload: { iss: 'https://other.example' } }),
    ],
    [
      'is too short',
      'status_index_outside',
      () => statusList(leaf, now, {}, { payload: { status_list: { bits: 8, lst: 'eJxjYAAAAAIAAQ' } } }),
    ],
    [
      'has odd bits',
      'status_list_unreadable',
      () => statusList(leaf, now, {}, { payload: { status_list: { bits: 3, lst: 'eJxjAAAAAQAB' } } }),
    ],
  ])(
    'a list that %s leaves the status unknown: refused, or accepted when the policy says so',
    async (_what, code, make) => {
      const answer = await make()
      const answers: Record<string, string | { status: number }> =
        answer === undefined ? {} : { [statusUri]: answer }
      const text = await sdJwt()
      const refused = await verify(text, { answers })
      expect(refused).toMatchObject({ ...failing('status', code), outcome: 'status-unknown' })
      const accepted = await verify(text, { answers, unknownStatus: 'accept' })
      expect(accepted).toMatchObject({ verified: true })
      expect(accepted.checks.at(-1)).toEqual({ name: 'status', state: 'unknown', code })
    },
  )

  const at = Math.floor(now.getTime() / 1000)

  test.each<[string, unknown]>([
    ['another mechanism', { status: { other: {} } }],
    ['no index', { status: { status_list: { uri: statusUri } } }],
    ['a negative index', { status: { status_list: { uri: statusUri, idx: -1 } } }],
    ['text', { status: 'valid' }],
  ])('a status that is %s is unknown, not valid', async (_what, payload) => {
    const text = await foreignSdJwt(leaf, x5c, now, { payload: payload as Record<string, unknown> })
    expect(await verify(text)).toMatchObject(failing('status', 'status_not_supported'))
  })

  async function bitstring(
    set: number[],
    purpose: string | string[],
    change: Record<string, unknown> = {},
  ): Promise<string> {
    const bits = new Uint8Array(16_384)
    for (const index of set) bits[index >> 3] = (bits[index >> 3] ?? 0) | (128 >> (index & 7))
    const vc = {
      id: bitstringUri,
      type: ['VerifiableCredential', 'BitstringStatusListCredential'],
      credentialSubject: {
        type: 'BitstringStatusList',
        statusPurpose: purpose,
        encodedList: `u${gzipSync(bits).toString('base64url')}`,
      },
      ...change,
    }
    return writeJws({ alg: 'ES256', typ: 'JWT' }, { iss: foreignDid, iat: at, vc }, didKey.sign)
  }
  const entry = (statusPurpose = 'revocation', statusListIndex = '94567') => ({
    type: 'BitstringStatusListEntry',
    statusPurpose,
    statusListIndex,
    statusListCredential: bitstringUri,
  })

  test.each<[number[], string, string]>([
    [[], 'revocation', 'valid'],
    [[94_567], 'revocation', 'revoked'],
    [[94_567], 'suspension', 'suspended'],
    [[94_566, 94_568], 'revocation', 'valid'],
  ])('bits %j of a Bitstring list of %s mean %s', async (set, purpose, outcome) => {
    const text = await foreignJwtVc(didKey, now, { vc: { credentialStatus: entry(purpose) } })
    const answers = { [bitstringUri]: await bitstring(set, purpose) }
    expect(await verify(text, { answers })).toMatchObject({ outcome, verified: outcome === 'valid' })
  })

  test('a Bitstring list may hold several purposes, and name its issuer as an object', async () => {
    const text = await foreignJwtVc(didKey, now, { vc: { credentialStatus: entry() } })
    const list = await bitstring([94_567], ['suspension', 'revocation'], { issuer: { id: foreignDid } })
    expect(await verify(text, { answers: { [bitstringUri]: list } })).toMatchObject({ outcome: 'revoked' })
  })

  test.each<[string, string, () => Promise<string>]>([
    ['is of another purpose', 'status_list_of_another', () => bitstring([], 'suspension')],
    [
      'is of another address',
      'status_list_of_another',
      () => bitstring([], 'revocation', { id: 'https://x.example' }),
    ],
    [
      'names another issuer',
      'status_list_of_another',
      () => bitstring([], 'revocation', { issuer: 'did:web:x.example' }),
    ],
    [
      'is a credential of another kind',
      'status_list_of_another',
      () => bitstring([], 'revocation', { type: ['VerifiableCredential', 'Diploma'] }),
    ],
    [
      'has run out',
      'status_list_expired',
      () => bitstring([], 'revocation', { validUntil: '2026-11-23T08:59:59Z' }),
    ],
    [
      'is not valid yet',
      'status_list_early',
      () => bitstring([], 'revocation', { validFrom: '2026-11-23T09:02:00Z' }),
    ],
  ])('a Bitstring list that %s leaves the status unknown', async (_what, code, make) => {
    const text = await foreignJwtVc(didKey, now, { vc: { credentialStatus: entry() } })
    expect(await verify(text, { answers: { [bitstringUri]: await make() } })).toMatchObject({
      ...failing('status', code),
      outcome: 'status-unknown',
    })
  })

  test('an index outside of a Bitstring list, and an entry of several bits, leave the status unknown', async () => {
    const answers = { [bitstringUri]: await bitstring([], 'revocation') }
    const found = async (credentialStatus: object) =>
      (await verify(await foreignJwtVc(didKey, now, { vc: { credentialStatus } }), { answers })).checks.at(-1)
    const code = { name: 'status', state: 'unknown' }
    expect(await found(entry('revocation', '131072'))).toEqual({ ...code, code: 'status_index_outside' })
    expect(await found(entry('revocation', '131071'))).toMatchObject({ state: 'passed' })
    expect(await found({ ...entry(), statusSize: 2 })).toEqual({ ...code, code: 'status_not_supported' })
  })
})

describe('the holder', () => {
  const holder = makeKeyPair()
  const expected = { nonce: 'n-1', audience: 'x509_hash:abc' }
  const at = Math.floor(now.getTime() / 1000)

  async function presented(
    change: { header?: object; payload?: object; by?: KeyPair; cnf?: unknown } = {},
  ): Promise<string> {
    const text = await foreignSdJwt(leaf, x5c, now, { payload: { cnf: change.cnf ?? { jwk: holder.jwk } } })
    const digest = Buffer.from(await webcrypto.subtle.digest('SHA-256', Buffer.from(text))).toString(
      'base64url',
    )
    const binding = await writeJws(
      { alg: 'ES256', typ: 'kb+jwt', ...change.header },
      { iat: at, aud: expected.audience, nonce: expected.nonce, sd_hash: digest, ...change.payload },
      (change.by ?? holder).sign,
    )
    return text + binding
  }

  test('is proven by a key binding made for this question', async () => {
    expect(await verify(await presented(), { holder: expected })).toMatchObject({
      verified: true,
      holderProven: true,
    })
  })

  test('is not proven by a key binding that answers no question of ours', async () => {
    const verdict = await verify(await presented())
    expect(verdict).toMatchObject({ verified: true, holderProven: false })
    expect(verdict.checks.find(({ name }) => name === 'holder')).toEqual({
      name: 'holder',
      state: 'not-run',
      code: 'binding_not_for_us',
    })
  })

  test.each<[string, string, Parameters<typeof presented>[0]]>([
    ['another nonce', 'binding_nonce_wrong', { payload: { nonce: 'n-2' } }],
    ['another audience', 'binding_audience_wrong', { payload: { aud: 'x509_hash:other' } }],
    ['an age of six minutes', 'binding_too_old', { payload: { iat: at - 360 } }],
    ['a time to come', 'binding_too_old', { payload: { iat: at + 360 } }],
    ['its own end behind it', 'binding_too_old', { payload: { exp: at } }],
    ['a beginning to come', 'binding_too_old', { payload: { nbf: at + 61 } }],
    ['an end that is no time', 'binding_too_old', { payload: { exp: 'never' } }],
    ['no time', 'binding_incomplete', { payload: { iat: undefined } }],
    ['the digest of another', 'binding_of_another', { payload: { sd_hash: 'AAAA' } }],
    ['another key', 'binding_signature_wrong', { by: makeKeyPair() }],
    ['another typ', 'binding_typ_wrong', { header: { typ: 'JWT' } }],
    ['no key to bind to', 'key_not_supported', { cnf: {} }],
    ['a key off the curve', 'key_not_supported', { cnf: { jwk: { ...holder.jwk, x: holder.jwk.y } } }],
  ])('a binding with %s is refused', async (_what, code, change) => {
    expect(await verify(await presented(change), { holder: expected })).toMatchObject({
      ...failing('holder', code),
      outcome: 'holder-mismatch',
      holderProven: false,
    })
  })

  test.each([foreignSdJwtText, () => foreignJwtVc(didKey, now)])(
    'is refused when a proof was asked for and none came',
    async (make) => {
      expect(await verify(await make(), { holder: expected })).toMatchObject(
        failing('holder', 'binding_missing'),
      )
    },
  )

  function foreignSdJwtText(): Promise<string> {
    return foreignSdJwt(leaf, x5c, now)
  }
})
