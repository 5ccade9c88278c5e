import type { Award } from '#core/awards/award.ts'
import type { LearnerId, TenantTag } from '#core/ids.ts'
import type { Enrolment } from '#core/offerings/offering.ts'
import type { Level } from '#core/skills/ontology.ts'

/** One learner as supply: where they count, and the highest valid level of each skill. */
export interface LearnerSupply {
  learnerId: LearnerId
  /** The institution that awarded; a learner record belongs to exactly one. */
  tenant: TenantTag
  sector: string
  skills: ReadonlyMap<string, Level>
}

/** Whether an award counts on a date: made by then, not yet expired, neither revoked, suspended nor superseded. */
function countsOn(award: Pick<Award, 'awardedAt' | 'validUntil' | 'status'>, date: Date): boolean {
  return (
    award.status.state === 'valid' &&
    award.awardedAt <= date &&
    (award.validUntil === undefined || award.validUntil > date)
  )
}

/**
 * A learner's supply on a date, from their own records. An award counts only with the consent given at its
 * own enrolment; the sector is the one of the latest enrolment with consent. `undefined`: counts nowhere.
 * Recognised prior learning is no supply: nobody verified it.
 */
export function projectSupply(
  learner: { id: LearnerId; tenant: TenantTag },
  awards: readonly Award[],
  enrolments: readonly Enrolment[],
  date: Date,
): LearnerSupply | undefined {
  const consented = enrolments.filter((enrolment) => enrolment.analyticsConsent)
  const latest = consented.reduce<Enrolment | undefined>(
    (last, next) => (last && last.enrolledAt > next.enrolledAt ? last : next),
    undefined,
  )
  if (latest?.sector === undefined) return undefined
  const offerings = new Set(consented.map((enrolment) => enrolment.offeringId))
  const skills = new Map<string, Level>()
  for (const award of awards) {
    if (!offerings.has(award.offeringId) || !countsOn(award, date)) continue
    for (const { skill, level } of award.skills) {
      const held = skills.get(skill)
      if (held === undefined || held < level) skills.set(skill, level)
    }
  }
  if (skills.size === 0) return undefined
  return { learnerId: learner.id, tenant: learner.tenant, sector: latest.sector, skills }
}
