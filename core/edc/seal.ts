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
  const protectedHeader = headerOf(key, certificate, at, signingTime)
  const signature = toBase64Url(await key.sign(signingInput(protectedHeader, payload)))
  return JSON.stringify({ payload, signatures: [{ protected: protectedHeader, signature }] })
}

/** What does not change from seal to seal, encoded; by key, then by certificate and form of the time. */
const beginnings = new WeakMap<SealKey, Map<string, string>>()

/** The certificates make the header long and only the time differs, so all before it is encoded once for a key. */
function headerOf(
  key: SealKey,
  { digest, issuerSerial }: Pick<SealCertificate, 'digest' | 'issuerSerial'>,
  at: Date,
  signingTime: SigningTime,
): string {
  const known = beginnings.get(key) ?? new Map<string, string>()
  beginnings.set(key, known)
  const name = `${signingTime} ${digest} ${issuerSerial}`
  let beginning = known.get(name)
  if (beginning === undefined) {
    const members = JSON.stringify({
      alg: key.alg,
      typ: 'jose+json',
      cty: 'json',
      kid: issuerSerial,
      'x5t#S256': digest,
      x5c: key.x5c,
      b64: false,
      crit: signingTime === 'iat' ? ['b64'] : ['b64', 'sigT'],
    }).slice(0, -1)
    // Three bytes are four characters: with blanks up to there, the rest is encoded on its own.
    beginning = textToBase64Url(`${members},`.padEnd(Math.ceil((members.length + 1) / 3) * 3))
    known.set(name, beginning)
  }
  const time =
    signingTime === 'iat'
      ? `"iat":${Math.floor(at.getTime() / 1000)}}`
      : `"sigT":"${at.toISOString().slice(0, 19)}Z"}`
  return beginning + textToBase64Url(time)
}

/** RFC 7797 §3: the payload is signed as its UTF-8 bytes. */
export function signingInput(protectedHeader: string, payload: string): Uint8Array {
  return bytesOf(`${protectedHeader}.${payload}`)
}
