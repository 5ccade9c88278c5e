import type { AwardState, ReasonCode } from '#core/awards/award.ts'
import type { StatusChange } from '#core/awards/change-award-status.ts'
import type { TextEncoding } from '#core/csv/decode-text.ts'
import type { AwardId, BulkJobId, LearnerId, OfferId, OfferingId, TenantTag, UploadId } from '#core/ids.ts'
import type { TargetGroup } from '#core/offerings/offering.ts'

/** Which awards a job is about. Everything named must fit; nothing named means all of the institution. */
export interface AwardFilter {
  awardIds?: AwardId[]
  learnerIds?: LearnerId[]
  offeringId?: OfferingId
  moduleId?: string
  /** `YYYY-MM-DD`, both included. */
  awardedFrom?: string
  awardedTo?: string
  state?: AwardState
  /** Whether a wallet has collected it. */
  collected?: boolean
  /** Those a bulk job made. */
  bulkJobId?: BulkJobId
}

/** Largest file of rows, in bytes; written in `docs/operations.md`. */
export const mostUploadBytes = 16 * 1024 * 1024

/** What a file of rows is for. */
export type FileKind = 'issue' | 'correct'

/** A file of rows that was uploaded. */
export interface BulkFile {
  upload: UploadId
  kind: FileKind
  /** As it was called; shown, never used as a path. */
  name: string
  encoding: TextEncoding
  delimiter: string
  /** Columns that mean nothing here. */
  ignored: string[]
}

/** What a job is to do, row by row. */
export type BulkOrder =
  | {
      kind: 'issue'
      offeringId: OfferingId
      moduleId?: string
      rows:
        | { from: 'file'; file: BulkFile }
        /** Participants whose newest result is a pass and who have no award in force. */
        | { from: 'passed' }
        /** Participants without a result: all get this one. */
        | { from: 'without-result'; scorePercent: number }
      /** Enrols who is not enrolled yet, under these facts; without it such a row is a problem. */
      enrolAs?: { targetGroup: TargetGroup; sector: string }
    }
  | { kind: 'status'; change: StatusChange; reasonCode: ReasonCode; reason: string; where: AwardFilter }
  | {
      kind: 'correct'
      reasonCode: ReasonCode
      reason: string
      /** Absent for a single correction, whose one row was given with the order. */
      file?: BulkFile
      /** Where a row names its learner instead of its award. */
      offeringId?: OfferingId
    }
  /** `resend`: a fresh offer with its mail for every valid award nobody collected; `cancel`: ends what is unclaimed. */
  | { kind: 'offers'; action: 'resend' | 'cancel'; where: AwardFilter }

/** Whether it touches awards that exist: what four eyes are for. */
export const changesAwards = ({ kind }: BulkOrder) => kind === 'status' || kind === 'correct'

export const bulkStates = [
  /** Rows are read and checked; nothing is done to anybody. */
  'reading',
  /** Every row was checked; waits to be started. */
  'checked',
  /** Waits for a second registrar. */
  'waiting',
  'running',
  'paused',
  'done',
  /** Ended before all rows were done, by a registrar or because the second one said no. */
  'cancelled',
  /** The file could not be read to its end; nothing was done. */
  'failed',
] as const
export type BulkState = (typeof bulkStates)[number]

export interface BulkCounts {
  /** To be done. */
  ready: number
  /** Something is wrong with the row; nothing was done. */
  invalid: number
  /** There was nothing to do. */
  skipped: number
  done: number
  /** Refused when it was its turn. */
  failed: number
}

/** One order of a registrar for many learners or awards, done row by row. It can be paused, and goes on after a crash. */
export interface BulkJob {
  id: BulkJobId
  tenant: TenantTag
  order: BulkOrder
  /** The one award it is about, for a single change that waits for a second registrar. */
  only?: AwardId
  state: BulkState
  /** Of a paused job: what it goes on with. */
  resumesTo?: 'reading' | 'running'
  /** Asked for with the order: no look at the checked rows is wanted. */
  startWhenRead: boolean
  /** The institution wants a second registrar to agree before it runs. */
  needsApproval: boolean
  /** How far reading has come; opaque to everybody but the reader. */
  reading: { cursor: string; line: number; finished: boolean }
  /** Rows there are so far; they are numbered from 1. */
  rows: number
  /** Rows before this one are finished. */
  position: number
  counts: BulkCounts
  createdAt: Date
  createdBy: string
  startedAt?: Date
  finishedAt?: Date
  /** The second registrar, and their words when they refused. */
  decidedBy?: string
  note?: string
  /** Why reading failed: a code, with the row of the file. */
  problem?: { code: string; line: number }
  /** Who is working on it, so that two do not do the same. */
  lease?: { worker: string; until: Date }
  version: number
}

