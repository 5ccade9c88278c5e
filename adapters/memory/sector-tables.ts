import type { Staircase } from '#core/gaps/staircase.ts'
import { byGap, type SectorSkill } from '#core/skills/skills-graph.ts'

/**
 * Demand and supply of each sector by skill, four whole numbers each, in arrays by the skill's number. Numbers
 * are given to skills as they come and stay, whatever the content.
 */
export function sectorTables() {
  const ids: string[] = []
  const numberOf = new Map<string, number>()
  const tables = new Map<string, { demand: Int32Array; supply: Int32Array }>()

  const number = (skill: string): number => {
    const known = numberOf.get(skill)
    if (known !== undefined) return known
    numberOf.set(skill, ids.length)
    return ids.push(skill) - 1
  }
  /** The table of a sector, with room for every skill there is. */
  const table = (sector: string) => {
    const known = tables.get(sector)
    const size = ids.length * 4
    if (known && known.demand.length >= size) return known
    const roomy = Math.max(64, size * 2)
    const larger = { demand: new Int32Array(roomy), supply: new Int32Array(roomy) }
    if (known) {
      larger.demand.set(known.demand)
      larger.supply.set(known.supply)
    }
    tables.set(sector, larger)
    return larger
  }

  return {
    number,
    idOf: (skill: number) => ids[skill] ?? '',
    /** One learner more or fewer at every level up to this. */
    count(sector: string, skill: number, level: number, by: 1 | -1): void {
      const { supply } = table(sector)
      for (let step = 0; step < level; step++) supply[skill * 4 + step] = (supply[skill * 4 + step] ?? 0) + by
    },
    /** Replaces all demand. */
    setDemand(lines: readonly { sector: string; skill: string; steps: Staircase }[]): void {
      for (const { demand } of tables.values()) demand.fill(0)
      for (const { sector, skill, steps } of lines) {
        const at = number(skill) * 4
        table(sector).demand.set(steps, at)
      }
    },
    /** The largest gaps of a sector among the skills that `has` admits, in the order of both adapters. */
    largest(sector: string, limit: number, has: (skill: string) => boolean): SectorSkill[] {
      const known = tables.get(sector)
      if (!known) return []
      const { demand, supply } = known
      const found: number[] = []
      const gaps: number[] = []
      const cells = Math.min(ids.length, demand.length / 4)
      for (let skill = 0; skill < cells; skill++) {
        const at = skill * 4
        if (demand[at] === 0 && supply[at] === 0) continue
        if (!has(ids[skill] ?? '')) continue
        found.push(skill)
        gaps.push(gapAt(demand, supply, at))
      }
      const least = found.length <= limit ? 0 : (Int32Array.from(gaps).sort().at(-limit) ?? 0)
      const rows = found.flatMap((skill, place): SectorSkill[] => {
        const gap = gaps[place] ?? 0
        if (gap < least) return []
        return [
          {
            skill: ids[skill] ?? '',
            demand: stairsAt(demand, skill * 4),
            supply: stairsAt(supply, skill * 4),
            gap,
          },
        ]
      })
      return rows.sort(byGap).slice(0, limit)
    },
  }
}

function gapAt(demand: Int32Array, supply: Int32Array, at: number): number {
  let gap = 0
  for (let step = at; step < at + 4; step++) gap += Math.max(0, (demand[step] ?? 0) - (supply[step] ?? 0))
  return gap
}

function stairsAt(values: Int32Array, at: number): Staircase {
  return [values[at] ?? 0, values[at + 1] ?? 0, values[at + 2] ?? 0, values[at + 3] ?? 0]
}
