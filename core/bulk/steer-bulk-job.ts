import * as z from 'zod'
import { type Actor, authorise } from '#core/access/operations.ts'
import type { AuditBody } from '#core/audit/audit.ts'
import { zReason } from '#core/awards/reasons.ts'
import { type BulkJobId, tenantOf } from '#core/ids.ts'
import { zId, zRequestId } from '#core/parse.ts'
import type { Ports } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import { type BulkJob, changesAwards, fileOf, isOver, started } from './bulk-job.ts'

type SteerPorts = Pick<Ports, 'store' | 'clock'>

/** What an edge parses before it steers a job. Steering is safe to repeat: who asks for what is so already is answered. */
export const zSteerBulkJob = z.strictObject({ requestId: zRequestId, jobId: zId('blk') })
type Steer = z.output<typeof zSteerBulkJob>
export const zRefuseBulkJob = z.strictObject({ ...zSteerBulkJob.shape, note: zReason.exactOptional() })

/** Starts a job that was checked; where the institution wants four eyes, it waits for a second registrar first. */
export async function startBulkJob(
  actor: Actor | undefined,
  { jobId }: Steer,
  ports: SteerPorts,
): Promise<BulkJob> {
  const fourEyes = await wantsFourEyes(jobId, ports)
  return steer(actor, jobId, 'bulk.start', ports, (job) => {
    if (job.state === 'running' || job.state === 'waiting') return undefined
    refuseUnless(job, ['checked'], 'started')
    if (job.counts.ready === 0) throw new Refusal('state_conflict', 'The job has no row that could be done.')
    return started(job, fourEyes, ports.clock.now())
  })
}

/** Stops after the rows that are being done; nothing is lost. */
export function pauseBulkJob(
  actor: Actor | undefined,
  { jobId }: Steer,
  ports: SteerPorts,
): Promise<BulkJob> {
  return steer(actor, jobId, 'bulk.pause', ports, (job) => {
    if (job.state === 'paused') return undefined
    refuseUnless(job, ['reading', 'running'], 'paused')
    return { state: 'paused', resumesTo: job.state === 'reading' ? 'reading' : 'running' }
  })
}

/** Goes on where it stopped; a change that nobody has approved waits where the institution wants four eyes by now. */
export async function resumeBulkJob(
  actor: Actor | undefined,
  { jobId }: Steer,
  ports: SteerPorts,
): Promise<BulkJob> {
  const fourEyes = await wantsFourEyes(jobId, ports)
  return steer(actor, jobId, 'bulk.resume', ports, (job) => {
    if (job.state === 'running' || job.state === 'reading') return undefined
    refuseUnless(job, ['paused'], 'resumed')
    const goesOn =
      job.resumesTo === 'reading' ? { state: 'reading' as const } : started(job, fourEyes, ports.clock.now())
    // Whoever worked on it may be gone: the next one begins at once, and rows are done once whoever does them.
    return { ...goesOn, resumesTo: undefined, lease: undefined }
  })
}

async function wantsFourEyes(jobId: BulkJobId, { store }: SteerPorts): Promise<boolean> {
  const tenant = tenantOf(jobId)
  return tenant !== undefined && (await store.institutionSettings(tenant)).fourEyes
}

/** Ends a job for good. What it has done stays done; what its file said of people goes. */
export async function cancelBulkJob(
  actor: Actor | undefined,
  { jobId }: Steer,
  ports: SteerPorts,
): Promise<BulkJob> {
  const job = await steer(actor, jobId, 'bulk.cancel', ports, (job) => {
    if (job.state === 'cancelled') return undefined
    if (isOver(job)) throw conflict(job, 'cancelled')
    return { state: 'cancelled', finishedAt: ports.clock.now() }
  })
  const file = fileOf(job.order)
  // Also when it is asked for again: the first time may have been cut off here.
  if (file) await ports.store.deleteUpload(file.upload)
  return job
}

/** A second registrar agrees, and the job runs. Refuses `not_allowed` to whoever ordered it. */
export function approveBulkJob(
  actor: Actor | undefined,
  { jobId }: Steer,
  ports: SteerPorts,
): Promise<BulkJob> {
  return steer(actor, jobId, 'bulk.approve', ports, (job, subject) => {
    if (job.state === 'running' && job.decidedBy === subject) return undefined
    refuseUnless(job, ['waiting'], 'approved')
    refuseFirst(job, subject)
    return { state: 'running', startedAt: job.startedAt ?? ports.clock.now(), decidedBy: subject }
  })
}

/** A second registrar says no, and why; nothing is done. */
export function refuseBulkJob(
  actor: Actor | undefined,
  { jobId, note }: z.output<typeof zRefuseBulkJob>,
  ports: SteerPorts,
): Promise<BulkJob> {
  return steer(actor, jobId, 'bulk.refuse', ports, (job, subject) => {
    if (job.state === 'cancelled' && job.decidedBy === subject) return undefined
    refuseUnless(job, ['waiting'], 'refused')
    refuseFirst(job, subject)
    return {
      state: 'cancelled',
      finishedAt: ports.clock.now(),
      decidedBy: subject,
      ...(note === undefined ? {} : { note }),
    }
  })
}

const tries = 20

/** Members that are `undefined` are taken away. */
type Change = { [Member in keyof BulkJob]?: BulkJob[Member] | undefined }

/** Reads, decides and writes on what was read; tries again when a worker was faster. */
async function steer(
  actor: Actor | undefined,
  id: BulkJobId,
  action: AuditBody['action'],
  { store }: SteerPorts,
  decide: (job: BulkJob, subject: string) => Change | undefined,
): Promise<BulkJob> {
  for (let attempt = 0; attempt < tries; attempt++) {
    const job = await readJob(actor, id, action, store)
    const subject = actor?.subject ?? ''
    const change = decide(job, subject)
    if (!change) return job
    const members = Object.entries({ ...job, ...change, version: job.version + 1 })
    const next = Object.fromEntries(members.filter(([, value]) => value !== undefined)) as unknown as BulkJob
    const detail = { from: job.state, to: next.state, ready: next.counts.ready, done: next.counts.done }
    if (await store.saveBulkJob(next, { action, by: subject, about: id, detail })) return next
  }
  throw new Refusal('storage_busy', 'Too many changes of one job at once; try again.')
}

async function readJob(
  actor: Actor | undefined,
  id: BulkJobId,
  action: AuditBody['action'],
  store: SteerPorts['store'],
): Promise<BulkJob> {
  const tenant = tenantOf(id)
  if (!tenant) throw new Refusal('not_found', 'There is no such record.')
  const job = await store.findBulkJob(id)
  const decides = action === 'bulk.approve' || action === 'bulk.refuse'
  const changes = job !== undefined && changesAwards(job.order)
  authorise(actor, decides ? 'approveChange' : changes ? 'changeAwardStatus' : 'bulkIssue', { tenant })
  if (!job) throw new Refusal('not_found', 'There is no such record.')
  return job
}

function refuseFirst({ createdBy }: BulkJob, subject: string): void {
  if (createdBy !== subject) return
  throw new Refusal('not_allowed', 'A second registrar decides: not the one who ordered it.')
}

function refuseUnless(job: BulkJob, states: readonly BulkJob['state'][], done: string): void {
  if (!states.includes(job.state)) throw conflict(job, done)
}

function conflict({ state }: BulkJob, done: string): Refusal {
  return new Refusal('state_conflict', `The job is ${state}: it cannot be ${done}.`)
}
