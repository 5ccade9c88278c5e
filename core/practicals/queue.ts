/**
 * The port to a batch system: one local executor, Slurm through its REST interface, others later. None of
 * them has an idempotency key, so the job's name is the key and `findByKey` settles what a lost answer left open.
 */
export interface Queue {
  /** Most requests one call puts to the site, so that whoever tracks many jobs can keep its rate; 0 where asking is free. */
  readonly requestsPer: { list: number; get: number; findByKey: number }
  /** Throws `QueueError`. The same key again answers the job that is already there where the site can tell. */
  submit(job: JobRequest): Promise<{ jobId: string; warnings: string[] }>
  /** `unknown`: the site has forgotten the job or never had it. */
  get(jobId: string): Promise<QueueJob | 'unknown'>
  /**
   * What the site tells now about these jobs, by job id, with one list call (per account) whatever their number.
   * A job that the list does not tell about, or tells about in a way that needs a closer look, is absent from the
   * answer; `get` then says whether it is known. Throws `QueueError`.
   */
  list(jobIds: readonly string[]): Promise<ReadonlyMap<string, QueueJob>>
  findByKey(key: string, since: Date): Promise<QueueJob[]>
  /** Idempotent; a job that has ended or is unknown is fine. */
  cancel(jobId: string): Promise<void>
  health(): Promise<'up' | 'down'>
}

/** What a finished job left behind. Separate from `Queue`, because batch systems return no files. */
export interface JobFiles {
  /**
   * One plain file of the `out` folder of the job with this key; `undefined` when it is absent, no plain file,
   * or larger than `maxBytes`. By key: whichever job with it really ran, its files are the ones.
   */
  read(key: string, name: string, maxBytes: number): Promise<Uint8Array | undefined>
  /**
   * Whether the folders of the job with this key can be looked into at all, so that what is absent there is gone and
   * not only out of sight. For sites where learners have accounts of their own.
   */
  canSee?(key: string): Promise<boolean>
  /**
   * The last bytes of what a work job has printed so far, also while it runs; `undefined` when there is nothing
   * to read. Never of a grade job: its output may tell hidden inputs.
   */
  workLogTail(job: { key: string; jobId: string }, maxBytes: number): Promise<Uint8Array | undefined>
  /**
   * Removes what is ours to remove of a job that has ended: its inputs, and where the job ran under our own account
   * all it left. What another account of the site wrote is the site's to clean (`docs/sites.md`). Nothing to forget
   * is fine.
   */
  forget(key: string): Promise<void>
}

export type Stage = 'work' | 'grade'

export interface JobRequest {
  /** `ska-` and 24 characters of base32: the job's name, and its idempotency key. */
  key: string
  stage: Stage
  /**
   * The learner's own account at the site, where the site wants one for each; of a `work` job only. Personal data:
   * never in a log, a message or the job's environment.
   */
  account?: string
  /** Name of a partition of the site. */
  partition: string
  /** The site's own reservation that the job is sent into. */
  reservation?: string
  /** Which constant program runs; nothing of the learner is part of a command line. */
  practical: { id: string; version: number }
  /** Names `SKA_…`; values of `[A-Za-z0-9._:/@+=-]`. Anything else travels in `inputs`. */
  environment: Record<string, string>
  /** Files laid into the job's folder before it starts; bytes arrive as they are. */
  inputs: { name: string; bytes: Uint8Array }[]
  /** The `out` folder of the ended job with this key is copied, plain files only, to `artefact/` before the start. */
  artefactOf?: string
  /** Reaches the job's own process on standard input or a file of its account; never environment or command line. */
  secret?: Uint8Array
  /** What is asked of the scheduler. A site that cannot give it refuses the job: it is never sent to wait for ever. */
  resources: JobResources
  /** What the program may use, finer than what a scheduler holds. */
  limits: JobLimits
  /**
   * `box`: the program starts programs of the learner, and finds in `SKA_BOX` how they are shut in (`bwrap`,
   * `apptainer`, or `none`, which only the local executor may say). A site without a box refuses the job.
   */
  isolation: Isolation
}

export type Isolation = 'none' | 'box'

export const architectures = ['x86_64', 'aarch64'] as const
export type Architecture = (typeof architectures)[number]

