/**
 * What a spreadsheet would run instead of showing (OWASP, CSV injection). The tabulator and the line ends
 * count too: some programs skip them first. So do the full-width signs of Chinese and Japanese keyboards.
 */
const formula = /^[=+\-@\t\r\n＝＋－＠]/

/** Whether a spreadsheet would take the cell for a formula. */
export function isFormula(cell: string): boolean {
  return formula.test(cell)
}

/** One line of CSV (RFC 4180). Text that a spreadsheet would take for a formula gets an apostrophe in front. */
export function csvLine(cells: readonly (string | number | undefined)[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`
}

/** The cell as text that no spreadsheet runs. */
export function safeCell(cell: string): string {
  return isFormula(cell) ? `'${cell}` : cell
}

function csvCell(cell: string | number | undefined): string {
  if (cell === undefined) return ''
  if (typeof cell === 'number') return String(cell)
  const safe = safeCell(cell)
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** A cell as it was before `csvLine` made it safe: our own exports come back to us. */
export function withoutApostrophe(cell: string): string {
  return cell.startsWith("'") && isFormula(cell.slice(1)) ? cell.slice(1) : cell
}

/** Says to spreadsheets that the text is UTF-8. */
export const byteOrderMark = '\ufeff'
