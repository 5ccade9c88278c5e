import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Award, AwardState } from '#core/awards/award.ts'
import { issueCredential } from '#core/credentials/issue-credential.ts'
import type { WalletFormat } from '#core/credentials/offer.ts'
import { writeJws } from '#core/jose/jws.ts'
import { writeSdJwt } from '#core/sd-jwt/write-sd-jwt.ts'
import { verifyCredential } from '#core/verification/verify-credential.ts'
import { type World, world } from '#test/support/world.ts'
import { makeKeyPair } from './foreign-issuer.ts'

const formats: WalletFormat[] = ['dc+sd-jwt', 'jwt_vc_json']
const holderKey = makeKeyPair().jwk
const publicUrl = 'https://academy.example'

/** An academy with one award and its credential in both formats, issued by the real code. */
async function academy(): Promise<{ ports: World; award: Award; text: Record<WalletFormat, string> }> {
  const ports = await world()
  const { award } = await ports.award()
  const issue = async (format: WalletFormat) =>
    (await issueCredential({ awardId: award.id, format, holderKey }, ports)).text
  return {
    ports,
    award,
    text: { 'dc+sd-jwt': await issue('dc+sd-jwt'), jwt_vc_json: await issue('jwt_vc_json') },
  }
}

async function setState(ports: World, awardId: Award['id'], state: AwardState): Promise<void> {
  const award = await ports.store.findAward(awardId)
  if (!award) throw new Error('the award of this test is gone')
  await ports.store.saveAwardStatusOnce(ports.request('status'), {
    awardId,
    version: award.version,
    status: { state, since: ports.clock.now(), by: 'registrar' },
  })
}

describe.each(formats)('a credential of our own in %s', (format) => {
  test('verifies, names its institution and shows what was awarded', async () => {
    const { ports, award, text } = await academy()
    const verdict = await verifyCredential(text[format], {}, ports)
    expect(verdict.checks.filter(({ state }) => state !== 'passed')).toEqual([
      { name: 'holder', state: 'not-run', code: 'not_proven' },
    ])
    expect(verdict).toMatchObject({
      verified: true,
      outcome: 'valid',
      format,
      holderProven: false,
      issuer: { name: ports.institutions.northLake.name, trust: 'institution' },
      facts: {
        title: award.title.en,
        holder: { givenName: 'Ada', familyName: 'Example' },
        issuingAuthority: ports.institutions.northLake.name.en,
        issuedOn: '2026-11-23',
        ects: String(award.ects),
        assurance: expect.stringContaining('not a qualified electronic seal'),
      },
    })
    expect(verdict.facts?.skills.length).toBe(award.skills.length)
    expect(verdict.facts?.outcomes.length).toBe(award.outcomes.length)
  })

  test.each<AwardState>(['revoked', 'suspended', 'superseded'])(
    'is %s by the very next verification',
    async (state) => {
      const { ports, award, text } = await academy()
      await setState(ports, award.id, state)
      expect(await verifyCredential(text[format], {}, ports)).toMatchObject({
        verified: false,
        outcome: state,
        failedCheck: 'status',
        facts: { title: award.title.en },
      })
    },
  )

  test('verifies again once a suspension is lifted', async () => {
    const { ports, award, text } = await academy()
    await setState(ports, award.id, 'suspended')
    await setState(ports, award.id, 'valid')
    expect(await verifyCredential(text[format], {}, ports)).toMatchObject({ verified: true })
  })

  test('has expired in the second it says, not before', async () => {
    const { ports, text } = await academy()
    const issued = ports.clock.now()
    const ends = new Date(issued.getTime() + ports.settings.credentialLifetimeDays * 86_400_000)
    ports.clock.set(new Date(ends.getTime() - 1000))
    expect(await verifyCredential(text[format], {}, ports)).toMatchObject({ verified: true })
    ports.clock.set(ends)
    expect(await verifyCredential(text[format], {}, ports)).toMatchObject({
      verified: false,
      outcome: 'expired',
      failedCheck: 'times',
    })
  })

  test('is not accepted by another deployment', async () => {
    const { text } = await academy()
    const other = await world({ settings: { publicUrl: 'https://other.example' } })
    expect(await verifyCredential(text[format], {}, other)).toMatchObject({
      verified: false,
      outcome: 'foreign-issuer',
      failedCheck: 'issuer-key',
    })
  })

  test('with its payload changed is tampered with', async () => {
    const { ports, text } = await academy()
    const [jws = '', ...disclosures] = text[format].split('~')
    const [header, payload = '', signature] = jws.split('.')
    const changed = Buffer.from(Buffer.from(payload, 'base64url').toString().replace('"exp":1', '"exp":2'))
    const forged = [`${header}.${changed.toString('base64url')}.${signature}`, ...disclosures].join('~')
    expect(await verifyCredential(forged, {}, ports)).toMatchObject({
      verified: false,
      outcome: 'tampered',
      failedCheck: 'signature',
    })
  })

  test('with its header changed is tampered with', async () => {
    const { ports, text } = await academy()
    const [jws = '', ...disclosures] = text[format].split('~')
    const [header = '', payload, signature] = jws.split('.')
    const changed = JSON.parse(Buffer.from(header, 'base64url').toString()) as object
    const again = Buffer.from(JSON.stringify({ ...changed, extra: true })).toString('base64url')
    const forged = [`${again}.${payload}.${signature}`, ...disclosures].join('~')
    expect(await verifyCredential(forged, {}, ports)).toMatchObject({
      outcome: 'tampered',
      failedCheck: 'signature',
    })
  })
})

