import * as z from 'zod'
import type { CellCounts, CubeCounts } from '#core/gaps/admit-counts.ts'
import type { ShownStairs } from '#core/gaps/cell-privacy.ts'
import type { RoleDemand } from '#core/gaps/demand.ts'
import type { Snapshot, SnapshotHeader } from '#core/gaps/snapshot.ts'
import type { SnapshotStore } from '#core/gaps/snapshot-store.ts'
import type { Staircase } from '#core/gaps/staircase.ts'
import { platformTag, type SnapshotId } from '#core/ids.ts'
import { zLevel } from '#core/parse.ts'
import type { RecordItem, RecordWrite } from '#core/records.ts'
import { Refusal } from '#core/refusal.ts'
import { at, partition } from './keys.ts'
import { findAnswer, writeOnce } from './once.ts'
import { allOf, type StoreParts } from './store-parts.ts'
import { fromItem, toData, zDate, zId, zTenant } from './z-items.ts'

const zHeader = z.object({
  id: zId('snp'),
  publishedAt: zDate,
  ontology: z.object({ version: z.string(), digest: z.string() }),
  threshold: z.int(),
  method: z.string(),
  demandSource: z.literal('synthetic-sample'),
  previous: zId('snp').exactOptional(),
}) satisfies z.ZodType<SnapshotHeader>

const zShown = z.int().nullable()
const zShownStairs = z.tuple([zShown, zShown, zShown, zShown]) satisfies z.ZodType<ShownStairs>
const zSupply = z.object({ sector: z.string(), skills: z.record(z.string(), zShownStairs) })
const zRoleSkill = z.object({
  skill: z.string(),
  level: zLevel,
  importance: z.enum(['essential', 'optional']),
})
const zDemand = z.object({
  roles: z.array(
    z.object({ sector: z.string(), role: z.string(), heads: z.int(), skills: z.array(zRoleSkill) }),
  ),
}) satisfies z.ZodType<{ roles: RoleDemand[] }>

const zSteps = z.tuple([z.int(), z.int(), z.int(), z.int()]) satisfies z.ZodType<Staircase>
const zCells = z.object({ cells: z.array(z.tuple([z.string(), z.array(z.tuple([zTenant, zSteps]))])) })
const zPointer = z.object({ id: zId('snp') })

/** Published parts of one snapshot: `META`, `DEMAND#sector`, `SUPPLY#sector`. */
const published = (id: SnapshotId) => partition(platformTag, `SNAP#${id}`)
/** The counts behind them, in a partition of their own, which no reader of snapshots touches. */
const privateCounts = (id: SnapshotId) => partition(platformTag, `SNAPCOUNTS#${id}`)
const list = partition(platformTag, 'SNAPS')
const pointer = { pk: list, sk: 'LAST' }

// Well under the limits of an item and of a transaction.
const bytesPerItem = 100_000
const writesAtOnce = 20

