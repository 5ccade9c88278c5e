import type MiniSearch from 'minisearch'
import { checkContent, type GraphContent, indexLanguage } from '#core/skills/graph-content.ts'
import { skillsToLearn } from '#core/skills/prerequisites.ts'
import type { SkillsGraph } from '#core/skills/skills-graph.ts'
import { learnerStates } from './learners.ts'
import { nameIndex, searchNames } from './name-index.ts'
import { closureOf, packRequirements, requirementsOf } from './requirements.ts'
import { sectorTables } from './sector-tables.ts'

const nothing: GraphContent = { digest: '', languages: ['en'], skills: [], demand: [] }

/** The graph in this process's memory. Begins empty: `release` and `project` fill it at every start. */
export function memorySkillsGraph(): SkillsGraph {
  let content = nothing
  let requirements = packRequirements([])
  // Made when a language is first searched in.
  let names = new Map<string, ReturnType<typeof nameIndex>>()
  const sectors = sectorTables()
  const learners = learnerStates(sectors)

  const namesIn = (language: string): MiniSearch => {
    const tag = indexLanguage(language, content.languages)
    const index = names.get(tag) ?? nameIndex(content.skills, tag)
    names.set(tag, index)
    return index
  }
  const has = (skill: string) => requirements.numberOf.has(skill)

  return {
    async release(next) {
      if (next.digest === content.digest) return
      checkContent(next)
      content = next
      requirements = packRequirements(next.skills)
      names = new Map()
      sectors.setDemand(next.demand)
    },
    async closure(wanted) {
      return closureOf(wanted, requirements)
    },
    async plan(wanted, held) {
      return skillsToLearn(wanted, held, requirementsOf(requirements))
    },
    async search({ text, language, limit }) {
      return searchNames(namesIn(language), text, limit)
    },
    async gapSlice(sector, limit) {
      return sectors.largest(sector, limit, has)
    },
    async project(states) {
      const applied = learners.apply(states)
      const missing = new Set<string>()
      for (const state of applied) {
        if ('erased' in state || state.sector === undefined) continue
        for (const { skill } of state.skills) if (!has(skill)) missing.add(skill)
      }
      return { applied: applied.length, waiting: [...missing].sort() }
    },
    async forgetLearners() {
      learners.forget()
    },
    async waiting() {
      return [...learners.holders()]
        .map(([number, count]) => ({ skill: sectors.idOf(number), learners: count }))
        .filter(({ skill }) => !has(skill))
        .sort((a, b) => (a.skill < b.skill ? -1 : 1))
    },
    async close() {},
  }
}
