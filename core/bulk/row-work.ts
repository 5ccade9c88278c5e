import { bytesOf, toBase64Url } from '#core/jose/base64url.ts'
import { isAddressTaken } from '#core/learners/shared-address.ts'
import type { Ports } from '#core/ports.ts'
import { Refusal, type RefusalCode } from '#core/refusal.ts'
import type { BulkJob, BulkOrder, BulkRow, RowProblem, RowProblemCode } from './bulk-job.ts'

export type BulkPorts = Pick<Ports, 'store' | 'ontology' | 'clock' | 'random' | 'signers' | 'settings'>

export type JobOf<K extends BulkOrder['kind']> = BulkJob & { order: Extract<BulkOrder, { kind: K }> }

/** A row before it has a number and a verdict. */
export type DraftRow = Pick<BulkRow, 'line' | 'about'> &
  Partial<Pick<BulkRow, 'cells'>> & {
    /** What the reader found wrong with the row as such. */
    problems: RowProblem[]
  }

/** A row that was checked, or done. */
export type JudgedRow = Pick<BulkRow, 'state' | 'about' | 'problems'> &
  Partial<Pick<BulkRow, 'result'>> & {
    /** Who the row is about, as a code of ours: a second row with the same mark is one too many. */
    mark?: string
    /** The address of somebody new, as a code of ours: a second row with it, about somebody else, is ambiguous. */
    emailMark?: string
  }

export interface ReadRows {
  rows: DraftRow[]
  /** Where the rows after these begin. */
  reading: BulkJob['reading']
  /** Ends the job: nothing more can be read, and what was read is not to be trusted. */
  problem?: { code: string; line: number }
}

/** What one kind of job does with its rows. All three may be asked again for the same rows after a crash. */
export interface RowWork<K extends BulkOrder['kind']> {
  read(job: JobOf<K>, limit: number, ports: BulkPorts): Promise<ReadRows>
  /** Says what would become of each row. Changes nothing. */
  check(job: JobOf<K>, rows: readonly DraftRow[], ports: BulkPorts): Promise<JudgedRow[]>
  /** Does it, once however often it is asked; rows that are refused come back as `failed` or `skipped`. */
  run(job: JobOf<K>, rows: readonly BulkRow[], ports: BulkPorts): Promise<JudgedRow[]>
}

/** Stands for whom a row is about. Keyed, so that nobody who reads the records can try names and addresses. */
export function rowMark(parts: readonly (string | undefined)[], { signers }: Pick<Ports, 'signers'>): string {
  return toBase64Url(signers.mac('bulk-mark', bytesOf(JSON.stringify(parts))))
}

/** What an operation is called for the requests of a job's rows: the same row again has the same effect. */
export function rowRequest({ id, tenant, order }: BulkJob, { number }: Pick<BulkRow, 'number'>) {
  return { tenant, operation: `bulk/${order.kind}`, requestId: `${id}/${number}`, inputHash: '' }
}

/** Refusals that say nothing about the row: the whole slice is tried again later. */
const passing: ReadonlySet<RefusalCode> = new Set(['storage_busy', 'storage_full', 'too_many_requests'])

const codeOf: Partial<Record<RefusalCode, RowProblemCode>> = {
  already_awarded: 'already_awarded',
  not_enrolled: 'not_enrolled',
  offering_full: 'offering_full',
  entry_skills_missing: 'entry_skills_missing',
  evidence_not_allowed: 'evidence_not_allowed',
  state_conflict: 'state_conflict',
  award_not_valid: 'award_not_valid',
  // Of a row this is said of nothing but one's own work.
  not_allowed: 'own_award',
}

/** Does one row; an expected no becomes the row's outcome. */
export async function attempt(about: BulkRow['about'], work: () => Promise<JudgedRow>): Promise<JudgedRow> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof Refusal) || passing.has(error.code)) throw error
    if (isAddressTaken(error)) return { state: 'failed', about, problems: [addressShared] }
    const code = codeOf[error.code] ?? 'refused'
    const problem: RowProblem = {
      ...(error.field === undefined ? {} : { column: error.field }),
      code,
      message: error.message,
    }
    // Somebody else has done it meanwhile: there is nothing left to do.
    return { state: code === 'already_awarded' ? 'skipped' : 'failed', about, problems: [problem] }
  }
}

export const rowProblem = (code: RowProblemCode, message: string, column?: string): RowProblem => ({
  ...(column === undefined ? {} : { column }),
  code,
  message,
})

export const emailShared = (why: string): RowProblem =>
  rowProblem('email_shared', `email: ${why}; if it is one person, name that account or learner_id.`, 'email')
export const addressShared = emailShared('another account has this address')

/** Works on many rows at once: writes that are asked for together share a flush of the disk. */
export async function inParallel<T, R>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = []
  let next = 0
  const one = async () => {
    for (let place = next++; place < items.length; place = next++) {
      results[place] = await work(items[place] as T)
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, one))
  return results
}
