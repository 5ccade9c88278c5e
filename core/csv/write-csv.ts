type Cell = string | number | boolean | null | undefined

// The full-width signs are those of Chinese and Japanese keyboards.
const signs = '=+\\-@＝＋－＠'
/** What a spreadsheet would run instead of showing (OWASP, CSV injection); some programs skip the blanks first. */
const formula = new RegExp(`^[${signs}\\t\\r\\n]`)

/** Whether a spreadsheet would take the cell for a formula. */
export function isFormula(cell: string): boolean {
  return formula.test(cell)
}

// Where a spreadsheet may see a cell begin: at its start, and behind whatever else than our comma may separate
// cells. Quotes are no help there: a program that splits at `;` finds our quote in the middle of its own cell, where
// it is a sign like others, so `"a;=1"` is the formula `=1"`. Quotes and apostrophes before a sign may be eaten.
const start = '(?<=^|[;\\t|\\r\\n])'
const wouldRun = `(?=["']*[${signs}])`
const needsGuard = new RegExp(`${start}${wouldRun}|^(?='*[\\t\\r\\n])`, 'g')
const guard = new RegExp(`${start}'${wouldRun}|^'(?='*[\\t\\r\\n])`, 'g')

/** The cell as text that no spreadsheet runs, by whichever sign it splits the line. */
export function safeCell(cell: string): string {
  return cell.replaceAll(needsGuard, "'")
}

/** A cell as it was before it was made safe: our own exports come back to us. */
export function withoutApostrophe(cell: string): string {
  return cell.replaceAll(guard, '')
}

/** One line of CSV (RFC 4180), each text safe in a spreadsheet and in quotes when it holds any separator. */
export function csvLine(cells: readonly Cell[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`
}

/** A table of CSV: the line of names, then a line for each row. */
export function csvTable<C extends string>(
  columns: readonly C[],
  rows: readonly Readonly<Partial<Record<C, Cell>>>[],
): string {
  return csvLine(columns) + rows.map((row) => csvLine(columns.map((column) => row[column]))).join('')
}

function csvCell(cell: Cell): string {
  if (typeof cell !== 'string') return String(cell ?? '')
  const safe = safeCell(cell)
  return /[",;\t|\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** Says to spreadsheets that the text is UTF-8. */
export const byteOrderMark = '\ufeff'
