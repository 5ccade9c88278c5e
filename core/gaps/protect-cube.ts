import type { CubeCounts } from './admit-counts.ts'
import { type PrivacyRules, roundTo, type Steps, shownHeight, totalAt } from './cell-privacy.ts'
import { hideImplied } from './hide-implied.ts'
import type { LargeGroups } from './large-groups.ts'
import {
  type CellName,
  cellParts,
  type Layout,
  type PlaceDimension,
  placePairs,
  type Subject,
  stages,
} from './places.ts'
import { isPair, setCell, type Table, type TableName, tableOf } from './shown-tables.ts'
import type { PlaceCounts, PublishedTables } from './snapshot.ts'
import { tellCells } from './tell-cells.ts'

/** Steps of one subject: levels of a skill, stages of a training, or enrolled and holding. */
function stepsOf(subject: Subject): number {
  if (subject === 'people') return 2
  return subject === 'funnel' || subject.startsWith('module:') ? stages.length : 4
}

/**
 * What may be published of the admitted counts: each cell by itself; what the others would imply is
 * hidden; wholes are drawn down to their parts where few people are between; rounded last. All tables at once, for they tell of the same people.
 */
export function protectCube(
  admitted: CubeCounts,
  groups: LargeGroups,
  layout: Layout,
  rules: PrivacyRules,
): PublishedTables {
  const shown = showCells(admitted, groups, rules)
  hideImplied(shown, admitted, layout, rules)
  const told = tellCells(shown, groups, layout, rules)
  const round = (steps: Steps | undefined) => (steps ?? []).map((value) => roundTo(value, rules.rounding))
  const places = (dimension: PlaceDimension) =>
    Object.fromEntries(
      sorted(tableOf(told, dimension)).map(([place, cells]) => [place, placeCounts(cells, round)]),
    )
  const pairs = placePairs.map(({ name }) => {
    const cells = sorted(tableOf(told, name))
    return [
      name,
      Object.fromEntries(cells.map(([place, subjects]) => [place, round(subjects.get('people'))])),
    ]
  })
  return {
    sector: places('sector'),
    country: places('country'),
    nuts1: places('nuts1'),
    targetGroup: places('targetGroup'),
    pairs: Object.fromEntries(pairs) as PublishedTables['pairs'],
  }
}

function showCells(admitted: CubeCounts, groups: LargeGroups, rules: PrivacyRules): Map<TableName, Table> {
  const shown = new Map<TableName, Table>()
  for (const [name, counts] of admitted) {
    const { table, place, subject } = cellParts(name)
    if (table === 'everywhere' || subject.startsWith('award:')) continue
    const most = moduleHeight({ table, place, subject }, groups) ?? stepsOf(subject)
    const height = shownHeight(counts, most, rules)
    const steps = Array.from({ length: height }, (_, step) => totalAt(counts, step))
    if (height > 0) setCell(tableOf(shown, table), place, subject, steps)
  }
  return shown
}

/** A group that does not count in larger ones is not shown by itself either. */
function moduleHeight({ table, place, subject }: CellName, groups: LargeGroups): number | undefined {
  if (!subject.startsWith('module:') || table === 'everywhere' || isPair(table)) return undefined
  return groups.stages(table, place, subject.slice('module:'.length))
}

function sorted(table: Table): [string, Map<Subject, Steps>][] {
  return [...table].filter(([, cells]) => cells.size > 0).sort(byName)
}
const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]) => (a < b ? -1 : 1)

function placeCounts(
  cells: ReadonlyMap<Subject, Steps>,
  round: (steps: Steps | undefined) => number[],
): PlaceCounts {
  const named = (kind: 'skill:' | 'module:') =>
    Object.fromEntries(
      [...cells]
        .filter(([subject]) => subject.startsWith(kind))
        .map(([subject, steps]) => [subject.slice(kind.length), round(steps)] as const)
        .sort(byName),
    )
  return {
    any: round(cells.get('any')),
    funnel: round(cells.get('funnel')),
    skills: named('skill:'),
    modules: named('module:'),
  }
}
