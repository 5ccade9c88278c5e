import Papa from 'papaparse'
import { Refusal } from '#core/refusal.ts'

/** One file of a classification, as text. */
export interface NamedText {
  name: string
  text: string
}

/** The cells of one row by column; a column the file lacks is empty. */
export type Cells<C extends string> = Record<C, string>

const mostRows = 2_000_000

/** A refusal that names file, row (the header is row 1) and field. */
export function badTable(file: string, row: number, field: string, problem: string): Refusal {
  return new Refusal('invalid_input', `${file}, row ${row}, ${field}: ${problem}`, { field })
}

/**
 * Reads CSV after RFC 4180, quoted line breaks too, row by row, without keeping the rows. Columns may come in any
 * order and there may be more of them. Refuses `invalid_input` for a column that is missing, a quote that is
 * broken and a row with more or fewer cells than the header.
 */
export function readTable<C extends string, O extends string = never>(
  { name, text }: NamedText,
  columns: { needed: readonly C[]; optional?: readonly O[] },
  take: (cells: Cells<C | O>, row: number) => void,
): void {
  const wanted: (C | O)[] = [...columns.needed, ...(columns.optional ?? [])]
  let header: string[] | undefined
  let places: number[] = []
  let row = 0
  Papa.parse<string[]>(text.startsWith('\ufeff') ? text.slice(1) : text, {
    delimiter: ',',
    skipEmptyLines: true,
    step({ data, errors }) {
      row++
      const column = header?.[data.length - 1] ?? data[0]?.slice(0, 40) ?? ''
      if (errors.some(({ type }) => type === 'Quotes'))
        throw badTable(name, row, column, 'a quote is broken.')
      if (row > mostRows) throw badTable(name, row, column, 'the file has too many rows.')
      if (!header) {
        header = data
        const missing = columns.needed.find((one) => !data.includes(one))
        if (missing) throw badTable(name, 1, missing, 'the column is missing.')
        places = wanted.map((one) => data.indexOf(one))
        return
      }
      if (data.length !== header.length) {
        throw badTable(
          name,
          row,
          header[data.length] ?? column,
          `must have ${header.length} cells, not ${data.length}.`,
        )
      }
      const cells = {} as Cells<C | O>
      for (const [position, one] of wanted.entries()) cells[one] = data[places[position] ?? -1] ?? ''
      take(cells, row)
    },
  })
  if (!header) throw badTable(name, 1, columns.needed[0] ?? '', 'the file is empty.')
}
