import type { Staircase } from './staircase.ts'

/** What a published number must satisfy. */
export interface PrivacyRules {
  /** Fewest distinct learners behind a shown number. */
  threshold: number
  /** Fewest contributing organisations. */
  organisations: number
  /** Largest share of one organisation, 0 to 1. */
  dominance: number
  /** Published numbers are multiples of this. */
  rounding: number
}

/** The lowest threshold any deployment may set. */
const lowestThreshold = 5

/** The rules in force for a threshold; one under five is a defect of the settings and throws. */
export function privacyRules(threshold: number): PrivacyRules {
  if (!Number.isInteger(threshold) || threshold < lowestThreshold) {
    throw new Error(`the privacy threshold is a whole number of at least ${lowestThreshold}`)
  }
  return { threshold, organisations: 3, dominance: 0.85, rounding: 5 }
}

/** A number that may be shown, or `null`: hidden. Nothing says why it is hidden, so zero is not told apart. */
export type Shown = number | null

export function roundTo(value: number, step: number): number {
  return Math.round(value / step) * step
}

/** Whether a number made of these contributions (learners per organisation) may be shown at all. */
export function mayShow(contributions: readonly number[], rules: PrivacyRules): boolean {
  const present = contributions.filter((count) => count > 0)
  const total = sum(present)
  return (
    total >= rules.threshold &&
    present.length >= rules.organisations &&
    Math.max(...present) <= rules.dominance * total
  )
}

/** Heads demanded come from surveys, not from organisations: threshold and rounding alone. */
export function showHeads(heads: number, rules: PrivacyRules): Shown {
  return heads < rules.threshold ? null : roundTo(heads, rules.rounding)
}

/** Whether the part would give away the rest of its whole: the rest is 1 to threshold − 1 people. */
export function givesAwayTheRest(whole: number, part: number, rules: PrivacyRules): boolean {
  const rest = whole - part
  return rest > 0 && rest < rules.threshold
}

export type ShownStairs = readonly [Shown, Shown, Shown, Shown]
export const hiddenStairs: ShownStairs = [null, null, null, null]

/**
 * The steps of one cell as they may be shown. `steps` are learners at level l or more, by organisation.
 * A step above a hidden one is hidden too, for it would bound the hidden one from below.
 * Where the learners between two steps are few, the lower step shows only as many as the upper one.
 */
export function showStairs(steps: readonly Staircase[], rules: PrivacyRules): ShownStairs {
  const shown: [Shown, Shown, Shown, Shown] = [null, null, null, null]
  let height = 0
  for (const step of [0, 1, 2, 3] as const) {
    if (!mayShow(contributionsAt(steps, step), rules)) break
    height = step + 1
  }
  let above: number | undefined
  for (const step of ([3, 2, 1, 0] as const).slice(4 - height)) {
    const total = sum(contributionsAt(steps, step))
    above = above !== undefined && givesAwayTheRest(total, above, rules) ? above : total
    shown[step] = roundTo(above, rules.rounding)
  }
  return shown
}

const contributionsAt = (steps: readonly Staircase[], step: 0 | 1 | 2 | 3) => steps.map((one) => one[step])
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)

/**
 * Complementary suppression on a table of rows × columns; an absent cell is a hidden one. A row or column
 * with exactly one hidden cell could be solved by whoever knows its total from elsewhere, so the smallest
 * shown cell of it is hidden too (the first by name where several are as small), until none is left.
 * Answers the cells that must be hidden in addition.
 */
export function complementaryCells(
  shown: ReadonlyMap<string, ReadonlyMap<string, number>>,
  columns: readonly string[],
): { row: string; column: string }[] {
  const table = new Map([...shown].map(([row, cells]) => [row, new Map(cells)]))
  const hidden: { row: string; column: string }[] = []
  const rows = [...table.keys()].sort()
  const hide = (cells: { row: string; column: string; value: number }[]) => {
    const smallest = cells.reduce((least, cell) => (cell.value < least.value ? cell : least))
    table.get(smallest.row)?.delete(smallest.column)
    hidden.push({ row: smallest.row, column: smallest.column })
  }
  for (let changed = true; changed; ) {
    changed = false
    for (const row of rows) {
      const cells = cellsOf(table, [row], columns)
      if (cells.length > 0 && columns.length - cells.length === 1) {
        hide(cells)
        changed = true
      }
    }
    for (const column of columns) {
      const cells = cellsOf(table, rows, [column])
      if (cells.length > 0 && rows.length - cells.length === 1) {
        hide(cells)
        changed = true
      }
    }
  }
  return hidden
}

function cellsOf(
  table: ReadonlyMap<string, ReadonlyMap<string, number>>,
  rows: readonly string[],
  columns: readonly string[],
): { row: string; column: string; value: number }[] {
  return rows.flatMap((row) =>
    columns.flatMap((column) => {
      const value = table.get(row)?.get(column)
      return value === undefined ? [] : [{ row, column, value }]
    }),
  )
}
