import { type Level, levels, type Ontology, type RoleSkill, type SkillLevel } from '#core/skills/ontology.ts'
import type { Shown } from './cell-privacy.ts'
import { demandBySkill, type RoleDemand, type SkillDemand } from './demand.ts'
import type { GapSlice } from './gap-slice.ts'
import type { OpenGap } from './next-module.ts'
import { placeDimensions } from './places.ts'
import { noPlace, type PlaceCounts, type Snapshot } from './snapshot.ts'
import {
  addStairs,
  compareStairs,
  emptyStaircase,
  personLevels,
  type Staircase,
  stepOf,
} from './staircase.ts'

/** One skill of a slice. `null`: the number is hidden, and nothing says why. */
export interface GapRow {
  skill: string
  importance: RoleSkill['importance']
  /** Highest level demanded; without demand the highest shown. */
  level: Level
  demandPersonLevels: number
  /** Who holds the skill at any level, in the places that may be shown. */
  learners: number | null
  /** Learners at each demanded level, summed, in the places that may be shown; without demand at each level. */
  supplyPersonLevels: number | null
  gapPersonLevels: number | null
  coveragePercent: number | null
  /** Against the previous snapshot. */
  changePersonLevels: number | null
  suppressed: boolean
  /** Some levels or sectors of the slice are hidden: supply, gap and coverage speak of the others. */
  partial: boolean
  /** Demand at the levels and in the places shown. */
  shownDemandPersonLevels: number
  /** Levels whose supply is hidden in some place. */
  hiddenLevels: Level[]
  /** Names what is shown, as `place:levels` joined by blanks; rows of two snapshots compare when it is the same. */
  shownPart: string
}

/** Weight of a gap in ranking; our choice. */
const importanceWeights: Record<RoleSkill['importance'], number> = { essential: 1, optional: 0.33 }

type ShownStairs = readonly [Shown, Shown, Shown, Shown]

interface Cell extends SkillDemand {
  place: string
  skill: string
  supply: ShownStairs
  /** Levels that are asked about and have a number. */
  shown: Level[]
  /** Levels that are asked about and have none. */
  hidden: Level[]
}

export interface SliceCells {
  heads: number
  /** Why there is demand, or none, for such a slice. */
  demand: 'known' | 'not-by-region' | 'not-by-target-group' | 'not-by-country'
  cells: Cell[]
  /** What is not covered as far as one may know: hidden supply counts as none. */
  openGaps: OpenGap[]
  /** Skills a published number of learners of every place of the slice holds. */
  supplied: SkillLevel[]
}

type Skills = Pick<Ontology, 'skills' | 'roles'>

/**
 * Demand and shown supply of a slice with at most one place, or over all sectors one by one: a surplus in one
 * sector fills no gap in another. Where demand does not know the slice's dimension, supply stands alone.
 */
export function sliceCells(snapshot: Snapshot, slice: GapSlice, ontology: Skills): SliceCells {
  const demand = demandKnown(snapshot, slice)
  const lines = demand === 'known' ? linesOf(snapshot, slice) : []
  const place = placeDimensions.find((dimension) => slice[dimension] !== undefined)
  const pools: Pool[] = place
    ? [{ place: slice[place] ?? '', lines, counts: snapshot.tables[place][slice[place] ?? ''] ?? noPlace }]
    : [...Map.groupBy(lines, (line) => line.sector)].map(([sector, some]) => ({
        place: sector,
        lines: some,
        counts: snapshot.tables.sector[sector] ?? noPlace,
      }))
  const asked = skillsAsked(slice, ontology)
  const cells = pools.flatMap((pool) =>
    demand === 'known' ? demandCells(pool, asked) : supplyCells(pool, asked),
  )
  return {
    heads: lines.reduce((sum, line) => sum + line.heads, 0),
    demand,
    cells,
    openGaps: openGaps(cells),
    supplied: suppliedEverywhere(pools.map(({ counts }) => counts.skills)),
  }
}

interface Pool {
  place: string
  lines: Pick<RoleDemand, 'heads' | 'skills'>[]
  counts: PlaceCounts
}

/** Whether demand is known in the dimensions of a slice, and if not, in which one nobody counted it. */
export function demandKnown({ demand }: Pick<Snapshot, 'demand'>, slice: GapSlice): SliceCells['demand'] {
  if (slice.nuts1 !== undefined) return 'not-by-region'
  if (slice.targetGroup !== undefined) return 'not-by-target-group'
  const byCountry = demand.some(({ countries }) => Object.keys(countries).length > 0)
  return slice.country !== undefined && !byCountry ? 'not-by-country' : 'known'
}

