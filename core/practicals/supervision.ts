import type { LearnerId, OfferingId } from '#core/ids.ts'
import type { Request } from '#core/store.ts'

/** How somebody made sure who the learner is. */
export const identityChecks = ['document', 'electronic-id', 'known-in-person'] as const
/** How somebody watched. */
export const presences = ['on-site', 'online'] as const

/**
 * An assessor's word: from now on, for so long, this learner is known to be who they say and is watched. Said when
 * it begins, never for what is past. A later word ends an earlier one.
 */
export interface Supervision {
  learnerId: LearnerId
  offeringId: OfferingId
  from: Date
  until: Date
  identity: (typeof identityChecks)[number]
  presence: (typeof presences)[number]
  /** Account of the assessor. */
  by: string
}

/** The word that holds at a moment: the last one given before it, unless it has ended. `statements` in order of time. */
export function supervisionAt(statements: readonly Supervision[], at: Date): Supervision | undefined {
  const last = statements.findLast(({ from }) => from <= at)
  return last && at < last.until ? last : undefined
}

export interface SupervisionStore {
  /** One transaction with a line in the institution's log. Repeating the request answers the first word. */
  saveSupervisionOnce(request: Request, supervision: Supervision): Promise<Supervision>
  /** Oldest first. */
  supervisionsOf(learnerId: LearnerId, offeringId: OfferingId): Promise<Supervision[]>
}
