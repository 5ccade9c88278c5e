import { type Attempt, isLive } from '#core/practicals/attempt.ts'
import type { RecordItem, RecordWrite } from '#core/records.ts'
import { Refusal } from '#core/refusal.ts'
import { at, keys } from './keys.ts'
import { fromItem, toData } from './z-items.ts'
import { zAttempt } from './z-run.ts'

/** The item of an attempt: found by its learner; while it lives by its site, ended by its offering. */
export const attemptItem = (attempt: Attempt, version: number): RecordItem => ({
  ...keys.attempt(attempt.id),
  version,
  gsi1: { pk: keys.learnerPartition(attempt.learnerId), sk: `ATT#${at(attempt.createdAt)}#${attempt.id}` },
  gsi2: isLive(attempt)
    ? { pk: keys.dueAttempts(attempt.tenant, attempt.site), sk: at(attempt.nextAt) }
    : { pk: keys.endedAttempts(attempt.offeringId), sk: `${at(attempt.endedAt)}#${attempt.id}` },
  data: toData({ ...attempt, version }),
})

/** Attempts from before looks were told apart from events have one event for each version. */
export const decodeAttempt = (item: RecordItem) =>
  fromItem(zAttempt, 'attempt', { ...item, data: { steps: item.version, ...item.data } })

/** An ended attempt with what an assessor decided about it, if it is as it was read. */
export const decidedWrite = (attempt: Attempt): RecordWrite => ({
  put: attemptItem(attempt, attempt.version + 1),
  if: { version: attempt.version },
})

export const attemptChanged = () =>
  new Refusal('state_conflict', 'The run has changed since it was read; read it again.')