/** The lines of demand of a slice; heads of the country where one is named. */
export function linesOf({ demand }: Snapshot, { sector, role, country }: GapSlice): RoleDemand[] {
  return demand
    .filter(
      (line) =>
        (sector === undefined || line.sector === sector) && (role === undefined || line.role === role),
    )
    .flatMap((line) => {
      if (country === undefined) return [line]
      const heads = line.countries[country]
      return heads === undefined ? [] : [{ ...line, heads }]
    })
}

function skillsAsked(slice: GapSlice, { skills, roles }: Skills): (skill: string) => boolean {
  // A role asks for its own skills; what sectors add stands in the lines of demand.
  const ofRole =
    slice.role === undefined ? undefined : new Set(roles.get(slice.role)?.skills.map(({ skill }) => skill))
  const noDemand = slice.nuts1 !== undefined || slice.targetGroup !== undefined
  return (skill) =>
    (slice.skill === undefined || skill === slice.skill) &&
    (slice.domain === undefined || skills.get(skill)?.domain === slice.domain) &&
    (!noDemand || ofRole === undefined || ofRole.has(skill))
}

function demandCells({ place, lines, counts }: Pool, asked: (skill: string) => boolean): Cell[] {
  return [...demandBySkill(lines)].flatMap(([skill, wanted]) => {
    if (!asked(skill)) return []
    const supply = stairsOf(counts.skills[skill])
    const demanded = levels.filter((level) => wanted.steps[stepOf(level)] > 0)
    const shown = demanded.filter((level) => supply[stepOf(level)] !== null)
    const hidden = demanded.filter((level) => supply[stepOf(level)] === null)
    return [{ place, skill, supply, shown, hidden, ...wanted }]
  })
}

function supplyCells({ place, counts }: Pool, asked: (skill: string) => boolean): Cell[] {
  return Object.entries(counts.skills).flatMap(([skill, steps]) => {
    if (!asked(skill)) return []
    const supply = stairsOf(steps)
    const shown = levels.filter((level) => supply[stepOf(level)] !== null)
    return [
      { place, skill, supply, shown, hidden: [], steps: emptyStaircase, importance: 'optional' as const },
    ]
  })
}

const stairsOf = (steps: readonly number[] | undefined): ShownStairs => [
  steps?.[0] ?? null,
  steps?.[1] ?? null,
  steps?.[2] ?? null,
  steps?.[3] ?? null,
]

/** One row per skill: largest weighted gap first, hidden rows last by demand, then by name. */
export function gapRows({ cells, demand }: SliceCells): GapRow[] {
  const rows = [...Map.groupBy(cells, (cell) => cell.skill)].map(([skill, of]) => rowOf(skill, of))
  const weight = (row: GapRow) => importanceWeights[row.importance]
  if (demand !== 'known') {
    return rows.sort(
      (a, b) => (b.supplyPersonLevels ?? 0) - (a.supplyPersonLevels ?? 0) || (a.skill < b.skill ? -1 : 1),
    )
  }
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
  const demanded = personLevels(demand) > 0
  const wanted = total(cells.map((cell) => only(cell.shown, cell.steps)))
  const shownDemand = personLevels(wanted)
  let gap = 0
  let supply = 0
  for (const cell of cells) {
    const known = only(cell.shown, numbers(cell.supply))
    gap += compareStairs(only(cell.shown, cell.steps), known).gap
    supply += personLevels(known)
  }
  const suppressed = cells.every((cell) => cell.shown.length === 0)
  const holders = cells.flatMap(({ supply: [first] }) => first ?? [])
  return {
    skill,
    importance: cells.some((cell) => cell.importance === 'essential') ? 'essential' : 'optional',
    level:
      levels.findLast((level) =>
        demanded ? demand[stepOf(level)] > 0 : cells.some((cell) => cell.shown.includes(level)),
      ) ?? 1,
    demandPersonLevels: personLevels(demand),
    learners: holders.length === 0 ? null : holders.reduce((sum, one) => sum + one, 0),
    supplyPersonLevels: suppressed ? null : supply,
    gapPersonLevels: suppressed || !demanded ? null : gap,
    coveragePercent: suppressed || !demanded ? null : Math.round((1 - gap / shownDemand) * 1000) / 10,
    changePersonLevels: null,
    suppressed,
    partial: !suppressed && shownDemand < personLevels(demand),
    shownDemandPersonLevels: shownDemand,
    hiddenLevels: levels.filter((level) => cells.some((cell) => cell.hidden.includes(level))),
    shownPart: cells
      .filter((cell) => cell.shown.length > 0)
      .map((cell) => `${cell.place}:${cell.shown.join('')}`)
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

function suppliedEverywhere(parts: readonly Record<string, number[]>[]): SkillLevel[] {
  const [first, ...others] = parts
  return Object.keys(first ?? {}).flatMap((skill) => {
    const level = levels.findLast((one) =>
      [first, ...others].every((part) => part?.[skill]?.[stepOf(one)] !== undefined),
    )
    return level === undefined ? [] : [{ skill, level }]
  })
}
