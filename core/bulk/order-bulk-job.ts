import * as z from 'zod'
import { type Actor, authorise, type Operation } from '#core/access/operations.ts'
import { reasonCodes } from '#core/awards/award.ts'
import { reasonsOf, statusChanges } from '#core/awards/change-award-status.ts'
import { correctionReasons } from '#core/awards/correct-award.ts'
import { refuseUnlessReasonOf, zReason } from '#core/awards/reasons.ts'
import type { OfferingId, TenantTag, UploadId } from '#core/ids.ts'
import { targetGroups } from '#core/offerings/offering.ts'
import { zId, zRequestId, zSlug } from '#core/parse.ts'
import type { Ports } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import { requestOf } from '#core/requests.ts'
import { type BulkFile, type BulkJob, type BulkOrder, type FileKind, isOver } from './bulk-job.ts'
import { saveOrder } from './save-order.ts'

export type OrderPorts = Pick<Ports, 'store' | 'ontology' | 'clock' | 'random' | 'settings'>

/** Jobs of an institution that are not over yet. */
const mostOpenJobs = 20

const zRows = {
  /** A file that was uploaded before. */
  upload: zId('upl').exactOptional(),
  /** The rows themselves, for a short list. */
  csv: z.string().min(1).max(60_000).exactOptional(),
}
const common = {
  requestId: zRequestId,
  /** Only checks: the job stops when every row was looked at, and can be started then. */
  dryRun: z.boolean().default(false),
}

const zFilter = z.strictObject({
  awardIds: z.array(zId('awd')).min(1).max(1000).exactOptional(),
  learnerIds: z.array(zId('lrn')).min(1).max(1000).exactOptional(),
  offeringId: zId('ofg').exactOptional(),
  moduleId: zSlug.exactOptional(),
  awardedFrom: z.iso.date().exactOptional(),
  awardedTo: z.iso.date().exactOptional(),
  state: z.enum(['valid', 'suspended', 'revoked', 'superseded']).exactOptional(),
  collected: z.boolean().exactOptional(),
  bulkJobId: zId('blk').exactOptional(),
})
/** What an edge parses of a filter of awards. */
export const zAwardFilter = zFilter

/** What an edge parses before it calls `orderBulkIssue`. Rows come from one place: a file, a text or the participants. */
export const zOrderBulkIssue = z.strictObject({
  ...common,
  offeringId: zId('ofg'),
  ...zRows,
  participants: z.enum(['passed', 'without-result']).exactOptional(),
  /** With participants `without-result`. */
  scorePercent: z.number().min(0).max(100).exactOptional(),
  enrolAs: z.strictObject({ targetGroup: z.enum(targetGroups), sector: zSlug }).exactOptional(),
})

/** Orders awards for many learners: reads and checks every row, then issues them unless it is a dry run. */
export async function orderBulkIssue(
  actor: Actor | undefined,
  { requestId, ...input }: z.output<typeof zOrderBulkIssue>,
  ports: OrderPorts,
): Promise<BulkJob> {
  const begun = await begin(actor, 'bulkIssue', 'orderBulkIssue', requestId, input, ports)
  if ('first' in begun) return begun.first
  const { offeringId, enrolAs, participants, scorePercent } = input
  const offering = await offeringOf(begun.tenant, offeringId, ports)
  const module = ports.ontology.modules.get(offering.moduleId)
  if (!module) throw new Error('an offering names a module the ontology in force does not have')
  if (enrolAs && !ports.ontology.sectors.has(enrolAs.sector)) {
    throw new Refusal('invalid_input', 'enrolAs.sector: is not in the ontology.', { field: 'enrolAs.sector' })
  }
  refuseUnlessOne(input, ['upload', 'csv', 'participants'])
  const needsScore = participants === 'without-result'
  if (needsScore !== (scorePercent !== undefined)) {
    throw wrong('scorePercent', 'goes with the participants without a result, and only with them.')
  }
  if (scorePercent !== undefined && scorePercent < module.passMarkPercent) {
    throw wrong('scorePercent', 'is below the pass mark of the module.')
  }
  // A result somebody else confirmed may become an award; one that a file states has no second pair of eyes.
  if (module.secondAssessor && participants !== 'passed') {
    throw new Refusal(
      'four_eyes_required',
      'This module asks for a second assessor: decide about graded runs instead, then issue to those who passed.',
      { field: 'participants' },
    )
  }
  const rows =
    participants === undefined
      ? { from: 'file' as const, file: await fileOf(actor, 'issue', input, ports) }
      : participants === 'passed'
        ? { from: 'passed' as const }
        : { from: 'without-result' as const, scorePercent: scorePercent ?? 0 }
  const { moduleId } = offering
  const order: BulkOrder = { kind: 'issue', offeringId, moduleId, rows, ...(enrolAs ? { enrolAs } : {}) }
  return begun.save(order, { startWhenRead: !input.dryRun })
}

/** What an edge parses before it calls `orderStatusChange`. */
export const zOrderStatusChange = z.strictObject({
  ...common,
  change: z.enum(statusChanges),
  /** `other` when absent. */
  reasonCode: z.enum(reasonCodes).exactOptional(),
  reason: zReason,
  where: zFilter,
})

