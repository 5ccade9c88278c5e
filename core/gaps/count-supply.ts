import type { TenantTag } from '#core/ids.ts'
import type { CubeCounts } from './admit-counts.ts'
import type { LearnerSupply } from './project-supply.ts'
import { addStairs, emptyStaircase, type Staircase, stairs } from './staircase.ts'

/** Name of a cell: every learner of one sector who holds one skill. */
function cellName(sector: string, skill: string): string {
  return `${sector}/${skill}`
}

/** Sector and skill of a cell's name. */
export function cellParts(name: string): { sector: string; skill: string } {
  const slash = name.indexOf('/')
  return { sector: name.slice(0, slash), skill: name.slice(slash + 1) }
}

/** Counts learners into cells, one by one, keeping nothing that names them. */
export function supplyCounter() {
  const cube = new Map<string, Map<TenantTag, Staircase>>()
  return {
    add({ tenant, sector, skills }: LearnerSupply): void {
      for (const [skill, level] of skills) {
        const name = cellName(sector, skill)
        let cell = cube.get(name)
        if (!cell) {
          cell = new Map()
          cube.set(name, cell)
        }
        cell.set(tenant, addStairs(cell.get(tenant) ?? emptyStaircase, stairs(level, 1)))
      }
    },
    counts: (): CubeCounts => cube,
  }
}
