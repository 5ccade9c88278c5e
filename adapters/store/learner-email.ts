import * as z from 'zod'
import { type LearnerId, type TenantTag, tenantOf } from '#core/ids.ts'
import { addressTaken } from '#core/learners/shared-address.ts'
import type { RecordWrite } from '#core/records.ts'
import { keys } from './keys.ts'
import type { StoreParts } from './store-parts.ts'
import { fromItem, zId } from './z-items.ts'

type EmailParts = Pick<StoreParts, 'masterKey' | 'records'>

const zHolder = z.object({ learnerId: zId('lrn') })

/** What an address is called in keys: nobody reads it back, and it goes with the learner. Case does not count. */
export function macOfEmail({ masterKey }: EmailParts, tenant: TenantTag, email: string): string {
  return masterKey.mac('email', JSON.stringify([tenant, email.normalize('NFKC').toLowerCase()]))
}

/**
 * Moves a learner from one address to another. An address is one account's: two who want it at once settle on its
 * one item. Refuses `invalid_input` for `email` when another account has it.
 */
export async function emailWrites(
  parts: EmailParts,
  id: LearnerId,
  from: string | undefined,
  to: string | undefined,
): Promise<RecordWrite[]> {
  if (from === to) return []
  return [...(await left(parts, id, from)), ...(await taken(parts, id, to))]
}

/**
 * The claim of a learner who was stored before addresses were claimed, made with whatever else is written about
 * them; none when another account has the address already.
 */
export async function lateEmailWrites(parts: EmailParts, id: LearnerId, mac: string): Promise<RecordWrite[]> {
  const tenant = tenantOf(id)
  return !tenant || (await isAnothers(parts, id, mac)) ? [] : [claim(tenant, id, mac)]
}

/** The learners of an institution who have this address: one, or those who shared it before it could be only one's. */
export async function learnersOfEmail(
  parts: EmailParts,
  tenant: TenantTag,
  email: string,
): Promise<LearnerId[]> {
  const holders = await holdersOf(parts, tenant, macOfEmail(parts, tenant, email))
  return [...new Set(holders.map(({ learnerId }) => learnerId))]
}

async function left(parts: EmailParts, id: LearnerId, mac: string | undefined): Promise<RecordWrite[]> {
  if (mac === undefined) return []
  const own = (await holdersOf(parts, tenantOf(id), mac)).filter(({ learnerId }) => learnerId === id)
  return own.map(({ key, version }) => ({ delete: key, if: { version } }))
}

async function taken(parts: EmailParts, id: LearnerId, mac: string | undefined): Promise<RecordWrite[]> {
  const tenant = tenantOf(id)
  if (mac === undefined || !tenant) return []
  if (await isAnothers(parts, id, mac)) throw addressTaken()
  return [claim(tenant, id, mac)]
}

const claim = (tenant: TenantTag, id: LearnerId, mac: string): RecordWrite => ({
  put: { ...keys.email(tenant, mac), version: 1, data: { learnerId: id } },
  if: 'absent',
})

// Those stored before addresses were claimed have an item of their own, so one question finds them, too.
async function isAnothers(parts: EmailParts, id: LearnerId, mac: string): Promise<boolean> {
  return (await holdersOf(parts, tenantOf(id), mac)).some(({ learnerId }) => learnerId !== id)
}

const mostShared = 100

async function holdersOf({ records }: EmailParts, tenant: TenantTag | undefined, mac: string) {
  if (!tenant) return []
  const { items } = await records.query({ pk: keys.email(tenant, mac).pk, limit: mostShared })
  return items.map((item) => ({
    key: { pk: item.pk, sk: item.sk },
    version: item.version,
    learnerId: fromItem(zHolder, 'address of a learner', item).learnerId,
  }))
}
