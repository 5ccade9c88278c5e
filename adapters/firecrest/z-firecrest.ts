import * as z from 'zod'
import type { JobHardware } from '#core/practicals/queue.ts'
import type { SlurmJob } from '../slurm/z-slurm.ts'

const zText = z
  .string()
  .max(10_000)
  .nullish()
  .transform((text) => text ?? '')
const zCount = z
  .number()
  .nullish()
  .transform((value) => value ?? undefined)
const zStatus = z.object({
  state: z.string().max(200),
  stateReason: zText,
  exitCode: zCount,
  interruptSignal: zCount,
})

const dateOf = (seconds: number | undefined) => (seconds ? new Date(seconds * 1000) : undefined)

/** `CANCELLED by 999` names the account that cancelled; the state is the first word. */
const wordOf = (state: string) => state.split(' ', 1)[0] ?? ''

const zJob = z
  .object({
    jobId: z.string().regex(/^\d{1,10}$/),
    name: zText,
    user: zText,
    partition: zText,
    status: zStatus,
    tasks: z
      .array(z.object({ status: zStatus }))
      .max(10_000)
      .nullish(),
    time: z.object({ start: zCount, end: zCount }),
  })
  .transform(({ status, tasks, time, ...job }): SlurmJob => {
    const word = wordOf(status.state)
    // The accounting is told late: a job may read PENDING while its first step runs.
    const runs = word === 'PENDING' && (tasks ?? []).some((task) => wordOf(task.status.state) === 'RUNNING')
    return {
      jobId: job.jobId,
      name: job.name,
      user: job.user,
      partition: job.partition,
      states: [runs ? 'RUNNING' : word],
      reason: status.stateReason,
      exit: { code: status.exitCode ?? 0, signal: status.interruptSignal ?? 0 },
      startedAt: dateOf(time.start),
      endedAt: dateOf(time.end),
      // FirecREST tells nothing of what a job was given.
      resources: '',
      devices: [],
    }
  })

export const zJobs = z.object({
  jobs: z
    .array(zJob)
    .max(100_000)
    .nullish()
    .transform((jobs) => jobs ?? []),
})
export const zSubmitted = z.object({ jobId: z.string().regex(/^[1-9]\d{0,9}$/) })
export const zMetadata = z.object({ jobs: z.array(z.object({ jobId: zText, script: zText })).nullish() })
export const zSystems = z.object({
  systems: z
    .array(
      z.object({
        name: zText,
        servicesHealth: z.array(z.object({ serviceType: zText, healthy: z.boolean().nullish() })).nullish(),
      }),
    )
    .max(1000),
})
export const zStat = z.object({
  output: z.object({ mode: z.number(), nlink: z.number(), size: z.number() }),
})
export const zTail = z.object({ output: z.object({ content: zText }) })

/** What a job asks of the scheduler; figures of our own configuration and practicals, never of a learner. */
export interface Directives {
  tasks: number
  cpus: number
  memoryMiB: number
  minutes: number
  gpus: { type: string; count: number } | undefined
  qos: string | undefined
}

/**
 * The job script with its directives: FirecREST has no other way to ask for time, processors and accelerators.
 * Throws when a figure is none, because a line of the script is made of it.
 */
export function scriptWith(
  script: string,
  { tasks, cpus, memoryMiB, minutes, gpus, qos }: Directives,
): string {
  const whole = (value: number) => {
    if (!Number.isSafeInteger(value) || value < 1) throw new Error('a directive of a job is no whole number')
    return value
  }
  const word = (text: string) => {
    if (!/^[A-Za-z0-9._-]{1,64}$/.test(text)) throw new Error('a directive of a job is no word')
    return text
  }
  const directives = [
    '--dependency=singleton',
    '--no-requeue',
    '--nodes=1',
    `--ntasks=${whole(tasks)}`,
    `--cpus-per-task=${whole(cpus / tasks)}`,
    `--mem=${whole(memoryMiB)}M`,
    `--time=${whole(minutes)}`,
    ...(gpus ? [`--gres=gpu:${word(gpus.type)}:${whole(gpus.count)}`] : []),
    ...(qos === undefined ? [] : [`--qos=${word(qos)}`]),
  ]
  const [first = '', ...rest] = script.split('\n')
  return [first, ...directives.map((directive) => `#SBATCH ${directive}`), ...rest].join('\n')
}

/** What the script a job was started with asked for, which is what its scheduler gave it. */
export function askedIn(script: string): Omit<JobHardware, 'cpu' | 'limits'> | undefined {
  const of = (name: string) => new RegExp(`^#SBATCH --${name}=(\\S+)$`, 'm').exec(script)?.[1]
  const tasks = Number(of('ntasks'))
  const each = Number(of('cpus-per-task'))
  const memory = Number(of('mem')?.replace(/M$/, ''))
  if (!(tasks > 0 && each > 0 && memory > 0)) return undefined
  const [, type, count] = /^gpu:([\w.-]+):(\d+)$/.exec(of('gres') ?? '') ?? []
  return {
    cores: tasks * each,
    memoryGiB: Math.round(memory / 10.24) / 100,
    ...(type === undefined ? {} : { gpuType: type }),
    gpus: Number(count ?? 0),
  }
}
