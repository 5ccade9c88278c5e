import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AwardState } from '#core/awards/award.ts'
import { readSealCertificate } from '#core/edc/issuer-certificate.ts'
import { readSeal } from '#core/edc/read-seal.ts'
import { seal } from '#core/edc/seal.ts'
import type { SealOptions } from '#core/edc/seal-credential.ts'
import { parseTrustRegister } from '#core/verification/trust-register.ts'
import { type VerifyOptions, verifyCredential } from '#core/verification/verify-credential.ts'
import { institutDuPort } from '#functions/seed/institutions.ts'
import { world } from '#test/support/world.ts'
import { europeanFile } from '../edc/european-file.ts'
import { dotPng } from '../edc/samples.ts'
import { stampsOf, tampered, unsignedOf, withAnotherSecond, withUnsigned } from '../edc/sealing.ts'
import { type TestAuthority, testAuthority } from '../edc/test-authority.ts'

let authority: TestAuthority
let stranger: TestAuthority
beforeAll(() => {
  authority = testAuthority()
  stranger = testAuthority()
}, 60_000)
afterAll(() => {
  authority?.close()
  stranger?.close()
})

/** An academy now, since the authorities stamp by the clock of this machine; pages of one dot. */
async function academy(seals: Partial<SealOptions> = {}) {
  const w = await world({ now: new Date().toISOString() })
  w.pages = {
    paint: async ({ language }) => ({ language, pages: [{ type: 'PNG', bytes: dotPng }] }),
    lacks: () => [],
  }
  w.seals = { signingTime: 'iat', ...seals }
  const { award } = await w.award()
  const { text } = await europeanFile(w.actor('registrar'), award.id, w)
  return { w, award, text }
}

const stateOf = (checks: readonly { name: string; state: string; code: string }[], wanted: string) => {
  const found = checks.find(({ name }) => name === wanted)
  return found && `${found.state} ${found.code}`
}

