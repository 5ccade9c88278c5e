import Papa from 'papaparse'
import { countries, isoCountry } from '#core/offerings/nuts1.ts'
import type { DemandRow, Ontology } from '#core/skills/ontology.ts'
import type { Text } from '#core/text.ts'
import { demandLimits } from './demand-limits.ts'

export const demandColumns = ['role', 'sector', 'country', 'year', 'headcount'] as const
type Column = (typeof demandColumns)[number]

/** A mistake in a file, by its place; the value itself is never repeated. Row 1 is the header. */
export interface DemandProblem {
  row: number
  column: Column | null
  code: DemandProblemCode
}
const demandProblemCodes = [
  'not_text',
  'too_large',
  'empty_file',
  'column_missing',
  'column_twice',
  'cells_wrong',
  'quote_broken',
  'role_unknown',
  'sector_unknown',
  'country_unknown',
  'year_wrong',
  'heads_wrong',
  'heads_negative',
  'heads_too_many',
  'formula',
  'row_twice',
  'too_many_rows',
] as const
type DemandProblemCode = (typeof demandProblemCodes)[number]

export interface ReadDemand {
  rows: DemandRow[]
  /** In the order of the file, at most `demandLimits.problems`. */
  problems: DemandProblem[]
  /** Lines of the file, without header, blank lines and comments. */
  lines: number
}

type Codes = Pick<Ontology, 'roles' | 'sectors'>

/**
 * Reads headcount by role, sector, country and year from CSV: separated by commas, semicolons or tabs, in UTF-8 or,
 * with its mark, UTF-16. Role and sector by slug or by their English or French name; country as ISO 3166-1
 * (EL and UK too) or empty; without a year the file is of `thisYear`. Never throws for what a file may hold.
 */
export function readDemand(bytes: Uint8Array, ontology: Codes, thisYear: number): ReadDemand {
  const nothing = (code: DemandProblemCode): ReadDemand => ({
    rows: [],
    problems: [{ row: 1, column: null, code }],
    lines: 0,
  })
  if (bytes.length > demandLimits.bytes) return nothing('too_large')
  const text = decode(bytes)
  if (text === undefined) return nothing('not_text')
  const { lines, brokenAt } = linesOf(text)
  const [header, ...body] = lines
  if (!header) return nothing('empty_file')
  if (brokenAt !== undefined)
    return { rows: [], problems: [{ row: brokenAt, column: null, code: 'quote_broken' }], lines: body.length }
  const places = new Map<Column, number>()
  const problems: DemandProblem[] = []
  header.cells.forEach((cell, at) => {
    const column = demandColumns.find((one) => one === cell.trim().toLowerCase())
    if (!column) return
    if (places.has(column)) problems.push({ row: header.row, column, code: 'column_twice' })
    places.set(column, at)
  })
  for (const column of demandColumns) {
    if (column === 'year' || column === 'country' || places.has(column)) continue
    problems.push({ row: header.row, column, code: 'column_missing' })
  }
  if (problems.length > 0) return { rows: [], problems, lines: body.length }
  if (body.length === 0) return nothing('empty_file')
  if (body.length > demandLimits.rows) {
    return {
      rows: [],
      problems: [{ row: body[demandLimits.rows]?.row ?? 1, column: null, code: 'too_many_rows' }],
      lines: body.length,
    }
  }
  const read = rowReader(ontology, places, header.cells.length, thisYear)
  const rows: DemandRow[] = []
  for (const line of body) {
    const answer = read(line)
    if ('row' in answer) rows.push(answer.row)
    else problems.push(...answer.problems)
    if (problems.length >= demandLimits.problems) break
  }
  return { rows, problems: problems.slice(0, demandLimits.problems), lines: body.length }
}

interface Line {
  row: number
  cells: string[]
}

