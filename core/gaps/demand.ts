import { demandProfile } from '#core/skills/demand.ts'
import type { DemandRow, Ontology, RoleSkill } from '#core/skills/ontology.ts'
import { drawDown, type PrivacyRules, roundTo, showHeads } from './cell-privacy.ts'
import { addStairs, emptyStaircase, type Staircase, stairs } from './staircase.ts'

/** What one role asks for in one sector, and for how many heads; heads are rounded and never a small number. */
export interface RoleDemand {
  sector: string
  role: string
  heads: number
  /** The same heads by country, where the demand says and they are enough. */
  countries: Record<string, number>
  skills: RoleSkill[]
}

/** The latest year in the rows; 0 where there is none. */
export function latestYear(rows: readonly Pick<DemandRow, 'year'>[]): number {
  return rows.reduce((latest, row) => Math.max(latest, row.year), 0)
}

/**
 * Demand of every role in every sector: profile × heads of the latest year in the rows, over all countries and
 * by country. Numbers under the threshold are left out, like hidden cells, and the whole is drawn down to its
 * countries where it would give them away. A country without rows has no heads: demand is of no person, so
 * that is no secret.
 */
export function demandByRole(
  ontology: Pick<Ontology, 'roles' | 'sectors'>,
  rows: readonly DemandRow[],
  rules: PrivacyRules,
): RoleDemand[] {
  const year = latestYear(rows)
  const heads = new Map<string, Map<string, number>>()
  for (const row of rows) {
    if (row.year !== year) continue
    const name = `${row.sector}/${row.role}`
    const byCountry = heads.get(name) ?? new Map<string, number>()
    byCountry.set(row.country, (byCountry.get(row.country) ?? 0) + row.headcount)
    heads.set(name, byCountry)
  }
  return [...ontology.sectors.keys()].sort().flatMap((sector) =>
    [...ontology.roles.keys()].flatMap((role) => {
      const byCountry = [...(heads.get(`${sector}/${role}`) ?? [])].sort(([a], [b]) => (a < b ? -1 : 1))
      const enough = byCountry.filter(([country, count]) => country !== '' && count >= rules.threshold)
      const whole = sum(byCountry)
      const shown = showHeads(drawDown(whole, enough.length > 0 ? [sum(enough)] : [], rules), rules)
      if (shown === null) return []
      const countries = Object.fromEntries(
        enough.map(([country, count]) => [country, roundTo(count, rules.rounding)]),
      )
      return [{ sector, role, heads: shown, countries, skills: demandProfile(ontology, role, sector) }]
    }),
  )
}

const sum = (counts: readonly (readonly [string, number])[]) =>
  counts.reduce((total, [, count]) => total + count, 0)

export interface SkillDemand {
  steps: Staircase
  /** The strongest of the roles counted. */
  importance: RoleSkill['importance']
}

/** Demand of a slice by skill: how many heads need level l or more, over all the roles given. */
export function demandBySkill(
  roles: readonly Pick<RoleDemand, 'heads' | 'skills'>[],
): Map<string, SkillDemand> {
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
