import type { TenantTag } from '#core/ids.ts'
import type { PublicJwk } from '#core/jose/jwk.ts'
import type { Signer } from '#core/ports.ts'

/** A key as its vault knows it. What state it is in stands in the register, in the records. */
export interface VaultKey {
  /** RFC 7638 thumbprint, base64url. */
  kid: string
  publicJwk: PublicJwk
  /** By which the vault finds it again. */
  location: string
  createdAt?: Date
}

/**
 * Where private keys are: files of this deployment, or a key service. A vault makes keys and signs with
 * them; which one signs when is decided by the register (`core/keys/registered-signers.ts`).
 */
export interface KeyVault {
  /** The key a tenant begins with: the same one at every call. */
  first(tenant: TenantTag): Promise<VaultKey>
  /**
   * One more key, to be registered as the next one: made here, or the one that is already at `location`.
   * Refuses `invalid_input` (field `location`) where the vault needs the address, or has no use for one, or
   * there is no usable key; `signing_key_unavailable` when its service is away.
   */
  next(tenant: TenantTag, location?: string): Promise<VaultKey>
  /**
   * Signs with a key of this vault, with `x5c` as its certificates, or those the vault has for it (none: an
   * empty chain). Refuses `signing_key_unavailable` when the key is lost or its service is away.
   */
  signer(tenant: TenantTag, key: { kid: string; location: string; x5c?: readonly string[] }): Promise<Signer>
  /** DER anchors of our own institutions, base64. */
  anchors(): Promise<string[]>
  /**
   * The revocation list of the authority that certified a tenant's keys, DER, with the keys that were revoked
   * by `kid` and when; for the platform that of the root. `undefined` where the authority is not this
   * deployment and publishes its own.
   */
  revocationList(tenant: TenantTag, revoked: ReadonlyMap<string, Date>): Promise<Uint8Array | undefined>
}
