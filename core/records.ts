/**
 * The narrow port to a key-value store with two secondary indexes. It speaks only what SQLite and
 * DynamoDB do exactly alike; `test/contracts/records.ts` holds both to it.
 */
export interface Records {
  /** Strongly consistent read of one item; `undefined` when there is none or its `ttl` has passed. */
  get(key: RecordKey): Promise<RecordItem | undefined>
  /**
   * Items of one partition in order of the sort key; items with the same sort key of an index come in some
   * order that stays the same. Indexes may lag: never read your own write through one.
   */
  query(query: RecordQuery): Promise<{ items: RecordItem[]; cursor?: string }>
  /**
   * All or nothing. At most 100 writes, 4 MiB together, one per item. Refuses `storage_full` and
   * `storage_busy` with nothing written; any other failure leaves open whether it was, so ask again with
   * the request's idempotency item.
   */
  transact(writes: RecordWrite[]): Promise<TransactResult>
}

/** `keys` holds wrapped per-learner data keys and nothing else, so that it can have its own backup rules. */
export type RecordTable = 'records' | 'keys'

export interface RecordKey {
  table?: RecordTable
  /** Partition key; always begins `T#<tenant tag>`. */
  pk: string
  sk: string
}

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

export interface RecordItem extends RecordKey {
  /** From where it begins raised by one with every put; the condition `{ version: n }` compares it. */
  version: number
  gsi1?: { pk: string; sk: string }
  gsi2?: { pk: string; sk: string }
  /** Seconds since 1970 after which the item is no longer answered and may be removed. */
  ttl?: number
  data: { [key: string]: Json }
}

export interface RecordQuery {
  table?: RecordTable
  index?: 'gsi1' | 'gsi2'
  pk: string
  /** Prefix, or an inclusive range, of the sort key; compared by its UTF-8 bytes. */
  sk?: { beginsWith: string } | { from: string; to: string }
  /** 1 to 1,000. */
  limit: number
  descending?: boolean
  /** Opaque; from the last answer of the same query. */
  cursor?: string
}

/** `absent`: there is no such item. `present`: there is one. `version`: there is one with this version. */
export type RecordCondition = 'absent' | 'present' | { version: number }

export type RecordWrite =
  /** `forgets`: what stood there is to be readable nowhere once this is answered, as a deleted item of `keys` is. */
  | { put: RecordItem; if?: RecordCondition; forgets?: true }
  | { delete: RecordKey; if?: RecordCondition }
  | { check: RecordKey; if: RecordCondition }

/** `failed` is the position of the first write whose condition did not hold; `found` the item that was there. */
export type TransactResult = { ok: true } | { ok: false; failed: number; found?: RecordItem }

export const recordLimits = {
  writesPerTransaction: 100,
  bytesPerTransaction: 4 * 1024 * 1024,
  bytesPerItem: 400 * 1024,
  itemsPerQuery: 1000,
} as const
