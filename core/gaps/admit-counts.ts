import type { TenantTag } from '#core/ids.ts'
import { type CellCounts, mayShowAt, noCounts, type PrivacyRules, totalAt } from './cell-privacy.ts'

/** Counts of every cell that has any, by the cell's name. */
export type CubeCounts = ReadonlyMap<string, CellCounts>

/**
 * What a snapshot keeps to itself for the next one: `admitted` are the counts its published numbers were
 * made from, `seen` the counts there really were on its date.
 */
export interface PrivateCounts {
  admitted: CubeCounts
  seen: CubeCounts
  /** Median of days to award of each module, taken with its admitted counts. */
  medianDays: Record<string, number>
}

/** Fewest learners that must have changed at a step since the last snapshot before its number may move. */
const fewestMovers = 2

/**
 * Which counts the next snapshot may publish from. Rounding alone does not keep one award from moving a
 * number (12 rounds to 10, 13 to 15), so each step of a cell keeps the count it was last published from
 * unless it moves, as `stepMoves` says. One award changes each step by at most one learner: alone it moves
 * nothing, and in the company of others only where they are. No step is admitted above the one before it,
 * which may have stayed behind.
 * With no earlier snapshot every count is admitted.
 */
export function admitCounts(
  before: Pick<PrivateCounts, 'admitted' | 'seen'> | undefined,
  now: CubeCounts,
  rules: PrivacyRules,
): CubeCounts {
  if (!before) return now
  const admitted = new Map<string, CellCounts>()
  for (const name of new Set([...before.admitted.keys(), ...now.keys()])) {
    const counts = admitCell(historyOf(name, before, now), rules)
    if (counts.byInstitution.size > 0) admitted.set(name, counts)
  }
  return admitted
}

/** A cell as it was last published from, as it was on that date, and as it is today. */
export interface CellHistory {
  kept: CellCounts
  seen: CellCounts
  fresh: CellCounts
}

export function historyOf(
  name: string,
  before: Pick<PrivateCounts, 'admitted' | 'seen'>,
  now: CubeCounts,
): CellHistory {
  return {
    kept: before.admitted.get(name) ?? noCounts,
    seen: before.seen.get(name) ?? noCounts,
    fresh: now.get(name) ?? noCounts,
  }
}

/**
 * Whether a step is published from its count of today: at least `fewestMovers` learners changed at it since
 * the last snapshot, and its total moved by the threshold or crossed the line between shown and hidden.
 */
export function stepMoves({ kept, seen, fresh }: CellHistory, step: number, rules: PrivacyRules): boolean {
  if (movers(seen, fresh, step) < fewestMovers) return false
  const moved = Math.abs(totalAt(fresh, step) - totalAt(kept, step))
  return moved >= rules.threshold || mayShowAt(kept, step, rules) !== mayShowAt(fresh, step, rules)
}

function admitCell(history: CellHistory, rules: PrivacyRules): CellCounts {
  const { kept, fresh } = history
  const sources = Array.from({ length: Math.max(stepsOf(kept), stepsOf(fresh)) }, (_, step) =>
    stepMoves(history, step, rules) ? fresh : kept,
  )
  if (sources.every((source) => source === kept)) return kept
  if (sources.every((source) => source === fresh)) return fresh
  const tenants = new Set([...kept.byInstitution.keys(), ...fresh.byInstitution.keys()])
  const forbids = sources.findIndex(({ employersAllow }, step) => step >= employersAllow)
  return {
    byInstitution: new Map(
      [...tenants]
        .map((tenant): [TenantTag, number[]] => [tenant, neverRising(sources, tenant)])
        .filter(([, steps]) => steps.length > 0),
    ),
    employersAllow: forbids === -1 ? sources.length : forbids,
  }
}

/** An institution's count at each step, from the source of that step, up to the last that has any. */
function neverRising(sources: readonly CellCounts[], tenant: TenantTag): number[] {
  const steps: number[] = []
  for (const [step, { byInstitution }] of sources.entries()) {
    const count = Math.min(
      steps[step - 1] ?? Number.POSITIVE_INFINITY,
      byInstitution.get(tenant)?.[step] ?? 0,
    )
    if (count === 0) break
    steps.push(count)
  }
  return steps
}

// Per institution, so that one cohort leaving while another joins is not mistaken for stillness.
function movers(seen: CellCounts, fresh: CellCounts, step: number): number {
  const at = (counts: CellCounts, tenant: TenantTag) => counts.byInstitution.get(tenant)?.[step] ?? 0
  let moved = 0
  for (const tenant of new Set([...seen.byInstitution.keys(), ...fresh.byInstitution.keys()])) {
    moved += Math.abs(at(fresh, tenant) - at(seen, tenant))
  }
  return moved
}

const stepsOf = ({ byInstitution }: CellCounts) =>
  Math.max(0, ...[...byInstitution.values()].map((steps) => steps.length))