/** Orders a change of status of all awards that fit. Refuses a filter that names nothing: that would be everybody. */
export async function orderStatusChange(
  actor: Actor | undefined,
  { requestId, ...input }: z.output<typeof zOrderStatusChange>,
  ports: OrderPorts,
): Promise<BulkJob> {
  const begun = await begin(actor, 'changeAwardStatus', 'orderStatusChange', requestId, input, ports)
  if ('first' in begun) return begun.first
  const { change, reasonCode = 'other', reason, where } = input
  refuseUnlessReasonOf(reasonsOf[change], reasonCode)
  refuseEverybody(where)
  const order: BulkOrder = { kind: 'status', change, reasonCode, reason, where }
  return begun.save(order, { startWhenRead: !input.dryRun })
}

/** What an edge parses before it calls `orderCorrections`. */
export const zOrderCorrections = z.strictObject({
  ...common,
  reasonCode: z.enum(reasonCodes).exactOptional(),
  reason: zReason,
  ...zRows,
  /** Where a row names its learner instead of its award. */
  offeringId: zId('ofg').exactOptional(),
})

/** Orders corrections, one a row of a file. */
export async function orderCorrections(
  actor: Actor | undefined,
  { requestId, ...input }: z.output<typeof zOrderCorrections>,
  ports: OrderPorts,
): Promise<BulkJob> {
  const begun = await begin(actor, 'changeAwardStatus', 'orderCorrections', requestId, input, ports)
  if ('first' in begun) return begun.first
  const { reasonCode = 'other', reason, offeringId } = input
  refuseUnlessReasonOf(correctionReasons, reasonCode)
  refuseUnlessOne(input, ['upload', 'csv'])
  if (offeringId) await offeringOf(begun.tenant, offeringId, ports)
  const file = await fileOf(actor, 'correct', input, ports)
  const order: BulkOrder = {
    kind: 'correct',
    reasonCode,
    reason,
    file,
    ...(offeringId ? { offeringId } : {}),
  }
  return begun.save(order, { startWhenRead: !input.dryRun })
}

/** What an edge parses before it calls `orderOffers`. */
export const zOrderOffers = z.strictObject({
  ...common,
  action: z.enum(['resend', 'cancel']),
  where: zFilter,
})

/** Orders that awards nobody has collected are offered again by mail, or that their offers end. */
export async function orderOffers(
  actor: Actor | undefined,
  { requestId, ...input }: z.output<typeof zOrderOffers>,
  ports: OrderPorts,
): Promise<BulkJob> {
  const begun = await begin(actor, 'bulkIssue', 'orderOffers', requestId, input, ports)
  if ('first' in begun) return begun.first
  const { action, where } = input
  refuseEverybody(where)
  return begun.save({ kind: 'offers', action, where }, { startWhenRead: !input.dryRun })
}

async function begin(
  actor: Actor | undefined,
  operation: Operation,
  name: string,
  requestId: string,
  input: object,
  ports: OrderPorts,
) {
  if (!actor) throw new Refusal('not_signed_in', 'Sign in first: this needs an access token.')
  const { tenant } = actor
  authorise(actor, operation, { tenant })
  const request = requestOf(actor, name, tenant, requestId, input)
  const save = (order: BulkOrder, more: { startWhenRead: boolean }) =>
    saveOrder(actor, order, { ...more, request }, ports)
  if (!(await ports.store.wasAnswered(request))) {
    await refuseTooManyJobs(tenant, ports)
    return { tenant, save }
  }
  // What was ordered the first time; the order given here is not looked at.
  const first = await save({ kind: 'offers', action: 'cancel', where: {} }, { startWhenRead: false })
  return { first }
}

async function refuseTooManyJobs(tenant: TenantTag, { store }: OrderPorts): Promise<void> {
  const { items } = await store.listBulkJobs(tenant, { limit: 100 })
  if (items.filter((job) => !isOver(job)).length < mostOpenJobs) return
  throw new Refusal(
    'quota_exceeded',
    `There are ${mostOpenJobs} jobs that are not over: finish or cancel some first.`,
  )
}

async function offeringOf(tenant: TenantTag, id: OfferingId, { store }: OrderPorts) {
  const offering = id.startsWith(`${tenant}-`) ? await store.findOffering(id) : undefined
  if (offering) return offering
  throw new Refusal('not_found', 'offeringId: there is no such offering.', { field: 'offeringId' })
}

async function fileOf(
  actor: Actor | undefined,
  kind: FileKind,
  { upload, csv }: { upload?: UploadId; csv?: string },
  ports: OrderPorts,
): Promise<BulkFile> {
  if (csv !== undefined) {
    // Loaded with the first file, and with it the library that reads tables.
    const { uploadRows } = await import('./upload-rows.ts')
    return uploadRows(actor, { kind, name: 'rows.csv', bytes: new TextEncoder().encode(csv) }, ports)
  }
  const file = upload?.startsWith(`${actor?.tenant}-`) ? await ports.store.findUpload(upload) : undefined
  if (!file)
    throw new Refusal(
      'not_found',
      'upload: there is none of this id; a job has read it, or it has run out: upload the file again.',
      {
        field: 'upload',
      },
    )
  if (file.kind !== kind) throw wrong('upload', 'was uploaded for something else.')
  return file
}

function refuseEverybody(where: object): void {
  if (Object.keys(where).length > 0) return
  throw wrong('where', 'names nothing: say which awards are meant.')
}

function refuseUnlessOne(input: object, names: readonly string[]): void {
  const given = names.filter((name) => name in input)
  if (given.length !== 1) throw wrong(names[0] ?? '', `give one of ${names.join(', ')}.`)
}

function wrong(field: string, problem: string): Refusal {
  return new Refusal('invalid_input', `${field}: ${problem}`, { field })
}
