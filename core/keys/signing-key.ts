import type { TenantTag } from '#core/ids.ts'
import type { PublicJwk } from '#core/jose/jwk.ts'

/** `next` is published before it signs, `retired` still verifies, `revoked` verifies nothing any more. */
export const keyStates = ['next', 'active', 'retired', 'revoked'] as const
export type KeyState = (typeof keyStates)[number]

export const keyRevocationReasons = ['compromised', 'lost', 'superseded', 'other'] as const
export type KeyRevocationReason = (typeof keyRevocationReasons)[number]

/** What happened to a key, in order; the first line is its registration. */
export interface KeyHistoryEntry {
  state: KeyState
  at: Date
  /** Account that decided. */
  by: string
  reason?: KeyRevocationReason
  /** In words, for the institution's own record. */
  note?: string
}

interface KeyBase {
  /** RFC 7638 thumbprint of the public key, base64url. */
  kid: string
  tenant: TenantTag
  publicJwk: PublicJwk
  /** Where the private key is, in the words of the vault that holds it: `file`, or the address of a KMS key. */
  location: string
  /** An imported chain, leaf first, without the anchor, base64 DER; without one the vault's own certificate counts. */
  x5c?: string[]
  history: KeyHistoryEntry[]
}

/** One signing key in the register of its institution, or of the platform. */
export type SigningKey = KeyBase &
  (
    | { state: 'next'; usableFrom: Date }
    | { state: 'active' }
    /** Published until nothing it signed can be valid any more. */
    | { state: 'retired'; keepUntil: Date }
    | { state: 'revoked' }
  )

/** The register of one tenant. A tenant without one has the key its vault began with, and nothing else. */
export interface KeyRegister {
  /** Raised by one with every change of any key; 0 while nothing was ever changed. */
  version: number
  keys: SigningKey[]
}

/** Whether the key stands in the documents that name the tenant's keys. */
export function isPublished(key: SigningKey, now: Date): boolean {
  if (key.state === 'retired') return key.keepUntil > now
  return key.state !== 'revoked'
}
