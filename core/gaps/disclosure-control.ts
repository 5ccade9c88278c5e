import type { CubeCounts, PrivateCounts } from './admit-counts.ts'
import type { LargeGroups } from './large-groups.ts'
import type { PublishedTables } from './snapshot.ts'

/** Counts of today, each pass over the facts as often as it is asked for. */
export interface Counting {
  /** Learners by place and module, and the median of days to award of each module. */
  modules(): Promise<{ counts: CubeCounts; medianDays: ReadonlyMap<string, number> }>
  /** Learners by place and skill, by place and stage, by pairs of places. */
  skills(groups: LargeGroups): Promise<CubeCounts>
}

/**
 * How published numbers are made from private counts. Suppression (`suppress-cells.ts`) is the one in force.
 * One that adds noise would answer the same tables, and keep in `kept` what is left of its budget.
 */
export interface DisclosureControl {
  /** Stated in every answer. */
  method: string
  publish(
    before: PrivateCounts | undefined,
    counting: Counting,
  ): Promise<{ tables: PublishedTables; medianDays: Record<string, number>; kept: PrivateCounts }>
}
