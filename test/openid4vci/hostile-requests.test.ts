import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { changeAwardStatus } from '#core/awards/change-award-status.ts'
import type { CredentialOffer } from '#core/credentials/offer.ts'
import { withdrawOffer } from '#core/credentials/offer-credential.ts'
import { openOffer, type TxCodeChoice } from '#core/credentials/open-offer.ts'
import { preAuthorizedCode, presentOffer } from '#core/credentials/present-offer.ts'
import { textToBase64Url, toBase64Url } from '#core/jose/base64url.ts'
import { derToRaw } from '#core/jose/ecdsa-signature.ts'
import { createApp } from '#http/app.ts'
import { makeAuthenticator } from '#http/authenticate.ts'
import { type World, world } from '#test/support/world.ts'

const issuer = 'https://academy.example'
const form = 'application/x-www-form-urlencoded'
const preAuthorized = 'urn:ietf:params:oauth:grant-type:pre-authorized_code'

let w: World
let app: ReturnType<typeof createApp>

beforeEach(async () => {
  w = await world()
  app = createApp(w, {
    authenticator: makeAuthenticator([], () => () => Promise.reject(new Error('nobody signs in here')), w),
    rateLimits: { graphql: 100, wallet: 1000, pages: 1000, signIn: 100, analytics: 100 },
    production: true,
    log: () => undefined,
  })
})

type Answer = { status: number; headers: Headers; body: Record<string, unknown> }

async function ask(path: string, init: RequestInit = {}): Promise<Answer> {
  const response = await app.request(`${issuer}${path}`, init)
  const text = await response.text()
  return { status: response.status, headers: response.headers, body: text === '' ? {} : JSON.parse(text) }
}

const post = (path: string, type: string, body: string, more: Record<string, string> = {}) =>
  ask(path, { method: 'POST', headers: { 'content-type': type, ...more }, body })

async function presented(
  txCode: TxCodeChoice = 'none',
  configurationIds?: CredentialOffer['configurationIds'],
) {
  const { award } = await w.award()
  const offer = openOffer(award, { txCode, ...(configurationIds ? { configurationIds } : {}) }, w)
  await w.store.saveOfferOnce(w.request('offer'), offer)
  await presentOffer(offer.id, {}, w)
  return { award, offer, code: preAuthorizedCode(offer.id, 1, w.signers) }
}

const askToken = (fields: Record<string, string>) =>
  post('/token', form, new URLSearchParams({ grant_type: preAuthorized, ...fields }).toString())
const redeem = (code: string, txCode?: string) =>
  askToken({ 'pre-authorized_code': code, ...(txCode === undefined ? {} : { tx_code: txCode }) })

async function collecting(configurationIds?: CredentialOffer['configurationIds']) {
  const opened = await presented('none', configurationIds)
  const { body } = await redeem(opened.code)
  return { ...opened, token: String(body['access_token']) }
}

const nonce = async () => String((await post('/nonce', form, '')).body['c_nonce'])

interface Key {
  jwk: Record<string, unknown>
  privateKey: KeyObject
}
function aKey(): Key {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { jwk: publicKey.export({ format: 'jwk' }) as Record<string, unknown>, privateKey }
}

interface ProofParts {
  header?: Record<string, unknown>
  payload?: Record<string, unknown>
  key?: Key
  /** Bytes to put in the signature's place. */
  signature?: Uint8Array
}
async function proof({ header, payload, key = aKey(), signature }: ProofParts = {}): Promise<string> {
  const head = { typ: 'openid4vci-proof+jwt', alg: 'ES256', jwk: key.jwk, ...header }
  const iat = Math.floor(w.clock.now().getTime() / 1000)
  const body = { aud: issuer, iat, nonce: payload && 'nonce' in payload ? '' : await nonce(), ...payload }
  const input = `${textToBase64Url(JSON.stringify(head))}.${textToBase64Url(JSON.stringify(body))}`
  const signed = signature ?? derToRaw(sign('sha256', Buffer.from(input), key.privateKey))
  return `${input}.${toBase64Url(signed)}`
}

const askCredential = (token: string, body: unknown, more: Record<string, string> = {}) =>
  post('/credential', 'application/json', JSON.stringify(body), { authorization: `Bearer ${token}`, ...more })
const withProofs = (...jwt: string[]) => ({ credential_configuration_id: 'AiSkill_sdjwt', proofs: { jwt } })

