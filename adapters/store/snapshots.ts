import * as z from 'zod'
import type { RoleDemand } from '#core/gaps/demand.ts'
import { type PairName, type PlaceDimension, placeDimensions, placePairs } from '#core/gaps/places.ts'
import {
  emptyTables,
  type ModuleFigures,
  type PlaceCounts,
  type PublishedTables,
  type Snapshot,
  type SnapshotHeader,
} from '#core/gaps/snapshot.ts'
import type { SnapshotStore } from '#core/gaps/snapshot-store.ts'
import { platformTag, type SnapshotId } from '#core/ids.ts'
import { zLevel } from '#core/parse.ts'
import type { RecordItem, RecordWrite } from '#core/records.ts'
import { Refusal } from '#core/refusal.ts'
import { at, partition } from './keys.ts'
import { findAnswer, writeOnce } from './once.ts'
import { chunksOf, countItems, type ItemKind, toCube, zMedians } from './private-counts.ts'
import { allOf, type StoreParts } from './store-parts.ts'
import { fromItem, toData, zDate, zId } from './z-items.ts'

const zHeader = z.object({
  id: zId('snp'),
  publishedAt: zDate,
  ontology: z.object({ version: z.string(), digest: z.string() }),
  threshold: z.int(),
  method: z.string(),
  demandSource: z.enum(['synthetic-sample', 'upload']),
  demandSet: zId('dmd').exactOptional(),
  demandYear: z.int().exactOptional(),
  previous: zId('snp').exactOptional(),
}) satisfies z.ZodType<SnapshotHeader>

const zSteps = z.array(z.int())
const zPlace = z.object({
  any: zSteps,
  funnel: zSteps,
  skills: z.record(z.string(), zSteps),
  modules: z.record(z.string(), zSteps),
}) satisfies z.ZodType<PlaceCounts>
const zPlaces = z.object({ places: z.record(z.string(), zPlace) })
const zPairs = z.object({ pairs: z.record(z.string(), zSteps) })
const zModules = z.object({
  modules: z.record(z.string(), z.object({ seats: z.int(), medianDaysToAward: z.int().exactOptional() })),
}) satisfies z.ZodType<{ modules: Record<string, ModuleFigures> }>
const zRoleSkill = z.object({
  skill: z.string(),
  level: zLevel,
  importance: z.enum(['essential', 'optional']),
})
const zDemand = z.object({
  roles: z.array(
    z.object({
      sector: z.string(),
      role: z.string(),
      heads: z.int(),
      countries: z.record(z.string(), z.int()).default({}),
      skills: z.array(zRoleSkill),
    }),
  ),
}) satisfies z.ZodType<{ roles: RoleDemand[] }>

const zPointer = z.object({ id: zId('snp') })

/** Published parts of one snapshot: `META`, `DEMAND#sector`, `PLACES#dimension#n`, `PAIRS#pair#n`, `MODULES`. */
const published = (id: SnapshotId) => partition(platformTag, `SNAP#${id}`)
/** The counts behind them, in a partition of their own, which no reader of snapshots touches. */
const privateCounts = (id: SnapshotId) => partition(platformTag, `SNAPCELLS#${id}`)
const list = partition(platformTag, 'SNAPS')
const pointer = { pk: list, sk: 'LAST' }

// Well under the limits of a transaction.
const writesAtOnce = 20
/** Published snapshots never change: those read last are kept. */
const mostKept = 40

