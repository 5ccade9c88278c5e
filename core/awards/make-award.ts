import type { Assessment } from '#core/assessments/assessment.ts'
import type { AwardId } from '#core/ids.ts'
import type { Offering } from '#core/offerings/offering.ts'
import type { PracticalEvidence } from '#core/practicals/evidence.ts'
import type { Level, Module, Ontology, Skill } from '#core/skills/ontology.ts'
import type { Award, AwardedSkill } from './award.ts'

/**
 * The award of a passed assessment: everything a micro-credential must state, copied from the module as
 * the ontology in force describes it, so that later versions change nothing about it.
 */
export function makeAward(
  id: AwardId,
  passed: { assessment: Assessment; module: Module; offering: Offering; evidence: PracticalEvidence[] },
  ontology: Ontology,
): Award {
  const { assessment, module, offering, evidence } = passed
  return {
    id,
    tenant: assessment.tenant,
    learnerId: assessment.learnerId,
    offeringId: assessment.offeringId,
    assessmentId: assessment.id,
    ...contentOf(module, ontology),
    language: offering.language,
    scorePercent: assessment.scorePercent,
    evidence,
    awardedAt: assessment.recordedAt,
    status: { state: 'valid', since: assessment.recordedAt },
    version: 1,
  }
}

/** What an award says of its module. */
export function contentOf(module: Module, ontology: Ontology) {
  return {
    moduleId: module.id,
    ontology: { version: ontology.version, digest: ontology.digest },
    title: module.title,
    description: module.description,
    outcomes: module.outcomes.map(({ id, statement }) => ({ id, statement })),
    skills: awardedSkills(module, ontology),
    eqfLevel: module.eqfLevel,
    ects: module.ects,
    workloadHours: module.workloadHours,
    iscedF: module.iscedF,
    participation: module.mode,
    supervision: module.supervision,
    assessmentType: module.assessment,
    qualityAssurance: module.qualityAssurance,
    stackability: module.stackability.statement,
  }
}

/** Each skill of the module's outcomes once, at the highest level an outcome states. */
function awardedSkills(module: Module, ontology: Ontology): AwardedSkill[] {
  const highest = new Map<string, Level>()
  for (const { skill, level } of module.outcomes.flatMap((outcome) => outcome.skills)) {
    if (level > (highest.get(skill) ?? 0)) highest.set(skill, level)
  }
  return [...highest].map(([id, level]) => {
    const skill = ontology.skills.get(id)
    if (!skill) throw new Error(`module ${module.id} teaches a skill the ontology does not have`)
    const escoUri = escoUriOf(skill)
    return { skill: id, level, label: skill.label, ...(escoUri ? { escoUri } : {}) }
  })
}

/** Only a match that means the same: the broader ones would claim more than was taught. */
function escoUriOf(skill: Skill): string | undefined {
  const esco = skill.mappings.filter(({ scheme }) => scheme === 'esco')
  for (const relation of ['exactMatch', 'closeMatch']) {
    const found = esco.find((mapping) => mapping.relation === relation)
    if (found?.uri) return found.uri
  }
  return undefined
}
