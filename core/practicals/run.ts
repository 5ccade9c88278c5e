import type { AttemptId, RunId } from '#core/ids.ts'
import type { JobHardware, JobOutcome, Stage } from './queue.ts'

/** What a run handed over, checked: the work run's artefact or the grade run's signed manifest. */
export type Delivery =
  | { verdict: 'valid'; sha256: string; claims?: GradeClaims }
  | { verdict: 'invalid'; reason: string }

/** What the grader measured, as its signed manifest says it. */
interface GradeClaims {
  sanity: { name: string; held: boolean }[]
  metrics: { name: string; value: number; unit: string }[]
}

interface RunBase {
  id: RunId
  attemptId: AttemptId
  stage: Stage
  /** Position among the attempt's runs, from 1. */
  number: number
  /** 1 for the first try of its stage; infrastructure failures allow two more. */
  try: number
  /** Job name and idempotency key. */
  key: string
  /** Fresh per run; ties a manifest to it. Base64url. */
  nonce: string
  wallSeconds: number
  /** A job that waits longer at its site is given up. */
  pendingSeconds: number
  createdAt: Date
  /** Set as soon as a valid or invalid delivery was seen, whatever the scheduler says by then. */
  delivery?: Delivery
  /** The learner or an operator asked to stop. */
  cancelAsked?: boolean
  /** Sent under the learner's own account at the site: the learner can stop it there, too. */
  ownAccount?: true
  version: number
}

interface Sent {
  /** When the POST was made ready. */
  submittedAt: Date
}
interface Known extends Sent {
  jobId: string
  /** Answers `unknown` in a row. */
  unknowns: number
}
interface Started extends Known {
  startedAt: Date
  hardware?: JobHardware
}
interface Ended {
  jobId?: string
  startedAt?: Date
  endedAt: Date
  hardware?: JobHardware
}

/** One job of an attempt. State names are those operators know from batch systems. */
export type Run = RunBase &
  /** `sent`: it was sent before and not found, so it stays with its site. */
  (
    | { state: 'CREATED'; notBefore: Date; sent?: true }
    | ({ state: 'SUBMITTING' } & Sent)
    | ({ state: 'UNCONFIRMED'; misses: number } & Sent)
    | ({ state: 'QUEUED'; queuedAt: Date } & Known)
    | ({ state: 'RUNNING'; queuedAt: Date } & Started)
    | ({ state: 'STUCK'; why: StuckReason; since: Date; queuedAt: Date } & Known)
    /** `why`: it was being given up here when its site forgot it. */
    | ({ state: 'LOST'; since: Date; why?: StuckReason; startedAt?: Date; hardware?: JobHardware } & Known)
    | ({
        state: 'CANCELLING'
        since: Date
        jobId?: string
        misses: number
        startedAt?: Date
        hardware?: JobHardware
      } & Sent)
    | ({ state: 'COLLECTING'; jobId: string; since: Date } & Ended)
    | ({ state: 'DONE' } & Ended)
    | ({ state: 'FAILED'; reason: FailureReason } & Ended)
    | ({ state: 'INFRA'; reason: string } & Ended)
    | ({ state: 'CANCELLED' } & Ended)
    | { state: 'REJECTED'; reason: string; endedAt: Date }
  )

/** Why a job is given up that does not end by itself: it waits or runs too long, or nothing may run at its site. */
export const stuckReasons = ['stuck', 'site-stopped'] as const
export type StuckReason = (typeof stuckReasons)[number]

/** Failures no scheduler tells: a report that does not fit its run, and work that its owner could make away with and is gone. */
export const deliveryFailures = ['integrity', 'work-missing'] as const
export type FailureReason =
  | Exclude<JobOutcome, 'completed' | 'cancelled' | 'infrastructure'>
  | (typeof deliveryFailures)[number]

/** Whether the learner answers for it also when it was the grader that did not come to its end. */
export const isDeliveryFailure = (reason: FailureReason): boolean =>
  (deliveryFailures as readonly string[]).includes(reason)

const finalStates = ['DONE', 'FAILED', 'INFRA', 'CANCELLED', 'REJECTED'] as const
type FinalState = (typeof finalStates)[number]
export type FinalRun = Extract<Run, { state: FinalState }>

export function isFinal(run: Run): run is FinalRun {
  return (finalStates as readonly string[]).includes(run.state)
}