describe('/offers', () => {
  test('an offer is readable only while its code is alive, and holds no personal data', async () => {
    const { offer, code } = await presented({ code: '123456' })
    const { body, headers } = await ask(`/offers/${offer.id}`)
    expect(body).toEqual({
      credential_issuer: issuer,
      credential_configuration_ids: ['AiSkill_sdjwt', 'AiSkill_jwt'],
      grants: {
        [preAuthorized]: {
          'pre-authorized_code': code,
          tx_code: { input_mode: 'numeric', length: 6, description: expect.any(String) },
        },
      },
    })
    expect(headers.get('cache-control')).toBe('no-store')
    await redeem(code, '123456')
    expect((await ask(`/offers/${offer.id}`)).status).toBe(404)
  })

  test('the records hold the hash of a code and nothing it could be read from', async () => {
    const { offer, code } = await presented({ code: '123456' })
    const stored = JSON.stringify(await w.store.findOffer(offer.id))
    expect(stored).not.toContain(code.split('.')[2])
    expect(stored).not.toContain('123456')
  })

  test('the EUDI profile names its own issuer', async () => {
    const { offer } = await presented()
    expect((await ask(`/eudi/offers/${offer.id}`)).body).toMatchObject({
      credential_issuer: `${issuer}/eudi`,
    })
  })

  test.each([
    ['unknown', 'k3vq7m2a-ofr-aaaaaaaaaaaaaaaaaaaaaaaaaa'],
    ['of another kind', 'k3vq7m2a-awd-aaaaaaaaaaaaaaaaaaaaaaaaaa'],
    ['no id', '..%2f..'],
  ])('an offer that is %s is not found', async (_what, id) => {
    expect((await ask(`/offers/${id}`)).status).toBe(404)
  })

  test('an open offer nobody presented has no code to read', async () => {
    const { offer } = await w.award()
    expect((await ask(`/offers/${offer.id}`)).status).toBe(404)
  })
})

describe('an offer whose learner is signed in and asked for no transaction code', () => {
  const addressIn = (uri: string) =>
    new URL(new URL(uri).searchParams.get('credential_offer_uri') ?? '').pathname

  /** The learner has opened the claim page; what its link and QR code lead to. */
  async function ownPage() {
    const { offer, learner } = await w.award()
    const presentedTo = async (signedInAs?: typeof learner.id) => {
      const shown = await presentOffer(offer.id, { signedInAs }, w)
      if (shown.state !== 'presented') throw new Error('the offer is being collected')
      return addressIn(shown.uri)
    }
    return { offer, presentedTo, learner, own: await presentedTo(learner.id) }
  }
  const grantOf = async (path: string) => {
    const { body } = await ask(path)
    const grants = body['grants'] as Record<string, { 'pre-authorized_code': string; tx_code?: object }>
    return grants[preAuthorized]
  }

  test('is read at an address that who knows the claim link cannot tell', async () => {
    const { offer, own } = await ownPage()
    expect(own).toMatch(new RegExp(`^/offers/${offer.id}\\.[A-Za-z0-9_-]{43}$`))
    for (const prefix of ['', '/eudi']) {
      expect((await ask(`${prefix}/offers/${offer.id}`)).status).toBe(404)
      expect(await grantOf(`${prefix}${own}`)).not.toHaveProperty('tx_code')
    }
    const code = (await grantOf(own))?.['pre-authorized_code'] ?? ''
    expect(own).not.toContain(code.split('.')[2])
    expect((await redeem(code)).status).toBe(200)
    expect((await ask(own)).status).toBe(404)
  })

  test.each([
    ['made up', (own: string) => own.replace(/.{6}$/, 'AAAAAA')],
    ['cut short', (own: string) => own.slice(0, -1)],
    ['without its MAC', (own: string) => own.replace(/[^.]*$/, '')],
    ['longer', (own: string) => `${own}.x`],
    ['very long', (own: string) => own + 'x'.repeat(5000)],
  ])('is not found at an address that is %s', async (_what, change) => {
    const { own } = await ownPage()
    expect((await ask(change(own))).status).toBe(404)
    expect((await ask(own)).status).toBe(200)
  })

  test('is not found at the address of another offer', async () => {
    const one = await ownPage()
    const other = await ownPage()
    expect((await ask(other.own.replace(other.offer.id, one.offer.id))).status).toBe(404)
  })

  test('asks whoever else opens the claim link for the transaction code, at the plain address', async () => {
    const { offer, presentedTo, learner, own } = await ownPage()
    const spared = (await grantOf(own))?.['pre-authorized_code'] ?? ''
    const plain = await presentedTo()
    expect(plain).toBe(`/offers/${offer.id}`)
    expect((await ask(own)).status).toBe(404)
    const asked = await grantOf(plain)
    expect(asked).toHaveProperty('tx_code')
    const code = asked?.['pre-authorized_code'] ?? ''
    expect((await redeem(code)).body['error']).toBe('invalid_request')
    expect((await redeem(spared)).body['error']).toBe('invalid_grant')

    // The learner comes back: the code from the plain address does not become one without transaction code.
    const again = await presentedTo(learner.id)
    expect(again).not.toBe(own)
    expect((await ask(own)).status).toBe(404)
    expect((await ask(plain)).status).toBe(404)
    expect((await redeem(code)).body['error']).toBe('invalid_grant')
    expect((await redeem((await grantOf(again))?.['pre-authorized_code'] ?? '')).status).toBe(200)
  })

  test('keeps its address while the learner reloads the page', async () => {
    const { presentedTo, learner, own } = await ownPage()
    expect(await presentedTo(learner.id)).toBe(own)
  })
})