describe('a forgery in our name', () => {
  let ports: World
  const issuer = `${publicUrl}/institutions/`
  beforeAll(async () => {
    ports = await world()
  })
  const at = Math.floor(Date.parse('2026-11-23T09:00:00Z') / 1000)
  const payload = (slug: string) => ({
    iss: issuer + slug,
    vct: `${publicUrl}/vct/ai-skill/1`,
    iat: at,
    exp: at + 60,
  })
  const random = (length: number) => ports.random.bytes(length)

  test('signed by another of our institutions with its own certificate is refused', async () => {
    const { northLake, mittelberg } = ports.institutions
    const signer = await ports.signers.active(mittelberg.tag)
    const text = await writeSdJwt(
      { header: { alg: 'ES256', typ: 'dc+sd-jwt', x5c: signer.x5c }, payload: payload(northLake.slug) },
      random,
      (bytes) => signer.sign(bytes),
    )
    expect(await verifyCredential(text, {}, ports)).toMatchObject({
      outcome: 'forged',
      failedCheck: 'issuer-key',
      checks: expect.arrayContaining([
        { name: 'issuer-key', state: 'failed', code: 'certificate_names_another' },
      ]),
    })
  })

  test('signed with the right key but never issued is refused: no record, no credential', async () => {
    const { northLake } = ports.institutions
    const signer = await ports.signers.active(northLake.tag)
    const list = ports.random.id(northLake.tag, 'stl')
    for (const status of [
      undefined,
      { status_list: { idx: 1, uri: `${publicUrl}/status/${list}` } },
      { status_list: { idx: 1, uri: `https://elsewhere.example/status/${list}` } },
    ]) {
      const text = await writeSdJwt(
        {
          header: { alg: 'ES256', typ: 'dc+sd-jwt', x5c: signer.x5c },
          payload: { ...payload(northLake.slug), ...(status ? { status } : {}) },
        },
        random,
        (bytes) => signer.sign(bytes),
      )
      // Not even a lenient policy lets it through: our own records never fail to answer.
      expect(await verifyCredential(text, { unknownStatus: 'accept' }, ports)).toMatchObject({
        verified: false,
        outcome: 'status-unknown',
        failedCheck: 'status',
      })
    }
  })

  test('signed with a key that is not in the institution’s register is refused', async () => {
    const { northLake } = ports.institutions
    const signer = await ports.signers.active(northLake.tag)
    const text = await writeSdJwt(
      { header: { alg: 'ES256', typ: 'dc+sd-jwt', x5c: signer.x5c }, payload: payload(northLake.slug) },
      random,
      (bytes) => signer.sign(bytes),
    )
    const signers = { ...ports.signers, find: async () => undefined }
    expect(await verifyCredential(text, {}, { ...ports, signers })).toMatchObject({
      outcome: 'forged',
      checks: expect.arrayContaining([{ name: 'issuer-key', state: 'failed', code: 'key_not_published' }]),
    })
  })

  test.each([
    ['of an institution we do not have', { iss: `${issuer}nobody` }, 'issuer_unknown'],
    ['of an institution with a hostile name', { iss: `${issuer}../../etc` }, 'issuer_unknown'],
    [
      'under our did with no such key',
      { iss: 'did:web:academy.example:institutions:north-lake' },
      'key_not_published',
    ],
  ])('%s is refused', async (_what, claims, code) => {
    const own = makeKeyPair()
    const text = await writeJws(
      { alg: 'ES256', typ: 'JWT', kid: 'k', jwk: own.jwk },
      { ...claims, nbf: at },
      own.sign,
    )
    const verdict = await verifyCredential(text, {}, ports)
    expect(verdict).toMatchObject({ verified: false, outcome: 'forged', failedCheck: 'issuer-key' })
    expect(verdict.checks[2]?.code).toMatch(code)
  })
})

describe.each(formats)('any one character of a %s', (format) => {
  test('changed to any other never verifies', async () => {
    const { ports, text } = await academy()
    const original = text[format]
    expect(await verifyCredential(original, {}, ports)).toMatchObject({ verified: true })
    // White space is taken out before reading, so one at the very end is no change of the credential.
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~ ="{é\u0000'
    await fc.assert(
      fc.asyncProperty(
        fc.nat(original.length - 1),
        fc.nat(alphabet.length - 1),
        async (position, replacement) => {
          const character = alphabet.charAt(replacement)
          fc.pre(character !== original.charAt(position))
          const changed = original.slice(0, position) + character + original.slice(position + 1)
          const { verified, outcome } = await verifyCredential(changed, {}, ports)
          expect(verified).toBe(false)
          expect(outcome).not.toBe('valid')
        },
      ),
      { numRuns: 800 },
    )
  })

  test('taken out or put in never verifies', async () => {
    const { ports, text } = await academy()
    const original = text[format]
    await fc.assert(
      fc.asyncProperty(fc.nat(original.length - 1), fc.boolean(), async (position, insert) => {
        const changed =
          original.slice(0, position) + (insert ? 'A' : '') + original.slice(position + (insert ? 0 : 1))
        expect((await verifyCredential(changed, {}, ports)).verified).toBe(false)
      }),
      { numRuns: 200 },
    )
  })
})

test('whatever text is pasted, the engine answers a verdict and never throws', async () => {
  const ports = await world()
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.base64String(), fc.json()),
      async (text) => {
        expect((await verifyCredential(text, {}, ports)).verified).toBe(false)
      },
    ),
    { numRuns: 300 },
  )
})
