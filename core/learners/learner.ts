import type { LearnerId, TenantTag } from '#core/ids.ts'
import type { SkillLevel } from '#core/skills/ontology.ts'

/** Personal data; at rest only as AES-256-GCM under the learner's own key. */
export interface Person {
  givenName: string
  familyName: string
  email: string
}

export interface Learner {
  id: LearnerId
  tenant: TenantTag
  /** Raised in the transaction of every event about this learner; orders their events. */
  rev: number
  /** `undefined` once the learner's key is gone (erased). */
  person: Person | undefined
  /** Entry skills an institution has recognised (prior learning). Counts for entry and paths, never for supply. */
  recognisedSkills: SkillLevel[]
}
