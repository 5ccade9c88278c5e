import type { Award } from '#core/awards/award.ts'
import type { LearningOutcome, Module, Ontology } from '#core/skills/ontology.ts'
import { skillIri } from '#core/skills/ontology.ts'
import { concept, type Draft, dateTime, hours, languageConcept, note } from './draft.ts'
import type { JsonObject } from './graph.ts'
import { practicalAssessment } from './practical-evidence.ts'
import { everywhere, gradingSchemeWords, headings } from './words.ts'

/** What an achievement is written from besides the award itself. */
export interface AchievementFacts {
  award: Award
  /** The module as the ontology describes it; absent when it has left the ontology since. */
  module?: Pick<Module, 'outcomes' | 'passMarkPercent'>
  publicUrl: string
  /** ESCO concepts with their own labels, and our words for the codes of a module. */
  ontology: Pick<Ontology, 'escoLabels' | 'modes' | 'assessments' | 'supervisions'>
}

/** Codes of the ontology → values of the European vocabularies. */
const modes: Readonly<Record<string, string>> = {
  'online-self-paced': '920fbb3cbe',
  'online-tutored': '920fbb3cbe',
  blended: 'e92d221e4d',
  'on-site': '9191af2ed9',
}
const activityTypes: Readonly<Record<string, readonly string[]>> = {
  'online-self-paced': ['bf2e3a7bae', 'b660f5dcea'],
  'online-tutored': ['bf2e3a7bae'],
  blended: ['bf2e3a7bae', 'ff436ea7c9'],
  'on-site': ['ff436ea7c9'],
}
const assessmentTypes: Readonly<Record<string, string>> = {
  'auto-quiz': 'b1b68f6735',
  'scenario-test': '6e6cb2cc78',
  portfolio: '4f03b91c0e',
  'portfolio-peer': '4f03b91c0e',
  'case-study': '2939dae15f',
  'auto-graded-code': '6a4db9f11d',
  'project-auto': '795dac4096',
  'project-panel': '795dac4096',
  'auto-job': '6a4db9f11d',
}
const supervisions: Readonly<Record<string, string>> = {
  none: 'c598449d64',
  'online-unsupervised': 'c598449d64',
  'online-supervised': '70be69aaf9',
  'on-site-supervised': '70be69aaf9',
}
const practiceCoursework = '3c8bd58d62'

/** The claim of the credential: what was learned, how it was assessed, by whom it was awarded. */
export function learningAchievement(
  draft: Draft,
  facts: AchievementFacts,
  awardingBody: JsonObject,
): JsonObject {
  const { award } = facts
  const awardedBy = draft.thing('AwardingProcess', {
    awardingBody: [awardingBody],
    awardingDate: dateTime(award.awardedAt),
  })
  const credits = ectsCredits(draft, award.ects)
  return draft.thing('LearningAchievement', {
    title: draft.say(award.title),
    description: draft.say(award.description),
    awardedBy,
    creditReceived: credits,
    provenBy: [moduleAssessment(draft, facts, awardedBy)],
    influencedBy: [learningActivity(draft, award, awardedBy)],
    specifiedBy: qualification(draft, facts, credits),
  })
}

function ectsCredits(draft: Draft, ects: number): JsonObject[] {
  if (!(ects > 0)) return []
  return [
    draft.thing('CreditPoint', { framework: concept('creditFramework', '6fcec5c5af'), point: String(ects) }),
  ]
}

function moduleAssessment(
  draft: Draft,
  { award, module }: AchievementFacts,
  awardedBy: JsonObject,
): JsonObject {
  const supervision = concept('supervision', supervisions[award.supervision])
  return draft.thing('LearningAssessment', {
    title: draft.say(award.title),
    awardedBy,
    dateIssued: dateTime(award.awardedAt),
    grade: note(draft, everywhere(draft.languages, `${award.scorePercent}/100`)),
    idVerification: supervision,
    hasPart: award.evidence.map((evidence) =>
      practicalAssessment(draft, evidence, { awardedBy, supervision }),
    ),
    specifiedBy: draft.thing('LearningAssessmentSpecification', {
      title: draft.say(award.title),
      dcType: concept('assessmentType', assessmentTypes[award.assessmentType]),
      gradingScheme:
        module &&
        draft.thing('GradingScheme', { title: draft.say(gradingSchemeWords(module.passMarkPercent)) }),
    }),
  })
}

