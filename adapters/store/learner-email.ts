import * as z from 'zod'
import { type LearnerId, type TenantTag, tenantOf } from '#core/ids.ts'
import type { RecordWrite } from '#core/records.ts'
import { keys } from './keys.ts'
import type { StoreParts } from './store-parts.ts'
import { fromItem, zId } from './z-items.ts'

const zHolder = z.object({ learnerId: zId('lrn') })

/** What an address is called in keys: nobody reads it back, and it goes with the learner. Case does not count. */
export function macOfEmail(
  { masterKey }: Pick<StoreParts, 'masterKey'>,
  tenant: TenantTag,
  email: string,
): string {
  return masterKey.mac('email', JSON.stringify([tenant, email.normalize('NFKC').toLowerCase()]))
}

/** Moves the entry of a learner from one address to another. */
export function emailWrites(id: LearnerId, from: string | undefined, to: string | undefined): RecordWrite[] {
  const tenant = tenantOf(id)
  if (!tenant || from === to) return []
  return [
    ...(from === undefined ? [] : [{ delete: keys.email(tenant, from, id) }]),
    ...(to === undefined
      ? []
      : [{ put: { ...keys.email(tenant, to, id), version: 1, data: { learnerId: id } } }]),
  ]
}

/** Some learners of an institution who have this address: two at most, which is one too many. */
export async function learnersOfEmail(
  parts: Pick<StoreParts, 'masterKey' | 'records'>,
  tenant: TenantTag,
  email: string,
): Promise<LearnerId[]> {
  const { pk } = keys.email(tenant, macOfEmail(parts, tenant, email), '')
  const { items } = await parts.records.query({ pk, limit: 2 })
  return items.map((item) => fromItem(zHolder, 'address of a learner', item).learnerId)
}
