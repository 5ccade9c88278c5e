import type { AuditBody } from '#core/audit/audit.ts'
import type { TenantTag } from '#core/ids.ts'
import type { Request } from '#core/store.ts'
import type { KeyRegister, SigningKey } from './signing-key.ts'

export interface KeyStore {
  /** `kid` of the key that signs; `undefined` while the tenant has no register. Consistent, one small read. */
  findActiveKid(tenant: TenantTag): Promise<string | undefined>
  /** Consistent, one read. */
  findSigningKey(tenant: TenantTag, kid: string): Promise<SigningKey | undefined>
  readKeyRegister(tenant: TenantTag): Promise<KeyRegister>
  /**
   * Writes the keys that changed and who is active in one transaction, if nobody changed the register since
   * `version` was read; else `state_conflict`. Repeating the request does nothing.
   */
  saveKeysOnce(
    request: Request,
    change: { version: number; active: string; keys: SigningKey[]; audit?: AuditBody },
  ): Promise<void>
}
