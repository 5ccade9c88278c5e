import type { TenantTag } from '#core/ids.ts'

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
  /** Fewest learners of a group that counts in larger groups at all. */
  group: number
  /** Fewest learners a published whole may have more than its published parts, unless it has none more. */
  remainder: number
  /** Fewest hidden cells of a row or column that has any. */
  hiddenTogether: number
}

/** The lowest threshold any deployment may set. */
const lowestThreshold = 5

/** The rules in force for a threshold; one under five is a defect of the settings and throws. */
export function privacyRules(threshold: number): PrivacyRules {
  if (!Number.isInteger(threshold) || threshold < lowestThreshold) {
    throw new Error(`the privacy threshold is a whole number of at least ${lowestThreshold}`)
  }
  return {
    threshold,
    organisations: 3,
    dominance: 0.85,
    rounding: 5,
    group: threshold,
    remainder: threshold,
    hiddenTogether: 2,
  }
}

/** A number that may be shown, or `null`: hidden. Nothing says why it is hidden, so zero is not told apart. */
export type Shown = number | null

/** Learners who reached step 1 or more, 2 or more, …: never rising from left to right. */
export type Steps = readonly number[]

/** One cell as it is counted. */
export interface CellCounts {
  /** By the institution that made the award or took the enrolment. */
  byInstitution: ReadonlyMap<TenantTag, Steps>
  /** Steps, from the first on, at which the employers of the learners allow a number too. */
  employersAllow: number
}

export const noCounts: CellCounts = { byInstitution: new Map(), employersAllow: 0 }

export function roundTo(value: number, step: number): number {
  return Math.round(value / step) * step
}

/** Learners of a cell at one step, by institution. */
function contributionsAt({ byInstitution }: CellCounts, step: number): number[] {
  return [...byInstitution.values()].map((steps) => steps[step] ?? 0)
}

export function totalAt(counts: CellCounts, step: number): number {
  return contributionsAt(counts, step).reduce((total, value) => total + value, 0)
}

/** Whether a number made of these contributions (learners per organisation) may be shown at all. */
export function mayShow(contributions: readonly number[], rules: PrivacyRules): boolean {
  const present = contributions.filter((count) => count > 0)
  const total = present.reduce((sum, value) => sum + value, 0)
  return (
    total >= rules.threshold &&
    present.length >= rules.organisations &&
    Math.max(...present) <= rules.dominance * total
  )
}

/** Whether a cell may show a number at a step: institutions and employers both allow it. */
export function mayShowAt(counts: CellCounts, step: number, rules: PrivacyRules): boolean {
  return step < counts.employersAllow && mayShow(contributionsAt(counts, step), rules)
}

/**
 * How many steps of a cell may be shown, from the first on. A step above a hidden one is hidden too, for it
 * would bound the hidden one from below.
 */
export function shownHeight(counts: CellCounts, steps: number, rules: PrivacyRules): number {
  for (let step = 0; step < steps; step++) if (!mayShowAt(counts, step, rules)) return step
  return steps
}

/** Heads demanded come from surveys, not from organisations: threshold and rounding alone. */
export function showHeads(heads: number, rules: PrivacyRules): Shown {
  return heads < rules.threshold ? null : roundTo(heads, rules.rounding)
}

/**
 * A number as it may be told beside its parts: next level, regions of a country, skills beside "any skill".
 * Whoever subtracts parts from their whole learns how many people are in none of them; where those are few,
 * the whole is drawn down to its parts, and looks just as it would with none of them. Parts counted on a later
 * day than their whole may be more than it; then it is told as they are.
 */
export function drawDown(
  whole: number,
  parts: readonly number[],
  { remainder }: Pick<PrivacyRules, 'remainder'>,
): number {
  const near = parts.filter((part) => whole - part < remainder)
  return near.length > 0 ? Math.max(...near) : whole
}
