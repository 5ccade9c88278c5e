import { Refusal } from '#core/refusal.ts'
import { demandProfile } from './demand.ts'
import type { Level, Module, Ontology, RoleSkill } from './ontology.ts'
import { modulesTeaching } from './teaching.ts'

/** One skill that is asked for, and how far the catalogue teaches it. */
export interface SkillCoverage extends RoleSkill {
  /** Highest level any module teaches; 0 when none does. */
  taughtTo: Level | 0
  covered: boolean
  /** Modules that reach the level asked for; those below it when none does. */
  modules: Module[]
}

export interface PortfolioCoverage {
  rows: SkillCoverage[]
  coveredCount: number
  /** Of the skills asked for, by number; 100 when none is. */
  coveredPercent: number
}

/**
 * What the catalogue teaches of what roles ask for; by role and sector, or over all of either. Says nothing
 * of how many people hold it. Refuses `invalid_input` for an unknown role or sector.
 */
export function portfolioCoverage(
  { role, sector }: { role?: string; sector?: string },
  ontology: Ontology,
): PortfolioCoverage {
  if (role !== undefined && !ontology.roles.has(role)) {
    throw new Refusal('invalid_input', 'role: there is no such role.', { field: 'role' })
  }
  if (sector !== undefined && !ontology.sectors.has(sector)) {
    throw new Refusal('invalid_input', 'sector: there is no such sector.', { field: 'sector' })
  }
  const roles = role === undefined ? [...ontology.roles.keys()] : [role]
  const sectors = sector === undefined && role === undefined ? [...ontology.sectors.keys()] : [sector]
  const asked = new Map<string, RoleSkill>()
  for (const one of roles) {
    for (const where of sectors) for (const need of demandProfile(ontology, one, where)) raise(asked, need)
  }
  const rows = [...asked.values()]
    .sort((a, b) => (a.skill < b.skill ? -1 : 1))
    .map((need) => coverageOf(need, ontology))
  const coveredCount = rows.filter(({ covered }) => covered).length
  const coveredPercent = rows.length === 0 ? 100 : Math.round((coveredCount / rows.length) * 1000) / 10
  return { rows, coveredCount, coveredPercent }
}

function raise(asked: Map<string, RoleSkill>, need: RoleSkill): void {
  const known = asked.get(need.skill)
  asked.set(need.skill, {
    skill: need.skill,
    level: known && known.level > need.level ? known.level : need.level,
    importance: known?.importance === 'essential' ? 'essential' : need.importance,
  })
}

function coverageOf(need: RoleSkill, ontology: Ontology): SkillCoverage {
  const teaching = modulesTeaching(ontology, need.skill)
  const taughtTo = teaching.at(-1)?.level ?? 0
  const enough = teaching.filter(({ level }) => level >= need.level)
  return {
    ...need,
    taughtTo,
    covered: enough.length > 0,
    modules: (enough.length > 0 ? enough : teaching).map(({ module }) => module),
  }
}