function decode(bytes: Uint8Array): string | undefined {
  const [a, b] = bytes
  const encoding = a === 0xff && b === 0xfe ? 'utf-16le' : a === 0xfe && b === 0xff ? 'utf-16be' : 'utf-8'
  try {
    const text = new TextDecoder(encoding, { fatal: true }).decode(bytes)
    return text.includes('\0') ? undefined : text
  } catch {
    return undefined
  }
}

const separators = [',', ';', '\t']

/** Rows numbered as a spreadsheet numbers them; blank lines and lines that begin with `#` count but hold nothing. */
function linesOf(text: string): { lines: Line[]; brokenAt?: number } {
  const first = text.split(/\r?\n/).find((line) => line.trim() !== '' && !line.startsWith('#')) ?? ''
  const count = (separator: string) => first.split(separator).length
  const delimiter = separators.reduce((best, one) => (count(one) > count(best) ? one : best))
  const lines: Line[] = []
  let row = 0
  let brokenAt: number | undefined
  Papa.parse<string[]>(text, {
    delimiter,
    step({ data, errors }, parser) {
      row++
      if (errors.some(({ type }) => type === 'Quotes')) {
        brokenAt = row
        parser.abort()
        return
      }
      if (data.every((cell) => cell.trim() === '') || data[0]?.startsWith('#')) return
      lines.push({ row, cells: data })
    },
  })
  return brokenAt === undefined ? { lines } : { lines, brokenAt }
}

type Answer = { row: DemandRow } | { problems: DemandProblem[] }

function rowReader(
  { roles, sectors }: Codes,
  places: ReadonlyMap<Column, number>,
  width: number,
  thisYear: number,
): (line: Line) => Answer {
  const roleOf = namesOf(roles)
  const sectorOf = namesOf(sectors)
  const seen = new Set<string>()
  return ({ row, cells }) => {
    if (cells.length !== width) return { problems: [{ row, column: null, code: 'cells_wrong' }] }
    const problems: DemandProblem[] = []
    const cell = (column: Column) => (cells[places.get(column) ?? -1] ?? '').trim()
    const wrong = (column: Column, code: DemandProblemCode) => {
      problems.push({ row, column, code })
      return undefined
    }
    // A spreadsheet would run these; a number may begin with a sign.
    for (const column of demandColumns) if (/^[=@+]|^-(?!\d)/.test(cell(column))) wrong(column, 'formula')
    if (problems.length > 0) return { problems }
    const role = roleOf(cell('role')) ?? wrong('role', 'role_unknown')
    const sector = sectorOf(cell('sector')) ?? wrong('sector', 'sector_unknown')
    const country = cell('country') === '' ? '' : isoCountry(cell('country').toUpperCase())
    if (country !== '' && !countries.includes(country)) wrong('country', 'country_unknown')
    const year = cell('year') === '' ? thisYear : Number(cell('year'))
    if (!Number.isInteger(year) || year < 2000 || year > thisYear + 20) wrong('year', 'year_wrong')
    const heads = cell('headcount')
    const headcount = /^-?\d{1,12}$/.test(heads) ? Number(heads) : Number.NaN
    if (Number.isNaN(headcount)) wrong('headcount', 'heads_wrong')
    else if (headcount < 0) wrong('headcount', 'heads_negative')
    else if (headcount > demandLimits.heads) wrong('headcount', 'heads_too_many')
    if (problems.length > 0 || role === undefined || sector === undefined) return { problems }
    const key = JSON.stringify([role, sector, country, year])
    if (seen.has(key)) return { problems: [{ row, column: null, code: 'row_twice' }] }
    seen.add(key)
    return { row: { role, sector, country, year, headcount } }
  }
}

/** By slug, or by the label in a language of the site; upper and lower case are the same. */
function namesOf(list: ReadonlyMap<string, { label: Text }>): (name: string) => string | undefined {
  const known = new Map<string, string>()
  for (const [id, { label }] of list) {
    for (const name of [label.fr, label.en, id]) known.set(name.toLowerCase(), id)
  }
  return (name) => known.get(name.toLowerCase())
}
