import type { TenantTag } from '#core/ids.ts'
import type { SkillLevel } from '#core/skills/ontology.ts'
import type { PlaceDimension } from './places.ts'

/**
 * What statistics know of one learner who consented and did not object: no name, no id, no exact time.
 * Read by the snapshot job alone.
 */
export interface LearnerFacts {
  /** The institution; a learner record belongs to exactly one. */
  tenant: TenantTag
  /** From the latest enrolment with consent; what is absent was not stated. */
  places: Partial<Record<PlaceDimension, string>>
  /** Pseudonym of the employer or school, where stated. */
  organisation?: string
  modules: ModuleFacts[]
}

/** One module the learner took, over all its offerings. */
export interface ModuleFacts {
  module: string
  /** Furthest stage, 1 (enrolled) to 6 (verified). */
  stage: number
  /** Whole days from enrolment to the first award. */
  daysToAward?: number
  /** Skills of awards in force, by the day (`YYYY-MM-DD`) they end. */
  awards: { validUntil?: string; skills: SkillLevel[] }[]
}
