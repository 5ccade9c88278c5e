import type { TenantTag } from '#core/ids.ts'
import { mayShow, type PrivacyRules } from './cell-privacy.ts'
import type { Staircase } from './staircase.ts'

/** Distinct learners at level l or more in one cell, by the institution that awarded them. */
export type CellCounts = ReadonlyMap<TenantTag, Staircase>

/** Counts of every cell that has any, by the cell's name. */
export type CubeCounts = ReadonlyMap<string, CellCounts>

/**
 * What a snapshot keeps to itself for the next one: `admitted` are the counts its published numbers were
 * made from, `seen` the counts there really were on its date.
 */
export interface PrivateCounts {
  admitted: CubeCounts
  seen: CubeCounts
}

/** Fewest learners that must have changed in a cell since the last snapshot before its number may move. */
const fewestMovers = 2

const nobody: CellCounts = new Map()

/**
 * Which counts the next snapshot may publish from. Rounding alone does not keep one award from moving a
 * number (12 rounds to 10, 13 to 15), so a cell keeps the counts it was last published from unless, at
 * some level, at least `fewestMovers` learners changed since the last snapshot and the total moved by the
 * threshold or crossed the line between shown and hidden. One award changes each level of a cell by at
 * most one learner: alone it moves nothing.
 * With no earlier snapshot every count is admitted.
 */
export function admitCounts(
  before: PrivateCounts | undefined,
  now: CubeCounts,
  rules: PrivacyRules,
): CubeCounts {
  if (!before) return now
  const names = new Set([...before.admitted.keys(), ...now.keys()])
  const admitted = new Map<string, CellCounts>()
  for (const name of names) {
    const kept = before.admitted.get(name) ?? nobody
    const fresh = now.get(name) ?? nobody
    const counts = mayMove(kept, before.seen.get(name) ?? nobody, fresh, rules) ? fresh : kept
    if (counts.size > 0) admitted.set(name, counts)
  }
  return admitted
}

function mayMove(kept: CellCounts, seen: CellCounts, fresh: CellCounts, rules: PrivacyRules): boolean {
  return ([0, 1, 2, 3] as const).some((step) => {
    if (movers(seen, fresh, step) < fewestMovers) return false
    const old = contributions(kept, step)
    const next = contributions(fresh, step)
    return Math.abs(sum(next) - sum(old)) >= rules.threshold || mayShow(old, rules) !== mayShow(next, rules)
  })
}

// Per institution, so that one cohort leaving while another joins is not mistaken for stillness.
function movers(seen: CellCounts, fresh: CellCounts, step: 0 | 1 | 2 | 3): number {
  let moved = 0
  for (const tenant of new Set([...seen.keys(), ...fresh.keys()])) {
    moved += Math.abs((fresh.get(tenant)?.[step] ?? 0) - (seen.get(tenant)?.[step] ?? 0))
  }
  return moved
}

const contributions = (counts: CellCounts, step: 0 | 1 | 2 | 3) =>
  [...counts.values()].map((steps) => steps[step])
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
