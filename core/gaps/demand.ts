import { demandProfile } from '#core/skills/demand.ts'
import type { DemandRow, Ontology, RoleSkill } from '#core/skills/ontology.ts'
import { type PrivacyRules, showHeads } from './cell-privacy.ts'
import { addStairs, emptyStaircase, type Staircase, stairs } from './staircase.ts'

/** What one role asks for in one sector, and for how many heads; heads are rounded and never a small number. */
export interface RoleDemand {
  sector: string
  role: string
  heads: number
  skills: RoleSkill[]
}

/**
 * Demand of every role in every sector: profile × heads over all countries of the latest year in the rows.
 * A role with fewer heads than the threshold is left out, like a hidden cell.
 */
export function demandByRole(
  ontology: Pick<Ontology, 'roles' | 'sectors'>,
  rows: readonly DemandRow[],
  rules: PrivacyRules,
): RoleDemand[] {
  const year = rows.reduce((latest, row) => Math.max(latest, row.year), 0)
  const heads = new Map<string, number>()
  for (const row of rows) {
    if (row.year !== year) continue
    const name = `${row.sector}/${row.role}`
    heads.set(name, (heads.get(name) ?? 0) + row.headcount)
  }
  return [...ontology.sectors.keys()].sort().flatMap((sector) =>
    [...ontology.roles.keys()].flatMap((role) => {
      const shown = showHeads(heads.get(`${sector}/${role}`) ?? 0, rules)
      return shown === null
        ? []
        : [{ sector, role, heads: shown, skills: demandProfile(ontology, role, sector) }]
    }),
  )
}

export interface SkillDemand {
  steps: Staircase
  /** The strongest of the roles counted. */
  importance: RoleSkill['importance']
}

/** Demand of a slice by skill: how many heads need level l or more, over all the roles given. */
export function demandBySkill(roles: readonly RoleDemand[]): Map<string, SkillDemand> {
  const bySkill = new Map<string, SkillDemand>()
  for (const { heads, skills } of roles) {
    for (const { skill, level, importance } of skills) {
      const known = bySkill.get(skill)
      bySkill.set(skill, {
        steps: addStairs(known?.steps ?? emptyStaircase, stairs(level, heads)),
        importance: known?.importance === 'essential' ? 'essential' : importance,
      })
    }
  }
  return bySkill
}