describe('/token', () => {
  test('a code gives one bearer token of five minutes, not to be cached', async () => {
    const { code, offer } = await presented()
    const { status, body, headers } = await redeem(code)
    expect(status).toBe(200)
    expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 300 })
    expect(headers.get('cache-control')).toBe('no-store')
    const payload = JSON.parse(
      Buffer.from(String(body['access_token']).split('.')[1] ?? '', 'base64url').toString(),
    )
    expect(payload).toMatchObject({ iss: issuer, aud: issuer, sub: offer.id })
    expect(JSON.stringify(payload)).not.toContain(offer.learnerId)
  })

  test('of ten requests with one code at once, one gets a token and it works', async () => {
    const { code } = await presented()
    const answers = await Promise.all(Array.from({ length: 10 }, () => redeem(code)))
    const won = answers.filter(({ status }) => status === 200)
    expect(won).toHaveLength(1)
    for (const { status, body } of answers.filter((one) => one !== won[0])) {
      expect({ status, error: body['error'] }).toEqual({ status: 400, error: 'invalid_grant' })
    }
  })

  test('a spent code that comes back later is refused and revokes the token it gave', async () => {
    const { code, token, offer } = await collecting()
    const again = await redeem(code)
    expect(again.body['error']).toBe('invalid_grant')
    const { status, body, headers } = await askCredential(token, withProofs(await proof()))
    expect({ status, error: body['error'] }).toEqual({ status: 401, error: 'invalid_token' })
    expect(headers.get('www-authenticate')).toContain('invalid_token')
    const log = await w.store.offerLog(offer.id, 10)
    expect(log.map(({ what }) => what)).toContain('tokens-revoked')
  })

  test.each([
    ['made up', (code: string) => code.replace(/.{6}$/, 'AAAAAA')],
    ['of another presentation', (code: string) => code.replace('.1.', '.2.')],
    ['of an offer that is not there', (code: string) => code.replace(/-ofr-..../, '-ofr-aaaa')],
    ['of another tenant', (code: string) => code.replace(/^.{8}/, 'bbbbbbbb')],
    ['no code at all', () => 'x'],
    ['very long', () => 'x'.repeat(5000)],
  ])('a code that is %s is refused', async (_what, change) => {
    const { code } = await presented()
    const { status, body } = await redeem(change(code))
    expect({ status, error: body['error'] }).toEqual({ status: 400, error: 'invalid_grant' })
    expect((await redeem(code)).status).toBe(200)
  })

  test('a code dies after ten minutes, and opening the page again makes a new one', async () => {
    const { code, offer } = await presented()
    w.clock.advance({ seconds: 601 })
    expect((await redeem(code)).body['error']).toBe('invalid_grant')
    await presentOffer(offer.id, {}, w)
    expect((await redeem(code)).body['error']).toBe('invalid_grant')
    expect((await redeem(preAuthorizedCode(offer.id, 2, w.signers))).status).toBe(200)
  })

  test('reloading the claim page keeps the code', async () => {
    const { code, offer } = await presented()
    for (let reload = 0; reload < 5; reload++) await presentOffer(offer.id, {}, w)
    expect((await redeem(code)).status).toBe(200)
    expect(await presentOffer(offer.id, {}, w)).toMatchObject({ state: 'collecting' })
  })

  test('a withdrawn offer gives no token, and its token stops working', async () => {
    const { code, offer } = await presented()
    const other = await collecting()
    const registrar = w.actor('registrar')
    await withdrawOffer(registrar, { requestId: w.requestId(), offerId: offer.id }, w)
    await withdrawOffer(registrar, { requestId: w.requestId(), offerId: other.offer.id }, w)
    expect((await redeem(code)).body['error']).toBe('invalid_grant')
    expect((await askCredential(other.token, withProofs(await proof()))).status).toBe(401)
  })

  test.each([
    ['missing', undefined, 'invalid_request'],
    ['wrong', '000000', 'invalid_grant'],
    ['very long', '1'.repeat(1000), 'invalid_grant'],
  ])('a transaction code that is %s is refused', async (_what, txCode, error) => {
    const { code } = await presented({ code: '123456' })
    expect((await redeem(code, txCode)).body['error']).toBe(error)
    expect((await redeem(code, '123456')).status).toBe(200)
  })

  test('a transaction code nobody asked for is refused', async () => {
    const { code } = await presented('none')
    expect((await redeem(code, '123456')).body['error']).toBe('invalid_request')
  })

  test('five wrong transaction codes lock the offer, also when they come at once and between presentations', async () => {
    const { code, offer } = await presented({ code: '123456' })
    await redeem(code, '000000')
    w.clock.advance({ seconds: 601 })
    await presentOffer(offer.id, {}, w)
    const second = preAuthorizedCode(offer.id, 2, w.signers)
    const guesses = await Promise.all(Array.from({ length: 8 }, (_v, i) => redeem(second, `00000${i}`)))
    for (const { body } of guesses) expect(body['error']).toBe('invalid_grant')
    expect(await w.store.findOffer(offer.id)).toMatchObject({ state: 'locked', wrongTries: 5 })
    expect((await redeem(second, '123456')).body['error']).toBe('invalid_grant')
    await expect(presentOffer(offer.id, {}, w)).rejects.toMatchObject({ code: 'offer_not_open' })
  })

  test.each([
    ['another grant', { grant_type: 'authorization_code', code: 'x' }, 'unsupported_grant_type'],
    ['client credentials', { grant_type: 'client_credentials' }, 'unsupported_grant_type'],
    ['no code', {}, 'invalid_request'],
    [
      'broken authorization details',
      { authorization_details: '{', 'pre-authorized_code': 'x' },
      'invalid_authorization_details',
    ],
  ])('%s is refused', async (_what, fields, error) => {
    const { status, body } = await askToken(fields)
    expect({ status, error: body['error'] }).toEqual({ status: 400, error })
  })

  test('a body that is no form, or names a field twice, is refused', async () => {
    const { code } = await presented()
    const asJson = await post('/token', 'application/json', JSON.stringify({ 'pre-authorized_code': code }))
    const twice = await post(
      '/token',
      form,
      `grant_type=${preAuthorized}&pre-authorized_code=${code}&pre-authorized_code=${code}`,
    )
    for (const { status, body } of [asJson, twice]) {
      expect({ status, error: body['error'] }).toEqual({ status: 400, error: 'invalid_request' })
    }
  })

  test('authorization details give identifiers, and only they work then', async () => {
    const { code } = await presented()
    const details = [{ type: 'openid_credential', credential_configuration_id: 'AiSkill_jwt' }]
    const { body } = await askToken({
      'pre-authorized_code': code,
      authorization_details: JSON.stringify(details),
    })
    expect(body['authorization_details']).toEqual([
      { ...details[0], credential_identifiers: ['AiSkill_jwt.1'] },
    ])
    const token = String(body['access_token'])
    const jwt = { jwt: [await proof()] }
    const wrong = await askCredential(token, { credential_configuration_id: 'AiSkill_jwt', proofs: jwt })
    expect(wrong.body['error']).toBe('invalid_credential_request')
    const unknown = await askCredential(token, { credential_identifier: 'AiSkill_sdjwt.1', proofs: jwt })
    expect(unknown.body['error']).toBe('unknown_credential_identifier')
    const right = await askCredential(token, { credential_identifier: 'AiSkill_jwt.1', proofs: jwt })
    expect(right.status).toBe(200)
  })

  test('what the offer does not grant cannot be authorised', async () => {
    const { code } = await presented('none', ['AiSkill_sdjwt'])
    const details = [{ type: 'openid_credential', credential_configuration_id: 'AiSkill_jwt' }]
    const { body } = await askToken({
      'pre-authorized_code': code,
      authorization_details: JSON.stringify(details),
    })
    expect(body['error']).toBe('invalid_authorization_details')
    expect((await redeem(code)).status).toBe(200)
  })

  test('one offer is tried at most thirty times a minute, from wherever', async () => {
    const { code } = await presented({ code: '123456' })
    const made = code.replace(/.{6}$/, 'AAAAAA')
    // Codes that somebody made up are not ours, and use up nothing of the wallet that has the right one.
    for (let count = 0; count < 31; count++) expect((await redeem(made)).status).toBe(400)
    let limited: Answer | undefined
    for (let count = 0; count < 31; count++) limited = await redeem(code)
    expect(limited?.status).toBe(429)
    expect(Number(limited?.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await redeem((await presented()).code)).status).toBe(200)
  })
})