/** Published snapshots and, apart from them, the counts only the next snapshot job reads. */
export function snapshotStore(parts: StoreParts): SnapshotStore {
  const { records } = parts

  async function lastId(): Promise<SnapshotId | undefined> {
    const item = await records.get(pointer)
    return item && fromItem(zPointer, 'snapshot pointer', item).id
  }

  async function findSnapshot(asked?: SnapshotId): Promise<Snapshot | undefined> {
    const id = asked ?? (await lastId())
    if (!id) return undefined
    const items = await allOf(records, { pk: published(id) })
    const header = items.find(({ sk }) => sk === 'META')
    if (!header) return undefined
    const of = (kind: string) => items.filter(({ sk }) => sk.startsWith(kind))
    return {
      ...fromItem(zHeader, 'snapshot', header),
      demand: of('DEMAND#').flatMap((item) => fromItem(zDemand, 'snapshot demand', item).roles),
      supply: of('SUPPLY#').map((item) => fromItem(zSupply, 'snapshot supply', item)),
    }
  }

  return {
    findSnapshot,

    async listSnapshots(limit) {
      const { items } = await records.query({ index: 'gsi1', pk: list, limit, descending: true })
      return items.map((item) => fromItem(zHeader, 'snapshot', item))
    },

    async findPrivateCounts() {
      const id = await lastId()
      if (!id) return undefined
      const counts = async (kind: string) => {
        const items = await allOf(records, { pk: privateCounts(id), sk: { beginsWith: kind } })
        return toCube(items)
      }
      return { counts: { admitted: await counts('ADMITTED#'), seen: await counts('SEEN#') }, keptBy: id }
    },

    async saveSnapshotOnce(request, snapshot, counts) {
      const answered = await findAnswer(records, request)
      if (answered) return stored(zId('snp').parse(answered.result))
      const last = await records.get(pointer)
      // The parts first: nobody reads them before header and pointer, written last and together, name them.
      await writeAll([
        ...publishedItems(snapshot),
        ...countItems(snapshot.id, 'ADMITTED#', counts.admitted),
        ...countItems(snapshot.id, 'SEEN#', counts.seen),
      ])
      const outcome = await writeOnce(records, parts.clock.now(), request, snapshot.id, [
        { put: headerItem(snapshot), if: 'absent' },
        {
          put: { ...pointer, version: (last?.version ?? 0) + 1, data: { id: snapshot.id } },
          if: last && pointsTo(last, snapshot.previous) ? { version: last.version } : 'absent',
        },
      ])
      if (outcome.outcome === 'repeated') return stored(zId('snp').parse(outcome.result))
      if (outcome.outcome === 'failed') {
        throw new Refusal('state_conflict', 'Another snapshot was published meanwhile; try again.')
      }
      if (snapshot.previous) await forgetCounts(snapshot.previous)
      return snapshot
    },
  }

  async function stored(id: SnapshotId): Promise<Snapshot> {
    const snapshot = await findSnapshot(id)
    if (!snapshot) throw new Error('an answered snapshot is gone')
    return snapshot
  }

  // Counts nobody needs any more are not kept.
  async function forgetCounts(id: SnapshotId): Promise<void> {
    const items = await allOf(records, { pk: privateCounts(id) })
    await transactAll(items.map(({ pk, sk }) => ({ delete: { pk, sk } })))
  }

  async function writeAll(items: RecordItem[]): Promise<void> {
    await transactAll(items.map((put) => ({ put })))
  }

  async function transactAll(writes: RecordWrite[]): Promise<void> {
    for (let from = 0; from < writes.length; from += writesAtOnce) {
      await records.transact(writes.slice(from, from + writesAtOnce))
    }
  }
}

const pointsTo = (last: RecordItem, id: SnapshotId | undefined) =>
  fromItem(zPointer, 'snapshot pointer', last).id === id

function headerItem({ demand: _demand, supply: _supply, ...header }: Snapshot): RecordItem {
  return {
    pk: published(header.id),
    sk: 'META',
    version: 1,
    gsi1: { pk: list, sk: `${at(header.publishedAt)}#${header.id}` },
    data: toData(header),
  }
}

function publishedItems({ id, demand, supply }: Snapshot): RecordItem[] {
  const pk = published(id)
  const bySector = Map.groupBy(demand, ({ sector }) => sector)
  return [
    ...[...bySector].map(([sector, roles]) => ({
      pk,
      sk: `DEMAND#${sector}`,
      version: 1,
      data: toData({ roles }),
    })),
    ...supply.map((part) => ({ pk, sk: `SUPPLY#${part.sector}`, version: 1, data: toData(part) })),
  ]
}

function countItems(id: SnapshotId, kind: string, cube: CubeCounts): RecordItem[] {
  const chunks: [string, unknown][][] = [[]]
  let size = 0
  for (const [name, counts] of cube) {
    const cell: [string, unknown] = [name, [...counts]]
    size += JSON.stringify(cell).length
    if (size > bytesPerItem) {
      chunks.push([])
      size = 0
    }
    chunks.at(-1)?.push(cell)
  }
  return chunks.map((cells, position) => ({
    pk: privateCounts(id),
    sk: `${kind}${String(position).padStart(6, '0')}`,
    version: 1,
    data: toData({ cells }),
  }))
}

function toCube(items: RecordItem[]): CubeCounts {
  const cells = items.flatMap((item) => fromItem(zCells, 'snapshot counts', item).cells)
  return new Map(cells.map(([name, counts]): [string, CellCounts] => [name, new Map(counts)]))
}
