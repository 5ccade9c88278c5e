import * as z from 'zod'

/**
 * Versions of Slurm's REST interface whose shapes this adapter knows: v0.0.38 (numbers and names as they
 * are) and v0.0.42 to v0.0.45 (numbers and states wrapped). One decoder reads both.
 */
export const slurmVersions = ['v0.0.38', 'v0.0.42', 'v0.0.43', 'v0.0.44', 'v0.0.45'] as const
export type SlurmVersion = (typeof slurmVersions)[number]

/** A number, or `{set, infinite, number}`; absent, unset and infinite are `undefined`. */
const zNumber = z
  .union([
    z.number(),
    z.null(),
    z.object({
      set: z.boolean().optional(),
      infinite: z.boolean().optional(),
      number: z.number().optional(),
    }),
  ])
  .optional()
  .transform((value) => {
    if (typeof value !== 'object' || value === null) return value ?? undefined
    return value.set && !value.infinite ? value.number : undefined
  })
type DecodedNumber = z.output<typeof zNumber>

/** A state word, or several: `["RUNNING", "COMPLETING"]`. */
const zWords = z
  .union([z.string().max(100), z.array(z.string().max(100)).max(20)])
  .transform((value) => (typeof value === 'string' ? [value] : value))

/** How a process ended: an exit code, or a signal. */
interface SlurmExit {
  code: number
  signal: number
}

/** A raw wait status, or its parts written out; the accounting of v0.0.38 calls the signal `signal_id`. */
const zExit = z
  .union([
    z.number(),
    z.object({
      return_code: zNumber,
      signal: z.object({ id: zNumber, signal_id: zNumber }).nullish(),
    }),
  ])
  .optional()
  .transform((value): SlurmExit | undefined => {
    if (value === undefined) return undefined
    if (typeof value === 'number') return { code: (value >> 8) & 0xff, signal: value & 0x7f }
    return { code: value.return_code ?? 0, signal: value.signal?.id ?? value.signal?.signal_id ?? 0 }
  })

/** A job as slurmctld tells it, or as the accounting keeps it. */
export interface SlurmJob {
  jobId: string
  name: string
  user: string
  partition: string
  states: string[]
  reason: string
  exit: SlurmExit | undefined
  startedAt: Date | undefined
  endedAt: Date | undefined
  /** `cpu=1,mem=100M,node=1,gres/gpu=2`. */
  resources: string
  /** `gpu:h200:2(IDX:0-1)`; only while the job runs. */
  devices: string[]
}

const zText = z
  .string()
  .nullish()
  .transform((text) => text ?? '')
const zId = z.int().positive().transform(String)

/** 0 stands for "not yet". */
const dateOf = (seconds: DecodedNumber) => (seconds ? new Date(seconds * 1000) : undefined)

const zControllerJob = z
  .object({
    job_id: zId,
    name: zText,
    user_name: zText,
    partition: zText,
    job_state: zWords,
    state_reason: zText,
    exit_code: zExit,
    start_time: zNumber,
    end_time: zNumber,
    tres_alloc_str: zText,
    gres_detail: z.array(z.string().max(1000)).max(1000).nullish(),
  })
  .transform(
    (job): SlurmJob => ({
      jobId: job.job_id,
      name: job.name,
      user: job.user_name,
      partition: job.partition,
      states: job.job_state,
      reason: job.state_reason,
      exit: job.exit_code,
      startedAt: dateOf(job.start_time),
      endedAt: dateOf(job.end_time),
      resources: job.tres_alloc_str,
      devices: job.gres_detail ?? [],
    }),
  )

const zResource = z.object({ type: zText, name: zText, count: z.number().nullish() })

const zAccountedJob = z
  .object({
    job_id: zId,
    name: zText,
    user: zText,
    association: z.object({ user: zText }).nullish(),
    partition: zText,
    state: z.object({ current: zWords, reason: zText }),
    exit_code: zExit,
    time: z.object({ start: zNumber, end: zNumber }),
    tres: z.object({ allocated: z.array(zResource).max(100).nullish() }).nullish(),
  })
  .transform(
    (job): SlurmJob => ({
      jobId: job.job_id,
      name: job.name,
      user: job.user === '' ? (job.association?.user ?? '') : job.user,
      partition: job.partition,
      states: job.state.current,
      reason: job.state.reason,
      exit: accountedExit(job.state.current, job.exit_code),
      startedAt: dateOf(job.time.start),
      endedAt: dateOf(job.time.end),
      // Megabytes carry no unit here; written as slurmctld writes them.
      resources: (job.tres?.allocated ?? [])
        .map(({ type, name, count }) => {
          const kind = name === '' ? type : `${type}/${name}`
          return `${kind}=${count ?? 0}${type === 'mem' ? 'M' : ''}`
        })
        .join(','),
      devices: [],
    }),
  )