describe('/nonce', () => {
  test('a nonce is fresh, not cached, and asking for one writes nothing', async () => {
    const { body, headers } = await post('/nonce', form, '')
    expect(Object.keys(body)).toEqual(['c_nonce'])
    expect(headers.get('cache-control')).toBe('no-store')
    expect(await nonce()).not.toBe(await nonce())
    const writes = vi.spyOn(w.records, 'transact')
    for (let count = 0; count < 20; count++) await nonce()
    expect(writes).not.toHaveBeenCalled()
  })

  test('GET is refused', async () => {
    expect((await ask('/nonce')).status).toBe(404)
  })
})

describe('/credential', () => {
  test('a good request is answered in the form of 1.0, once more for the same key, and never from a cache', async () => {
    const { token, award } = await collecting()
    const key = aKey()
    const first = await askCredential(token, withProofs(await proof({ key })))
    expect(first.status).toBe(200)
    expect(Object.keys(first.body).sort()).toEqual(['credentials', 'notification_id'])
    expect(first.headers.get('cache-control')).toBe('no-store')
    const again = await askCredential(token, withProofs(await proof({ key })))
    expect(again.body).toEqual(first.body)
    expect(await w.store.credentialsOfAward(award.id)).toHaveLength(1)
  })

  test('the single proof of drafts before 1.0 is accepted, and unknown members are ignored', async () => {
    const { token } = await collecting()
    const { status, body } = await askCredential(token, {
      credential_configuration_id: 'AiSkill_jwt',
      proof: { proof_type: 'jwt', jwt: await proof() },
      surprise: { deep: [1] },
    })
    expect(status).toBe(200)
    expect(body['credentials']).toEqual([{ credential: expect.stringMatching(/^eyJ/) }])
  })

  test('a batch gives each key a credential of its own', async () => {
    const { token } = await collecting()
    const shared = await nonce()
    const proofs = await Promise.all(Array.from({ length: 5 }, () => proof({ payload: { nonce: shared } })))
    const { body } = await askCredential(token, withProofs(...proofs))
    const credentials = (body['credentials'] as { credential: string }[]).map(({ credential }) => credential)
    expect(new Set(credentials).size).toBe(5)
  })

  test.each<[string, (token: string) => string]>([
    ['none', () => ''],
    ['another scheme', (token) => `DPoP ${token}`],
    ['a broken signature', (token) => `Bearer ${token.slice(0, -6)}AAAAAA`],
    [
      'alg none',
      (token) => `Bearer ${textToBase64Url('{"alg":"none","typ":"at+jwt"}')}.${token.split('.')[1]}.`,
    ],
    [
      'an HMAC over the public key',
      (token) =>
        `Bearer ${textToBase64Url('{"alg":"HS256","typ":"at+jwt"}')}.${token.split('.')[1]}.${'A'.repeat(43)}`,
    ],
    ['no token at all', () => 'Bearer x'],
    ['very long', () => `Bearer ${'a'.repeat(10_000)}`],
  ])('an authorization of %s is refused before anything else is looked at', async (_what, change) => {
    const { token, offer } = await collecting()
    const { status, body } = await post('/credential', 'application/json', '{"broken', {
      authorization: change(token),
    })
    expect({ status, error: body['error'] }).toEqual({ status: 401, error: 'invalid_token' })
    expect((await w.store.findOffer(offer.id))?.issued).toEqual([])
  })

  test('a token ends after five minutes', async () => {
    const { token } = await collecting()
    w.clock.advance({ seconds: 300 })
    expect((await askCredential(token, withProofs(await proof()))).body['error']).toBe('invalid_token')
  })

  test.each<[string, (key: Key) => Promise<ProofParts>, string]>([
    ['another typ', async () => ({ header: { typ: 'JWT' } }), 'invalid_proof'],
    ['alg none', async () => ({ header: { alg: 'none' }, signature: new Uint8Array() }), 'invalid_proof'],
    ['an HMAC', async () => ({ header: { alg: 'HS256' } }), 'invalid_proof'],
    [
      'a signature by another key',
      async () => ({ signature: derToRaw(sign('sha256', Buffer.from('x'), aKey().privateKey)) }),
      'invalid_proof',
    ],
    ['no key', async () => ({ header: { jwk: undefined } }), 'invalid_proof'],
    ['two keys', async () => ({ header: { kid: 'did:jwk:x' } }), 'invalid_proof'],
    [
      'a private key inside',
      async ({ privateKey }) => ({ header: { jwk: privateKey.export({ format: 'jwk' }) } }),
      'invalid_proof',
    ],
    ['a certificate as key', async () => ({ header: { jwk: undefined, x5c: ['MIIB'] } }), 'invalid_proof'],
    [
      'did:web as kid',
      async () => ({ header: { jwk: undefined, kid: 'did:web:169.254.169.254#k' } }),
      'invalid_proof',
    ],
    [
      'a point that is not on the curve',
      async ({ jwk }) => ({ header: { jwk: { ...jwk, y: jwk['x'] } } }),
      'invalid_proof',
    ],
    ['crit', async () => ({ header: { crit: ['exp'], exp: 1 } }), 'invalid_proof'],
    [
      'a broken key attestation',
      async () => ({ header: { key_attestation: 'e30.e30.e30' } }),
      'invalid_proof',
    ],
    [
      'another audience',
      async () => ({ payload: { aud: 'https://evil.example', nonce: await nonce() } }),
      'invalid_proof',
    ],
    [
      'the EUDI issuer as audience',
      async () => ({ payload: { aud: `${issuer}/eudi`, nonce: await nonce() } }),
      'invalid_proof',
    ],
    [
      'us among other audiences',
      async () => ({ payload: { aud: [issuer, 'https://evil.example'], nonce: await nonce() } }),
      'invalid_proof',
    ],
    [
      'an iat of long ago',
      async () => ({ payload: { iat: 1_700_000_000, nonce: await nonce() } }),
      'invalid_proof',
    ],
    [
      'an iat to come',
      async () => ({
        payload: { iat: Math.floor(w.clock.now().getTime() / 1000) + 301, nonce: await nonce() },
      }),
      'invalid_proof',
    ],
    ['no iat', async () => ({ payload: { iat: undefined, nonce: await nonce() } }), 'invalid_proof'],
    ['no nonce', async () => ({ payload: { nonce: undefined } }), 'invalid_proof'],
    [
      'a nonce of its own',
      async () => ({ payload: { nonce: toBase64Url(randomBytes(52)) } }),
      'invalid_nonce',
    ],
    ['a nonce that is no nonce', async () => ({ payload: { nonce: 'x' } }), 'invalid_nonce'],
  ])('a proof with %s is refused and nothing is issued', async (_what, parts, error) => {
    const { token, award, offer } = await collecting()
    const key = aKey()
    const { status, body } = await askCredential(
      token,
      withProofs(await proof({ key, ...(await parts(key)) })),
    )
    expect({ status, error: body['error'] }).toEqual({ status: 400, error })
    expect(await w.store.credentialsOfAward(award.id)).toEqual([])
    // The claim page can say why.
    const [last] = await w.store.offerLog(offer.id, 1)
    expect(last).toMatchObject({ what: 'credential-refused', code: error, reason: expect.any(String) })
  })

  test('a proof sent twice is refused the second time: its nonce is spent', async () => {
    const { token } = await collecting()
    const replayed = await proof()
    expect((await askCredential(token, withProofs(replayed))).status).toBe(200)
    expect((await askCredential(token, withProofs(replayed))).body['error']).toBe('invalid_nonce')
    const other = await collecting()
    expect((await askCredential(other.token, withProofs(replayed))).body['error']).toBe('invalid_nonce')
  })

  test('of ten requests with one proof at once, one is answered', async () => {
    const { token } = await collecting()
    const jwt = await proof()
    const answers = await Promise.all(Array.from({ length: 10 }, () => askCredential(token, withProofs(jwt))))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
  })

  test('a nonce ends after five minutes', async () => {
    const kept = await nonce()
    w.clock.advance({ seconds: 300 })
    const { token } = await collecting()
    const jwt = await proof({ payload: { nonce: kept } })
    expect((await askCredential(token, withProofs(jwt))).body['error']).toBe('invalid_nonce')
  })

  test.each([
    ['no proof', () => Promise.resolve([]), 'invalid_proof'],
    ['eleven proofs', () => Promise.all(Array.from({ length: 11 }, () => proof())), 'invalid_proof'],
    [
      'one key twice',
      async () => {
        const key = aKey()
        return [await proof({ key }), await proof({ key })]
      },
      'invalid_proof',
    ],
  ])('%s is refused', async (_what, proofs, error) => {
    const { token } = await collecting()
    expect((await askCredential(token, withProofs(...(await proofs())))).body['error']).toBe(error)
  })

  test.each<[string, unknown, string]>([
    ['a list', [], 'invalid_credential_request'],
    ['neither id', {}, 'invalid_credential_request'],
    [
      'both ids',
      { credential_configuration_id: 'AiSkill_sdjwt', credential_identifier: 'AiSkill_sdjwt.1' },
      'invalid_credential_request',
    ],
    [
      'an unknown configuration',
      { credential_configuration_id: 'Diploma' },
      'unknown_credential_configuration',
    ],
    [
      'a configuration out of a prototype',
      { credential_configuration_id: 'constructor' },
      'unknown_credential_configuration',
    ],
    [
      'a configuration that was not offered',
      { credential_configuration_id: 'AiSkill_jwt' },
      'unknown_credential_configuration',
    ],
    ['an identifier nobody gave', { credential_identifier: 'x' }, 'unknown_credential_configuration'],
    [
      'an encrypted answer',
      { credential_configuration_id: 'AiSkill_sdjwt', credential_response_encryption: {} },
      'invalid_encryption_parameters',
    ],
    [
      'proofs of two types',
      { credential_configuration_id: 'AiSkill_sdjwt', proofs: { jwt: ['x'], attestation: ['x'] } },
      'invalid_credential_request',
    ],
  ])('a request for %s is refused', async (what, body, error) => {
    const { token } = await collecting(['AiSkill_sdjwt'])
    const answer = await askCredential(token, body)
    const wanted = what === 'an identifier nobody gave' ? 'unknown_credential_identifier' : error
    expect({ status: answer.status, error: answer.body['error'] }).toEqual({ status: 400, error: wanted })
  })

  test('a body that is no JSON is refused', async () => {
    const { token } = await collecting()
    const more = { authorization: `Bearer ${token}` }
    const broken = await post('/credential', 'application/json', '{"a":', more)
    const typed = await post('/credential', 'text/plain', '{}', more)
    for (const { body } of [broken, typed]) expect(body['error']).toBe('invalid_credential_request')
  })

  test('a body above 64 KiB is refused without being read', async () => {
    const { token } = await collecting()
    const { status } = await askCredential(token, { ...withProofs('x'), padding: 'x'.repeat(65_536) })
    expect(status).toBe(413)
  })

  test('an award revoked after the token was given is denied', async () => {
    const { token, award } = await collecting()
    const input = { requestId: w.requestId(), awardId: award.id, reason: 'for the test' }
    await changeAwardStatus(w.actor('registrar'), 'revoke', input, w)
    const { status, body } = await askCredential(token, withProofs(await proof()))
    expect({ status, error: body['error'] }).toEqual({ status: 400, error: 'credential_request_denied' })
  })

  test('nothing a wallet sends comes back in an error or stands in the log', async () => {
    const { token, offer } = await collecting()
    const secret = 'Zu-geheim-um-wahr-zu-sein'
    const { body } = await askCredential(token, {
      credential_configuration_id: secret,
      proofs: { jwt: [secret] },
    })
    expect(JSON.stringify(body)).not.toContain(secret)
    const log = JSON.stringify(await w.store.offerLog(offer.id, 50))
    expect(log).not.toContain(secret)
    expect(log).not.toContain(token)
  })
})

