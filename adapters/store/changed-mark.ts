import { randomBytes } from 'node:crypto'
import type { LearnerId, TenantTag } from '#core/ids.ts'
import type { RecordWrite } from '#core/records.ts'
import { partition, tenantOfId } from './keys.ts'

/** Facts of a tenant's learners are spread over this many partitions, by the first letter of their random part. */
export const buckets = Array.from('abcdefghijklmnopqrstuvwxyz234567')
export const bucketOf = (id: LearnerId) => id.slice(id.lastIndexOf('-') + 1)[0] ?? 'a'
export const bucketKey = (tenant: TenantTag, bucket: string) => partition(tenant, `STATS#${bucket}`)

export const changed = 'CHANGED#'

/**
 * Says that the facts statistics keep of this learner are to be made again. It stands in the transaction of
 * whatever changed, and is one small put that meets nobody: each change leaves another number.
 */
export function changedMark(learnerId: LearnerId): RecordWrite {
  const mark = 1 + randomBytes(6).readUIntBE(0, 6)
  const pk = bucketKey(tenantOfId(learnerId), bucketOf(learnerId))
  return { put: { pk, sk: `${changed}${learnerId}`, version: mark, data: {} } }
}
