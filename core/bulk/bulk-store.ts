import type { AuditBody } from '#core/audit/audit.ts'
import type { AwardId, BulkJobId, LearnerId, OfferingId, TenantTag, UploadId } from '#core/ids.ts'
import type { Page, Request } from '#core/store.ts'
import type { BulkFile, BulkJob, BulkRow } from './bulk-job.ts'

type PageAsked = { limit: number; cursor?: string }

export interface BulkStore {
  /** Keeps an uploaded text, sealed, until a job has read it or is cancelled; two days at most. */
  saveUpload(file: BulkFile, text: string): Promise<void>
  findUpload(id: UploadId): Promise<BulkFile | undefined>
  readUpload(id: UploadId): Promise<string | undefined>
  deleteUpload(id: UploadId): Promise<void>

  /**
   * Creates a job, and the rows it begins with. Repeating the request answers the first one. An award has one
   * waiting job of its own (`only`) at a time; refuses `state_conflict`.
   */
  saveBulkJobOnce(
    request: Request,
    job: BulkJob,
    more: { rows?: BulkRow[]; audit: AuditBody },
  ): Promise<BulkJob>
  findBulkJob(id: BulkJobId): Promise<BulkJob | undefined>
  /** Newest first. */
  listBulkJobs(tenant: TenantTag, page: PageAsked): Promise<Page<BulkJob>>
  /** Jobs a worker has something to do for, oldest first; through an index. */
  dueBulkJobs(tenant: TenantTag): Promise<BulkJob[]>
  /** Jobs that wait for a second registrar, oldest first; through an index. */
  waitingBulkJobs(tenant: TenantTag, page: PageAsked): Promise<Page<BulkJob>>
  /** The job that waits to change this award, if there is one. */
  waitingJobOfAward(award: AwardId): Promise<BulkJobId | undefined>
  /**
   * Writes the job if it still has the version before; false when somebody else changed it. The cells of its rows
   * go with the write after which nobody needs them (`cellsAreOver`).
   */
  saveBulkJob(job: BulkJob, audit?: AuditBody): Promise<boolean>

  /** Writes rows, whatever was there. */
  saveBulkRows(job: BulkJobId, rows: readonly BulkRow[]): Promise<void>
  /** Rows from a number on, in order. */
  bulkRows(job: BulkJobId, from: number, limit: number): Promise<BulkRow[]>
  /** Rows in order; only those that are invalid or failed when asked. */
  listBulkRows(job: BulkJobId, page: PageAsked & { problems?: boolean }): Promise<Page<BulkRow>>
  /**
   * Notes that rows stand for these marks, and answers for each the number of the row that stood for it
   * before; the same row again is no other. A mark is a keyed code (`rowMark`), so that no personal data stand in a key.
   */
  claimMarks(
    job: BulkJobId,
    marks: readonly { mark: string; number: number }[],
  ): Promise<(number | undefined)[]>

  /** The award in force of a learner in an offering. */
  findAwardInForce(learner: LearnerId, offering: OfferingId): Promise<AwardId | undefined>
}