describe('the EUDI issuer', () => {
  async function attestation(keys: Key[], over: Record<string, unknown> = {}, by = aKey()) {
    const header = { typ: 'key-attestation+jwt', alg: 'ES256', jwk: by.jwk }
    const iat = Math.floor(w.clock.now().getTime() / 1000)
    const payload = { iat, exp: iat + 600, attested_keys: keys.map(({ jwk }) => jwk), ...over }
    const input = `${textToBase64Url(JSON.stringify(header))}.${textToBase64Url(JSON.stringify(payload))}`
    return `${input}.${toBase64Url(derToRaw(sign('sha256', Buffer.from(input), by.privateKey)))}`
  }
  const askEudi = (token: string, jwt: string) =>
    post('/eudi/credential', 'application/json', JSON.stringify(withProofs(jwt)), {
      authorization: `Bearer ${token}`,
    })

  test('it issues one credential for every attested key, the proof naming its key by number', async () => {
    const { token } = await collecting()
    const keys = [aKey(), aKey(), aKey()]
    const fresh = await nonce()
    const jwt = await proof({
      key: keys[0] as Key,
      header: { jwk: undefined, kid: '0', key_attestation: await attestation(keys, { nonce: fresh }) },
      payload: { aud: `${issuer}/eudi`, nonce: fresh },
    })
    const { status, body } = await askEudi(token, jwt)
    expect({ status, body }).toMatchObject({ status: 200 })
    expect(body['credentials']).toHaveLength(3)
  })

  test.each<[string, (keys: Key[]) => Promise<Record<string, unknown>>]>([
    ['ended', async (keys) => ({ key_attestation: await attestation(keys, { exp: 1 }) })],
    ['of next year', async (keys) => ({ key_attestation: await attestation(keys, { nbf: 4e9 }) })],
    ['for another nonce', async (keys) => ({ key_attestation: await attestation(keys, { nonce: 'other' }) })],
    ['of other keys', async () => ({ key_attestation: await attestation([aKey()]) })],
    ['of no keys', async () => ({ key_attestation: await attestation([]) })],
    [
      'of eleven keys',
      async (keys) => ({
        key_attestation: await attestation([...keys, ...Array.from({ length: 10 }, aKey)]),
      }),
    ],
  ])('an attestation %s is refused', async (_what, header) => {
    const { token, award } = await collecting()
    const key = aKey()
    const jwt = await proof({
      key,
      header: { jwk: undefined, kid: '0', ...(await header([key])) },
      payload: { aud: `${issuer}/eudi`, nonce: await nonce() },
    })
    expect((await askEudi(token, jwt)).body['error']).toBe('invalid_proof')
    expect(await w.store.credentialsOfAward(award.id)).toEqual([])
  })

  test.each([{ exp: 1 }, { exp: 'never' }, { nbf: 4e9 }])(
    'RFC 7519 §4.1: a proof that says itself it is not in force, %o, is refused though its key is attested',
    async (over) => {
      const { token } = await collecting()
      const key = aKey()
      const jwt = await proof({
        key,
        header: { jwk: undefined, kid: '0', key_attestation: await attestation([key]) },
        payload: { aud: `${issuer}/eudi`, nonce: await nonce(), ...over },
      })
      expect((await askEudi(token, jwt)).body['error']).toBe('invalid_proof')
    },
  )
})

