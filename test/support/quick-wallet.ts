import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { exportJWK, type JWK, SignJWT } from 'jose'

/**
 * A wallet written from OpenID4VCI 1.0 for drills with many claims: nothing but the requests of the
 * specification, no retries, no caching. The flows with a foreign library use `wallet.ts`.
 */
export interface QuickWallet {
  publicJwk: JWK
  /** Follows the claim page to one credential. Throws on any answer that is not the expected one. */
  collect(claimUrl: string): Promise<string>
}

/** `through` is asked instead of the network, for an academy without an address. */
export async function quickWallet(through: typeof fetch = fetch): Promise<QuickWallet> {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const publicJwk = await exportJWK(publicKey)
  return { publicJwk, collect: (claimUrl) => collect(claimUrl, publicJwk, privateKey, through) }
}

interface OfferObject {
  credential_issuer: string
  credential_configuration_ids: string[]
  grants: Record<string, { 'pre-authorized_code': string }>
}

async function collect(
  claimUrl: string,
  jwk: JWK,
  key: KeyObject,
  fetch: typeof globalThis.fetch,
): Promise<string> {
  const page = await (await expectOk(fetch(claimUrl))).text()
  const offerUrl = /credential_offer_uri=([^"'<&\s]+)/.exec(page)?.[1]
  if (!offerUrl) throw new Error('the claim page holds no offer link')
  const offer = await json<OfferObject>(fetch(decodeURIComponent(offerUrl)))
  const issuer = offer.credential_issuer
  const grant = 'urn:ietf:params:oauth:grant-type:pre-authorized_code'
  const token = await json<{ access_token: string }>(
    fetch(`${issuer}/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: grant,
        'pre-authorized_code': offer.grants[grant]?.['pre-authorized_code'] ?? '',
      }),
    }),
  )
  const { c_nonce: nonce } = await json<{ c_nonce: string }>(fetch(`${issuer}/nonce`, { method: 'POST' }))
  const proof = await new SignJWT({ aud: issuer, nonce })
    .setProtectedHeader({ typ: 'openid4vci-proof+jwt', alg: 'ES256', jwk })
    .setIssuedAt()
    .sign(key)
  const answer = await json<{ credentials: { credential: string }[] }>(
    fetch(`${issuer}/credential`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token.access_token}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        credential_configuration_id: offer.credential_configuration_ids[0],
        proofs: { jwt: [proof] },
      }),
    }),
  )
  const credential = answer.credentials[0]?.credential
  if (!credential) throw new Error('no credential came')
  return credential
}

async function expectOk(request: Promise<Response>): Promise<Response> {
  const response = await request
  if (!response.ok) throw new Error(`${new URL(response.url).pathname} answered ${response.status}`)
  return response
}

async function json<T>(request: Promise<Response>): Promise<T> {
  return (await (await expectOk(request)).json()) as T
}
