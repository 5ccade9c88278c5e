import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { brotliDecompressSync } from 'node:zlib'

/** A path in the official reference data (`REFERENCE_DATA`, default `../shared`); throws when it is absent. */
export function referencePath(...parts: string[]): string {
  const root = resolve(process.env['REFERENCE_DATA'] ?? '../shared')
  const path = join(root, ...parts)
  if (existsSync(path)) return path
  throw new Error(
    `There is no ${parts.join('/')} in the reference data. Set REFERENCE_DATA to the folder that has it.`,
  )
}

/** Rows of a CSV file (RFC 4180, quoted line breaks too) as records by column; `.br` files are unpacked. */
export function readCsv(...parts: string[]): Record<string, string>[] {
  const bytes = readFileSync(referencePath(...parts))
  const text = (parts.at(-1)?.endsWith('.br') ? brotliDecompressSync(bytes) : bytes).toString('utf8')
  const [header = [], ...rows] = csvRows(text.replace(/^\ufeff/, ''))
  return rows.map((row) => Object.fromEntries(header.map((name, column) => [name, row[column] ?? ''])))
}

function csvRows(text: string): string[][] {
  const rows: string[][] = []
  let row: string[] = []
  const cell = /("(?:[^"]|"")*"|[^",\r\n]*)(,|\r?\n|$)/y
  while (cell.lastIndex < text.length) {
    const found = cell.exec(text)
    if (!found) throw new Error('The CSV file is broken.')
    const [, value = '', end] = found
    row.push(value.startsWith('"') ? value.slice(1, -1).replaceAll('""', '"') : value)
    if (end === ',') continue
    rows.push(row)
    row = []
  }
  return rows
}
