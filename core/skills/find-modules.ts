import { labelFor } from './label.ts'
import type { Module, Ontology } from './ontology.ts'

export interface ModuleFilter {
  targetGroup?: string | undefined
  /** Teaches at least one skill of this domain. */
  domain?: string | undefined
  practical?: boolean | undefined
  eqfLevel?: number | undefined
  /** Teaches at least one skill this sector adds to a role. */
  sector?: string | undefined
  /** At most so many hours of work. */
  hours?: number | undefined
  /** Every word must begin a word of the title, description, outcomes or names of skills taught; accents and case do not matter. */
  text?: string | undefined
}

/** The modules a filter leaves, by EQF level, then by id. A filter that names nothing known leaves nothing. */
export function findModules(ontology: Ontology, filter: ModuleFilter, language: string): Module[] {
  const { targetGroup, domain, practical, eqfLevel, sector, hours, text = '' } = filter
  const ofSector = new Set(
    sector === undefined ? [] : ontology.sectors.get(sector)?.overlay.map((one) => one.skill),
  )
  const wanted = words(text.slice(0, 200))
  const teaches = (module: Module) =>
    module.outcomes.flatMap(({ skills }) => skills.map(({ skill }) => ontology.skills.get(skill)))
  const found = [...ontology.modules.values()].filter(
    (module) =>
      (targetGroup === undefined || module.targetGroups.includes(targetGroup)) &&
      (domain === undefined || teaches(module).some((skill) => skill?.domain === domain)) &&
      (practical === undefined || (module.practical !== undefined) === practical) &&
      (eqfLevel === undefined || module.eqfLevel === eqfLevel) &&
      (hours === undefined || module.workloadHours <= hours) &&
      (sector === undefined || teaches(module).some((skill) => skill && ofSector.has(skill.id))) &&
      (wanted.length === 0 || matches(wordsOf(module, ontology, language), wanted)),
  )
  return found.sort((a, b) => a.eqfLevel - b.eqfLevel || (a.id < b.id ? -1 : 1))
}

// English stands beside the reader's language: many know a skill by its English name only.
function wordsOf(module: Module, ontology: Ontology, language: string): string[] {
  const texts = ['en', language].flatMap((tag) => [
    module.title[tag] ?? '',
    module.description[tag] ?? '',
    ...module.outcomes.flatMap(({ statement, skills }) => [
      statement[tag] ?? '',
      ...skills.map(({ skill }) => {
        const found = ontology.skills.get(skill)
        return found ? labelFor(found, tag, ontology).value : ''
      }),
    ]),
  ])
  return words(texts.join(' '))
}

const matches = (all: string[], wanted: string[]) =>
  wanted.every((word) => all.some((one) => one.startsWith(word)))

function words(text: string): string[] {
  const plain = text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
  return plain.match(/[\p{L}\p{N}+#]+/gu) ?? []
}
