import * as z from 'zod'
import {
  type AuditBody,
  type AuditEntry,
  type AuditStore,
  auditActions,
  auditHash,
  firstAuditHash,
} from '#core/audit/audit.ts'
import type { TenantTag } from '#core/ids.ts'
import type { Json, RecordItem, RecordWrite } from '#core/records.ts'
import { Refusal } from '#core/refusal.ts'
import type { Request } from '#core/store.ts'
import { at, keys } from './keys.ts'
import { type OnceResult, writeOnce } from './once.ts'
import { pageOf, type StoreParts } from './store-parts.ts'
import { fromItem, toData, zDate, zId, zTenant } from './z-items.ts'

const zEntry = z.object({
  tenant: zTenant,
  seq: z.int().min(1),
  at: zDate,
  action: z.enum(auditActions),
  by: z.string(),
  about: z.string(),
  learnerId: zId('lrn').exactOptional(),
  detail: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  previousHash: z.string(),
  hash: z.string(),
}) satisfies z.ZodType<AuditEntry>

const zHead = z.object({ seq: z.int().min(1), hash: z.string() })

/** The log of decisions, one line after the other: all of an institution meet on its head item. */
export function auditStore(parts: StoreParts): AuditStore {
  return {
    auditTrail: (tenant, page) =>
      pageOf(parts, tenant, { index: 'gsi2', pk: keys.auditLog(tenant), descending: true }, page, (item) =>
        fromItem(zEntry, 'audit entry', item),
      ),
  }
}

/**
 * The writes that add a line to the log, for the transaction of what it tells. When one of them fails,
 * another line came first: ask for them again.
 */
export async function auditWrites(
  { records, clock }: StoreParts,
  tenant: TenantTag,
  body: AuditBody,
): Promise<RecordWrite[]> {
  const item = await records.get(keys.auditHead(tenant))
  const head = item ? fromItem(zHead, 'head of the audit log', item) : { seq: 0, hash: firstAuditHash }
  const now = clock.now()
  const unhashed = { ...body, tenant, seq: head.seq + 1, at: now, previousHash: head.hash }
  const entry: AuditEntry = { ...unhashed, hash: auditHash(unhashed) }
  const next: RecordItem = {
    ...keys.auditHead(tenant),
    version: (item?.version ?? 0) + 1,
    data: { seq: entry.seq, hash: entry.hash },
  }
  const line: RecordItem = {
    ...keys.auditEntry(tenant, at(now).slice(0, 7), entry.seq),
    version: 1,
    ...(body.learnerId ? { gsi1: { pk: keys.learnerPartition(body.learnerId), sk: `AUD#${at(now)}` } } : {}),
    gsi2: { pk: keys.auditLog(tenant), sk: String(entry.seq).padStart(10, '0') },
    data: toData(entry),
  }
  return [
    { put: next, if: item ? { version: item.version } : 'absent' },
    { put: line, if: 'absent' },
  ]
}

const tries = 20

/** `writeOnce` with a line in the log; writes that come second at the log's head try again. */
export async function writeAudited(
  parts: StoreParts,
  request: Request,
  result: Json,
  writes: RecordWrite[],
  audit: AuditBody | undefined,
): Promise<OnceResult> {
  for (let attempt = 0; attempt < tries; attempt++) {
    const lines = audit ? await auditWrites(parts, request.tenant, audit) : []
    const outcome = await writeOnce(parts.records, parts.clock.now(), request, result, [...writes, ...lines])
    if (outcome.outcome !== 'failed' || outcome.failed < writes.length) return outcome
  }
  throw new Refusal('storage_busy', 'Too many decisions of one institution at once; try again.')
}
