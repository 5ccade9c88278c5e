import type { PrivacyRules } from './cell-privacy.ts'

/**
 * Complementary suppression on a table of rows × columns; an absent cell is a hidden one. A row or column
 * with exactly one hidden cell could be solved by whoever knows its total from elsewhere, so the smallest
 * shown cell of it is hidden too (the first by name where several are as small), until none is left.
 * Answers the cells that must be hidden in addition.
 */
export function complementaryCells(
  shown: ReadonlyMap<string, ReadonlyMap<string, number>>,
  columns: readonly string[],
  { hiddenTogether }: Pick<PrivacyRules, 'hiddenTogether'>,
): { row: string; column: string }[] {
  const table = new Map([...shown].map(([row, cells]) => [row, new Map(cells)]))
  const rows = [...table.keys()].sort()
  const hidden: { row: string; column: string }[] = []
  const hideIn = (lines: readonly string[], across: readonly string[]): boolean => {
    const cells = cellsOf(table, lines, across)
    const gone = lines.length * across.length - cells.length
    if (cells.length === 0 || gone === 0 || gone >= hiddenTogether) return false
    const smallest = cells.reduce((least, cell) => (cell.value < least.value ? cell : least))
    table.get(smallest.row)?.delete(smallest.column)
    hidden.push({ row: smallest.row, column: smallest.column })
    return true
  }
  for (let changed = true; changed; ) {
    changed = false
    for (const row of rows) changed = hideIn([row], columns) || changed
    for (const column of columns) changed = hideIn(rows, [column]) || changed
  }
  return hidden
}

function cellsOf(
  table: ReadonlyMap<string, ReadonlyMap<string, number>>,
  rows: readonly string[],
  columns: readonly string[],
): { row: string; column: string; value: number }[] {
  return rows.flatMap((row) =>
    columns.flatMap((column) => {
      const value = table.get(row)?.get(column)
      return value === undefined ? [] : [{ row, column, value }]
    }),
  )
}
