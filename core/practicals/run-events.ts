import type { JobHardware, JobOutcome, QueueErrorKind } from './queue.ts'
import type { Delivery } from './run.ts'

/** Everything that can happen to a run; `at` is when we saw it. */
export type RunEvent = { at: Date } & (
  | { type: 'quota-exceeded' }
  /** `ownAccount`: it is to run under the learner's own account at its site. */
  | { type: 'budget-reserved'; ownAccount?: true }
  | { type: 'submitted'; jobId: string }
  | { type: 'submit-failed'; kind: QueueErrorKind; reason: string }
  | { type: 'found'; jobId: string }
  /** `hold`: its site takes nothing now, so it is not sent again at once. */
  | { type: 'not-found'; hold?: boolean }
  | { type: 'pending' }
  | { type: 'running'; startedAt: Date; hardware?: JobHardware }
  | {
      type: 'ended'
      outcome: JobOutcome
      reason: string
      startedAt?: Date
      endedAt: Date
      hardware?: JobHardware
      /** Of a grade job: the work that it was to grade is not at the site any more, and its owner had the means. */
      workMissing?: true
    }
  | { type: 'unknown' }
  | { type: 'delivered'; delivery: Delivery }
  | { type: 'cancel-asked' }
  /** Nothing may run at the site any more. */
  | { type: 'site-stopped' }
  /** `unseen`: the folders of the job could not be looked into, so that nothing was found says nothing. */
  | { type: 'tick'; unseen?: true }
)
export type RunEventType = RunEvent['type']

/**
 * What should follow at once. Nothing depends on an effect being carried out in the same breath: whatever a
 * crash swallows, the state brings about again when the run is next due.
 */
export type RunEffect =
  | { type: 'submit' }
  | { type: 'resolve' }
  | { type: 'poll' }
  | { type: 'cancel' }
  | { type: 'collect' }
  | { type: 'look-for-twin' }
  | { type: 'grade' }
  | { type: 'retry' }
  | { type: 'release' }
  | { type: 'settle' }
  | { type: 'tell'; why: string }
  | { type: 'alarm'; why: string }
