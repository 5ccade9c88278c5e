import { bytesOf, textToBase64Url, toBase64Url } from '#core/jose/base64url.ts'
import type { SealCertificate } from './issuer-certificate.ts'

/** Algorithms of a seal (RFC 7518 §3.1). Certificates of trust services are still mostly RSA. */
export const sealAlgorithms = ['ES256', 'RS256', 'PS256'] as const
export type SealAlgorithm = (typeof sealAlgorithms)[number]

/** A key that seals. A `Signer` of the ports is one with `ES256`. */
export interface SealKey {
  alg: SealAlgorithm
  /** DER certificates, leaf first, base64. */
  x5c: readonly string[]
  /** `bytes` are what is signed, not their digest. ES256 answers r‖s. */
  sign(bytes: Uint8Array): Promise<Uint8Array>
}

/**
 * How the time of signing is claimed. `iat` is the form of ETSI TS 119 182-1 v1.2.1, required since
 * 2025-07-15; `sigT` the older one, for validators that do not know the newer.
 */
export type SigningTime = 'iat' | 'sigT'

/**
 * Seals a credential: JAdES baseline B (ETSI TS 119 182-1 §6) in JWS general JSON serialisation with the
 * payload as it is (RFC 7797), because the European wallet reads `payload` as JSON text and knows a seal
 * by that member coming first.
 */
export async function seal(
  payload: string,
  key: SealKey,
  certificate: Pick<SealCertificate, 'digest' | 'issuerSerial'>,
  { at, signingTime }: { at: Date; signingTime: SigningTime },
): Promise<string> {
  const protectedHeader = textToBase64Url(
    JSON.stringify({
      alg: key.alg,
      typ: 'jose+json',
      cty: 'json',
      kid: certificate.issuerSerial,
      'x5t#S256': certificate.digest,
      x5c: key.x5c,
      ...(signingTime === 'iat'
        ? { iat: Math.floor(at.getTime() / 1000) }
        : { sigT: `${at.toISOString().slice(0, 19)}Z` }),
      b64: false,
      crit: signingTime === 'iat' ? ['b64'] : ['b64', 'sigT'],
    }),
  )
  const signature = toBase64Url(await key.sign(signingInput(protectedHeader, payload)))
  return JSON.stringify({ payload, signatures: [{ protected: protectedHeader, signature }] })
}

/** RFC 7797 §3: the payload is signed as its UTF-8 bytes. */
export function signingInput(protectedHeader: string, payload: string): Uint8Array {
  return bytesOf(`${protectedHeader}.${payload}`)
}
