import type { AttemptId, LearnerId, OfferingId, RunId, TenantTag } from '#core/ids.ts'
import type { Json } from '#core/records.ts'
import type { ChoiceReason } from './choose-site.ts'
import type { ComputeSeconds } from './compute.ts'
import type { PracticalEvidence } from './evidence.ts'
import type { Override } from './override.ts'
import type { Stage } from './queue.ts'
import type { FailureReason } from './run.ts'
import type { Supervision } from './supervision.ts'

/** What a practical's version and configuration were when the learner pressed start. Never changes. */
interface AttemptBase {
  id: AttemptId
  tenant: TenantTag
  learnerId: LearnerId
  offeringId: OfferingId
  moduleId: string
  practical: { id: string; version: number; specHash: string; graderSha256?: string }
  site: string
  /** Where at the site its jobs run. */
  partition: string
  /** Version of the learner's own account its work runs under there, and under no other they may name later. */
  accountVersion?: number
  /** Why there. */
  choice?: { why: ChoiceReason; expectedWaitSeconds?: number }
  budget: AttemptBudget
  /** The job of its current run while it is at the site, and what was last heard of it. */
  job?: { id: string; state: 'QUEUED' | 'RUNNING' | 'STUCK' | 'CANCELLING' }
  configuration: Json
  /** It was started while an assessor knew who the learner is, and watched. */
  supervision?: Pick<Supervision, 'identity' | 'presence'>
  createdAt: Date
  /** The run that is under way, or was the last. */
  runId: RunId
  runNumber: number
  /** When it was that a phase began; what the learner's page shows. */
  phases: { phase: Phase; at: Date }[]
  /** How many events are on record. */
  steps: number
  /** Of the request that started it, where somebody watches: whoever sends its jobs goes on with it. */
  trace?: string
  version: number
}

/** Compute of an attempt: what is set aside for jobs to come or under way, and what the ended ones have used. */
export interface AttemptBudget {
  /** The day of the site it is counted in. */
  day: string
  held: Record<Stage, ComputeSeconds>
  used: ComputeSeconds
}

export const phases = [
  'created',
  'work-queued',
  'work-running',
  'work-collecting',
  'grade-queued',
  'grade-running',
  'grade-collecting',
  'ended',
] as const
export type Phase = (typeof phases)[number]

export type Attempt = AttemptBase &
  (
    | { state: 'working' | 'grading'; nextAt: Date }
    /** Stopping was asked for; the job may still be running. */
    | { state: 'stopping'; nextAt: Date }
    /** Graded; the assessment that may follow is not written yet. */
    | { state: 'recording'; nextAt: Date; graded: Graded }
    | {
        state: 'graded'
        endedAt: Date
        graded: Graded
        recorded: 'assessment' | 'not-credited' | 'for-assessor' | 'after-revocation'
        /** What assessors decided about it, oldest first. */
        overrides?: Override[]
      }
    /** The learner's work ended badly; counts. */
    | { state: 'failed'; endedAt: Date; stage: 'work' | 'grade'; reason: FailureReason }
    /** Not the learner's fault; costs nothing. */
    | { state: 'void'; endedAt: Date; reason: string }
    /** `atSite`: not stopped here but at the site, where the job ran under the learner's own account; counts. */
    | { state: 'cancelled'; endedAt: Date; atSite?: true }
  )
export type AttemptState = Attempt['state']
export type LiveAttempt = Extract<Attempt, { nextAt: Date }>

/** What came out, with each rule of the rubric beside it. */
export interface Graded {
  outcome: 'passed' | 'failed' | 'needs-review'
  scorePercent: number
  sanity: { name: string; held: boolean }[]
  metrics: {
    name: string
    value: number
    unit: string
    threshold?: number
    met?: boolean
  }[]
  evidence: PracticalEvidence
}

export function isLive(attempt: Attempt): attempt is LiveAttempt {
  return 'nextAt' in attempt
}

/**
 * Whether an attempt uses up one of the day's tries: what a site broke or the learner stopped here does not, what was
 * stopped at the site under the learner's own account does.
 */
export function counts(attempt: Attempt): boolean {
  if (attempt.state === 'cancelled') return attempt.atSite === true
  return attempt.state === 'graded' || attempt.state === 'failed' || isLive(attempt)
}
