import { type Actor, authorise } from '#core/access/operations.ts'
import { csvLine, withoutApostrophe } from '#core/csv/write-csv.ts'
import { type BulkJobId, tenantOf } from '#core/ids.ts'
import type { Ports } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import type { BulkJob, BulkRow } from './bulk-job.ts'
import { correctColumns } from './correct-columns.ts'
import { issueColumns } from './issue-columns.ts'

type ReceiptPorts = Pick<Ports, 'store' | 'settings'>

const rowsAtOnce = 500

/** The job, for whoever may see it: a registrar of its institution. Refuses `not_found` for all others' jobs. */
export async function readBulkJob(
  actor: Actor | undefined,
  id: BulkJobId,
  { store }: Pick<Ports, 'store'>,
): Promise<BulkJob> {
  const tenant = tenantOf(id)
  if (!tenant) throw new Refusal('not_found', 'There is no such record.')
  authorise(actor, 'bulkIssue', { tenant })
  const job = await store.findBulkJob(id)
  if (!job) throw new Refusal('not_found', 'There is no such record.')
  return job
}

/** What came of each row, as CSV lines: the same job gives the same receipt, however often it is asked for. */
export async function* receiptCsv(job: BulkJob, ports: ReceiptPorts): AsyncGenerator<string> {
  yield csvLine(['row', 'outcome', 'award', 'offer', 'claim_page', 'learner', 'column', 'code', 'reason'])
  for await (const row of rowsOf(job, ports)) yield csvLine(receiptCells(row, ports))
}

/** The same as one JSON document. */
export async function* receiptJson(job: BulkJob, ports: ReceiptPorts): AsyncGenerator<string> {
  const { id, state, counts, createdAt, createdBy, startedAt, finishedAt, decidedBy } = job
  const head = {
    job: id,
    kind: job.order.kind,
    state,
    counts,
    createdAt,
    createdBy,
    startedAt,
    finishedAt,
    decidedBy,
  }
  yield `${JSON.stringify(head).slice(0, -1)},"rows":[`
  let first = true
  for await (const { line, state: outcome, result = {}, problems } of rowsOf(job, ports)) {
    yield `${first ? '' : ','}\n${JSON.stringify({ row: line, outcome, ...result, problems })}`
    first = false
  }
  yield '\n]}\n'
}

/**
 * The rows something is wrong with, as they were in the file, each with the reasons beside it: put right, it
 * can be sent again as it is. Rows whose cells are gone after 30 days have only their number.
 */
export async function* rowsToFix(job: BulkJob, ports: ReceiptPorts): AsyncGenerator<string> {
  const columns = Object.keys(job.order.kind === 'correct' ? correctColumns.names : issueColumns.names)
  yield csvLine([...columns, 'row', 'reason'])
  for await (const { line, cells, problems } of rowsOf(job, ports, true)) {
    const reasons = problems.map(({ message }) => message).join(' ')
    yield csvLine([...columns.map((column) => withoutApostrophe(cells?.[column] ?? '')), line, reasons])
  }
}

function receiptCells({ line, state, result, problems }: BulkRow, { settings }: ReceiptPorts) {
  const join = (of: (problem: BulkRow['problems'][number]) => string | undefined) =>
    problems.map((problem) => of(problem) ?? '').join(' | ')
  return [
    line,
    state,
    result?.awardId,
    result?.offerId,
    result?.offerId && `${settings.publicUrl}/claim/${result.offerId}`,
    result?.learnerId,
    join(({ column }) => column),
    join(({ code }) => code),
    join(({ message }) => message),
  ]
}

async function* rowsOf({ id }: BulkJob, { store }: ReceiptPorts, problems = false): AsyncGenerator<BulkRow> {
  let cursor: string | undefined
  do {
    const page = await store.listBulkRows(id, {
      limit: rowsAtOnce,
      problems,
      ...(cursor === undefined ? {} : { cursor }),
    })
    yield* page.items
    cursor = page.cursor
  } while (cursor !== undefined)
}