describe('/notification', () => {
  async function issued() {
    const { token, offer } = await collecting()
    const { body } = await askCredential(token, withProofs(await proof()))
    return { token, offer, id: String(body['notification_id']) }
  }
  const notify = (token: string, body: unknown) =>
    post('/notification', 'application/json', JSON.stringify(body), { authorization: `Bearer ${token}` })

  test('what became of the credential stands in the log of its offer; saying it twice is harmless', async () => {
    const { token, offer, id } = await issued()
    const sent = { notification_id: id, event: 'credential_failure', event_description: 'My secret name' }
    expect((await notify(token, sent)).status).toBe(204)
    expect((await notify(token, sent)).status).toBe(204)
    const log = await w.store.offerLog(offer.id, 10)
    expect(log.map(({ what }) => what)).toContain('credential-failure')
    expect(JSON.stringify(log)).not.toContain('My secret name')
  })

  test('an unknown id, a foreign id, an unknown event and a missing token are each refused', async () => {
    const [one, other] = [await issued(), await issued()]
    const event = 'credential_accepted'
    expect((await notify(one.token, { notification_id: 'n-x', event })).body['error']).toBe(
      'invalid_notification_id',
    )
    const foreign = await notify(one.token, { notification_id: other.id, event })
    expect(foreign.body['error']).toBe('invalid_notification_id')
    const unknown = await notify(one.token, { notification_id: one.id, event: 'lost' })
    expect(unknown.body['error']).toBe('invalid_notification_request')
    expect((await notify('', { notification_id: one.id, event })).status).toBe(401)
  })
})
