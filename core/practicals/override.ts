import type { AssessmentId } from '#core/ids.ts'
import type { Graded } from './attempt.ts'

/** Why an assessor decides otherwise than the grader, or where it could not decide. */
export const overrideReasons = [
  /** Nothing is known of the place it ran at. */
  'no-reference',
  'grader-mistaken',
  'site-disturbed',
  /** What somebody with a disability is entitled to. */
  'accommodation',
  'misconduct',
  'other',
] as const
export type OverrideReason = (typeof overrideReasons)[number]

/** An assessor's decision about a graded run. Where the module asks for a second one it waits for them. */
export type Override = {
  scorePercent: number
  reasonCode: OverrideReason
  /** In the assessor's words, for the institution's own record; empty once the learner was erased. */
  reason: string
  by: string
  at: Date
} & (
  | { state: 'waiting' }
  | { state: 'withdrawn' | 'refused'; decidedBy: string; decidedAt: Date }
  /** `confirmedBy`: the second assessor, where there was one. */
  | {
      state: 'done'
      outcome: 'passed' | 'failed'
      assessmentId: AssessmentId
      confirmedBy?: string
      decidedAt: Date
    }
)

/** More decisions about one run are somebody's mistake. */
export const mostOverrides = 20

type GradedResult = { graded: Graded; overrides?: readonly Override[] }
type Overridden = { overrides?: readonly Override[] }

/** The decision that waits for a second assessor. */
export function waitingOverride({ overrides }: Overridden): Override | undefined {
  const last = overrides?.at(-1)
  return last?.state === 'waiting' ? last : undefined
}

/** What came out of a graded run; a decision that holds is above the grader's own result. */
export function resultOf(attempt: GradedResult): { outcome: Graded['outcome']; scorePercent: number } {
  const override = standingOverride(attempt)
  return override?.state === 'done' ? override : attempt.graded
}

/** The decision that holds. */
export function standingOverride({ overrides }: Overridden): Override | undefined {
  return overrides?.findLast(({ state }) => state === 'done')
}
