import type { AuditBody } from '#core/audit/audit.ts'
import type { AttemptId, LearnerId, OfferingId, TenantTag } from '#core/ids.ts'
import type { Page, Request } from '#core/store.ts'
import type { Attempt, LiveAttempt } from './attempt.ts'
import type { Run } from './run.ts'
import type { RunEventType } from './run-events.ts'
import type { UsageChange } from './usage.ts'

/** What is kept of each step, for the learner's page and for whoever looks into a failure later. */
export interface AttemptEvent {
  /** Position in the attempt, from 1. */
  number: number
  at: Date
  run: number
  type: RunEventType | 'started' | 'moved'
  /** State of the run after the event. */
  state: Run['state']
  effects: string[]
}

/** A step of an attempt: everything that changes, written in one transaction or not at all. */
interface AttemptStep {
  attempt: Attempt
  /** The run that moved, and perhaps the next one. */
  runs: Run[]
  /** Absent when nothing happened but that somebody looked. */
  event?: Omit<AttemptEvent, 'number'>
  /** Compute that is set aside, used or given back by it. */
  usage?: UsageChange[]
}

export interface RunStore {
  /**
   * Writes attempt, first run, the compute set aside for it and the mark "one live attempt per learner and
   * practical" before anything is sent. Refuses `practical_already_running` and `budget_exceeded`. Repeating the
   * request answers the stored attempt.
   */
  saveAttemptOnce(request: Request, attempt: Attempt, run: Run, usage: UsageChange): Promise<Attempt>
  /** The attempt this very request started before; refuses `request_conflict` when the input differs. */
  answeredAttempt(request: Request): Promise<Attempt | undefined>
  /**
   * One transaction under the versions the caller read; false when somebody else was faster. An attempt that
   * ends frees its mark. Refuses `budget_exceeded` when what is set aside would pass a cap.
   */
  saveStep(step: AttemptStep): Promise<boolean>
  /**
   * One transaction: what an assessor decided about an ended attempt, and a line in the log. Refuses
   * `state_conflict` when the attempt has changed since it was read. Repeating the request changes nothing.
   */
  saveOverrideOnce(request: Request, attempt: Attempt, audit: AuditBody): Promise<Attempt>
  /** Takes away what the learner handed in and what was said about it in words, for good; answers the attempt as it is then. */
  forgetConfiguration(id: AttemptId): Promise<Attempt | undefined>
  findAttempt(id: AttemptId): Promise<Attempt | undefined>
  runsOf(id: AttemptId): Promise<Run[]>
  attemptEventsOf(id: AttemptId): Promise<AttemptEvent[]>
  /** Newest first. */
  attemptsOf(learnerId: LearnerId): Promise<Attempt[]>
  /** Ended attempts of an offering, the last one to end first. */
  endedAttempts(offeringId: OfferingId, page: { limit: number; cursor?: string }): Promise<Page<Attempt>>
  /** Live attempts at a site whose `nextAt` is not after `until`, the longest waiting first. */
  dueAttempts(tenant: TenantTag, site: string, until: Date, limit: number): Promise<LiveAttempt[]>
}
