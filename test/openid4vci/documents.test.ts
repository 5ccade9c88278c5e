import { createHash, generateKeyPairSync } from 'node:crypto'
import { getListFromStatusListJWT } from '@sd-jwt/jwt-status-list'
import { verifyCredential } from 'did-jwt-vc'
import { decodeJwt, decodeProtectedHeader, importJWK, jwtVerify } from 'jose'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { changeAwardStatus } from '#core/awards/change-award-status.ts'
import { issueCredential } from '#core/credentials/issue-credential.ts'
import { signBitstring, signTokenStatusList } from '#core/credentials/sign-status-list.ts'
import { readBit, readStatus, unpackBitstring, unpackTokenStatusList } from '#core/credentials/status-list.ts'
import { deliverEvents } from '#core/deliver-events.ts'
import { parsePublicJwk } from '#core/jose/jwk.ts'
import { revokeKey } from '#core/keys/manage-keys.ts'
import { issuerDocumentRoutes } from '#http/issuer-documents.ts'
import { statusListRoutes } from '#http/status-lists.ts'
import { type World, world } from '#test/support/world.ts'

let w: World
beforeEach(async () => {
  w = await world()
})

const aKey = () =>
  parsePublicJwk(generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' }))

async function document(path: string): Promise<Record<string, unknown>> {
  const response = await issuerDocumentRoutes(w).request(path, {
    headers: { origin: 'https://page.example' },
  })
  expect(response.status).toBe(200)
  expect(response.headers.get('access-control-allow-origin')).toBe('*')
  return (await response.json()) as Record<string, unknown>
}

describe('issuer documents', () => {
  test('the issuer’s metadata name both configurations, and every address is https', async () => {
    const metadata = await document('/.well-known/openid-credential-issuer')
    expect(metadata).toMatchObject({
      credential_issuer: 'https://academy.example',
      credential_endpoint: 'https://academy.example/credential',
      nonce_endpoint: 'https://academy.example/nonce',
      notification_endpoint: 'https://academy.example/notification',
      batch_credential_issuance: { batch_size: 10 },
      credential_configurations_supported: {
        AiSkill_sdjwt: { format: 'dc+sd-jwt', vct: 'https://academy.example/vct/ai-skill/1' },
        AiSkill_jwt: { format: 'jwt_vc_json' },
      },
    })
    expect(JSON.stringify(metadata)).not.toContain('http://')
    expect(JSON.stringify(metadata)).not.toContain('key_attestations_required')
  })

  test.each(['/.well-known/openid-credential-issuer/eudi', '/eudi/.well-known/openid-credential-issuer'])(
    'the EUDI set at %s asks every configuration for key attestation',
    async (path) => {
      const metadata = await document(path)
      expect(metadata).toMatchObject({
        credential_issuer: 'https://academy.example/eudi',
        authorization_servers: ['https://academy.example'],
        credential_endpoint: 'https://academy.example/eudi/credential',
      })
      const configurations = Object.values(metadata['credential_configurations_supported'] as object) as {
        proof_types_supported: { jwt: object }
      }[]
      for (const one of configurations) {
        expect(one.proof_types_supported.jwt).toHaveProperty('key_attestations_required', {})
      }
    },
  )

  test('both addresses of the authorization server’s metadata answer the same', async () => {
    const metadata = await document('/.well-known/oauth-authorization-server')
    expect(metadata).toEqual(await document('/.well-known/openid-configuration'))
    expect(metadata).toMatchObject({
      issuer: 'https://academy.example',
      token_endpoint: 'https://academy.example/token',
      'pre-authorized_grant_anonymous_access_supported': true,
    })
    expect(metadata).not.toHaveProperty('dpop_signing_alg_values_supported')
  })

  test('no document holds a private part of a key', async () => {
    for (const path of [
      '/jwks.json',
      '/.well-known/jwt-vc-issuer',
      '/.well-known/jwt-vc-issuer/institutions/north-lake',
      '/institutions/north-lake/did.json',
    ]) {
      expect(JSON.stringify(await document(path))).not.toMatch(/"d":|PRIVATE/)
    }
  })

  test('an institution’s credential verifies under the keys of its jwt-vc-issuer document', async () => {
    const { award } = await w.award()
    const { text } = await issueCredential({ awardId: award.id, format: 'dc+sd-jwt', holderKey: aKey() }, w)
    const jwt = text.split('~')[0] ?? ''
    const { iss } = decodeJwt(jwt)
    const { pathname } = new URL(iss ?? '')
    const { issuer, jwks } = (await document(`/.well-known/jwt-vc-issuer${pathname}`)) as {
      issuer: string
      jwks: { keys: { kid: string }[] }
    }
    expect(issuer).toBe(iss)
    const { kid } = decodeProtectedHeader(jwt)
    const key = jwks.keys.find((one) => one.kid === kid)
    await jwtVerify(jwt, await importJWK(key as never, 'ES256'), { currentDate: w.clock.now() })
  })

  test('did-jwt-vc verifies our JWT VC with the institution’s did:web document', async () => {
    const { award } = await w.award()
    const { text } = await issueCredential({ awardId: award.id, format: 'jwt_vc_json', holderKey: aKey() }, w)
    const didDocument = (await document('/institutions/north-lake/did.json')) as never
    const resolver: Parameters<typeof verifyCredential>[1] = {
      resolve: async () => ({ didDocument, didResolutionMetadata: {}, didDocumentMetadata: {} }),
    }
    const now = Math.floor(w.clock.now().getTime() / 1000)
    const { verifiableCredential } = await verifyCredential(text, resolver, { policies: { now } })
    expect(verifiableCredential.issuer).toEqual({ id: 'did:web:academy.example:institutions:north-lake' })
  })

  test('the type metadata served are the bytes whose digest the credential names', async () => {
    const { award } = await w.award()
    const { text } = await issueCredential({ awardId: award.id, format: 'dc+sd-jwt', holderKey: aKey() }, w)
    const payload = decodeJwt(text.split('~')[0] ?? '')
    const response = await issuerDocumentRoutes(w).request(new URL(String(payload['vct'])).pathname)
    const digest = createHash('sha256')
      .update(await response.text())
      .digest('base64')
    expect(payload['vct#integrity']).toBe(`sha256-${digest}`)
  })

  test.each([
    '/institutions/nobody/did.json',
    '/.well-known/jwt-vc-issuer/institutions/..',
    '/vct/ai-skill/2',
  ])('%s is not found', async (path) => {
    expect((await issuerDocumentRoutes(w).request(path)).status).toBe(404)
  })
})

describe('status lists', () => {
  async function issuedAndChanged(what: 'revoke' | 'suspend') {
    const { award } = await w.award()
    const asked = { awardId: award.id, format: 'jwt_vc_json' as const, holderKey: aKey() }
    const { status } = await issueCredential(asked, w)
    const input = { requestId: w.requestId(), awardId: award.id, reason: 'for the test' }
    const change = async () => {
      await changeAwardStatus(w.actor('registrar'), what, input, w)
      await deliverEvents(w)
    }
    return { status, change }
  }
  const routes = () => statusListRoutes(w)
  const bitAt = async (app: ReturnType<typeof routes>, path: string, index: number) => {
    const { credentialSubject } = decodeJwt(await (await app.request(path)).text()) as {
      credentialSubject: { encodedList: string }
    }
    return readBit(await unpackBitstring(credentialSubject.encodedList, w.primitives), index)
  }

  test.each([
    // The list of suspensions says no to revoked ones, too: an Open Badge reads only that one.
    ['revoke', 1, true, true],
    ['suspend', 2, false, true],
  ] as const)(
    'after %s the token list says %s and the bitstrings say the same in their way',
    async (what, value, revoked, suspended) => {
      const { status, change } = await issuedAndChanged(what)
      const app = routes()
      const uri = `/status/${status.list}`
      const before = await (await app.request(uri)).text()
      expect(getListFromStatusListJWT(before).getStatus(status.index)).toBe(0)
      await change()
      w.clock.advance({ seconds: 5 })
      const response = await app.request(uri, { headers: { origin: 'https://page.example' } })
      expect(response.headers.get('content-type')).toBe('application/statuslist+jwt')
      expect(response.headers.get('access-control-allow-origin')).toBe('*')
      const after = await response.text()
      expect(getListFromStatusListJWT(after).getStatus(status.index)).toBe(value)
      expect(await bitAt(app, `/bitstring/${status.list}`, status.index)).toBe(revoked)
      expect(await bitAt(app, `/bitstring/${status.list}/suspension`, status.index)).toBe(suspended)
    },
  )

  test('a list is signed by the institution, for its own address, with an end and a time to keep it', async () => {
    const { status } = await issuedAndChanged('revoke')
    const token = await (await routes().request(`/status/${status.list}`)).text()
    const [key] = await w.signers.published(w.institutions.northLake.tag)
    const { payload } = await jwtVerify(token, await importJWK({ ...key?.publicJwk }, 'ES256'), {
      typ: 'statuslist+jwt',
      currentDate: w.clock.now(),
    })
    expect(payload).toMatchObject({
      sub: `https://academy.example/status/${status.list}`,
      ttl: 300,
      exp: (payload.iat ?? 0) + 86_400,
      status_list: { bits: 2 },
    })
  })

  test('a list is signed once in each window of changes and again after half of its life, however often it is read', async () => {
    const { status, change } = await issuedAndChanged('suspend')
    const other = await issuedAndChanged('revoke')
    const app = routes()
    const packing = vi.spyOn(w.store, 'readStatusList')
    const read = async () => (await app.request(`/status/${status.list}`)).text()
    const values = async () => {
      const list = getListFromStatusListJWT(await read())
      return [status, other.status].map(({ index }) => list.getStatus(index))
    }
    const [first, ...others] = await Promise.all(Array.from({ length: 20 }, read))
    expect(new Set(others)).toEqual(new Set([first]))
    expect(packing).toHaveBeenCalledTimes(1)
    await change()
    expect(await read()).toBe(first)
    await other.change()
    w.clock.advance({ seconds: 5 })
    expect(await values()).toEqual([2, 1])
    const second = await read()
    w.clock.advance({ seconds: 5 })
    expect(await read()).toBe(second)
    expect(packing).toHaveBeenCalledTimes(2)
    w.clock.advance({ hours: 13 })
    await read()
    expect(packing).toHaveBeenCalledTimes(3)
  })

  test('a list of 1,000,000 entries says of each what was set, in all three faces, in less than 200 KB', async () => {
    const { northLake } = w.institutions
    const size = 1_000_000
    // Every 97th entry is not 0: more than most institutions ever revoke.
    const entries = Array.from({ length: Math.ceil(size / 97) }, (_, nth) => ({
      index: nth * 97,
      value: 1 + (nth % 2),
    }))
    const list = { id: w.random.id(northLake.tag, 'stl'), tenant: northLake.tag, size, version: 1 }
    const asked = { list, entries, institution: northLake }
    const tokens = [
      await signTokenStatusList(asked, w),
      await signBitstring(asked, 'revocation', w),
      await signBitstring(asked, 'suspension', w),
    ] as const
    for (const token of tokens) expect(token.length).toBeLessThan(200_000)
    const { list: status } = await unpackTokenStatusList(decodeJwt(tokens[0])['status_list'], w.primitives)
    const bitsOf = async (token: string) => {
      const { credentialSubject } = decodeJwt<{ credentialSubject: { encodedList: string } }>(token)
      return unpackBitstring(credentialSubject.encodedList, w.primitives)
    }
    const [revoked, suspended] = [await bitsOf(tokens[1]), await bitsOf(tokens[2])]
    const wrong: number[] = []
    for (let index = 0; index < size; index++) {
      const value = index % 97 === 0 ? 1 + ((index / 97) % 2) : 0
      const said =
        readStatus(status, 2, index) === value &&
        readBit(revoked, index) === (value === 1) &&
        readBit(suspended, index) === value > 0
      if (!said) wrong.push(index)
    }
    expect(wrong).toEqual([])
    expect([readStatus(status, 2, size), readBit(revoked, size)]).toEqual([undefined, undefined])
  })

  test('a list signed by a key that was revoked since is signed anew', async () => {
    const { status } = await issuedAndChanged('revoke')
    const app = routes()
    const signer = async () =>
      decodeProtectedHeader(await (await app.request(`/status/${status.list}`)).text()).kid ?? ''
    const kid = await signer()
    const input = { requestId: w.requestId(), dryRun: false, kid, reason: 'compromised' as const }
    await revokeKey(w.actor('registrar'), input, w)
    w.clock.advance({ seconds: 5 })
    expect(await signer()).toBe((await w.signers.active(w.institutions.northLake.tag)).kid)
    expect(await signer()).not.toBe(kid)
  })

  test.each([
    '/status/x',
    '/status/k3vq7m2a-stl-aaaaaaaaaaaaaaaaaaaaaaaaaa',
    '/bitstring/k3vq7m2a-awd-aaaaaaaaaaaaaaaaaaaaaaaaaa',
  ])('%s is not found', async (path) => {
    expect((await routes().request(path)).status).toBe(404)
  })
})