/**
 * A job as it is when it has been started, or goes on after a pause. Four eyes hold for whatever starts or goes on
 * while the institution asks for them, also for what was ordered before. But for a second registrar's word itself
 * this is the only way to `running`.
 */
export function started(
  job: Pick<BulkJob, 'order' | 'needsApproval' | 'decidedBy' | 'startedAt'>,
  fourEyes: boolean,
  now: Date,
) {
  const needsApproval = job.needsApproval || (fourEyes && changesAwards(job.order))
  return needsApproval && job.decidedBy === undefined
    ? { state: 'waiting' as const, needsApproval }
    : { state: 'running' as const, startedAt: job.startedAt ?? now }
}

/** What is wrong with a row: which column, what in one word, and in words. Never the value. */
export interface RowProblem {
  column?: string
  code: RowProblemCode
  message: string
  /** A row of the same file this is about. */
  line?: number
}

export const rowProblemCodes = [
  'broken_quote',
  'wrong_number_of_cells',
  'missing',
  'wrong_form',
  'too_long',
  'formula',
  'out_of_range',
  'twice',
  'learner_unknown',
  'learner_differs',
  'learner_erased',
  'name_differs',
  'email_shared',
  'not_enrolled',
  'entry_skills_missing',
  'offering_full',
  'offering_ended',
  'below_pass_mark',
  'already_awarded',
  'own_award',
  'award_unknown',
  'state_conflict',
  'nothing_changed',
  'already_collected',
  'nothing_to_cancel',
  'award_not_valid',
  'evidence_not_allowed',
  'refused',
] as const
export type RowProblemCode = (typeof rowProblemCodes)[number]

/** What came of a row. */
interface RowResult {
  awardId?: AwardId
  offerId?: OfferId
  learnerId?: LearnerId
}

export const rowStates = ['ready', 'invalid', 'skipped', 'done', 'failed'] as const
export type RowState = (typeof rowStates)[number]

export interface BulkRow {
  /** From 1, without a gap. */
  number: number
  /** Row of the file, as a spreadsheet counts; equals `number` where there is no file. */
  line: number
  state: RowState
  /** Whether the state came from doing it; else from checking. */
  ran: boolean
  /** What the file says, while it matters: gone once the row is done, the job was cancelled, and after 30 days. Sealed at rest. */
  cells?: Record<string, string>
  /** Whom or what the row is about, once that is known. */
  about: { awardId?: AwardId; learnerId?: LearnerId }
  problems: RowProblem[]
  result?: RowResult
}

/** The file a job reads its rows from, if it has one. */
export function fileOf(order: BulkOrder): BulkFile | undefined {
  if (order.kind === 'correct') return order.file
  return order.kind === 'issue' && order.rows.from === 'file' ? order.rows.file : undefined
}

/** Whether nobody needs what the file said any more: nothing is left to be done, nor to be put right. */
export function cellsAreOver({ state, counts }: Pick<BulkJob, 'state' | 'counts'>): boolean {
  return (
    state === 'cancelled' || state === 'failed' || (state === 'done' && counts.invalid + counts.failed === 0)
  )
}

export const noCounts: BulkCounts = { ready: 0, invalid: 0, skipped: 0, done: 0, failed: 0 }

/** What a job looks like at a glance, from 0 to 1. A job that is still reading does not know its size. */
export function progressOf({ counts, rows, reading }: Pick<BulkJob, 'counts' | 'rows' | 'reading'>): number {
  if (!reading.finished || rows === 0) return 0
  return (rows - counts.ready) / rows
}

/** States in which a worker has something to do. */
export const isDue = ({ state }: Pick<BulkJob, 'state'>) => state === 'reading' || state === 'running'
export const isOver = ({ state }: Pick<BulkJob, 'state'>) =>
  state === 'done' || state === 'cancelled' || state === 'failed'