/** Published snapshots and, apart from them, the counts only the next snapshot job reads. */
export function snapshotStore(parts: StoreParts): SnapshotStore {
  const { records } = parts
  const kept = new Map<SnapshotId, Snapshot>()

  async function lastId(): Promise<SnapshotId | undefined> {
    const item = await records.get(pointer)
    return item && fromItem(zPointer, 'snapshot pointer', item).id
  }

  async function findSnapshot(asked?: SnapshotId): Promise<Snapshot | undefined> {
    const id = asked ?? (await lastId())
    if (!id) return undefined
    const known = kept.get(id)
    if (known) return known
    const items = await allOf(records, { pk: published(id) })
    const header = items.find(({ sk }) => sk === 'META')
    if (!header) return undefined
    const snapshot: Snapshot = {
      ...fromItem(zHeader, 'snapshot', header),
      demand: items
        .filter(({ sk }) => sk.startsWith('DEMAND#'))
        .flatMap((item) => fromItem(zDemand, 'snapshot demand', item).roles),
      tables: tablesOf(items),
      modules: Object.assign(
        {},
        ...items
          .filter(({ sk }) => sk === 'MODULES')
          .map((item) => fromItem(zModules, 'snapshot modules', item).modules),
      ),
    }
    kept.set(id, snapshot)
    const [oldest] = kept.size > mostKept ? kept.keys() : []
    if (oldest !== undefined) kept.delete(oldest)
    return snapshot
  }

  return {
    findSnapshot,

    async listSnapshots(limit) {
      const { items } = await records.query({ index: 'gsi1', pk: list, limit, descending: true })
      return items.map((item) => fromItem(zHeader, 'snapshot', item))
    },

    async findAnsweredSnapshot(request) {
      const answered = await findAnswer(records, request)
      return answered && stored(zId('snp').parse(answered.result))
    },

    async findPrivateCounts() {
      const id = await lastId()
      if (!id) return undefined
      const items = await allOf(records, { pk: privateCounts(id) })
      const of = (kind: ItemKind) => items.filter(({ sk }) => sk.startsWith(kind))
      const [medians] = of('MEDIANS')
      // One that was made by other rules kept nothing that could be gone on from.
      if (!medians) return { keptBy: id }
      const counts = {
        admitted: toCube(of('ADMITTED#')),
        seen: toCube(of('SEEN#')),
        medianDays: fromItem(zMedians, 'snapshot medians', medians).days,
      }
      return { counts, keptBy: id }
    },

    async saveSnapshotOnce(request, snapshot, counts) {
      const answered = await findAnswer(records, request)
      if (answered) return stored(zId('snp').parse(answered.result))
      const last = await records.get(pointer)
      const pk = privateCounts(snapshot.id)
      // The parts first: nobody reads them before header and pointer, written last and together, name them.
      await writeAll(publishedItems(snapshot))
      await writeAll(countItems(pk, 'ADMITTED#', counts.admitted))
      await writeAll(countItems(pk, 'SEEN#', counts.seen))
      await writeAll([{ pk, sk: 'MEDIANS', version: 1, data: { days: counts.medianDays } }])
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

  async function writeAll(items: Iterable<RecordItem>): Promise<void> {
    let waiting: RecordItem[] = []
    for (const item of items) {
      waiting.push(item)
      if (waiting.length < writesAtOnce) continue
      await transactAll(waiting.map((put) => ({ put })))
      waiting = []
    }
    await transactAll(waiting.map((put) => ({ put })))
  }

  async function transactAll(writes: RecordWrite[]): Promise<void> {
    for (let from = 0; from < writes.length; from += writesAtOnce) {
      await records.transact(writes.slice(from, from + writesAtOnce))
    }
  }
}

const pointsTo = (last: RecordItem, id: SnapshotId | undefined) =>
  fromItem(zPointer, 'snapshot pointer', last).id === id

function tablesOf(items: readonly RecordItem[]): PublishedTables {
  const tables = emptyTables()
  for (const item of items) {
    const [kind, name] = item.sk.split('#')
    if (kind === 'PLACES')
      Object.assign(tables[name as PlaceDimension], fromItem(zPlaces, 'snapshot places', item).places)
    if (kind === 'PAIRS')
      Object.assign(tables.pairs[name as PairName], fromItem(zPairs, 'snapshot pairs', item).pairs)
  }
  return tables
}

function headerItem({
  demand: _demand,
  tables: _tables,
  modules: _modules,
  ...header
}: Snapshot): RecordItem {
  return {
    pk: published(header.id),
    sk: 'META',
    version: 1,
    gsi1: { pk: list, sk: `${at(header.publishedAt)}#${header.id}` },
    data: toData(header),
  }
}

function publishedItems({ id, demand, tables, modules }: Snapshot): RecordItem[] {
  const pk = published(id)
  const item = (sk: string, data: object): RecordItem => ({ pk, sk, version: 1, data: toData(data) })
  const inParts = <T>(kind: string, name: string, entries: Record<string, T>) =>
    chunksOf(Object.entries(entries)).map((chunk, at) =>
      item(`${kind}#${name}#${String(at).padStart(4, '0')}`, {
        [kind.toLowerCase()]: Object.fromEntries(chunk),
      }),
    )
  return [
    ...[...Map.groupBy(demand, ({ sector }) => sector)].map(([sector, roles]) =>
      item(`DEMAND#${sector}`, { roles }),
    ),
    ...placeDimensions.flatMap((dimension) => inParts('PLACES', dimension, tables[dimension])),
    ...placePairs.flatMap(({ name }) => inParts('PAIRS', name, tables.pairs[name])),
    item('MODULES', { modules }),
  ]
}