function learningActivity(draft: Draft, award: Award, awardedBy: JsonObject): JsonObject {
  const types = [...(activityTypes[award.participation] ?? [])]
  if (award.evidence.length > 0) types.push(practiceCoursework)
  return draft.thing('LearningActivity', {
    title: draft.say(award.title),
    awardedBy,
    workload: hours(award.workloadHours),
    specifiedBy: draft.thing('LearningActivitySpecification', {
      title: draft.say(award.title),
      dcType: types.map((type) => concept('activityType', type)),
      mode: list(concept('mode', modes[award.participation])),
      language: list(languageConcept(award.language)),
    }),
  })
}

function qualification(draft: Draft, facts: AchievementFacts, credits: JsonObject[]): JsonObject {
  const { award } = facts
  return draft.thing('Qualification', {
    identifier: draft.thing('Identifier', {
      notation: award.moduleId,
      schemeName: `Modules of the AI Skills Academy ontology ${award.ontology.version}`,
    }),
    title: draft.say(award.title),
    description: draft.say(award.description),
    eqfLevel: concept('eqfLevel', String(award.eqfLevel)),
    thematicArea: list(concept('fieldOfStudy', award.iscedF)),
    dcType: list(concept('learningOpportunity', '0f7dac46ca')),
    mode: list(concept('mode', modes[award.participation])),
    learningSetting: concept('learningSetting', 'e207a81fc7'),
    language: list(languageConcept(award.language)),
    volumeOfLearning: hours(award.workloadHours),
    creditPoint: credits,
    learningOutcome: award.outcomes.map((outcome) =>
      learningOutcome(
        draft,
        outcome,
        facts.module?.outcomes.find(({ id }) => id === outcome.id),
        facts,
      ),
    ),
    additionalNote: [
      ...list(note(draft, award.qualityAssurance, headings.qualityAssurance)),
      ...list(note(draft, award.stackability, headings.stackability)),
    ],
  })
}

/** One outcome with the skills it teaches: by our own permanent addresses, and by ESCO where that means the same. */
function learningOutcome(
  draft: Draft,
  outcome: Award['outcomes'][number],
  taught: LearningOutcome | undefined,
  { award, publicUrl, ontology: { escoLabels } }: AchievementFacts,
): JsonObject {
  const scheme = `${publicUrl}/ontology/${award.ontology.version}`
  const skills = (taught?.skills ?? []).flatMap(({ skill, level }) => {
    const awarded = award.skills.find((entry) => entry.skill === skill)
    return awarded ? [{ ...awarded, level }] : []
  })
  const escoUris = new Set(skills.flatMap(({ escoUri }) => (escoUri ? [escoUri] : [])))
  return draft.thing('LearningOutcome', {
    identifier: draft.thing('Identifier', {
      notation: outcome.id,
      schemeName: `Outcomes of ${award.moduleId}`,
    }),
    title: draft.say(outcome.statement),
    dcType: concept('outcomeType', 'skill'),
    relatedSkill: skills.map(({ skill, label }) => ({
      id: skillIri(publicUrl, award.ontology.version, skill),
      type: 'Concept',
      inScheme: { id: scheme, type: 'ConceptScheme' },
      prefLabel: draft.say(label),
      notation: skill,
    })),
    relatedESCOSkill: [...escoUris].flatMap((uri) =>
      list(concept('escoSkill', uri.slice(uri.lastIndexOf('/') + 1), draft.say(escoLabels.get(uri)))),
    ),
    additionalNote: skills.flatMap(({ label, level }) =>
      list(note(draft, levelWords(label, level), headings.level)),
    ),
  })
}

function levelWords(label: Award['skills'][number]['label'], level: number): Record<string, string> {
  return { en: `${label.en}: ${level}/4`, fr: `${label.fr} : ${level}/4` }
}

function list(value: JsonObject | undefined): JsonObject[] {
  return value ? [value] : []
}
