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

/** Fewest learners that must have changed in a cell since the last snapshot before its number may move. */
const fewestMovers = 2

/**
 * Which counts the next snapshot may publish from. Rounding alone does not keep one award from moving a
 * number (12 rounds to 10, 13 to 15), so a cell keeps the counts it was last published from unless, at
 * some step, at least `fewestMovers` learners changed since the last snapshot and the total moved by the
 * threshold or crossed the line between shown and hidden. One award changes each step of a cell by at
 * most one learner: alone it moves nothing.
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
    const kept = before.admitted.get(name) ?? noCounts
    const fresh = now.get(name) ?? noCounts
    const counts = mayMove(kept, before.seen.get(name) ?? noCounts, fresh, rules) ? fresh : kept
    if (counts.byInstitution.size > 0) admitted.set(name, counts)
  }
  return admitted
}

function mayMove(kept: CellCounts, seen: CellCounts, fresh: CellCounts, rules: PrivacyRules): boolean {
  const steps = Math.max(stepsOf(kept), stepsOf(fresh))
  for (let step = 0; step < steps; step++) {
    if (movers(seen, fresh, step) < fewestMovers) continue
    const moved = Math.abs(totalAt(fresh, step) - totalAt(kept, step))
    if (moved >= rules.threshold || mayShowAt(kept, step, rules) !== mayShowAt(fresh, step, rules))
      return true
  }
  return false
}

// Per institution, so that one cohort leaving while another joins is not mistaken for stillness.
function movers(seen: CellCounts, fresh: CellCounts, step: number): number {
  const at = (counts: CellCounts, tenant: Parameters<CellCounts['byInstitution']['get']>[0]) =>
    counts.byInstitution.get(tenant)?.[step] ?? 0
  let moved = 0
  for (const tenant of new Set([...seen.byInstitution.keys(), ...fresh.byInstitution.keys()])) {
    moved += Math.abs(at(fresh, tenant) - at(seen, tenant))
  }
  return moved
}

const stepsOf = ({ byInstitution }: CellCounts) =>
  Math.max(0, ...[...byInstitution.values()].map((steps) => steps.length))
