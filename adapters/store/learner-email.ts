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
  const holders = await holdersOf(parts, id, mac)
  return holders.some(({ learnerId }) => learnerId !== id) ? [] : taken(parts, id, mac)
}

/** The learners of an institution who have this address: one, or those who shared it before it could be only one's. */
export async function learnersOfEmail(
  parts: EmailParts,
  tenant: TenantTag,
  email: string,
): Promise<LearnerId[]> {
  const { pk } = keys.email(tenant, macOfEmail(parts, tenant, email))
  const { items } = await parts.records.query({ pk, limit: mostShared })
  return [...new Set(items.map((item) => fromItem(zHolder, 'address of a learner', item).learnerId))]
}

const mostShared = 100

async function left(parts: EmailParts, id: LearnerId, mac: string | undefined): Promise<RecordWrite[]> {
  if (mac === undefined) return []
  const own = (await holdersOf(parts, id, mac)).filter(({ learnerId }) => learnerId === id)
  return own.map(({ key, version }) => ({ delete: key, if: { version } }))
}

async function taken(parts: EmailParts, id: LearnerId, mac: string | undefined): Promise<RecordWrite[]> {
  const tenant = tenantOf(id)
  if (mac === undefined || !tenant) return []
  // Those stored before addresses were claimed have an item of their own, so one question finds them, too.
  const holders = await holdersOf(parts, id, mac)
  if (holders.some(({ learnerId }) => learnerId !== id)) throw addressTaken()
  const put = { ...keys.email(tenant, mac), version: 1, data: { learnerId: id } }
  return [{ put, if: 'absent' }]
}

async function holdersOf({ records }: EmailParts, id: LearnerId, mac: string) {
  const tenant = tenantOf(id)
  if (!tenant) return []
  const { items } = await records.query({ pk: keys.email(tenant, mac).pk, limit: mostShared })
  return items.map((item) => ({
    key: { pk: item.pk, sk: item.sk },
    version: item.version,
    learnerId: fromItem(zHolder, 'address of a learner', item).learnerId,
  }))
}
