import { deflateSync, gzipSync } from 'node:zlib'
import { Hono } from 'hono'
import { describe, expect, test } from 'vitest'
import { nodePrimitives } from '#adapters/node-crypto/primitives.ts'
import { writeJws } from '#core/jose/jws.ts'
import type { Ports } from '#core/ports.ts'
import { parseTrustRegister } from '#core/verification/trust-register.ts'
import { type VerifyPorts, verifyCredential } from '#core/verification/verify-credential.ts'
import { verifyRoutes } from '#http/pages/verify.ts'
import { loadOntology } from '#skills-ontology/load.ts'
import {
  bitstringUri,
  didDocument,
  foreignDid,
  foreignJwtVc,
  makeKeyPair,
  outsideWorld,
  statusList,
  statusUri,
} from './foreign-issuer.ts'

const now = new Date('2026-11-23T09:00:00Z')
const seconds = now.getTime() / 1000
const college = makeKeyPair()

function portsWith(answers: Record<string, string> = {}): VerifyPorts {
  return {
    clock: { now: () => now },
    primitives: nodePrimitives(),
    trust: parseTrustRegister({ dids: [{ name: 'The College', did: foreignDid, types: ['Diploma'] }] }),
    outbound: outsideWorld({
      'https://college.example/.well-known/did.json': didDocument(college.jwk),
      ...answers,
    }),
    settings: { publicUrl: 'https://academy.example' } as Ports['settings'],
    signers: { anchors: async () => [], published: async () => [] } as unknown as Ports['signers'],
    store: {
      findInstitutionBySlug: async () => undefined,
      findStanding: async () => undefined,
      findInstitution: async () => undefined,
      findAward: async () => undefined,
    },
    seals: { signingTime: 'iat' },
  }
}

const ontology = loadOntology()

async function pageOf(text: string, language = 'en'): Promise<{ status: number; page: string }> {
  const body = new URLSearchParams({ credential: text })
  const answer = await new Hono()
    .route('/', verifyRoutes({ ...portsWith(), ontology }))
    .request(`/verify?lang=${language}`, { method: 'POST', body })
  return { status: answer.status, page: await answer.text() }
}

describe('odd claims of a trusted foreign issuer never break the page', () => {
  test.each<[string, Parameters<typeof foreignJwtVc>[2]]>([
    ['an end given in milliseconds', { payload: { exp: seconds * 1000 } }],
    ['an end in the farthest year there is', { payload: { exp: 7e12 } }],
    ['a start before the common era', { payload: { nbf: -7e12 } }],
    ['a day that is in no calendar', achievement({ awardedOn: '2026-99-99', validUntil: '9999-13-45' })],
    ['the thirtieth of February', achievement({ awardedOn: '2026-02-30' })],
    ['words that every object knows', evidence({ assurance: 'constructor' })],
    ['a language that is none', achievement({ language: 'xx-abcdefgh' })],
  ])('%s', async (_title, change) => {
    for (const language of ['en', 'fr']) {
      const { status, page } = await pageOf(await foreignJwtVc(college, now, change), language)
      expect(status).toBe(200)
      expect(page).not.toContain('[native code]')
      expect(page).not.toContain('Invalid')
      expect(page).toContain('Diploma of Foreign Things')
    }
  })

  test('a day is stated only when it is one', async () => {
    const text = await foreignJwtVc(college, now, {
      ...achievement({ awardedOn: '2026-02-30', validUntil: '9999-13-45' }),
      payload: { exp: seconds * 1000 },
    })
    const { verified, facts } = await verifyCredential(text, {}, portsWith())
    expect(verified).toBe(true)
    expect(facts).toMatchObject({ issuedOn: '2026-11-23' })
    expect(facts).not.toHaveProperty('expiresOn')
  })
})

describe('a status is never overlooked', () => {
  test.each([
    [1, 'revoked'],
    [2, 'suspended'],
  ])('a W3C credential whose status is in a Token Status List: %i is %s', async (value, outcome) => {
    const status = { status_list: { uri: statusUri, idx: 5 } }
    const text = await foreignJwtVc(college, now, { payload: { status } })
    const list = await statusList(college, now, { 5: value })
    const verdict = await verifyCredential(text, {}, portsWith({ [statusUri]: list }))
    expect(verdict).toMatchObject({ verified: false, outcome, failedCheck: 'status' })
  })

  test('a W3C credential with a status nobody understands is unknown, not valid', async () => {
    const text = await foreignJwtVc(college, now, { payload: { status: { other: {} } } })
    expect(await verifyCredential(text, {}, portsWith())).toMatchObject({
      verified: false,
      outcome: 'status-unknown',
    })
  })

  test.each([
    { validUntil: '2026-11-23T08:59:59Z' },
    { validUntil: 'soon' },
    { expirationDate: '2026-11-22' },
  ])('a Bitstring list that says itself it has run out is not believed: %o', async (end) => {
    const credentialStatus = {
      type: 'BitstringStatusListEntry',
      statusPurpose: 'revocation',
      statusListIndex: '5',
      statusListCredential: bitstringUri,
    }
    const text = await foreignJwtVc(college, now, { vc: { credentialStatus } })
    const list = await bitstring(end)
    expect(await verifyCredential(text, {}, portsWith({ [bitstringUri]: list }))).toMatchObject({
      verified: false,
      outcome: 'status-unknown',
      checks: expect.arrayContaining([expect.objectContaining({ name: 'status', state: 'unknown' })]),
    })
  })

  test('a list that unpacks to gigabytes is given up and leaves the status unknown', async () => {
    const lst = deflateSync(new Uint8Array(64 * 1024 * 1024)).toString('base64url')
    const list = await statusList(college, now, {}, { payload: { status_list: { bits: 1, lst } } })
    const status = { status_list: { uri: statusUri, idx: 5 } }
    const text = await foreignJwtVc(college, now, { payload: { status } })
    expect(await verifyCredential(text, {}, portsWith({ [statusUri]: list }))).toMatchObject({
      verified: false,
      outcome: 'status-unknown',
    })
  })
})

function achievement(members: Record<string, unknown>) {
  return {
    vc: {
      credentialSubject: { achievement: { name: 'Diploma of Foreign Things', ...members } },
    },
  }
}

function evidence(members: Record<string, unknown>) {
  return { vc: { evidence: [{ practical: 'p', environment: 'site', ...members }] } }
}

async function bitstring(members: Record<string, unknown>): Promise<string> {
  const encodedList = `u${gzipSync(new Uint8Array(16_384)).toString('base64url')}`
  return writeJws(
    { alg: 'ES256', typ: 'vc+jwt' },
    {
      id: bitstringUri,
      issuer: foreignDid,
      type: ['VerifiableCredential', 'BitstringStatusListCredential'],
      credentialSubject: { type: 'BitstringStatusList', statusPurpose: 'revocation', encodedList },
      ...members,
    },
    college.sign,
  )
}
