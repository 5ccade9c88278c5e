import type { Actor } from '#core/access/operations.ts'
import type { Ports } from '#core/ports.ts'
import type { Request } from '#core/store.ts'
import { type BulkJob, type BulkOrder, type BulkRow, changesAwards, noCounts } from './bulk-job.ts'

/** Saves a job with what its order asks for; the rows come later, unless they are given. */
export async function saveOrder(
  actor: Actor,
  order: BulkOrder,
  {
    request,
    startWhenRead,
    waiting,
  }: {
    request: Request
    startWhenRead: boolean
    /** The one row of a single change, which waits for a second registrar at once. */
    waiting?: Pick<BulkRow, 'about' | 'cells'>
  },
  { store, clock, random }: Pick<Ports, 'store' | 'clock' | 'random'>,
): Promise<BulkJob> {
  const { tenant, subject } = actor
  const { fourEyes } = await store.institutionSettings(tenant)
  const rows: BulkRow[] = waiting
    ? [{ number: 1, line: 1, state: 'ready', ran: false, problems: [], ...waiting }]
    : []
  const only = waiting?.about.awardId
  const job: BulkJob = {
    id: random.id(tenant, 'blk'),
    tenant,
    order,
    ...(only ? { only } : {}),
    state: waiting ? 'waiting' : 'reading',
    startWhenRead,
    needsApproval: fourEyes && changesAwards(order),
    reading: { cursor: '', line: 0, finished: waiting !== undefined },
    rows: rows.length,
    position: 1,
    counts: { ...noCounts, ready: rows.length },
    createdAt: clock.now(),
    createdBy: subject,
    version: 1,
  }
  return store.saveBulkJobOnce(request, job, {
    rows,
    audit: {
      action: 'bulk.order',
      by: subject,
      about: job.id,
      detail: { kind: order.kind, start: startWhenRead },
    },
  })
}
