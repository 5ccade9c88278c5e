import type { AwardState } from './awards/award.ts'
import type { AwardId, CredentialId, EventId, LearnerId, OfferId, TenantTag } from './ids.ts'
import type { SkillLevel } from './skills/ontology.ts'

/**
 * What others must hear about. Written in the transaction of the change it tells; delivered at least
 * once, in order per learner (`seq` is the learner's `rev`); every projection is idempotent by `seq`.
 */
export type OutboxEvent = {
  id: EventId
  tenant: TenantTag
  at: Date
  seq: number
  /** Of what the change was part of, where somebody watches: whoever delivers goes on with it. */
  trace?: string
} & OutboxBody

export type OutboxBody =
  | { type: 'award.made'; awardId: AwardId; learnerId: LearnerId; skills: SkillLevel[] }
  | { type: 'award.status-changed'; awardId: AwardId; learnerId: LearnerId; state: AwardState }
  | { type: 'credential.issued'; awardId: AwardId; credentialId: CredentialId; learnerId: LearnerId }
  | { type: 'offer.opened'; awardId: AwardId; offerId: OfferId; learnerId: LearnerId }
  /** Left statistics, or came back into them; which, the records say. */
  | { type: 'learner.statistics-choice'; learnerId: LearnerId }
  | { type: 'learner.erased'; learnerId: LearnerId }
