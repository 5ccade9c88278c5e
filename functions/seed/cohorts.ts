import type { AssessmentPorts } from '#core/assessments/judge.ts'
import { recordAssessment } from '#core/assessments/record-assessment.ts'
import { issueCredential } from '#core/credentials/issue-credential.ts'
import type { LearnerId } from '#core/ids.ts'
import type { Institution } from '#core/institutions/institution.ts'
import { enrol } from '#core/offerings/enrol.ts'
import type { TargetGroup } from '#core/offerings/offering.ts'
import type { Ports } from '#core/ports.ts'
import type { Ontology, SkillLevel } from '#core/skills/ontology.ts'
import { offeringName, type SeededOfferings } from './offerings.ts'
import { inventedHome, inventedPerson } from './people.ts'
import { seedAssessor, seedRegistrar } from './staff.ts'

/** Learners of one sector at every institution; each module is passed by the first `passed` of them. */
export interface Cohort {
  name: string
  sector: string
  /** In turn. */
  targetGroups: readonly TargetGroup[]
  learners: number
  modules: {
    moduleId: string
    passed: number
    /** The next so many try and fail, and so many after them have only enrolled. */
    failed?: number
    waiting?: number
    /** The first so many collect their credential, and of these so many show it to somebody who verifies it. */
    claimed?: number
    verified?: number
  }[]
}

/**
 * Invented learners, 102 at each of three institutions, all with consent: enough that published answers are not
 * hidden, few enough that gaps are left, and some so few that they are.
 */
export const demoCohorts: readonly Cohort[] = [
  {
    name: 'plant',
    sector: 'manufacturing',
    targetGroups: ['professionals', 'professionals', 'sme-staff'],
    learners: 36,
    modules: [
      { moduleId: 'm-software-practice', passed: 27, failed: 4, waiting: 5 },
      { moduleId: 'm-maths-for-ai', passed: 18, failed: 4 },
      { moduleId: 'm-deep-learning', passed: 18 },
      { moduleId: 'm-hpc-for-ai', passed: 15 },
      { moduleId: 'm-llm-inference', passed: 15, claimed: 9, verified: 5 },
    ],
  },
  {
    name: 'clinic',
    sector: 'health-pharma',
    targetGroups: ['sme-staff', 'startups'],
    learners: 16,
    modules: [
      { moduleId: 'm-ai-literacy-work', passed: 12, waiting: 4 },
      { moduleId: 'm-data-protection-ai', passed: 8, failed: 4 },
    ],
  },
  {
    name: 'office',
    sector: 'public-sector',
    targetGroups: ['public-sector'],
    learners: 16,
    modules: [{ moduleId: 'm-ai-literacy-work', passed: 12, failed: 4 }],
  },
  {
    name: 'campus',
    sector: 'energy',
    targetGroups: ['graduate', 'undergraduate'],
    learners: 16,
    modules: [{ moduleId: 'm-python-data', passed: 12, failed: 4 }],
  },
  {
    name: 'depot',
    sector: 'mobility',
    targetGroups: ['professionals'],
    learners: 16,
    modules: [{ moduleId: 'm-ai-for-everyone', passed: 12, waiting: 4 }],
  },
  // Six in all: their sector shows nothing.
  {
    name: 'farm',
    sector: 'agrifood',
    targetGroups: ['startups'],
    learners: 2,
    modules: [{ moduleId: 'm-ai-for-everyone', passed: 2 }],
  },
]

export type SeedPorts = AssessmentPorts & Pick<Ports, 'primitives'>

/** Waves in which a cohort begins, one a month. */
export const waves = 4
const waveOf = (number: number, { learners }: Cohort) => Math.floor((number * waves) / learners)

/**
 * Seeds one cohort at one institution, or one wave of it, through enrolment and assessment; repeating it changes
 * nothing.
 */
export async function seedCohort(
  institution: Institution,
  cohort: Cohort,
  offerings: SeededOfferings,
  ports: SeedPorts,
  wave?: number,
): Promise<LearnerId[]> {
  const { store, ontology } = ports
  const recognisedSkills = entrySkills(
    cohort.modules.map(({ moduleId }) => moduleId),
    ontology,
  )
  const learners: LearnerId[] = []
  for (let number = 0; number < cohort.learners; number++) {
    if (wave !== undefined && waveOf(number, cohort) !== wave) continue
    const subject = `seed-${cohort.name}-${number}`
    const { id: learnerId } = await store.saveLearnerOnce(subject, {
      id: ports.random.id(institution.tag, 'lrn'),
      tenant: institution.tag,
      rev: 0,
      person: inventedPerson(number, cohort.name, institution.slug),
      recognisedSkills,
    })
    learners.push(learnerId)
    for (const training of cohort.modules) {
      const { passed, failed = 0, waiting = 0 } = training
      if (number >= passed + failed + waiting) continue
      await train(institution, cohort, learnerId, number, training, offerings, ports)
    }
  }
  return learners
}

async function train(
  institution: Institution,
  { name, sector, targetGroups }: Cohort,
  learnerId: LearnerId,
  number: number,
  { moduleId, passed, failed = 0, claimed = 0, verified = 0 }: Cohort['modules'][number],
  offerings: SeededOfferings,
  ports: SeedPorts,
): Promise<void> {
  const offeringId = offerings.get(offeringName(institution, moduleId))
  if (!offeringId) throw new Error(`no seeded offering of ${moduleId}`)
  const requestId = `seed-${name}-${number}-${moduleId}`.slice(0, 64)
  const targetGroup = targetGroups[number % targetGroups.length]
  const days = 12 + ((number * 11) % 30)
  await enrol(
    seedRegistrar(institution),
    {
      requestId,
      learnerId,
      offeringId,
      analyticsConsent: true,
      sector,
      organisation: `${name} employer ${number % 7}`,
      ...inventedHome(number),
      // Some would rather not say.
      ...(targetGroup === undefined || number % 12 === 11 ? {} : { targetGroup }),
    },
    { ...ports, clock: earlier(ports, days) },
  )
  if (number >= passed + failed) return
  const scorePercent = number < passed ? 70 + ((number * 7) % 30) : 40
  const { award } = await recordAssessment(
    seedAssessor(institution),
    { requestId, learnerId, offeringId, scorePercent },
    ports,
  )
  if (!award || number >= claimed) return
  await issueCredential({ awardId: award.id, format: 'vc+jwt' }, ports)
  if (number < verified) await ports.store.noteVerified(award.id)
}

function earlier({ clock }: Pick<Ports, 'clock'>, days: number): Ports['clock'] {
  return { now: () => new Date(clock.now().getTime() - days * 86_400_000) }
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
