import { type ColumnSet, readHeader, readRows } from '#core/csv/read-csv.ts'
import type { BulkFile, BulkJob } from './bulk-job.ts'
import { type BulkPorts, type DraftRow, type ReadRows, rowProblem } from './row-work.ts'

// A file is read in slices; between two of them it is not fetched and decoded again.
const texts = new WeakMap<BulkPorts['store'], { upload: string; text: string }>()

/** The next rows of an uploaded file. When all were read the upload is deleted. */
export async function readFileRows<C extends string>(
  { upload }: BulkFile,
  columns: ColumnSet<C>,
  { reading }: Pick<BulkJob, 'reading'>,
  limit: number,
  { store }: Pick<BulkPorts, 'store'>,
): Promise<ReadRows> {
  const known = texts.get(store)
  const text = known?.upload === upload ? known.text : await store.readUpload(upload)
  if (text === undefined) {
    return { rows: [], reading, problem: { code: 'upload_gone', line: reading.line } }
  }
  texts.set(store, { upload, text })
  const layout = readHeader(text, columns)
  const offset = reading.cursor === '' ? layout.start : Number(reading.cursor)
  const line = reading.cursor === '' ? layout.line : reading.line
  const { rows, next } = readRows(text, layout, { offset, line }, limit)
  const finished = next.offset >= text.length
  if (finished) texts.delete(store)
  return {
    rows: rows.map((row): DraftRow => {
      const cells = Object.fromEntries(Object.entries(row.cells).filter(([, cell]) => cell !== undefined))
      const problems =
        row.broken === 'quote'
          ? [rowProblem('broken_quote', 'A quote of this row is broken.')]
          : row.broken === 'cells'
            ? [rowProblem('wrong_number_of_cells', `The row must have ${layout.columns} cells.`)]
            : []
      return { line: row.line, about: {}, cells: cells as Record<string, string>, problems }
    }),
    reading: { cursor: String(next.offset), line: next.line, finished },
  }
}
