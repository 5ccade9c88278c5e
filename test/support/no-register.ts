import type { KeyStore } from '#core/keys/key-store.ts'

/** Nothing was ever registered: each tenant has the key its vault began with. */
export const noRegister: Pick<KeyStore, 'findActiveKid' | 'findSigningKey' | 'readKeyRegister'> = {
  findActiveKid: async () => undefined,
  findSigningKey: async () => undefined,
  readKeyRegister: async () => ({ version: 0, keys: [] }),
}
