import type { PrivacyRules } from '#core/gaps/cell-privacy.ts'
import { demandByRole, demandBySkill } from '#core/gaps/demand.ts'
import type { Staircase } from '#core/gaps/staircase.ts'
import { Refusal } from '#core/refusal.ts'
import { findCircle } from './find-circle.ts'
import { labelFor } from './label.ts'
import type { Ontology, SkillLevel } from './ontology.ts'

/** What a skills graph is made of; the same for every adapter. */
export interface GraphContent {
  /** Names this content; the same name, the same content. */
  digest: string
  /** Base tags with an index of their own; English is always one. */
  languages: readonly string[]
  skills: readonly GraphSkill[]
  demand: readonly { sector: string; skill: string; steps: Staircase }[]
}

export interface GraphSkill {
  id: string
  /** Whether a search may answer it; a deprecated skill is found as what replaced it. */
  findable: boolean
  /** What it is called, by language, the best name first. A language it has no name in may be absent. */
  names: Readonly<Record<string, readonly string[]>>
  requires: readonly SkillLevel[]
}

/** The content of an ontology: names in every language it or the ESCO concepts it equals have, demand by sector. */
export function graphContent(
  ontology: Pick<Ontology, 'digest' | 'skills' | 'roles' | 'sectors' | 'escoLabels' | 'demandSample'>,
  rules: PrivacyRules,
): GraphContent {
  const languages = languagesOf(ontology)
  const formerNames = Map.groupBy(
    [...ontology.skills.values()].filter(({ status }) => status === 'deprecated'),
    ({ replacedBy }) => replacedBy,
  )
  const namesOf = (id: string, language: string): string[] => {
    const skill = ontology.skills.get(id)
    if (!skill) return []
    const former = (formerNames.get(id) ?? []).map((one) => labelFor(one, language, ontology).value)
    return [labelFor(skill, language, ontology).value, ...former]
  }
  const lines = demandByRole(ontology, ontology.demandSample, rules)
  return {
    digest: `${ontology.digest} ${rules.threshold}`,
    languages,
    skills: [...ontology.skills.values()].map(({ id, status, requires }) => ({
      id,
      findable: status === 'live',
      names: Object.fromEntries(languages.map((language) => [language, namesOf(id, language)])),
      requires,
    })),
    demand: [...Map.groupBy(lines, (line) => line.sector)].flatMap(([sector, roles]) =>
      [...demandBySkill(roles)].map(([skill, { steps }]) => ({ sector, skill, steps })),
    ),
  }
}

function languagesOf({ skills, escoLabels }: Pick<Ontology, 'skills' | 'escoLabels'>): string[] {
  const tags = new Set(['en', 'fr'])
  for (const { label } of skills.values()) for (const tag of Object.keys(label)) tags.add(base(tag))
  for (const labels of escoLabels.values()) for (const tag of Object.keys(labels)) tags.add(base(tag))
  return [...tags].filter((tag) => languageTag.test(tag)).sort()
}

const languageTag = /^[a-z]{2,3}$/
const base = (tag: string) => tag.toLowerCase().split('-')[0] ?? tag

/** The index to search in for a reader: the one of their base language, else English. */
export function indexLanguage(asked: string, languages: readonly string[]): string {
  const wanted = base(asked.slice(0, 35))
  return languages.includes(wanted) ? wanted : 'en'
}

/**
 * Refuses `invalid_input` for a content no graph may hold: a language that is no base tag or no English, an
 * id given twice, a requirement or demand for a skill that is not there, or skills that require each other
 * in a circle, which the message names.
 */
export function checkContent({ languages, skills, demand }: GraphContent): void {
  const wrong = (message: string) => new Refusal('invalid_input', message, { field: 'content' })
  if (!languages.includes('en') || !languages.every((tag) => languageTag.test(tag))) {
    throw wrong('languages: must be base tags, English among them.')
  }
  const byId = new Map(skills.map((skill) => [skill.id, skill]))
  if (byId.size < skills.length) throw wrong('skills: an id is given twice.')
  for (const { id, requires } of skills) {
    const missing = requires.find(({ skill }) => !byId.has(skill))
    if (missing) throw wrong(`skills: ${id} requires ${missing.skill}, which is not there.`)
  }
  const lost = demand.find(({ skill }) => !byId.has(skill))
  if (lost) throw wrong(`demand: ${lost.sector} demands ${lost.skill}, which is not there.`)
  const circle = findCircle(byId.keys(), (id) => byId.get(id)?.requires ?? [])
  if (circle) throw wrong(`skills: require each other in a circle: ${circle.join(' → ')}.`)
}