/** Slurm 22.05 (v0.0.38) tells every exit code as 0 here; a job that failed with 0 is one whose code is not known. */
function accountedExit(states: readonly string[], exit: SlurmExit | undefined): SlurmExit | undefined {
  const untold = states.includes('FAILED') && exit?.code === 0 && exit.signal === 0
  return untold ? undefined : exit
}

/** Errors are numbered by `error_number`, `error_code` or `errno`, sometimes by none. */
const zErrors = z
  .array(
    z.object({
      error_number: z.number().optional(),
      error_code: z.number().optional(),
      errno: z.number().optional(),
    }),
  )
  .max(100)
  .nullish()
  .transform((errors) =>
    (errors ?? []).flatMap((error) => error.error_number ?? error.error_code ?? error.errno ?? []),
  )

/** Numbers of the errors in any answer; none when it has no readable list. */
export function errorCodesIn(body: unknown): number[] {
  const read = z.object({ errors: zErrors }).safeParse(body)
  return read.success ? read.data.errors : []
}

/** Numbers of what went wrong with a signal, which newer versions tell with a 200; none in any other answer. */
export function killCodesIn(body: unknown): number[] {
  const read = z
    .object({
      status: z.array(z.object({ error: z.object({ code: z.number().nullish() }).nullish() })).max(100),
    })
    .safeParse(body)
  return read.success ? read.data.status.flatMap(({ error }) => error?.code || []) : []
}

const jobsPerAnswer = 100_000

export const zControllerJobs = z.object({ jobs: z.array(zControllerJob).max(jobsPerAnswer) })
export const zAccountedJobs = z.object({ jobs: z.array(zAccountedJob).max(jobsPerAnswer) })
/** When the list last changed, by the site's own clock; `undefined` where it does not say. */
export const zUpdated = z
  .object({ last_update: zNumber })
  .catch({ last_update: undefined })
  .transform(({ last_update }) => last_update)
/** `/jobs/state/`: nothing but states. */
export const zJobStates = z.object({
  jobs: z
    .array(
      z
        .object({ job_id: z.union([z.string().max(20), z.number()]).transform(String), state: zWords })
        .transform(({ job_id, state }) => ({ jobId: job_id, states: state })),
    )
    .max(jobsPerAnswer),
})
export const zSubmitted = z.object({ job_id: z.int().nullish(), errors: zErrors })

/** `ping: "UP"`, `pinged: "UP"` or `responding: true`, by version. */
export const zPings = z.object({
  pings: z
    .array(
      z
        .object({
          ping: z.string().optional(),
          pinged: z.string().optional(),
          responding: z.boolean().optional(),
        })
        .transform(
          ({ ping, pinged, responding }) => responding ?? (ping ?? pinged ?? '').toUpperCase() === 'UP',
        ),
    )
    .max(20),
})

/** What a job asks of the site, in our words. */
export interface SlurmRequest {
  script: string
  name: string
  partition: string
  reservation: string | undefined
  account: string | undefined
  qos: string | undefined
  tasks: number
  /** Of all tasks together. */
  cpus: number
  memoryMiB: number
  minutes: number
  gpus: { type: string; count: number } | undefined
  environment: Record<string, string>
  workingDirectory: string
  log: string
}

/** The body of a submit in the words of a version. Values are plain data; nothing is joined into the script. */
export function submitBody(version: SlurmVersion, job: SlurmRequest): object {
  const memoryPerCpu = Math.ceil(job.memoryMiB / job.cpus)
  const common = {
    name: job.name,
    partition: job.partition,
    ...(job.reservation === undefined ? {} : { reservation: job.reservation }),
    ...(job.account === undefined ? {} : { account: job.account }),
    ...(job.qos === undefined ? {} : { qos: job.qos }),
    tasks: job.tasks,
    cpus_per_task: job.cpus / job.tasks,
    // The same user and name never run at once.
    dependency: 'singleton',
    requeue: false,
    // Without it the job would run in the daemon's own directory.
    current_working_directory: job.workingDirectory,
    standard_output: job.log,
  }
  if (version === 'v0.0.38') {
    return {
      script: job.script,
      job: {
        ...common,
        ...(job.gpus ? { gres: `gpu:${job.gpus.type}:${job.gpus.count}` } : {}),
        memory_per_cpu: memoryPerCpu,
        time_limit: job.minutes,
        environment: job.environment,
      },
    }
  }
  const set = (number: number) => ({ set: true, infinite: false, number })
  return {
    job: {
      script: job.script,
      ...common,
      ...(job.gpus ? { tres_per_node: `gres/gpu:${job.gpus.type}:${job.gpus.count}` } : {}),
      nodes: '1',
      memory_per_cpu: set(memoryPerCpu),
      time_limit: set(job.minutes),
      environment: Object.entries(job.environment).map(([name, value]) => `${name}=${value}`),
    },
  }
}
