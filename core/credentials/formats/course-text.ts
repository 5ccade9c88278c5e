import type { Award } from '#core/awards/award.ts'
import { type Disclosable, sharedElement, sharedMember } from '#core/sd-jwt/write-sd-jwt.ts'
import { type Ontology, skillIri } from '#core/skills/ontology.ts'
import { inLanguage } from '#core/text.ts'

/** What an award says about its course and not about its learner, as JSON text ready to be put together. */
export interface CourseText {
  /** Members that are never hidden, without braces. */
  members: string
  /** Members the holder may hide. */
  hidden: Readonly<Record<string, Disclosable>>
  /** Each skill, to be hidden alone. */
  skills: readonly Disclosable[]
}

type CourseOntology = Pick<Ontology, 'modules' | 'skills'>

/** Everything the texts are made from, in one list that is quickly compared. */
type Source = readonly (string | number | undefined)[]

const kept = new Map<string, { source: Source; text: CourseText }>()
const mostKept = 200

/**
 * The texts of an award's course. They are the same for a whole cohort, so the last ones of each module are
 * kept; every part of them is compared with the award before they are used again.
 */
export function courseText(award: Award, publicUrl: string, ontology: CourseOntology): CourseText {
  const prerequisites = prerequisitesOf(award, ontology)
  const source = [...sourceOf(award, publicUrl), ...prerequisites]
  const key = `${award.moduleId} ${award.language}`
  const known = kept.get(key)
  if (known && same(known.source, source)) return known.text
  const text = writeCourse(award, publicUrl, prerequisites)
  kept.delete(key)
  kept.set(key, { source, text })
  const [oldest] = kept.size > mostKept ? kept.keys() : []
  if (oldest !== undefined) kept.delete(oldest)
  return text
}

/** What the module asks of whoever enrols, as the ontology in force describes it. */
function prerequisitesOf({ moduleId, language }: Award, { modules, skills }: CourseOntology): string[] {
  const say = sayIn(language)
  return (modules.get(moduleId)?.entry ?? []).flatMap(({ skill, level }) => {
    const known = skills.get(skill)
    return known ? [`${say(known.label)} (${level}/4)`] : []
  })
}

function sourceOf(award: Award, publicUrl: string): Source {
  const say = sayIn(award.language)
  const source: (string | number | undefined)[] = [
    publicUrl,
    award.ontology.version,
    award.ontology.digest,
    award.language,
    say(award.title),
    say(award.description),
    say(award.qualityAssurance),
    say(award.stackability),
    award.assessmentType,
    award.workloadHours,
    award.ects,
    award.eqfLevel,
    award.participation,
    award.supervision,
    award.iscedF,
    award.outcomes.length,
  ]
  for (const { statement } of award.outcomes) source.push(say(statement))
  for (const { skill, level, label, escoUri } of award.skills) source.push(skill, level, say(label), escoUri)
  return source
}

function same(a: Source, b: Source): boolean {
  return a.length === b.length && a.every((part, position) => part === b[position])
}

function writeCourse(award: Award, publicUrl: string, prerequisites: readonly string[]): CourseText {
  const say = sayIn(award.language)
  const members = JSON.stringify({
    achievement_title: say(award.title),
    achievement_description: say(award.description),
    language_of_classes: [award.language],
    ontology: award.ontology,
  }).slice(1, -1)
  const hidden = Object.entries({
    learning_outcomes: award.outcomes.map(({ statement }) => say(statement)),
    assessment_type: award.assessmentType,
    expected_study_time: `${award.workloadHours} hours`,
    ects_credits: award.ects,
    level_of_learning_experience: award.eqfLevel,
    form_of_participation: award.participation,
    supervision: award.supervision,
    isced_f: award.iscedF,
    types_of_quality_assurance: [say(award.qualityAssurance)],
    integration_stackability_options: say(award.stackability),
    // Absent rather than empty: RDF and people alike read an empty list as a mistake.
    ...(prerequisites.length > 0 ? { prerequisites_to_enroll: prerequisites } : {}),
  }).map(([name, value]) => [name, sharedMember(name, value)] as const)
  const skills = award.skills.map(({ skill, level, label, escoUri }) =>
    sharedElement({
      id: skillIri(publicUrl, award.ontology.version, skill),
      name: say(label),
      level,
      ...(escoUri ? { esco: escoUri } : {}),
    }),
  )
  return { members, hidden: Object.fromEntries(hidden), skills }
}

/** Words in the language the course was taught in, or in English. */
function sayIn(language: string) {
  return (text: Award['title']) => inLanguage(text, language).value
}
