import { type Level, levels, type RoleSkill, type SkillLevel } from '#core/skills/ontology.ts'
import { hiddenStairs, type ShownStairs } from './cell-privacy.ts'
import { demandBySkill, type SkillDemand } from './demand.ts'
import type { OpenGap } from './next-module.ts'
import type { Snapshot } from './snapshot.ts'
import {
  addStairs,
  compareStairs,
  emptyStaircase,
  personLevels,
  type Staircase,
  stepOf,
} from './staircase.ts'

export interface GapSlice {
  sector?: string
  role?: string
}

/** One skill of a slice. `null`: the number is hidden, and nothing says why. */
export interface GapRow {
  skill: string
  importance: RoleSkill['importance']
  /** Highest level demanded. */
  level: Level
  demandPersonLevels: number
  /** Learners at each demanded level, summed, in the sectors that may be shown. */
  supplyPersonLevels: number | null
  gapPersonLevels: number | null
  coveragePercent: number | null
  /** Against the previous snapshot. */
  changePersonLevels: number | null
  suppressed: boolean
  /** Some sectors of the slice are hidden: supply, gap and coverage speak of the others. */
  partial: boolean
  /** Demand of the sectors shown. */
  shownDemandPersonLevels: number
  /** Which sectors are shown, joined by a blank. */
  shownSectors: string
}

/** Weight of a gap in ranking; our choice. */
export const importanceWeights: Record<RoleSkill['importance'], number> = { essential: 1, optional: 0.33 }

interface Cell extends SkillDemand {
  sector: string
  skill: string
  supply: ShownStairs
  /** Every level that is demanded has a number. */
  shown: boolean
}

export interface SliceCells {
  heads: number
  cells: Cell[]
  /** What is not covered as far as one may know: hidden supply counts as none. */
  openGaps: OpenGap[]
  /** Skills a published number of learners of every sector of the slice holds. */
  supplied: SkillLevel[]
}

/** Demand and shown supply of a slice, sector by sector: a surplus in one sector fills no gap in another. */
export function sliceCells(snapshot: Snapshot, { sector, role }: GapSlice): SliceCells {
  const demand = snapshot.demand.filter(
    (line) => (sector === undefined || line.sector === sector) && (role === undefined || line.role === role),
  )
  const sectors = [...Map.groupBy(demand, (line) => line.sector)]
  const supplyOf = new Map(snapshot.supply.map((part) => [part.sector, part.skills]))
  const cells = sectors.flatMap(([name, lines]) =>
    [...demandBySkill(lines)].map(([skill, wanted]): Cell => {
      const supply = supplyOf.get(name)?.[skill] ?? hiddenStairs
      const shown = levels.every(
        (level) => wanted.steps[stepOf(level)] === 0 || supply[stepOf(level)] !== null,
      )
      return { sector: name, skill, supply, shown, ...wanted }
    }),
  )
  return {
    heads: demand.reduce((sum, line) => sum + line.heads, 0),
    cells,
    openGaps: openGaps(cells),
    supplied: suppliedEverywhere(sectors.map(([name]) => supplyOf.get(name) ?? {})),
  }
}

/** One row per skill: largest weighted gap first, hidden rows last by demand, then by name. */
export function gapRows({ cells }: SliceCells): GapRow[] {
  const rows = [...Map.groupBy(cells, (cell) => cell.skill)].map(([skill, of]) => rowOf(skill, of))
  const weight = (row: GapRow) => importanceWeights[row.importance]
  return rows.sort(
    (a, b) =>
      Number(a.suppressed) - Number(b.suppressed) ||
      weight(b) * (b.gapPersonLevels ?? b.demandPersonLevels) -
        weight(a) * (a.gapPersonLevels ?? a.demandPersonLevels) ||
      (a.skill < b.skill ? -1 : 1),
  )
}

function rowOf(skill: string, cells: readonly Cell[]): GapRow {
  const demand = total(cells)
  const shown = cells.filter((cell) => cell.shown)
  let gap = 0
  let supply = 0
  for (const cell of shown) {
    const known = knownSupply(cell)
    gap += compareStairs(cell.steps, known).gap
    supply += personLevels(known)
  }
  const shownDemand = personLevels(total(shown))
  const suppressed = shown.length === 0
  return {
    skill,
    importance: cells.some((cell) => cell.importance === 'essential') ? 'essential' : 'optional',
    level: levels.findLast((level) => demand[stepOf(level)] > 0) ?? 1,
    demandPersonLevels: personLevels(demand),
    supplyPersonLevels: suppressed ? null : supply,
    gapPersonLevels: suppressed ? null : gap,
    coveragePercent: suppressed ? null : Math.round((1 - gap / shownDemand) * 1000) / 10,
    changePersonLevels: null,
    suppressed,
    partial: !suppressed && shown.length < cells.length,
    shownDemandPersonLevels: shownDemand,
    shownSectors: shown.map((cell) => cell.sector).join(' '),
  }
}

const total = (cells: readonly Cell[]) =>
  cells.reduce<Staircase>((sum, cell) => addStairs(sum, cell.steps), emptyStaircase)

/** Supply at the levels demanded; hidden as nobody. */
function knownSupply({ steps, supply }: Pick<Cell, 'steps' | 'supply'>): Staircase {
  const at = (step: 0 | 1 | 2 | 3) => (steps[step] === 0 ? 0 : (supply[step] ?? 0))
  return [at(0), at(1), at(2), at(3)]
}

function openGaps(cells: readonly Cell[]): OpenGap[] {
  const bySkill = new Map<string, OpenGap>()
  for (const cell of cells) {
    const supply = knownSupply(cell)
    const open = (step: 0 | 1 | 2 | 3) => Math.max(0, cell.steps[step] - supply[step])
    const known = bySkill.get(cell.skill)
    bySkill.set(cell.skill, {
      skill: cell.skill,
      steps: addStairs(known?.steps ?? emptyStaircase, [open(0), open(1), open(2), open(3)]),
      weight: Math.max(known?.weight ?? 0, importanceWeights[cell.importance]),
    })
  }
  return [...bySkill.values()]
}

function suppliedEverywhere(parts: readonly Record<string, ShownStairs>[]): SkillLevel[] {
  const [first, ...others] = parts
  return Object.keys(first ?? {}).flatMap((skill) => {
    const level = levels.findLast((one) =>
      [first, ...others].every((part) => (part?.[skill]?.[stepOf(one)] ?? null) !== null),
    )
    return level === undefined ? [] : [{ skill, level }]
  })
}
