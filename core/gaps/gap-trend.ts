import { type Actor, authorise } from '#core/access/operations.ts'
import { platformTag } from '#core/ids.ts'
import type { Ports } from '#core/ports.ts'
import { checkSlice, type GapSlice } from './gap-slice.ts'
import { answerGap, headerOf, type SkillsGap } from './skills-gap.ts'
import type { Snapshot, SnapshotHeader } from './snapshot.ts'

/** A slice as of the last snapshot of a month. */
export interface TrendPoint {
  /** `YYYY-MM` */
  month: string
  snapshot: SnapshotHeader
  gapPersonLevels: number | null
  coveragePercent: number | null
  supplyPersonLevels: number | null
  learners: SkillsGap['learners']
}

const mostMonths = 36
/** Daily snapshots of three years. */
const mostSnapshots = 1000

/**
 * How a slice moved, month by month, oldest first: published numbers only, so that a change is the difference of
 * two rounded ones. Refuses as `skillsGap` does; before the first snapshot there is no point.
 */
export async function gapTrend(
  actor: Actor | undefined,
  { months = 12, ...slice }: GapSlice & { months?: number },
  ports: Pick<Ports, 'store' | 'ontology'>,
): Promise<TrendPoint[]> {
  authorise(actor, 'readSkillsGap', { tenant: platformTag })
  checkSlice(slice, ports.ontology)
  const snapshots = await monthlySnapshots(Math.min(months, mostMonths), ports.store)
  return snapshots.map((snapshot) => pointOf(slice, snapshot, ports.ontology))
}

/** The last snapshot of each month, oldest first. */
export async function monthlySnapshots(
  months: number,
  store: Pick<Ports['store'], 'listSnapshots' | 'findSnapshot'>,
): Promise<Snapshot[]> {
  const headers = await store.listSnapshots(mostSnapshots)
  const last = [...Map.groupBy(headers, ({ publishedAt }) => monthOf(publishedAt)).values()].flatMap(
    ([newest]) => newest ?? [],
  )
  const found = await Promise.all(last.slice(0, months).map(({ id }) => store.findSnapshot(id)))
  return found.filter((snapshot) => snapshot !== undefined).toReversed()
}

/** One point of a trend, from a published snapshot alone. */
export function pointOf(
  slice: GapSlice,
  snapshot: Snapshot,
  ontology: Parameters<typeof answerGap>[3],
): TrendPoint {
  const { gapPersonLevels, coveragePercent, rows, learners } = answerGap(slice, snapshot, undefined, ontology)
  const supply = rows.flatMap(({ supplyPersonLevels }) => supplyPersonLevels ?? [])
  return {
    month: monthOf(snapshot.publishedAt),
    snapshot: headerOf(snapshot),
    gapPersonLevels,
    coveragePercent,
    supplyPersonLevels: supply.length === 0 ? null : supply.reduce((sum, one) => sum + one, 0),
    learners,
  }
}

const monthOf = (date: Date) => date.toISOString().slice(0, 7)
