import * as z from 'zod'
import { reasonCodes } from '#core/awards/award.ts'
import { statusChanges } from '#core/awards/change-award-status.ts'
import {
  type AwardFilter,
  type BulkFile,
  type BulkJob,
  type BulkOrder,
  bulkStates,
  rowProblemCodes,
  rowStates,
} from '#core/bulk/bulk-job.ts'
import { textEncodings } from '#core/csv/decode-text.ts'
import { targetGroups } from '#core/offerings/offering.ts'
import { zAwardState } from './outbox.ts'
import { zDate, zId, zTenant } from './z-items.ts'

/** Stored shapes of bulk jobs and their rows. */

const zFilter = z.object({
  awardIds: z.array(zId('awd')).exactOptional(),
  learnerIds: z.array(zId('lrn')).exactOptional(),
  offeringId: zId('ofg').exactOptional(),
  moduleId: z.string().exactOptional(),
  awardedFrom: z.string().exactOptional(),
  awardedTo: z.string().exactOptional(),
  state: zAwardState.exactOptional(),
  collected: z.boolean().exactOptional(),
  bulkJobId: zId('blk').exactOptional(),
}) satisfies z.ZodType<AwardFilter>

export const zFile = z.object({
  upload: zId('upl'),
  kind: z.enum(['issue', 'correct']),
  name: z.string(),
  encoding: z.enum(textEncodings),
  delimiter: z.string(),
  ignored: z.array(z.string()),
}) satisfies z.ZodType<BulkFile>

const zOrder = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('issue'),
    offeringId: zId('ofg'),
    moduleId: z.string().exactOptional(),
    rows: z.discriminatedUnion('from', [
      z.object({ from: z.literal('file'), file: zFile }),
      z.object({ from: z.literal('passed') }),
      z.object({ from: z.literal('without-result'), scorePercent: z.number() }),
    ]),
    enrolAs: z.object({ targetGroup: z.enum(targetGroups), sector: z.string() }).exactOptional(),
  }),
  z.object({
    kind: z.literal('status'),
    change: z.enum(statusChanges),
    reasonCode: z.enum(reasonCodes),
    reason: z.string(),
    where: zFilter,
  }),
  z.object({
    kind: z.literal('correct'),
    reasonCode: z.enum(reasonCodes),
    reason: z.string(),
    file: zFile.exactOptional(),
    offeringId: zId('ofg').exactOptional(),
  }),
  z.object({ kind: z.literal('offers'), action: z.enum(['resend', 'cancel']), where: zFilter }),
]) satisfies z.ZodType<BulkOrder>

const zCount = z.int().min(0)

export const zBulkJob = z.object({
  id: zId('blk'),
  tenant: zTenant,
  order: zOrder,
  only: zId('awd').exactOptional(),
  state: z.enum(bulkStates),
  resumesTo: z.enum(['reading', 'running']).exactOptional(),
  startWhenRead: z.boolean(),
  needsApproval: z.boolean(),
  reading: z.object({ cursor: z.string(), line: zCount, finished: z.boolean() }),
  rows: zCount,
  position: zCount,
  counts: z.object({ ready: zCount, invalid: zCount, skipped: zCount, done: zCount, failed: zCount }),
  createdAt: zDate,
  createdBy: z.string(),
  startedAt: zDate.exactOptional(),
  finishedAt: zDate.exactOptional(),
  decidedBy: z.string().exactOptional(),
  note: z.string().exactOptional(),
  problem: z.object({ code: z.string(), line: zCount }).exactOptional(),
  lease: z.object({ worker: z.string(), until: zDate }).exactOptional(),
  version: z.int().min(1),
}) satisfies z.ZodType<BulkJob>

export const zBulkRow = z.object({
  line: zCount,
  state: z.enum(rowStates),
  ran: z.boolean(),
  about: z.object({ awardId: zId('awd').exactOptional(), learnerId: zId('lrn').exactOptional() }),
  problems: z.array(
    z.object({
      column: z.string().exactOptional(),
      code: z.enum(rowProblemCodes),
      message: z.string(),
      line: zCount.exactOptional(),
    }),
  ),
  result: z
    .object({
      awardId: zId('awd').exactOptional(),
      offerId: zId('ofr').exactOptional(),
      learnerId: zId('lrn').exactOptional(),
    })
    .exactOptional(),
  /** The cells, AES-256-GCM under the job's data key, base64. */
  sealed: z.string().exactOptional(),
})

export const zCells = z.record(z.string(), z.string())
