import { offerRows, statusRows } from './award-rows.ts'
import type { BulkJob, BulkOrder } from './bulk-job.ts'
import { correctRows } from './correct-rows.ts'
import { issueRows } from './issue-rows.ts'
import type { RowWork } from './row-work.ts'

const works: { [K in BulkOrder['kind']]: RowWork<K> } = {
  issue: issueRows,
  status: statusRows,
  correct: correctRows,
  offers: offerRows,
}

/** What a job does with its rows. Whoever has the job has its kind, which the types cannot follow. */
export function workOf({ order }: BulkJob): RowWork<never> {
  return works[order.kind] as unknown as RowWork<never>
}
