import * as z from 'zod'
import { type Actor, authorise, type Operation } from '#core/access/operations.ts'
import { decodeText } from '#core/csv/decode-text.ts'
import { type ColumnSet, readHeader, readRows } from '#core/csv/read-csv.ts'
import type { TenantTag } from '#core/ids.ts'
import type { Ports } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import { type BulkFile, type FileKind, mostUploadBytes } from './bulk-job.ts'
import { correctColumns } from './correct-columns.ts'
import { issueColumns } from './issue-columns.ts'

const columnsFor: Record<FileKind, ColumnSet<string>> = { issue: issueColumns, correct: correctColumns }
const operationFor: Record<FileKind, Operation> = { issue: 'bulkIssue', correct: 'changeAwardStatus' }

export const zFileKind = z.enum(['issue', 'correct'])

type UploadPorts = Pick<Ports, 'store' | 'random' | 'settings'>

/**
 * Takes a file of rows and keeps it for the job that will read it. Refuses `invalid_input` for what is no
 * text or lacks a column, and `too_large` beyond `BULK_ROWS` rows; says how it was read.
 */
export async function uploadRows(
  actor: Actor | undefined,
  { kind, name, bytes }: { kind: FileKind; name: string; bytes: Uint8Array },
  ports: UploadPorts,
): Promise<BulkFile> {
  if (!actor) throw new Refusal('not_signed_in', 'Sign in first: this needs an access token.')
  authorise(actor, operationFor[kind], { tenant: actor.tenant })
  if (bytes.length > mostUploadBytes) {
    throw new Refusal('too_large', `file: has more than ${mostUploadBytes} bytes; split it.`, {
      field: 'file',
    })
  }
  return keepRows(actor.tenant, kind, name, bytes, ports)
}

async function keepRows(
  tenant: TenantTag,
  kind: FileKind,
  name: string,
  bytes: Uint8Array,
  { store, random, settings }: UploadPorts,
): Promise<BulkFile> {
  const { text, encoding } = decodeText(bytes)
  const columns = columnsFor[kind]
  const { delimiter, ignored } = readHeader(text, columns)
  refuseTooMany(text, columns, settings.bulkRows)
  const upload = random.id(tenant, 'upl')
  const file: BulkFile = { upload, kind, name: shownName(name), encoding, delimiter, ignored }
  await store.saveUpload(file, text)
  return file
}

const rowsAtOnce = 1000

function refuseTooMany(text: string, columns: ColumnSet<string>, most: number): void {
  // Every row ends with a line: only a file of more lines needs to be counted by its rows.
  let lines = 1
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lines++
  if (lines <= most) return
  const layout = readHeader(text, columns)
  let from = { offset: layout.start, line: layout.line }
  let rows = 0
  while (from.offset < text.length) {
    const { rows: some, next } = readRows(text, layout, from, rowsAtOnce)
    rows += some.length
    from = next
    if (rows > most) {
      throw new Refusal('too_large', `file: has more than ${most} rows; split it.`, { field: 'file' })
    }
  }
}

/** A name is shown and never used: the last part of a path, without what no screen should be made to draw. */
function shownName(name: string): string {
  const last = name.split(/[\\/]/).at(-1) ?? ''
  return last.replaceAll(/[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/gu, '').slice(0, 120) || 'file.csv'
}
