import type { AssessmentPorts } from '#core/assessments/judge.ts'
import { recordAssessment } from '#core/assessments/record-assessment.ts'
import type { LearnerId } from '#core/ids.ts'
import type { Institution } from '#core/institutions/institution.ts'
import { enrol } from '#core/offerings/enrol.ts'
import type { TargetGroup } from '#core/offerings/offering.ts'
import type { Ontology, SkillLevel } from '#core/skills/ontology.ts'
import { offeringName, type SeededOfferings } from './offerings.ts'
import { inventedPerson } from './people.ts'
import { seedAssessor, seedRegistrar } from './staff.ts'

/** Learners of one sector at every institution; each module is passed by the first `passed` of them. */
export interface Cohort {
  name: string
  sector: string
  targetGroup: TargetGroup
  learners: number
  modules: { moduleId: string; passed: number }[]
}

/**
 * Invented learners, 54 at each of three institutions, all with consent: enough that a published answer is
 * not hidden, and few enough that a gap is left.
 */
export const demoCohorts: readonly Cohort[] = [
  {
    name: 'plant',
    sector: 'manufacturing',
    targetGroup: 'professionals',
    learners: 36,
    modules: [
      { moduleId: 'm-software-practice', passed: 36 },
      { moduleId: 'm-maths-for-ai', passed: 24 },
      { moduleId: 'm-deep-learning', passed: 24 },
      { moduleId: 'm-hpc-for-ai', passed: 18 },
      { moduleId: 'm-llm-inference', passed: 12 },
    ],
  },
  {
    name: 'clinic',
    sector: 'health-pharma',
    targetGroup: 'sme-staff',
    learners: 18,
    modules: [
      { moduleId: 'm-ai-literacy-work', passed: 18 },
      { moduleId: 'm-data-protection-ai', passed: 12 },
    ],
  },
]

/** Seeds one cohort at one institution through enrolment and assessment; repeating it changes nothing. */
export async function seedCohort(
  institution: Institution,
  cohort: Cohort,
  offerings: SeededOfferings,
  ports: AssessmentPorts,
): Promise<LearnerId[]> {
  const { store, ontology } = ports
  const recognisedSkills = entrySkills(
    cohort.modules.map(({ moduleId }) => moduleId),
    ontology,
  )
  const learners: LearnerId[] = []
  for (let number = 0; number < cohort.learners; number++) {
    const subject = `seed-${cohort.name}-${number}`
    const { id: learnerId } = await store.saveLearnerOnce(subject, {
      id: ports.random.id(institution.tag, 'lrn'),
      tenant: institution.tag,
      rev: 0,
      person: inventedPerson(number, institution.slug),
      recognisedSkills,
    })
    learners.push(learnerId)
    for (const { moduleId, passed } of cohort.modules) {
      if (number >= passed) continue
      const offeringId = offerings.get(offeringName(institution, moduleId))
      if (!offeringId) throw new Error(`no seeded offering of ${moduleId}`)
      const requestId = `${subject}-${moduleId}`.slice(0, 64)
      await enrol(
        seedRegistrar(institution),
        {
          requestId,
          learnerId,
          offeringId,
          analyticsConsent: true,
          country: institution.country,
          targetGroup: cohort.targetGroup,
          sector: cohort.sector,
        },
        ports,
      )
      const scorePercent = 70 + ((number * 7) % 30)
      await recordAssessment(
        seedAssessor(institution),
        { requestId, learnerId, offeringId, scorePercent },
        ports,
      )
    }
  }
  return learners
}

/** Everything these modules ask for at entry, each at the highest level. */
export function entrySkills(moduleIds: readonly string[], ontology: Pick<Ontology, 'modules'>): SkillLevel[] {
  const highest = new Map<string, SkillLevel>()
  for (const moduleId of moduleIds) {
    for (const one of ontology.modules.get(moduleId)?.entry ?? []) {
      const known = highest.get(one.skill)
      if (!known || known.level < one.level) highest.set(one.skill, one)
    }
  }
  return [...highest.values()]
}
