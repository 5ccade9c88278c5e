import Papa from 'papaparse'
import { Refusal } from '#core/refusal.ts'
import { csvLimits } from './csv-limits.ts'

/** Columns of a table: what they are called in the file, and which must be there. */
export interface ColumnSet<C extends string> {
  /** Every name a column may have, folded (`foldName`): the first is the one we write ourselves. */
  names: Record<C, readonly string[]>
  /** Each group needs one of its columns. */
  needed: readonly (readonly C[])[]
}

/** What the first line of a file says. */
export interface CsvLayout<C extends string> {
  delimiter: string
  /** Position of each column the file has. */
  places: Partial<Record<C, number>>
  columns: number
  /** Columns of the file that mean nothing here. */
  ignored: string[]
  /** The line that names the columns: 1, unless blank ones stand before it. */
  line: number
  /** Where the rows begin. */
  start: number
}

export interface CsvRow<C extends string> {
  /** As a spreadsheet counts: a header without blank lines before it is row 1. */
  line: number
  cells: Partial<Record<C, string>>
  /** What is wrong with the row as such; its cells are then incomplete. */
  broken?: 'quote' | 'cells'
}

const delimiters = [',', ';', '\t', '|'] as const

/**
 * Reads the header line. The delimiter is the one of `, ; tab |` that the line has most of. Refuses
 * `invalid_input` (field `file`) and names the columns that are missing, or twice there.
 */
export function readHeader<C extends string>(text: string, set: ColumnSet<C>): CsvLayout<C> {
  const first = skipBlankLines(text, 0)
  const end = lineEnd(text, first)
  const line = text.slice(first, end)
  if (line.trim() === '') throw bad('is empty: its first line must name the columns.')
  const delimiter = delimiterOf(line)
  const [row = []] = parseRows(line, delimiter, 1).data
  if (row.length > csvLimits.columns) throw bad(`has more than ${csvLimits.columns} columns.`)
  const columnOf = new Map<string, C>()
  for (const column of Object.keys(set.names) as C[]) {
    for (const name of set.names[column]) columnOf.set(name, column)
  }
  const places: Partial<Record<C, number>> = {}
  const ignored: string[] = []
  for (const [place, cell] of row.entries()) {
    const column = columnOf.get(foldName(cell))
    if (column === undefined) {
      if (cell.trim() !== '') ignored.push(cell.trim().slice(0, 60))
    } else if (places[column] !== undefined) throw bad(`has the column ${set.names[column][0]} twice.`)
    else places[column] = place
  }
  const missing = set.needed.filter((group) => group.every((column) => places[column] === undefined))
  if (missing.length > 0) {
    const names = missing.map((group) => group.map((column) => set.names[column][0]).join(' or '))
    throw bad(`lacks the column ${names.join(', and ')}. Its first line must name the columns.`)
  }
  return {
    delimiter,
    places,
    columns: row.length,
    ignored,
    line: text.slice(0, first).split('\n').length,
    start: Math.min(end + 1, text.length),
  }
}

/**
 * The next rows from a position in the text, at most `limit`, and where the ones after them begin. Blank
 * lines, and lines of empty cells, count as lines and are no rows. A broken quote spoils its own line only.
 */
export function readRows<C extends string>(
  text: string,
  { delimiter, places, columns }: CsvLayout<C>,
  from: { offset: number; line: number },
  limit: number,
): { rows: CsvRow<C>[]; next: { offset: number; line: number } } {
  const rows: CsvRow<C>[] = []
  let { offset, line } = from
  while (rows.length < limit && offset < text.length) {
    const wanted = limit - rows.length
    const parsed = parseRows(text.slice(offset), delimiter, wanted)
    const spoilt = parsed.errors.find(({ type }) => type === 'Quotes')?.row
    const good = spoilt === undefined ? parsed.data : parsed.data.slice(0, spoilt)
    for (const cells of good) {
      line++
      if (cells.some((cell) => cell.trim() !== '')) rows.push(rowOf(cells, line, places, columns))
    }
    if (spoilt === undefined) {
      offset += parsed.meta.cursor
      if (parsed.meta.cursor === 0) break
      continue
    }
    if (spoilt > 0) offset += parseRows(text.slice(offset), delimiter, spoilt).meta.cursor
    line++
    rows.push({ line, cells: {}, broken: 'quote' })
    offset = Math.min(lineEnd(text, offset) + 1, text.length)
  }
  return { rows, next: { offset, line } }
}

/** How names of columns are compared: lower case, without accents, words joined by `_`. */
export function foldName(name: string): string {
  return name
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, '_')
    .replaceAll(/^_|_$/g, '')
}

function rowOf<C extends string>(
  cells: readonly string[],
  line: number,
  places: Partial<Record<C, number>>,
  columns: number,
): CsvRow<C> {
  const named: Partial<Record<C, string>> = {}
  for (const column of Object.keys(places) as C[]) {
    const cell = (cells[places[column] ?? -1] ?? '').trim()
    if (cell !== '') named[column] = cell.slice(0, csvLimits.cellCharacters + 1)
  }
  // Spreadsheets write empty cells beyond the last column.
  const beyond = cells.slice(columns).some((cell) => cell.trim() !== '')
  return cells.length < columns || beyond ? { line, cells: named, broken: 'cells' } : { line, cells: named }
}

function parseRows(text: string, delimiter: string, preview: number) {
  return Papa.parse<string[]>(text, { delimiter, newline: '\n', preview, fastMode: false })
}

function delimiterOf(line: string): string {
  const plain = line.replaceAll(/"[^"]*"/g, '')
  const counts = delimiters.map((one) => plain.split(one).length)
  return delimiters[counts.indexOf(Math.max(...counts))] ?? ','
}

function skipBlankLines(text: string, from: number): number {
  let at = from
  while (at < text.length && text.slice(at, lineEnd(text, at)).trim() === '') at = lineEnd(text, at) + 1
  return Math.min(at, text.length)
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf('\n', from)
  return end === -1 ? text.length : end
}

function bad(problem: string): Refusal {
  return new Refusal('invalid_input', `file: ${problem}`, { field: 'file' })
}
