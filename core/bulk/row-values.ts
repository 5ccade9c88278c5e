import type * as z from 'zod'
import { csvLimits } from '#core/csv/csv-limits.ts'
import { isFormula, withoutApostrophe } from '#core/csv/write-csv.ts'
import type { RowProblem, RowProblemCode } from './bulk-job.ts'

/** Reads the cells of one row, column by column, and gathers what is wrong with them. */
export interface RowReader {
  /** The text of a cell; `undefined` when it is empty or wrong. */
  text<T>(column: string, shape: z.ZodType<T>, problem: string): T | undefined
  /** A number as people write it: `87,5`, `87.5 %`. */
  number(column: string, range: { least: number; most: number }): number | undefined
  /** `YYYY-MM-DD`, `DD.MM.YYYY` or `DD/MM/YYYY`, as `YYYY-MM-DD`. */
  date(column: string): string | undefined
  problem(code: RowProblemCode, message: string, column?: string): void
  problems: RowProblem[]
}

export function readCells(cells: Readonly<Record<string, string>>): RowReader {
  const problems: RowProblem[] = []
  const problem: RowReader['problem'] = (code, message, column) => {
    problems.push({ ...(column === undefined ? {} : { column }), code, message })
  }

  function plain(column: string): string | undefined {
    const cell = cells[column]
    if (cell === undefined || cell === '') return undefined
    if (cell.length > csvLimits.cellCharacters) {
      problem('too_long', `${column}: has more than ${csvLimits.cellCharacters} characters.`, column)
      return undefined
    }
    // What a spreadsheet would run is no name and no account; our own exports put an apostrophe before it.
    if (isFormula(cell)) {
      problem('formula', `${column}: begins like a formula.`, column)
      return undefined
    }
    return withoutApostrophe(cell)
  }

  return {
    problems,
    problem,

    text(column, shape, words) {
      const cell = plain(column)
      if (cell === undefined) return undefined
      const parsed = shape.safeParse(cell)
      if (parsed.success) return parsed.data
      problem('wrong_form', `${column}: ${words}`, column)
      return undefined
    },

    number(column, { least, most }) {
      // A minus sign begins a number as well as a formula.
      const cell = cells[column]
      if (cell === undefined || cell === '') return undefined
      const written = /^[+-]?(\d{1,9}(?:[.,]\d{1,6})?)\s*%?$/.exec(cell.trim())
      const value = written ? Number(cell.trim().replace(/\s*%$/, '').replace(',', '.')) : Number.NaN
      if (Number.isNaN(value)) problem('wrong_form', `${column}: must be a number.`, column)
      else if (value < least || value > most) {
        problem('out_of_range', `${column}: must be from ${least} to ${most}.`, column)
      } else return value
      return undefined
    },

    date(column) {
      const cell = plain(column)
      if (cell === undefined) return undefined
      const iso = /^(\d{4})-(\d{2})-(\d{2})$/.exec(cell)
      const european = /^(\d{1,2})[./](\d{1,2})[./](\d{4})$/.exec(cell)
      const [year, month, day] = iso
        ? [iso[1], iso[2], iso[3]]
        : [european?.[3], european?.[2]?.padStart(2, '0'), european?.[1]?.padStart(2, '0')]
      const text = `${year}-${month}-${day}`
      const moment = new Date(`${text}T00:00:00Z`)
      if (!Number.isNaN(moment.getTime()) && moment.toISOString().startsWith(text)) return text
      problem('wrong_form', `${column}: must be a date like 2026-11-23.`, column)
      return undefined
    },
  }
}
