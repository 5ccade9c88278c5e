import type { CubeCounts } from './admit-counts.ts'
import { type CellCounts, mayShowAt, type PrivacyRules, totalAt } from './cell-privacy.ts'
import { complementaryCells } from './complementary.ts'
import { cellParts, type Layout, type PlaceDimension, placeDimensions, stages } from './places.ts'

/** The groups of learners that may count in a place, each by the module they have in common. */
export interface LargeGroups {
  /** Stages, from the first on, at which the module's learners of a place are a group. */
  stages(dimension: PlaceDimension, place: string, module: string): number
  /** Whether those who hold an award of the module are one. */
  holders(dimension: PlaceDimension, place: string, module: string): boolean
}

/** One module in one place: its counts, and how much of them may count in larger groups. */
interface Group {
  place: string
  module: string
  stages: CellCounts | undefined
  holders: CellCounts | undefined
  height: number
  held: boolean
}

const issued = stages.indexOf('issued')

/**
 * The groups of at least the threshold, from the admitted counts of the first pass. Where a row or column of
 * modules and places has exactly one hidden number, the smallest shown group of it does not count either, so
 * that it is missing everywhere alike: in the module, and in each skill the module teaches.
 */
export function largeGroups(admitted: CubeCounts, layout: Layout, rules: PrivacyRules): LargeGroups {
  const groups = groupsOf(admitted)
  for (const dimension of placeDimensions) {
    const here = groups[dimension]
    for (const group of here.values()) {
      const whole =
        dimension === 'nuts1' ? countryGroup(group, groups, layout) : { height: stages.length, held: true }
      while (group.height < whole.height && atLeast(group.stages, group.height, rules)) group.height++
      group.held = whole.held && group.height > issued && atLeast(group.holders, 0, rules)
    }
    hideRowsAndColumns([...here.values()], layout.codes[dimension], rules)
  }
  const find = (dimension: PlaceDimension, place: string, module: string) =>
    groups[dimension].get(`${place}/${module}`)
  return {
    stages: (dimension, place, module) => find(dimension, place, module)?.height ?? 0,
    holders: (dimension, place, module) => find(dimension, place, module)?.held ?? false,
  }
}

type Groups = Record<PlaceDimension, Map<string, Group>>

function groupsOf(admitted: CubeCounts): Groups {
  const groups: Groups = { sector: new Map(), country: new Map(), nuts1: new Map(), targetGroup: new Map() }
  for (const [name, counts] of admitted) {
    const { table, place, subject } = cellParts(name)
    const [kind, module = ''] = subject.split(':')
    if (table === 'everywhere' || !(table in groups)) continue
    const here = groups[table as PlaceDimension]
    const key = `${place}/${module}`
    const group = here.get(key) ?? {
      place,
      module,
      stages: undefined,
      holders: undefined,
      height: 0,
      held: false,
    }
    if (kind === 'module') group.stages = counts
    if (kind === 'award') group.holders = counts
    here.set(key, group)
  }
  return groups
}

/** A group that does not count in its country counts in no region of it; countries come before regions. */
function countryGroup(
  { place, module }: Group,
  { country }: Groups,
  { countryOf }: Layout,
): { height: number; held: boolean } {
  return country.get(`${countryOf.get(place) ?? ''}/${module}`) ?? { height: 0, held: false }
}

const atLeast = (counts: CellCounts | undefined, step: number, { group }: PrivacyRules) =>
  counts !== undefined && totalAt(counts, step) >= group

function hideRowsAndColumns(groups: readonly Group[], places: readonly string[], rules: PrivacyRules): void {
  const byName = new Map(groups.map((group) => [`${group.place}/${group.module}`, group]))
  const hideIn = (shownOf: (group: Group) => number | undefined): boolean => {
    const rows = new Map<string, Map<string, number>>()
    for (const group of groups) {
      const shown = shownOf(group)
      if (shown === undefined) continue
      rows.set(group.module, (rows.get(group.module) ?? new Map<string, number>()).set(group.place, shown))
    }
    const hidden = complementaryCells(rows, places, rules)
    for (const { row, column } of hidden) {
      const group = byName.get(`${column}/${row}`)
      if (!group) continue
      group.height = 0
      group.held = false
    }
    return hidden.length > 0
  }
  const steps = stages.map((_, step) => (group: Group) => {
    const { stages: counts, height } = group
    return counts && height > step && mayShowAt(counts, step, rules) ? totalAt(counts, step) : undefined
  })
  const held = ({ holders, held: counted }: Group) =>
    holders && counted && mayShowAt(holders, 0, rules) ? totalAt(holders, 0) : undefined
  while ([...steps, held].some((shownOf) => hideIn(shownOf)));
}
