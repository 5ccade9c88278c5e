import * as z from 'zod'
import type { BulkRow } from '#core/bulk/bulk-job.ts'
import type { BulkStore } from '#core/bulk/bulk-store.ts'
import type { BulkJobId } from '#core/ids.ts'
import { type RecordItem, type RecordWrite, recordLimits } from '#core/records.ts'
import { keys, tenantOfId } from './keys.ts'
import { openBytes, sealBytes } from './master-key.ts'
import { pageOf, type StoreParts } from './store-parts.ts'
import { zBulkRow, zCells } from './z-bulk.ts'
import { fromItem, toData } from './z-items.ts'

/** Rows and marks of a job are kept this long; receipts are asked for at the next audit of the institution. */
export const bulkKeptDays = 400

const zMark = z.object({ number: z.int().min(1) })
const zWrapped = z.object({ wrapped: z.string() })
const keptKeys = 50
/** Another process may have ended the job, and its key with it. */
const keptSeconds = 60

/** Rows of bulk jobs: what the file says of people stands only under the job's own data key. */
export function bulkRowStore(parts: StoreParts): Pick<
  BulkStore,
  'saveBulkRows' | 'bulkRows' | 'listBulkRows' | 'claimMarks'
> & {
  /** The key of the job is gone: it must not be used from memory either. */
  dropKey: (id: BulkJobId) => void
} {
  const { records, masterKey, clock } = parts
  const opened = new Map<BulkJobId, { key: Uint8Array; until: number }>()
  const ttl = () => Math.floor(clock.now().getTime() / 1000) + bulkKeptDays * 86_400

  /** `undefined` once the key is gone: then the cells are, too. */
  async function dataKey(id: BulkJobId): Promise<Uint8Array | undefined> {
    const now = clock.now().getTime() / 1000
    const known = opened.get(id)
    if (known && known.until > now) return known.key
    const item = await records.get(keys.bulkKey(id))
    if (!item) return undefined
    const wrapped = Buffer.from(fromItem(zWrapped, 'key of a bulk job', item).wrapped, 'base64')
    const key = await masterKey.open('bulk-key', wrapped, id)
    if (!key) throw new Error('the key of a bulk job does not open: is this the master key it was made with?')
    if (opened.size >= keptKeys) opened.clear()
    opened.set(id, { key, until: Math.min(item.ttl ?? now, now + keptSeconds) })
    return key
  }

  function itemOf(id: BulkJobId, row: BulkRow, key: Uint8Array | undefined): RecordItem {
    const { number, cells, ...open } = row
    const bad = row.state === 'invalid' || row.state === 'failed'
    const sealed = cells && key && sealBytes(key, Buffer.from(JSON.stringify(cells)), bindingOf(id, number))
    return {
      ...keys.bulkRow(id, number),
      version: 1,
      ttl: ttl(),
      ...(bad ? { gsi2: { pk: keys.bulkProblems(id), sk: keys.bulkRow(id, number).sk } } : {}),
      data: { ...toData(open), ...(sealed ? { sealed: Buffer.from(sealed).toString('base64') } : {}) },
    }
  }

  function decode(id: BulkJobId, key: Uint8Array | undefined) {
    return (item: RecordItem): BulkRow => {
      const { sealed, ...open } = fromItem(zBulkRow, 'bulk row', item)
      const number = Number(item.sk.slice('ROW#'.length))
      const bytes =
        sealed === undefined || !key
          ? undefined
          : openBytes(key, Buffer.from(sealed, 'base64'), bindingOf(id, number))
      const cells = bytes && zCells.parse(JSON.parse(Buffer.from(bytes).toString()))
      return { number, ...open, ...(cells ? { cells } : {}) }
    }
  }

  return {
    dropKey: (id) => void opened.delete(id),

    async saveBulkRows(id, rows) {
      const key = await dataKey(id)
      const writes = rows.map((row): RecordWrite => ({ put: itemOf(id, row, key) }))
      await inTransactions(parts, writes)
    },

    async bulkRows(id, from, limit) {
      const { pk } = keys.bulkJob(id)
      const sk = { from: keys.bulkRow(id, from).sk, to: keys.bulkRow(id, from + limit - 1).sk }
      const { items } = await records.query({ pk, sk, limit })
      return items.map(decode(id, await dataKey(id)))
    },

    async listBulkRows(id, { problems, ...page }) {
      const query = problems
        ? ({ index: 'gsi2', pk: keys.bulkProblems(id) } as const)
        : { pk: keys.bulkJob(id).pk, sk: { beginsWith: 'ROW#' } }
      return pageOf(parts, tenantOfId(id), query, page, decode(id, await dataKey(id)))
    },

    async claimMarks(id, marks) {
      const before = await Promise.all(marks.map(({ mark }) => records.get(keys.bulkMark(id, mark))))
      const fresh = new Map<string, number>()
      const holders = marks.map(({ mark, number }, place) => {
        const item = before[place]
        const holder = item ? fromItem(zMark, 'mark of a bulk row', item).number : fresh.get(mark)
        if (holder === undefined) fresh.set(mark, number)
        return holder === number ? undefined : holder
      })
      const writes = [...fresh].map(([mark, number]): RecordWrite => {
        return { put: { ...keys.bulkMark(id, mark), version: 1, ttl: ttl(), data: { number } } }
      })
      await inTransactions(parts, writes)
      return holders
    },
  }
}

const bindingOf = (id: BulkJobId, number: number) => `bulk-row/${id}/${number}`

/** Writes that stand alone, as many to a transaction as it takes; the engine flushes them together. */
async function inTransactions({ records }: StoreParts, writes: RecordWrite[]): Promise<void> {
  const size = recordLimits.writesPerTransaction
  const groups: Promise<unknown>[] = []
  for (let start = 0; start < writes.length; start += size) {
    groups.push(records.transact(writes.slice(start, start + size)))
  }
  await Promise.all(groups)
}