describe('a sealed European credential of our own', () => {
  test('verifies, and says what was awarded', async () => {
    const { w, award, text } = await academy()
    const verdict = await verifyCredential(Buffer.from(text), {}, w)
    expect(verdict).toMatchObject({
      verified: true,
      format: 'edc',
      issuer: { id: 'VATLU-00000000', name: w.institutions.northLake.name, trust: 'institution' },
      facts: {
        title: award.title.en,
        holder: { givenName: 'Ada', familyName: 'Example' },
        eqfLevel: String(award.eqfLevel),
        ects: String(award.ects),
        studyTime: `${award.workloadHours} hours`,
        grade: '80/100',
        qualityAssurance: award.qualityAssurance.en,
        outcomes: award.outcomes.map(({ statement }) => statement.en),
        assurance: expect.stringContaining('does not claim to be a qualified certificate'),
      },
    })
    expect(stateOf(verdict.checks, 'time-stamp')).toBe('not-run no_time_stamp')
    expect(stateOf(verdict.checks, 'certificate-status')).toBe('passed ok')
    expect(verdict.facts?.skills.length).toBeGreaterThanOrEqual(award.skills.length)
  })

  test.each<AwardState>(['revoked', 'suspended', 'superseded'])(
    'follows its award when it is %s',
    async (state) => {
      const { w, award, text } = await academy()
      await w.store.saveAwardStatusOnce(w.request('status'), {
        awardId: award.id,
        version: award.version,
        status: { state, since: w.clock.now(), by: 'registrar' },
      })
      expect(await verifyCredential(text, {}, w)).toMatchObject({ outcome: state, failedCheck: 'status' })
    },
  )

  test.each<[string, (text: string) => string, string, string]>([
    ['another grade', (text) => text.replace('80/100', '99/100'), 'signature', 'tampered'],
    [
      'an older signing time',
      (text) => tampered(text, { header: (header) => (header['iat'] = 1) }),
      'signature',
      'tampered',
    ],
    [
      'an HMAC',
      (text) => tampered(text, { header: (header) => (header['alg'] = 'HS256') }),
      'algorithm',
      'forged',
    ],
    [
      'no certificate',
      (text) => tampered(text, { header: (header) => delete header['x5c'] }),
      'shape',
      'unreadable',
    ],
    ['half of its text', (text) => text.slice(0, text.length / 2), 'shape', 'unreadable'],
    ['a payload that is none', () => '{"payload":"{}","signatures":[]}', 'shape', 'unreadable'],
  ])('with %s fails by its check', async (_, change, failedCheck, outcome) => {
    const { w, text } = await academy()
    expect(await verifyCredential(change(text), {}, w)).toMatchObject({ failedCheck, outcome })
  })

  test('sealed by somebody else in the name of the institution is a forgery', async () => {
    const { w, text } = await academy()
    w.seals = { signingTime: 'iat', keys: new Map([['north-lake', authority.seal('ES256')]]) }
    const { award } = await w.award()
    const forged = (await europeanFile(w.actor('registrar'), award.id, w)).text
    w.seals = { signingTime: 'iat' }
    expect(await verifyCredential(forged, {}, w)).toMatchObject({
      outcome: 'forged',
      failedCheck: 'issuer-key',
    })
    expect(await verifyCredential(text, {}, w)).toMatchObject({ verified: true })
  })

  test.each(['ES256', 'RS256', 'PS256'] as const)(
    'by a %s key of a trust service verifies while it is configured',
    async (alg) => {
      const { w, text } = await academy({ keys: new Map([['north-lake', authority.seal(alg)]]) })
      expect(readSeal(text).signatures[0]?.alg).toBe(alg)
      expect(await verifyCredential(text, {}, w)).toMatchObject({
        verified: true,
        issuer: { trust: 'institution' },
      })
    },
  )

  test('by a key that is gone verifies by the anchor in the trust register, for this type only', async () => {
    const { w, text } = await academy({ keys: new Map([['north-lake', authority.seal('RS256')]]) })
    w.seals = { signingTime: 'iat' }
    const trusting = (type: string) => ({
      ...w,
      trust: parseTrustRegister({
        anchors: [{ name: 'Seal service', certificate: authority.root().toString('base64'), types: [type] }],
      }),
    })
    expect(await verifyCredential(text, {}, trusting('EuropeanDigitalCredential'))).toMatchObject({
      verified: true,
      issuer: { trust: 'institution' },
    })
    expect(await verifyCredential(text, {}, trusting('Diploma'))).toMatchObject({
      outcome: 'not-entitled',
      issuer: { trust: 'register' },
    })
  })

  test('says whether somebody looked for a revocation, and fails once its certificate is on a list', async () => {
    const key = authority.seal('ES256')
    const { w, text } = await academy({ keys: new Map([['north-lake', key]]) })
    // The lists are made by the clock of this machine, which goes on.
    w.clock.advance({ hours: 1 })
    const anchor = { name: 'Seal service', certificate: authority.root().toString('base64') }
    const anchors = [{ ...anchor, types: ['EuropeanDigitalCredential'] }]
    const check = async (revocationLists: Buffer[], at = w) => {
      const trust = parseTrustRegister({
        anchors,
        revocationLists: revocationLists.map((list) => list.toString('base64')),
      })
      return verifyCredential(text, {}, { ...at, trust })
    }
    const found = async (...of: Parameters<typeof check>) =>
      stateOf((await check(...of)).checks, 'certificate-status')
    expect(await found([])).toBe('not-run revocation_not_checked')
    expect(await found(stranger.crls())).toBe('unknown revocation_list_wrong')
    expect(await found(authority.crls())).toBe('passed ok')
    authority.revoke(key)
    const lists = authority.crls()
    // While its key is configured, and once only the anchor speaks for it.
    for (const seals of [w.seals, { signingTime: 'iat' as const }]) {
      expect(await check(lists, { ...w, seals })).toMatchObject({
        verified: false,
        outcome: 'key-revoked',
        failedCheck: 'certificate-status',
      })
    }
    // Whoever has the key leaves the certificate out that says who revokes it.
    expect(key.x5c.length).toBeGreaterThan(1)
    const cut = await seal(
      readSeal(text).payload,
      { ...key, x5c: key.x5c.slice(0, 1) },
      readSealCertificate(key.x5c[0]),
      {
        at: w.clock.now(),
        signingTime: 'iat',
      },
    )
    const trust = parseTrustRegister({
      anchors,
      revocationLists: lists.map((list) => list.toString('base64')),
    })
    expect(await verifyCredential(cut, {}, { ...w, trust })).toMatchObject({ outcome: 'key-revoked' })
  })

  test('signed by the key of another institution of ours is of that institution, and not on its record', async () => {
    const { w, text } = await academy()
    const other = await w.signers.active(institutDuPort.tag)
    const resealed = await seal(readSeal(text).payload, other, readSealCertificate(other.x5c[0]), {
      at: w.clock.now(),
      signingTime: 'iat',
    })
    expect(await verifyCredential(resealed, {}, w)).toMatchObject({
      verified: false,
      failedCheck: 'status',
      issuer: { name: institutDuPort.name },
    })
  })
})

