import * as z from 'zod'
import type { DemandSet, DemandStore } from '#core/gaps/demand-sets.ts'
import { type DemandSetId, platformTag } from '#core/ids.ts'
import type { RecordItem } from '#core/records.ts'
import { Refusal } from '#core/refusal.ts'
import type { DemandRow } from '#core/skills/ontology.ts'
import { at, partition } from './keys.ts'
import { writeOnce } from './once.ts'
import { chunksOf } from './private-counts.ts'
import { allOf, type StoreParts } from './store-parts.ts'
import { fromItem, toData, zDate, zId } from './z-items.ts'

const zSet = z.object({
  id: zId('dmd'),
  uploadedAt: zDate,
  fileName: z.string(),
  rows: z.int(),
  heads: z.int(),
  years: z.array(z.int()),
}) satisfies z.ZodType<DemandSet>
/** Rows as `[role, sector, country, year, heads]`. */
const zRows = z.object({ rows: z.array(z.tuple([z.string(), z.string(), z.string(), z.int(), z.int()])) })
const zPointer = z.object({ id: zId('dmd').nullable() })

const setPartition = (id: DemandSetId) => partition(platformTag, `DEMAND#${id}`)
const list = partition(platformTag, 'DEMANDS')
const pointer = { pk: list, sk: 'IN-FORCE' }
const writesAtOnce = 20

/** Uploaded demand: each set whole and unchanged, and a pointer to the one in force. */
export function demandStore(parts: StoreParts): DemandStore {
  const { records } = parts

  async function findDemandSet(id: DemandSetId): Promise<DemandSet | undefined> {
    const item = await records.get({ pk: setPartition(id), sk: 'META' })
    return item && decode(item)
  }

  /** Names a set, or the sample, as the one in force; the last to ask is right. */
  async function putInForce(
    id: DemandSetId | undefined,
  ): Promise<{ put: RecordItem; if: 'absent' | { version: number } }> {
    const last = await records.get(pointer)
    return {
      put: { ...pointer, version: (last?.version ?? 0) + 1, data: { id: id ?? null } },
      if: last ? { version: last.version } : 'absent',
    }
  }

  return {
    findDemandSet,

    async saveDemandSetOnce(request, set, rows) {
      const pk = setPartition(set.id)
      const items = chunksOf(
        rows.map(({ role, sector, country, year, headcount }) => [role, sector, country, year, headcount]),
      ).map(
        (chunk, number): RecordItem => ({
          pk,
          sk: `ROWS#${String(number).padStart(6, '0')}`,
          version: 1,
          data: toData({ rows: chunk }),
        }),
      )
      for (let from = 0; from < items.length; from += writesAtOnce) {
        await records.transact(items.slice(from, from + writesAtOnce).map((put) => ({ put })))
      }
      const header: RecordItem = {
        pk,
        sk: 'META',
        version: 1,
        gsi1: { pk: list, sk: `${at(set.uploadedAt)}#${set.id}` },
        data: toData(set),
      }
      const outcome = await writeOnce(records, parts.clock.now(), request, set.id, [
        { put: header, if: 'absent' },
        await putInForce(set.id),
      ])
      if (outcome.outcome === 'written') return set
      if (outcome.outcome === 'failed') throw conflict()
      const stored = await findDemandSet(zId('dmd').parse(outcome.result))
      if (!stored) throw new Error('an answered set of demand is gone')
      return stored
    },

    async listDemandSets(limit) {
      const { items } = await records.query({ index: 'gsi1', pk: list, limit, descending: true })
      return items.map(decode)
    },

    async findDemandRows(id) {
      const items = await allOf(records, { pk: setPartition(id), sk: { beginsWith: 'ROWS#' } })
      return items.flatMap((item) =>
        fromItem(zRows, 'demand', item).rows.map(
          ([role, sector, country, year, headcount]): DemandRow => ({
            role,
            sector,
            country,
            year,
            headcount,
          }),
        ),
      )
    },

    async demandSetInForce() {
      const item = await records.get(pointer)
      return (item && fromItem(zPointer, 'demand in force', item).id) ?? undefined
    },

    async saveDemandSetInForceOnce(request, id) {
      const outcome = await writeOnce(records, parts.clock.now(), request, null, [await putInForce(id)])
      if (outcome.outcome === 'failed') throw conflict()
    },
  }
}

const decode = (item: RecordItem) => fromItem(zSet, 'set of demand', item)
const conflict = () => new Refusal('state_conflict', 'Other demand was put in force meanwhile; look again.')
