import * as z from 'zod'
import type { StatusIndex, StatusList, StatusListStore } from '#core/credentials/credential.ts'
import { statusValues } from '#core/credentials/status-list.ts'
import type { StatusListId, TenantTag } from '#core/ids.ts'
import type { RecordItem, RecordWrite } from '#core/records.ts'
import { Refusal } from '#core/refusal.ts'
import { keys, tenantOfId } from './keys.ts'
import { pagesOf, type StoreParts } from './store-parts.ts'
import { fromItem, toData, zId } from './z-items.ts'

const zCurrent = z.object({ list: zId('stl') })
const zMeta = z.object({ size: z.int().min(1) })
const zEntry = z.object({ value: z.int().min(0).max(3), awardVersion: z.int().min(0) })

/** Entries of a fresh list that look revoked or suspended and belong to nobody. */
const firstDecoys = { least: 24, spread: 24 }
const mostDecoysPerChange = 2
/** Two writes a decoy, and room for the rest of the transaction. */
const entriesPerTransaction = 45
const tries = 20
/** In a list that is half full, this many draws all hit taken entries once in 10^19. */
const mostDraws = 64

/**
 * Status lists: which indexes are taken (`I#…`) and which entries are not 0 (`R#…`). One list serves all
 * types of an institution; a new one begins when half of the entries are taken, so that a random draw
 * rarely hits a taken one.
 */
export function statusListStore(parts: StoreParts): StatusListStore {
  const { records, random } = parts
  /** How many entries of a list are taken: counted once, then carried on; a few too few do no harm. */
  const taken = new Map<StatusListId, number>()

  async function findStatusList(id: StatusListId): Promise<StatusList | undefined> {
    const item = await records.get(keys.statusList(id))
    if (!item) return undefined
    return {
      id,
      tenant: tenantOfId(id),
      size: fromItem(zMeta, 'status list', item).size,
      version: item.version,
    }
  }

  async function currentList(tenant: TenantTag, size: number): Promise<StatusList> {
    for (let attempt = 0; attempt < tries; attempt++) {
      const item = await records.get(keys.currentStatusList(tenant))
      const list = item && (await findStatusList(fromItem(zCurrent, 'current status list', item).list))
      if (list && (await countTaken(list.id)) * 2 < list.size) return list
      const id = random.id(tenant, 'stl')
      const current: RecordItem = {
        ...keys.currentStatusList(tenant),
        version: (item?.version ?? 0) + 1,
        data: { list: id },
      }
      const created = await records.transact([
        { put: current, if: item ? { version: item.version } : 'absent' },
        { put: { ...keys.statusList(id), version: 1, data: { size } }, if: 'absent' },
      ])
      if (created.ok) {
        await addDecoys(id, size, firstDecoys.least + (random32() % firstDecoys.spread))
      }
    }
    throw new Refusal('storage_busy', 'No status list could be opened; try again.')
  }

  async function countTaken(id: StatusListId): Promise<number> {
    const known = taken.get(id)
    if (known !== undefined) return known
    let count = 0
    let cursor: string | undefined
    do {
      const page = await records.query({
        pk: keys.statusList(id).pk,
        sk: { beginsWith: 'I#' },
        limit: 1000,
        ...(cursor === undefined ? {} : { cursor }),
      })
      count += page.items.length
      cursor = page.cursor
    } while (cursor !== undefined)
    taken.set(id, count)
    return count
  }

  /** Takes free entries for nobody. One that turns out to be taken is simply left out. */
  async function addDecoys(id: StatusListId, size: number, count: number): Promise<void> {
    const chosen = new Set(
      Array.from({ length: Math.min(count, Math.floor(size / 8)) }, () => random32() % size),
    )
    const { invalid, suspended } = statusValues
    const writes = [...chosen].map((index): RecordWrite[] => {
      const value = random32() % 4 === 0 ? suspended : invalid
      return [
        { put: { ...keys.statusAllocation(id, index), version: 1, data: {} }, if: 'absent' },
        {
          put: { ...keys.statusEntry(id, index), version: 1, data: { value, awardVersion: 0 } },
          if: 'absent',
        },
      ]
    })
    for (let start = 0; start < writes.length; start += entriesPerTransaction) {
      const together = writes.slice(start, start + entriesPerTransaction)
      if ((await records.transact(together.flat())).ok) continue
      for (const one of together) await records.transact(one)
    }
  }

  function random32(): number {
    const bytes = random.bytes(4)
    return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)
  }

  return {
    findStatusList,

    async drawStatusIndex(tenant, size): Promise<StatusIndex> {
      const list = await currentList(tenant, size)
      for (let draw = 0; draw < mostDraws; draw++) {
        const index = random32() % list.size
        if (await records.get(keys.statusAllocation(list.id, index))) continue
        taken.set(list.id, (taken.get(list.id) ?? 0) + 1)
        return { list: list.id, index }
      }
      throw new Refusal('storage_busy', 'No free status index was found; try again.')
    },

    async readStatusList(id) {
      const list = await findStatusList(id)
      if (!list) return undefined
      const entries: { index: number; value: number }[] = []
      const stored = { pk: keys.statusList(id).pk, sk: { beginsWith: 'R#' } }
      for await (const item of pagesOf(records, stored, 1000)) {
        const { value } = fromItem(zEntry, 'status entry', item)
        if (value !== 0) entries.push({ index: Number(item.sk.slice(2)), value })
      }
      return { list, entries }
    },

    async saveStatusValue(entries, value, awardVersion) {
      const byList = Map.groupBy(entries, ({ list }) => list)
      for (const [list, places] of byList) {
        for (let start = 0; start < places.length; start += entriesPerTransaction) {
          const indexes = places.slice(start, start + entriesPerTransaction).map(({ index }) => index)
          await setEntries(list, indexes, value, awardVersion)
        }
      }
    },
  }

  async function setEntries(
    id: StatusListId,
    indexes: number[],
    value: number,
    awardVersion: number,
  ): Promise<void> {
    for (let attempt = 0; attempt < tries; attempt++) {
      const meta = await records.get(keys.statusList(id))
      if (!meta) throw new Error('a credential points to a status list that does not exist')
      const writes: RecordWrite[] = []
      for (const index of indexes) {
        const key = keys.statusEntry(id, index)
        const item = await records.get(key)
        const stored = item && fromItem(zEntry, 'status entry', item)
        if (stored && stored.awardVersion >= awardVersion) continue
        writes.push({
          put: { ...key, version: (item?.version ?? 0) + 1, data: toData({ value, awardVersion }) },
          if: item ? { version: item.version } : 'absent',
        })
      }
      if (writes.length === 0) return
      await addDecoys(id, fromItem(zMeta, 'status list', meta).size, random32() % (mostDecoysPerChange + 1))
      writes.push({ put: { ...meta, version: meta.version + 1 }, if: { version: meta.version } })
      if ((await records.transact(writes)).ok) return
    }
    throw new Refusal('storage_busy', 'Too many changes of one status list at once; try again.')
  }
}
