import * as z from 'zod'
import type { TenantTag } from '#core/ids.ts'
import { parse } from '#core/parse.ts'
import type { Clock, Random } from '#core/ports.ts'
import type { RecordItem, RecordQuery, Records } from '#core/records.ts'
import { Refusal } from '#core/refusal.ts'
import type { Page } from '#core/store.ts'
import type { Trace } from '#core/trace.ts'
import type { MasterKey } from './master-key.ts'

/** What every repository of the store stands on. */
export interface StoreParts {
  records: Records
  clock: Clock
  random: Random
  masterKey: MasterKey
  /** Absent where nobody watches. */
  trace?: Pick<Trace, 'current'>
}

export interface PageRequest {
  limit: number
  cursor?: string
}

const zPage = z.object({ limit: z.int().min(1).max(1000), cursor: z.string().max(2048).exactOptional() })

/**
 * One page of a query. The cursor a caller sees is sealed to the tenant and the query: one from another
 * tenant or another list is refused like a made-up one.
 */
export async function pageOf<T>(
  parts: StoreParts,
  tenant: TenantTag,
  query: Omit<RecordQuery, 'limit' | 'cursor'>,
  asked: PageRequest,
  decode: (item: RecordItem) => T,
): Promise<Page<T>> {
  const { limit, cursor } = parse(zPage, asked)
  const boundTo = JSON.stringify([tenant, query])
  const answer = await parts.records.query({
    ...query,
    limit,
    ...(cursor === undefined ? {} : { cursor: await openCursor(parts, cursor, boundTo) }),
  })
  const items = answer.items.map(decode)
  if (answer.cursor === undefined) return { items }
  const sealed = await parts.masterKey.seal('cursor', Buffer.from(answer.cursor), boundTo)
  return { items, cursor: Buffer.from(sealed).toString('base64url') }
}

async function openCursor(parts: StoreParts, cursor: string, boundTo: string): Promise<string> {
  const opened = await parts.masterKey.open('cursor', Buffer.from(cursor, 'base64url'), boundTo)
  if (!opened) {
    throw new Refusal('invalid_input', 'after: is not a cursor of this list.', { field: 'after' })
  }
  return Buffer.from(opened).toString()
}

/** Items of a query, page by page, however many there are. */
export async function* pagesOf(
  records: Records,
  query: Omit<RecordQuery, 'limit' | 'cursor'>,
  limit: number = 500,
): AsyncGenerator<RecordItem> {
  let cursor: string | undefined
  do {
    const answer = await records.query({ ...query, limit, ...(cursor === undefined ? {} : { cursor }) })
    yield* answer.items
    cursor = answer.cursor
  } while (cursor !== undefined)
}

const mostItems = 10_000

/** Every item of a query that is bounded by its nature (one learner's records, the institutions). */
export async function allOf(
  records: Records,
  query: Omit<RecordQuery, 'limit' | 'cursor'>,
): Promise<RecordItem[]> {
  const items: RecordItem[] = []
  let cursor: string | undefined
  do {
    const answer = await records.query({ ...query, limit: 500, ...(cursor === undefined ? {} : { cursor }) })
    items.push(...answer.items)
    cursor = answer.cursor
    if (items.length > mostItems) throw new Error(`more than ${mostItems} items where few were expected`)
  } while (cursor !== undefined)
  return items
}
