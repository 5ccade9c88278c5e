import { createHash } from 'node:crypto'
import type { Json, RecordItem, RecordKey, Records, RecordWrite } from '#core/records.ts'
import { Refusal } from '#core/refusal.ts'
import type { Request } from '#core/store.ts'
import { keys } from './keys.ts'

/** What happened to a set of writes that may have been sent before. */
export type OnceResult =
  | { outcome: 'written' }
  /** This request was answered before; `result` is what was stored with it. */
  | { outcome: 'repeated'; result: Json }
  /** Write number `failed` (as the caller counts) did not meet its condition. */
  | { outcome: 'failed'; failed: number; found?: RecordItem }

const keptDays = 30

/**
 * Writes all or nothing together with the request's idempotency item. The same request again answers
 * what was stored the first time; the same `requestId` with another input is refused.
 */
export async function writeOnce(
  records: Records,
  now: Date,
  request: Request,
  result: Json,
  writes: RecordWrite[],
): Promise<OnceResult> {
  const marker: RecordItem = {
    ...markerKey(request),
    version: 1,
    ttl: Math.floor(now.getTime() / 1000) + keptDays * 86_400,
    data: { inputHash: request.inputHash, result },
  }
  const answer = await records.transact([{ put: marker, if: 'absent' }, ...writes])
  if (answer.ok) return { outcome: 'written' }
  if (answer.failed === 0) return { outcome: 'repeated', result: resultOf(answer.found, request) }
  return { outcome: 'failed', failed: answer.failed - 1, ...(answer.found ? { found: answer.found } : {}) }
}

/**
 * Whether this very request was answered before, and with what. For actions whose own effect makes a
 * repeat look wrong (a revoked award cannot be revoked): they ask first, and `writeOnce` still settles races.
 */
export async function findAnswer(records: Records, request: Request): Promise<{ result: Json } | undefined> {
  const found = await records.get(markerKey(request))
  return found && { result: resultOf(found, request) }
}

function markerKey(request: Request): RecordKey {
  const hash = createHash('sha256')
    .update(JSON.stringify([request.operation, request.requestId]))
    .digest('hex')
  return keys.idempotency(request.tenant, hash)
}

function resultOf(found: RecordItem | undefined, request: Request): Json {
  if (found?.data['inputHash'] !== request.inputHash) {
    throw new Refusal('request_conflict', 'requestId: was used before with other input.', {
      field: 'requestId',
    })
  }
  return found.data['result'] ?? null
}