test('a foreign seal that names a status nobody can look up is not verified unless the policy says so', async () => {
  const { w, text } = await academy()
  const { identifier: _, ...credential } = JSON.parse(readSeal(text).payload) as Record<string, unknown>
  const key = authority.seal('ES256')
  const anchor = { name: 'Seal service', certificate: authority.root().toString('base64') }
  const trust = parseTrustRegister({ anchors: [{ ...anchor, types: ['EuropeanDigitalCredential'] }] })
  const sealed = async (members: object) =>
    seal(JSON.stringify({ ...credential, ...members }), key, readSealCertificate(key.x5c[0]), {
      at: w.clock.now(),
      signingTime: 'iat',
    })
  const listed = await sealed({ credentialStatus: { id: 'urn:x', type: 'CredentialStatus' } })
  const check = async (file: string, options: VerifyOptions) => {
    const verdict = await verifyCredential(file, options, { ...w, trust })
    return `${verdict.outcome}: ${stateOf(verdict.checks, 'status')}`
  }
  expect(await check(await sealed({}), {})).toBe('valid: not-run status_not_published')
  expect(await check(listed, {})).toBe('status-unknown: unknown status_not_supported')
  expect(await check(listed, { unknownStatus: 'accept' })).toBe('valid: unknown status_not_supported')
})

describe('a time stamp', () => {
  test('of the chosen authority is attested; of another it is said that nobody here knows it', async () => {
    const { w, text } = await academy({ timeStamps: stampsOf(authority) })
    expect(stateOf((await verifyCredential(text, {}, w)).checks, 'time-stamp')).toBe('passed ok')
    w.seals = { signingTime: 'iat', timeStamps: stampsOf(stranger) }
    const verdict = await verifyCredential(text, {}, w)
    expect(verdict.verified).toBe(true)
    expect(stateOf(verdict.checks, 'time-stamp')).toBe('unknown time_stamp_authority_unknown')
  })

  test.each<[string, (text: string, other: string) => string]>([
    ['of another seal', (text, other) => withUnsigned(text, unsignedOf(other))],
    ['with another second', (text) => withUnsigned(text, unsignedOf(text).map(withAnotherSecond))],
  ])('%s fails the verification', async (_, change) => {
    const { w, award, text } = await academy({ timeStamps: stampsOf(authority) })
    const other = (await europeanFile(w.actor('registrar'), award.id, w)).text
    expect(await verifyCredential(change(text, other), {}, w)).toMatchObject({
      outcome: 'tampered',
      failedCheck: 'time-stamp',
    })
  })

  test('keeps a seal alive when its certificate has run out; without one it is over', async () => {
    const soon = new Date(Date.now() + 60_000).toISOString().replace(/[-:T]|\.\d+/g, '')
    const keys = new Map([['north-lake', authority.seal('ES256', { notAfter: soon })]])
    for (const timeStamps of [stampsOf(authority), undefined]) {
      const { w, text } = await academy({ keys, ...(timeStamps ? { timeStamps } : {}) })
      w.clock.advance({ days: 2 })
      const verdict = await verifyCredential(text, {}, w)
      expect(verdict.verified).toBe(timeStamps !== undefined)
      if (!timeStamps)
        expect(stateOf(verdict.checks, 'issuer-key')).toBe('failed certificate_outside_validity')
    }
  })
})
