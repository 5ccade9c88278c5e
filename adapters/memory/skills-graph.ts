import type MiniSearch from 'minisearch'
import { compareStairs, emptyStaircase, type Staircase } from '#core/gaps/staircase.ts'
import { checkContent, type GraphContent, indexLanguage } from '#core/skills/graph-content.ts'
import { byGap, type SectorSkill, type SkillsGraph } from '#core/skills/skills-graph.ts'
import { nameIndex, searchNames } from './name-index.ts'
import { closureOf, packRequirements, type Requirements } from './requirements.ts'
import { supply } from './supply.ts'

interface Released {
  content: GraphContent
  requirements: Requirements
  demand: ReadonlyMap<string, ReadonlyMap<string, Staircase>>
  /** Made when a language is first searched in. */
  names: Map<string, ReturnType<typeof nameIndex>>
}

const nothing: GraphContent = { digest: '', languages: ['en'], skills: [], demand: [] }

/** The graph in this process's memory. Begins empty: `release` and `project` fill it at every start. */
export function memorySkillsGraph(): SkillsGraph {
  let released = pack(nothing)
  const learners = supply()

  const namesIn = (language: string): MiniSearch => {
    const { names, content } = released
    const tag = indexLanguage(language, content.languages)
    const index = names.get(tag) ?? nameIndex(content.skills, tag)
    names.set(tag, index)
    return index
  }
  const has = (skill: string) => released.requirements.numberOf.has(skill)

  return {
    async release(content) {
      if (content.digest === released.content.digest) return
      checkContent(content)
      released = pack(content)
    },
    async closure(wanted) {
      return closureOf(wanted, released.requirements)
    },
    async search({ text, language, limit }) {
      return searchNames(namesIn(language), text, limit)
    },
    async gapSlice(sector, limit) {
      const demand = released.demand.get(sector) ?? new Map<string, Staircase>()
      const held = learners.heldIn(sector)
      const rows: SectorSkill[] = []
      for (const skill of new Set([...demand.keys(), ...held.keys()])) {
        if (has(skill)) rows.push(sectorSkill(skill, demand.get(skill), held.get(skill)))
      }
      return rows.sort(byGap).slice(0, limit)
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
    async waiting() {
      return [...learners.holders()]
        .filter(([skill]) => !has(skill))
        .map(([skill, count]) => ({ skill, learners: count }))
        .sort((a, b) => (a.skill < b.skill ? -1 : 1))
    },
    async close() {},
  }
}

function pack(content: GraphContent): Released {
  const demand = new Map<string, Map<string, Staircase>>()
  for (const { sector, skill, steps } of content.demand) {
    demand.set(sector, (demand.get(sector) ?? new Map()).set(skill, steps))
  }
  return { content, requirements: packRequirements(content.skills), demand, names: new Map() }
}

function sectorSkill(
  skill: string,
  demand: Staircase = emptyStaircase,
  held: Staircase = emptyStaircase,
): SectorSkill {
  const supplied: Staircase = [...held]
  return { skill, demand, supply: supplied, gap: compareStairs(demand, supplied).gap }
}
