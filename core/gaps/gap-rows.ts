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
  /** Some levels or sectors of the slice are hidden: supply, gap and coverage speak of the others. */
  partial: boolean
  /** Demand at the levels and in the sectors shown. */
  shownDemandPersonLevels: number
  /** Levels whose supply is hidden in some sector. */
  hiddenLevels: Level[]
  /** Names what is shown, as `sector:levels` joined by blanks; rows of two snapshots compare when it is the same. */
  shownPart: string
}

/** Weight of a gap in ranking; our choice. */
const importanceWeights: Record<RoleSkill['importance'], number> = { essential: 1, optional: 0.33 }

interface Cell extends SkillDemand {
  sector: string
  skill: string
  supply: ShownStairs
  /** Levels that are demanded and have a number. */
  shown: Level[]
  /** Levels that are demanded and have none. */
  hidden: Level[]
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
      const demanded = levels.filter((level) => wanted.steps[stepOf(level)] > 0)
      const shown = demanded.filter((level) => supply[stepOf(level)] !== null)
      const hidden = demanded.filter((level) => supply[stepOf(level)] === null)
      return { sector: name, skill, supply, shown, hidden, ...wanted }
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
  const demand = total(cells.map((cell) => cell.steps))
  const wanted = total(cells.map((cell) => only(cell.shown, cell.steps)))
  const shownDemand = personLevels(wanted)
  let gap = 0
  let supply = 0
  for (const cell of cells) {
    const known = only(cell.shown, numbers(cell.supply))
    gap += compareStairs(only(cell.shown, cell.steps), known).gap
    supply += personLevels(known)
  }
  const suppressed = shownDemand === 0
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
    partial: !suppressed && shownDemand < personLevels(demand),
    shownDemandPersonLevels: shownDemand,
    hiddenLevels: levels.filter((level) => cells.some((cell) => cell.hidden.includes(level))),
    shownPart: cells
      .filter((cell) => cell.shown.length > 0)
      .map((cell) => `${cell.sector}:${cell.shown.join('')}`)
      .join(' '),
  }
}

const total = (steps: readonly Staircase[]) => steps.reduce<Staircase>(addStairs, emptyStaircase)

const numbers = (shown: ShownStairs): Staircase => [
  shown[0] ?? 0,
  shown[1] ?? 0,
  shown[2] ?? 0,
  shown[3] ?? 0,
]

function only(kept: readonly Level[], steps: Staircase): Staircase {
  const at = (level: Level) => (kept.includes(level) ? steps[stepOf(level)] : 0)
  return [at(1), at(2), at(3), at(4)]
}

function openGaps(cells: readonly Cell[]): OpenGap[] {
  const bySkill = new Map<string, OpenGap>()
  for (const cell of cells) {
    const supply = numbers(cell.supply)
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
