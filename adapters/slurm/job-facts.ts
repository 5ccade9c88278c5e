import { type JobHardware, type JobOutcome, QueueError, type QueueJob } from '#core/practicals/queue.ts'
import type { SitePartition } from '#core/practicals/site.ts'
import type { SlurmJob } from './z-slurm.ts'

/** Exit codes of our own script; a program's own use of them is told as 1, so they cannot be borrowed. */
const scriptExits = {
  /** The job could not be set up: a folder, a copy. */
  siteFailed: 71,
  /** Another job with the same key has started before: this one did nothing. */
  duplicate: 75,
  /** The practical's own limit of wall time, finer than the site's minutes. */
  timeout: 124,
} as const

type MachineFacts = SitePartition['machine']

const waiting = new Set(['PENDING', 'CONFIGURING', 'REQUEUED', 'REQUEUE_FED', 'REQUEUE_HOLD', 'SPECIAL_EXIT'])
const underWay = new Set([
  'RUNNING',
  'COMPLETING',
  'SUSPENDED',
  'STOPPED',
  'SIGNALING',
  'STAGE_OUT',
  'RESIZING',
])
const final = [
  'COMPLETED',
  'FAILED',
  'TIMEOUT',
  'OUT_OF_MEMORY',
  'CANCELLED',
  'NODE_FAIL',
  'BOOT_FAIL',
  'PREEMPTED',
  'DEADLINE',
  'REVOKED',
  'LAUNCH_FAILED',
] as const
type FinalWord = (typeof final)[number]

/** Reads a job's state; a word nobody knows is answered like a site that cannot be asked, and time goes on. */
export function toQueueJob(job: SlurmJob, machine: MachineFacts): QueueJob {
  const base = { jobId: job.jobId, key: job.name }
  const hardware = hardwareOf(job, machine)
  // A job that is still being cleared away is not final, whatever else its state says.
  if (job.states.some((word) => underWay.has(word))) {
    if (!job.startedAt) return { ...base, state: 'pending', reason: job.reason }
    return { ...base, state: 'running', startedAt: job.startedAt, ...(hardware ? { hardware } : {}) }
  }
  if (job.states.some((word) => waiting.has(word))) return { ...base, state: 'pending', reason: job.reason }
  const word = final.find((known) => job.states.includes(known))
  if (!word) throw new QueueError('unavailable', 'the site answered a job state that is not known')
  const { outcome, reason, exitCode } = endOf(word, job)
  return {
    ...base,
    state: 'ended',
    outcome,
    reason,
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(job.startedAt ? { startedAt: job.startedAt } : {}),
    endedAt: job.endedAt ?? job.startedAt ?? new Date(0),
    ...(hardware ? { hardware } : {}),
  }
}

/** What our script noted beside a job's files. */
export interface Noted {
  jobId: string
  exitCode?: number
}

/** True when the job found that another one with its key had started, and did nothing. */
export function isDuplicate(job: SlurmJob): boolean {
  return job.states.includes('FAILED') && job.exit?.code === scriptExits.duplicate && job.exit.signal === 0
}

/**
 * The same job with an exit code its site did not tell, from our script's own note. A note may only explain a
 * failure; that the job failed is the scheduler's word.
 */
export function explained(job: SlurmJob, noted: (key: string) => Noted | undefined): SlurmJob {
  if (job.exit !== undefined || !job.states.includes('FAILED')) return job
  const note = noted(job.name)
  if (!note) return job
  const code = note.jobId === job.jobId ? note.exitCode : scriptExits.duplicate
  return code === undefined ? job : { ...job, exit: { code, signal: 0 } }
}

function endOf(
  word: FinalWord,
  { reason, exit }: SlurmJob,
): { outcome: JobOutcome; reason: string; exitCode?: number } {
  switch (word) {
    case 'COMPLETED':
      return { outcome: 'completed', reason: word, exitCode: exit?.code ?? 0 }
    case 'FAILED':
      return failure(reason === '' || reason === 'None' ? word : reason, exit)
    case 'TIMEOUT':
      return { outcome: 'timeout', reason: word }
    case 'OUT_OF_MEMORY':
      return { outcome: 'out-of-memory', reason: word }
    case 'CANCELLED':
      return { outcome: 'cancelled', reason: word }
    default:
      return { outcome: 'infrastructure', reason: word }
  }
}

/** From 4000 on Slurm means its own error, not a wait status: as a signal that is 32 to 63, which no program gets. */
function failure(reason: string, exit: SlurmJob['exit']) {
  if (!exit) return { outcome: 'failed' as const, reason }
  const { code, signal } = exit
  if (signal >= 32) return { outcome: 'infrastructure' as const, reason }
  if (signal > 0) return { outcome: 'failed' as const, reason }
  if (code === scriptExits.timeout) return { outcome: 'timeout' as const, reason: 'WALL_LIMIT' }
  if (code === scriptExits.siteFailed)
    return { outcome: 'infrastructure' as const, reason: 'JOB_SETUP_FAILED' }
  return { outcome: 'failed' as const, reason, exitCode: code }
}

/** What was really given: processors and memory from the allocation, devices while they are listed. */
function hardwareOf(job: SlurmJob, { cpu, limits }: MachineFacts): JobHardware | undefined {
  const given = new Map(
    job.resources.split(',').flatMap((part) => {
      const [name = '', value = ''] = part.split('=')
      return name === '' ? [] : [[name, value] as const]
    }),
  )
  const cores = Number(given.get('cpu') ?? Number.NaN)
  if (!Number.isFinite(cores)) return undefined
  const gpu = gpuOf(job.devices) ?? gpuInResources(given)
  return {
    cpu,
    cores,
    memoryGiB: Math.round(mebibytes(given.get('mem') ?? '') / 10.24) / 100,
    ...(gpu?.type ? { gpuType: gpu.type } : {}),
    gpus: gpu?.count ?? 0,
    limits,
  }
}

const units: Readonly<Record<string, number>> = { K: 1 / 1024, M: 1, G: 1024, T: 1024 * 1024 }

function mebibytes(text: string): number {
  const [, value, unit = 'M'] = /^(\d+(?:\.\d+)?)([KMGT])?$/.exec(text) ?? []
  return value === undefined ? 0 : Number(value) * (units[unit] ?? 1)
}

/** One entry per node: `gpu:h200:2(IDX:0-1)`, without a type `gpu:2(IDX:0-1)`. */
function gpuOf(devices: readonly string[]): { type?: string; count: number } | undefined {
  let count = 0
  let type: string | undefined
  for (const device of devices) {
    for (const [, kind, number] of device.matchAll(/gpu(?::([A-Za-z][\w.-]*))?:(\d+)\(/g)) {
      count += Number(number)
      type ??= kind
    }
  }
  return count === 0 ? undefined : { count, ...(type ? { type } : {}) }
}

function gpuInResources(given: ReadonlyMap<string, string>): { type?: string; count: number } | undefined {
  for (const [name, value] of given) {
    const [, type] = /^gres\/gpu(?::([\w.-]+))?$/.exec(name) ?? []
    if (name.startsWith('gres/gpu')) return { count: Number(value) || 0, ...(type ? { type } : {}) }
  }
  return undefined
}
