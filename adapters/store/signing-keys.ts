import * as z from 'zod'
import type { KeyStore } from '#core/keys/key-store.ts'
import { keyRevocationReasons, keyStates, type SigningKey } from '#core/keys/signing-key.ts'
import type { RecordItem, RecordWrite } from '#core/records.ts'
import { Refusal } from '#core/refusal.ts'
import { writeAudited } from './audit.ts'
import { keys } from './keys.ts'
import { allOf, type StoreParts } from './store-parts.ts'
import { fromItem, toData, zDate, zTenant } from './z-items.ts'

const base = {
  kid: z.string(),
  tenant: zTenant,
  publicJwk: z.object({ kty: z.literal('EC'), crv: z.literal('P-256'), x: z.string(), y: z.string() }),
  location: z.string(),
  x5c: z.array(z.string()).exactOptional(),
  history: z.array(
    z.object({
      state: z.enum(keyStates),
      at: zDate,
      by: z.string(),
      reason: z.enum(keyRevocationReasons).exactOptional(),
      note: z.string().exactOptional(),
    }),
  ),
}

const zSigningKey = z.discriminatedUnion('state', [
  z.object({ ...base, state: z.literal('next'), usableFrom: zDate }),
  z.object({ ...base, state: z.literal('active') }),
  z.object({ ...base, state: z.literal('retired'), keepUntil: zDate }),
  z.object({ ...base, state: z.literal('revoked') }),
]) satisfies z.ZodType<SigningKey>

const zActive = z.object({ kid: z.string() })

// Every verification asks for one, and an engine that keeps items answers the very same one again.
const decoded = new WeakMap<RecordItem, SigningKey>()

function decode(item: RecordItem): SigningKey {
  const known = decoded.get(item)
  if (known) return known
  const key = fromItem(zSigningKey, 'signing key', item)
  decoded.set(item, key)
  return key
}

/** The register of signing keys. One item says which key is active; every change of the register goes over it. */
export function signingKeyStore(parts: StoreParts): KeyStore {
  const { records } = parts

  return {
    async findActiveKid(tenant) {
      const item = await records.get(keys.activeSigningKey(tenant))
      return item && fromItem(zActive, 'active signing key', item).kid
    },

    async findSigningKey(tenant, kid) {
      if (!/^[A-Za-z0-9_-]{43}$/.test(kid)) return undefined
      const item = await records.get(keys.signingKey(tenant, kid))
      return item && decode(item)
    },

    async readKeyRegister(tenant) {
      const pointer = keys.activeSigningKey(tenant)
      // Read before the keys: a change that comes between makes a write on this version fail.
      const version = (await records.get(pointer))?.version ?? 0
      const items = await allOf(records, { pk: keys.signingKeys(tenant) })
      return { version, keys: items.filter(({ sk }) => sk !== pointer.sk).map(decode) }
    },

    async saveKeysOnce(request, { version, active, keys: changed, audit }) {
      const { tenant } = request
      const pointer = { ...keys.activeSigningKey(tenant), version: version + 1, data: { kid: active } }
      const writes: RecordWrite[] = [
        { put: pointer, if: version === 0 ? 'absent' : { version } },
        ...changed.map((key): RecordWrite => {
          // The pointer's version orders all changes; these items need none of their own.
          return { put: { ...keys.signingKey(tenant, key.kid), version: version + 1, data: toData(key) } }
        }),
      ]
      const { outcome } = await writeAudited(parts, request, null, writes, audit)
      if (outcome === 'failed') {
        throw new Refusal('state_conflict', 'The keys have changed since they were read; look at them again.')
      }
    },
  }
}
