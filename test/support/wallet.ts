import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { globalAgent, request as httpsRequest } from 'node:https'
import { rootCertificates } from 'node:tls'
import { OpenID4VCIClientV1_0_15 } from '@sphereon/oid4vci-client'
import { exportJWK, type JWK, SignJWT } from 'jose'

/**
 * A wallet on Sphereon's OpenID4VCI client, which shares no code with our issuer. It speaks https only and
 * is told which certificate to trust, as a phone would trust a public authority.
 */
export interface Wallet {
  publicJwk: JWK
  /** Follows an offer link to the end: offer, metadata, token, nonce, proof, credential, notification. */
  collect(uri: string, options?: CollectOptions): Promise<CollectedCredential[]>
}

/** Hears what must stay between wallet and issuer: codes, tokens, nonces, proofs, credentials. */
export type Confide = (kind: string, value: string | undefined) => void

interface CollectOptions {
  txCode?: string
  /** Only these configurations; all of the offer otherwise. */
  configurationIds?: string[]
  /** A key of its own for every credential, as careful wallets do. */
  freshKeys?: boolean
}

interface CollectedCredential {
  configurationId: string
  format: string
  credential: string
  notificationId: string | undefined
  /** The key the credential is bound to. */
  holder: HolderKey
}

/** A key of a wallet, with what a presentation needs. */
interface HolderKey {
  publicJwk: JWK
  privateKey: KeyObject
  /** Presents an SD-JWT VC to somebody who asked: adds the key binding JWT (RFC 9901 §4.3). */
  present(sdJwt: string, asked: { nonce: string; audience: string; now: Date }): Promise<string>
}

export async function makeWallet(
  trusted: string,
  now: () => Date = () => new Date(),
  confide: Confide = () => undefined,
): Promise<Wallet> {
  // The client fetches through the process's https agent: this is where its trust lives.
  const known = globalAgent.options.ca
  const list = known === undefined ? [...rootCertificates] : [known].flat()
  globalAgent.options.ca = [...list, trusted] as string[]
  const main = await makeHolderKey()

  return {
    publicJwk: main.publicJwk,

    async collect(uri, options = {}) {
      const client = await OpenID4VCIClientV1_0_15.fromURI({
        uri,
        alg: 'ES256',
        retrieveServerMetadata: true,
      })
      confide('offer link', uri)
      confide('pre-authorized code', client.credentialOffer?.preAuthorizedCode)
      const token = await client.acquireAccessToken(
        options.txCode === undefined ? {} : { pin: options.txCode },
      )
      confide('access token of a wallet', token.access_token)
      const collected: CollectedCredential[] = []
      for (const configurationId of options.configurationIds ?? client.getCredentialOfferConfigurationIds()) {
        const supported = client.getCredentialsSupported(false)[configurationId]
        if (!supported) throw new Error(`the issuer's metadata do not have ${configurationId}`)
        const holder = options.freshKeys ? await makeHolderKey() : main
        confide('nonce', await client.acquireNonce())
        const answer = await client.acquireCredentials({
          credentialConfigurationId: configurationId,
          format: supported.format as never,
          jwk: holder.publicJwk as never,
          alg: 'ES256',
          proofCallbacks: {
            signCallback: async (jwt) => {
              const payload = { ...jwt.payload, iat: Math.floor(now().getTime() / 1000) }
              const proof = await new SignJWT(payload as never)
                .setProtectedHeader({ ...jwt.header, alg: 'ES256' } as never)
                .sign(holder.privateKey)
              confide('proof', proof)
              return proof
            },
          },
        })
        const credentials = (answer.credentials ?? []) as { credential: string }[]
        for (const { credential } of credentials) {
          confide('credential', credential)
          const { notification_id: notificationId } = answer as { notification_id?: string }
          collected.push({ configurationId, format: supported.format, credential, notificationId, holder })
        }
        const { notification_id: id } = answer as { notification_id?: string }
        const { notification_endpoint: endpoint } = client.endpointMetadata.credentialIssuerMetadata ?? {}
        confide('notification id', id)
        if (id && typeof endpoint === 'string') {
          await client.sendNotification(
            { notificationEndpoint: endpoint },
            { notification_id: id, event: 'credential_accepted' } as never,
            answer.access_token,
          )
        }
      }
      return collected
    },
  }
}

async function makeHolderKey(): Promise<HolderKey> {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return {
    publicJwk: await exportJWK(publicKey),
    privateKey,
    async present(sdJwt, { nonce, audience, now }) {
      const hash = createHash('sha256').update(sdJwt).digest('base64url')
      const binding = await new SignJWT({ nonce, aud: audience, sd_hash: hash })
        .setProtectedHeader({ typ: 'kb+jwt', alg: 'ES256' })
        .setIssuedAt(now)
        .sign(privateKey)
      return `${sdJwt}${binding}`
    },
  }
}

export interface PlainAnswer {
  status: number
  headers: Record<string, string | string[] | undefined>
  text: string
  json(): Record<string, unknown>
}

/** One https request with full control over what is sent: for hostile cases no wallet library would send. */
export function rawRequest(
  url: string,
  trusted: string,
  sent: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<PlainAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<PlainAnswer>()
  const request = httpsRequest(
    url,
    { method: sent.method ?? 'GET', headers: sent.headers ?? {}, ca: trusted, agent: false },
    (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        text += chunk
      })
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text,
          json: () => JSON.parse(text) as Record<string, unknown>,
        }),
      )
    },
  )
  request.on('error', reject)
  request.end(sent.body)
  return promise
}
