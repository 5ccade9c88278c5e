import { bytesOf, fromBase64Url, toBase64Url } from './base64url.ts'
import { Malformed } from './malformed.ts'

/** Public EC key on P-256, the only kind the academy signs and verifies with. */
export interface PublicJwk {
  kty: 'EC'
  crv: 'P-256'
  x: string
  y: string
}

/** Members that hold private or secret parts (RFC 7518 §6.2.2, §6.3.2, §6.4.1). */
const secretMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv']

/**
 * A JWK from outside to a public P-256 key with only its four members. Refuses keys of other kinds and
 * keys that carry a private part. Whether the point lies on the curve is seen when the key is imported.
 */
export function parsePublicJwk(input: unknown): PublicJwk {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) throw notSupported()
  const jwk = input as Record<string, unknown>
  if (secretMembers.some((member) => Object.hasOwn(jwk, member))) {
    throw new Malformed('key_not_supported', 'The key carries a private part.')
  }
  const { kty, crv, x, y } = jwk
  if (kty !== 'EC' || crv !== 'P-256' || typeof x !== 'string' || typeof y !== 'string') throw notSupported()
  if (x.length !== 43 || y.length !== 43) throw notSupported()
  fromBase64Url(x)
  fromBase64Url(y)
  return { kty, crv, x, y }
}

/** What RFC 7638 hashes: the required members, in order, without spaces. */
export function thumbprintInput(jwk: PublicJwk): Uint8Array {
  return bytesOf(thumbprintText(jwk))
}

/** The same as text. */
export function thumbprintText({ crv, kty, x, y }: PublicJwk): string {
  return JSON.stringify({ crv, kty, x, y })
}

/** RFC 7638 thumbprint, base64url, with the hash of the platform at hand. */
export async function thumbprint(
  jwk: PublicJwk,
  sha256: (bytes: Uint8Array) => Uint8Array | Promise<Uint8Array>,
): Promise<string> {
  return toBase64Url(await sha256(thumbprintInput(jwk)))
}

function notSupported(): Malformed {
  return new Malformed('key_not_supported', 'The key is not an EC P-256 public key.')
}
