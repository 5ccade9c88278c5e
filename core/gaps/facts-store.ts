import type { AwardId, LearnerId, TenantTag } from '#core/ids.ts'
import type { Request } from '#core/store.ts'
import type { LearnerHistory } from './facts-of.ts'
import type { LearnerFacts } from './learner-facts.ts'

/** A learner whose records changed since their facts were made. */
export interface ChangedLearner {
  learnerId: LearnerId
  /** Which change it was; a later one has another. */
  mark: number
}

/**
 * Facts for statistics, kept by learner and read by the snapshot job alone. They follow the records: every
 * change of a learner leaves a mark in its own transaction, and the job brings the marked ones up to date.
 */
export interface FactsStore {
  /** Learners with a mark, a few thousand at most at a time. */
  changedLearners(tenant: TenantTag): Promise<ChangedLearner[]>
  /** Marks every learner who is enrolled anywhere: for records older than their facts. */
  markAllLearners(tenant: TenantTag): Promise<void>
  historyOf(learnerId: LearnerId): Promise<LearnerHistory>
  /** Puts facts in place of the old ones (none: the learner counts nowhere) and takes the marks they answer. */
  saveFacts(
    tenant: TenantTag,
    changes: readonly { learnerId: LearnerId; facts: LearnerFacts | undefined; mark: number }[],
  ): Promise<void>
  /** Every learner's facts of one institution, a page at a time. */
  readFacts(tenant: TenantTag): AsyncIterable<LearnerFacts>
  /** Whether the facts of this shape were made at all. */
  factsBegun(): Promise<boolean>
  saveFactsBegun(): Promise<void>
  /** A learner's word: out of statistics from the next snapshot on, or in them again. With its event, for the graph. */
  saveObjectionOnce(request: Request, learnerId: LearnerId, objects: boolean): Promise<void>
  objects(learnerId: LearnerId): Promise<boolean>
  /** That a credential of the award was verified at least once; not by whom, and not when. Only with consent. */
  noteVerified(award: AwardId): Promise<void>
}
