import { admitCounts, type CubeCounts, type PrivateCounts } from './admit-counts.ts'
import {
  complementaryCells,
  hiddenStairs,
  type PrivacyRules,
  type Shown,
  type ShownStairs,
  showStairs,
} from './cell-privacy.ts'
import { cellParts } from './count-supply.ts'
import type { SectorSupply } from './snapshot.ts'

/** Published supply and what the next snapshot must know; a pure function of the counts of both dates. */
export function buildSupply(
  before: PrivateCounts | undefined,
  seen: CubeCounts,
  sectors: readonly string[],
  rules: PrivacyRules,
): { supply: SectorSupply[]; kept: PrivateCounts } {
  const admitted = admitCounts(before, seen, rules)
  return { supply: protectCube(admitted, sectors, rules), kept: { admitted, seen } }
}

/**
 * What may be shown of the admitted counts: each cell by itself first, then complementary suppression in
 * the table skill × sector of each level, from the lowest up.
 */
function protectCube(admitted: CubeCounts, sectors: readonly string[], rules: PrivacyRules): SectorSupply[] {
  const cells = new Map<string, Map<string, ShownStairs>>()
  for (const [name, counts] of admitted) {
    const { sector, skill } = cellParts(name)
    const shown = showStairs([...counts.values()], rules)
    if (shown[0] === null) continue
    const row = cells.get(skill) ?? new Map<string, ShownStairs>()
    cells.set(skill, row.set(sector, shown))
  }
  for (const step of [0, 1, 2, 3] as const) {
    for (const { row, column } of complementaryCells(table(cells, step), sectors)) {
      const shown = cells.get(row)?.get(column) ?? hiddenStairs
      cells.get(row)?.set(column, cutFrom(shown, step))
    }
  }
  return sectors.map((sector) => ({ sector, skills: shownSkills(cells, sector) }))
}

function table(cells: ReadonlyMap<string, ReadonlyMap<string, ShownStairs>>, step: 0 | 1 | 2 | 3) {
  const rows = new Map<string, Map<string, number>>()
  for (const [skill, row] of cells) {
    const values = new Map<string, number>()
    for (const [sector, shown] of row) {
      const value: Shown = shown[step]
      if (value !== null) values.set(sector, value)
    }
    if (values.size > 0) rows.set(skill, values)
  }
  return rows
}

// A hidden step hides those above it: they would bound it from below.
function cutFrom(shown: ShownStairs, step: 0 | 1 | 2 | 3): ShownStairs {
  const keep = (position: 0 | 1 | 2 | 3) => (position < step ? shown[position] : null)
  return [keep(0), keep(1), keep(2), keep(3)]
}

function shownSkills(
  cells: ReadonlyMap<string, ReadonlyMap<string, ShownStairs>>,
  sector: string,
): Record<string, ShownStairs> {
  const skills: [string, ShownStairs][] = []
  for (const [skill, row] of cells) {
    const shown = row.get(sector)
    if (shown && shown[0] !== null) skills.push([skill, shown])
  }
  return Object.fromEntries(skills.sort(([a], [b]) => (a < b ? -1 : 1)))
}