/** What a job asks of a machine: sites are chosen by it, and budgets reserved. All figures are of the whole job. */
export interface JobResources {
  /** Accelerators; 0 for none. */
  gpus: number
  /** Kinds of accelerator that will do, in the words of the sites; any kind when absent. */
  gpuTypes?: string[]
  /** Processors, a multiple of `tasks`. */
  cpus: number
  /** Processes started side by side. */
  tasks: number
  memoryGiB: number
  /** Time limit asked of the scheduler; `limits.wallSeconds` ends the program before it. */
  minutes: number
  /** Machines the programs run on, in the words of `uname -m`. */
  arch: Architecture[]
}

export interface JobLimits {
  wallSeconds: number
  cpuSeconds: number
  memoryMiB: number
  /** Standard output, standard error and files together. */
  outputBytes: number
  openFiles: number
  processes: number
}

export interface JobHardware {
  cpu: string
  cores: number
  memoryGiB: number
  gpuType?: string
  gpus: number
  /** `enforced` by the kernel or the batch system; `watched` from outside, which is weaker. */
  limits?: 'enforced' | 'watched'
}

/** Our words for how a job ended; each adapter maps its site's words to them. */
export const jobOutcomes = [
  'completed',
  'failed',
  'timeout',
  'out-of-memory',
  'output-limit',
  'cancelled',
  'infrastructure',
] as const
export type JobOutcome = (typeof jobOutcomes)[number]

interface JobBase {
  jobId: string
  key: string
}
/** Facts from our own question to the scheduler, never from the job. */
export type QueueJob =
  | (JobBase & { state: 'pending'; reason?: string })
  | (JobBase & { state: 'running'; startedAt: Date; hardware?: JobHardware })
  | (JobBase & {
      state: 'ended'
      outcome: JobOutcome
      /** The site's own word, for the log: `NODE_FAIL`, `NonZeroExitCode`. */
      reason: string
      exitCode?: number
      startedAt?: Date
      endedAt: Date
      hardware?: JobHardware
    })

export type QueueErrorKind = 'rejected' | 'auth' | 'unavailable' | 'unconfirmed'

/** `unconfirmed`: the request may have been heard; only a look by key can tell. */
export class QueueError extends Error {
  readonly kind: QueueErrorKind
  readonly code: number | undefined

  constructor(kind: QueueErrorKind, message: string, more: { code?: number; cause?: unknown } = {}) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause })
    this.name = 'QueueError'
    this.kind = kind
    this.code = more.code
  }
}

/** A user name as sites give them; also safe as the name of a folder. */
export const isAccountName = (text: string): boolean => /^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$/.test(text)

const keyShape = /^ska-[a-z2-7]{24}$/
const nameShape = /^SKA_[A-Z0-9_]{1,60}$/
const valueShape = /^[A-Za-z0-9._:/@+=-]{0,4096}$/
const fileShape = /^[a-z0-9][a-z0-9._-]{0,63}$/

/** Rules every adapter applies before it sends anything; throws `QueueError` `rejected`. */
export function checkJob(job: JobRequest): void {
  const no = (message: string): never => {
    throw new QueueError('rejected', message)
  }
  if (!keyShape.test(job.key)) no('key: has the wrong form')
  if (job.account !== undefined && (job.stage !== 'work' || !isAccountName(job.account)))
    no('account: has the wrong form')
  if (job.artefactOf !== undefined && !keyShape.test(job.artefactOf)) no('artefactOf: has the wrong form')
  for (const [name, value] of Object.entries(job.environment)) {
    if (!nameShape.test(name)) no('environment: a name is not allowed')
    if (!valueShape.test(value)) no(`environment.${name}: has a character that is not allowed`)
  }
  let bytes = 0
  for (const { name, bytes: content } of job.inputs) {
    if (!fileShape.test(name) || name === 'artefact' || name === 'out') no('inputs: a name is not allowed')
    bytes += content.length
  }
  if (bytes > 1024 * 1024) no('inputs: are larger than 1 MiB')
  const { cpus, tasks } = job.resources
  if (cpus < tasks || cpus % tasks !== 0) no('resources.cpus: must be a multiple of resources.tasks')
}
