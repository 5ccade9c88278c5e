import { platformTag, type TenantTag } from '#core/ids.ts'
import type { Clock, PublishedKey, Signer, Signers } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import type { KeyStore } from './key-store.ts'
import type { KeyVault } from './key-vault.ts'
import { isPublished, type SigningKey } from './signing-key.ts'

interface Parts {
  vault: KeyVault
  store: Pick<KeyStore, 'findActiveKid' | 'findSigningKey' | 'readKeyRegister'>
  clock: Clock
  mac: Signers['mac']
}

type Wanted = Pick<SigningKey, 'kid' | 'location' | 'x5c'>

/**
 * `Signers` that ask the register which key signs, and the vault to sign. The register is read each time, so
 * a key that was revoked signs and verifies nothing from the next moment on; opened signers are kept.
 */
export function registeredSigners({ vault, store, clock, mac }: Parts): Signers {
  const opened = new Map<string, { x5c: string; signer: Promise<Signer> }>()

  function open(tenant: TenantTag, { kid, location, x5c }: Wanted): Promise<Signer> {
    const name = `${tenant} ${kid}`
    const chain = x5c?.join() ?? ''
    const known = opened.get(name)
    if (known?.x5c === chain) return known.signer
    const signer = vault.signer(tenant, { kid, location, ...(x5c ? { x5c } : {}) })
    // A failure must not be remembered: the next one asks again.
    signer.catch(() => opened.delete(name))
    opened.set(name, { x5c: chain, signer })
    return signer
  }

  async function activeKey(tenant: TenantTag): Promise<Wanted> {
    const kid = await store.findActiveKid(tenant)
    if (kid === undefined) return vault.first(tenant)
    const key = await store.findSigningKey(tenant, kid)
    if (!key) throw new Error('the register names an active key that is not in it')
    return key
  }

  return {
    async active(tenant) {
      const signer = await open(tenant, await activeKey(tenant))
      if (tenant !== platformTag && signer.x5c.length === 0) {
        throw new Refusal(
          'signing_key_unavailable',
          'The institution’s signing key has no certificate yet: its operator must import one.',
        )
      }
      return signer
    },

    async published(tenant) {
      const now = clock.now()
      const { version, keys } = await store.readKeyRegister(tenant)
      const shown: Wanted[] =
        version === 0 ? [await vault.first(tenant)] : keys.filter((key) => isPublished(key, now))
      return Promise.all(shown.map(async (key) => publicPart(await open(tenant, key))))
    },

    async find(tenant, kid) {
      const key = await store.findSigningKey(tenant, kid)
      if (key) return { kid, publicJwk: key.publicJwk, state: key.state }
      if ((await store.findActiveKid(tenant)) !== undefined) return undefined
      const first = await vault.first(tenant)
      return first.kid === kid ? { kid, publicJwk: first.publicJwk, state: 'active' } : undefined
    },

    anchors: () => vault.anchors(),

    async revocationList(tenant) {
      const { keys } = await store.readKeyRegister(tenant)
      const revoked = keys.filter(({ state }) => state === 'revoked')
      return vault.revocationList(
        tenant,
        new Map(revoked.map(({ kid, history }) => [kid, history.at(-1)?.at ?? clock.now()])),
      )
    },

    mac,
  }
}

function publicPart({ kid, alg, publicJwk, x5c }: Signer): PublishedKey {
  return { kid, alg, publicJwk, x5c }
}
