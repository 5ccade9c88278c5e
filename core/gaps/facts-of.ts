import type { Assessment } from '#core/assessments/assessment.ts'
import type { Award } from '#core/awards/award.ts'
import type { OfferingId, TenantTag } from '#core/ids.ts'
import { isoCountry } from '#core/offerings/nuts1.ts'
import type { Enrolment } from '#core/offerings/offering.ts'
import type { SkillLevel } from '#core/skills/ontology.ts'
import type { LearnerFacts, ModuleFacts } from './learner-facts.ts'
import { type Stage, stages } from './places.ts'

/** Everything the records hold of one learner that statistics may ask about. */
export interface LearnerHistory {
  tenant: TenantTag
  /** Erased, or objected to statistics: counts nowhere. */
  left: boolean
  enrolments: readonly Enrolment[]
  assessments: readonly Pick<Assessment, 'offeringId' | 'outcome' | 'recordedAt'>[]
  /** Those in force; a revoked one is not. */
  awards: readonly (Pick<Award, 'id' | 'offeringId' | 'validUntil'> & {
    skills: readonly SkillLevel[]
    status: Pick<Award['status'], 'state'>
  })[]
  /** Offerings in which a practical was started; not asked for where the learner was assessed in all. */
  practised: ReadonlySet<OfferingId>
  /** Awards of which a credential was collected, and those of which one was verified by somebody. */
  claimed: ReadonlySet<Award['id']>
  verified: ReadonlySet<Award['id']>
  /** Module of each offering enrolled in. */
  moduleOf: ReadonlyMap<OfferingId, string>
}

const dayMs = 86_400_000

/**
 * What statistics may know of a learner. An enrolment counts only with its own consent, and with it what
 * followed from it; the places are those of the latest one. `undefined`: counts nowhere.
 */
export function factsOf(history: LearnerHistory): LearnerFacts | undefined {
  const consented = history.enrolments.filter(({ analyticsConsent }) => analyticsConsent)
  const latest = consented.reduce<Enrolment | undefined>(
    (last, next) => (last && last.enrolledAt >= next.enrolledAt ? last : next),
    undefined,
  )
  if (history.left || !latest) return undefined
  const { sector, country, nuts1, targetGroup, organisation } = latest
  const modules = new Map<string, ModuleFacts>()
  for (const enrolment of consented) {
    const module = history.moduleOf.get(enrolment.offeringId)
    if (module === undefined) continue
    const one = trainingOf(enrolment, module, history)
    const known = modules.get(module)
    modules.set(module, known ? both(known, one) : one)
  }
  return {
    tenant: history.tenant,
    places: {
      ...(sector === undefined ? {} : { sector }),
      ...(country === undefined ? {} : { country: isoCountry(country) }),
      ...(nuts1 === undefined ? {} : { nuts1 }),
      ...(targetGroup === undefined ? {} : { targetGroup }),
    },
    ...(organisation === undefined ? {} : { organisation }),
    modules: [...modules.values()],
  }
}

function trainingOf(
  { offeringId, enrolledAt }: Enrolment,
  module: string,
  history: LearnerHistory,
): ModuleFacts {
  const here = <T extends { offeringId: OfferingId }>(items: readonly T[]) =>
    items.filter((one) => one.offeringId === offeringId)
  const assessments = here(history.assessments)
  const awards = here(history.awards)
  const passed = assessments
    .filter(({ outcome }) => outcome === 'passed')
    .map(({ recordedAt }) => recordedAt.getTime())
  const reached: Record<Stage, boolean> = {
    enrolled: true,
    practised: history.practised.has(offeringId),
    assessed: assessments.length > 0,
    // An award is made in the transaction of the assessment that passes.
    issued: passed.length > 0,
    claimed: awards.some(({ id }) => history.claimed.has(id)),
    verified: awards.some(({ id }) => history.verified.has(id)),
  }
  const first = passed.length === 0 ? undefined : Math.min(...passed)
  return {
    module,
    stage: stages.findLastIndex((stage) => reached[stage]) + 1,
    ...(first === undefined
      ? {}
      : { daysToAward: Math.max(0, Math.floor((first - enrolledAt.getTime()) / dayMs)) }),
    awards: awards
      .filter(({ status }) => status.state === 'valid')
      .map(({ validUntil, skills }) => ({
        ...(validUntil === undefined ? {} : { validUntil: validUntil.toISOString().slice(0, 10) }),
        skills: skills.map(({ skill, level }) => ({ skill, level })),
      })),
  }
}

function both(a: ModuleFacts, b: ModuleFacts): ModuleFacts {
  const days = [a.daysToAward, b.daysToAward].filter((one) => one !== undefined)
  return {
    module: a.module,
    stage: Math.max(a.stage, b.stage),
    ...(days.length === 0 ? {} : { daysToAward: Math.min(...days) }),
    awards: [...a.awards, ...b.awards],
  }
}
