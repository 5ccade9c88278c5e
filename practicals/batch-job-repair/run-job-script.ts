import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type BoxedEnd, type BoxVariables, boxKind, type Mount, placeOf, runBoxed } from '../kit/box.ts'
import { namesIn, readBelow } from '../kit/read-below.ts'
import { fileOfPattern, type JobScript, partition } from './job-script.ts'
import { type Shards, shardName } from './shards.ts'

/** One task of the array, as it ended. */
export interface TaskEnd extends BoxedEnd {
  task: number
  /** Results that appeared while it ran, and results of others that changed or went. */
  wrote: string[]
  touched: string[]
  /** End of its log; absent when the log could not be opened, as when its folder does not exist. */
  log?: string
}

export interface JobEnd {
  tasks: TaskEnd[]
  /** What stood in the folder of results at the end. */
  results: ReadonlyMap<string, string>
}

/** A task is over long before; what hangs must not hold the others up. */
const taskSeconds = 10
/** All tasks together: well under what a job of this practical is given, so that whoever runs it comes to its end. */
const arraySeconds = 80
/** So many hang, and the rest of the array is not started. */
const mostHanging = 2
const resultMaxBytes = 256 * 1024
const mostResults = 64
const logMaxBytes = 256 * 1024
const logTailCharacters = 2000

const software = fileURLToPath(new URL('software', import.meta.url))

/**
 * Does what a scheduler does with the script: one process per task, in the folder it was submitted from, with
 * the variables, the memory, the log and the numbers its options ask for; each in a box. Tasks run one after
 * another, so that it can be told which of them wrote what. `folder` must be new.
 */
export async function runJobScript(
  script: JobScript,
  shards: Shards,
  { folder, box, jobId }: { folder: string; box: BoxVariables; jobId: number },
): Promise<JobEnd> {
  const job = layOut(resolve(folder), script, shards)
  const tasks: TaskEnd[] = []
  let before = resultsIn(job)
  const startedAt = performance.now()
  const secondsLeft = () => arraySeconds - (performance.now() - startedAt) / 1000
  for (const task of script.options.array ?? [0]) {
    if (secondsLeft() <= 0) break
    const end = await runTask(script, task, {
      job,
      box,
      jobId,
      seconds: Math.min(taskSeconds, secondsLeft()),
    })
    const after = resultsIn(job)
    const names = [...new Set([...before.keys(), ...after.keys()])]
    const log = readBelow(job, end.logFile, logMaxBytes)
    tasks.push({
      task,
      exitCode: end.exitCode,
      ...(end.stopped ? { stopped: end.stopped } : {}),
      wrote: names.filter((name) => !before.has(name)),
      touched: names.filter((name) => before.has(name) && before.get(name) !== after.get(name)),
      ...(log ? { log: tailOf(log) } : {}),
    })
    before = after
    if (tasks.filter(({ stopped }) => stopped === 'wall-time').length >= mostHanging) break
  }
  return { tasks, results: before }
}

function layOut(folder: string, { text }: JobScript, { texts }: Shards): string {
  const job = join(folder, 'job')
  for (const part of ['shards', 'results']) mkdirSync(join(job, part), { recursive: true, mode: 0o700 })
  for (const [number, content] of texts.entries())
    writeFileSync(join(job, 'shards', shardName(number)), content)
  writeFileSync(join(job, 'job.sh'), text)
  return job
}

async function runTask(
  script: JobScript,
  task: number,
  { job, box, jobId, seconds }: { job: string; box: BoxVariables; jobId: number; seconds: number },
): Promise<BoxedEnd & { logFile: string }> {
  const { options } = script
  const kind = boxKind(box)
  const home: Mount = { from: job, to: '/job', writable: true }
  const tools: Mount = { from: software, to: '/software' }
  const inside = { job: placeOf(kind, home), software: placeOf(kind, tools) }
  const pattern = options.output ?? (options.array ? 'slurm-%A_%a.out' : 'slurm-%j.out')
  const names = { jobId, task, name: options.jobName }
  const logFile = fileOfPattern(pattern, names)
  const errorFile = options.error === undefined ? logFile : fileOfPattern(options.error, names)
  const program = {
    // Opened inside: outside, a link left by an earlier task would lead out of the box.
    command: [
      '/usr/bin/bash',
      '-c',
      'exec >"$1" </dev/null && { [ "$1" = "$2" ] && exec 2>&1 || exec 2>"$2"; } && exec /usr/bin/bash "$3"',
      'bash',
      logFile,
      errorFile,
      `${inside.job}/job.sh`,
    ],
    environment: environmentOf(script, task, jobId, inside),
    mounts: [
      tools,
      home,
      { from: join(job, 'results'), to: '/job/results', writable: true },
      { from: join(job, 'shards'), to: '/job/shards' },
      { from: join(job, 'job.sh'), to: '/job/job.sh' },
    ],
    workingDirectory: inside.job,
    limits: {
      wallSeconds: Math.min(seconds, (options.timeMinutes ?? partition.minutes) * 60),
      cpuSeconds: taskSeconds,
      memoryMiB: options.memoryMiB ?? partition.defaultMemoryMiB,
      bytesPerFile: 1024 * 1024,
      bytesInAll: 8 * 1024 * 1024,
      processes: 256,
      openFiles: 128,
    },
  }
  return { ...(await runBoxed(program, box)), logFile }
}

/** Names and meanings of Slurm; a variable is there only when what it tells was asked for. */
function environmentOf(
  { options }: JobScript,
  task: number,
  jobId: number,
  inside: { job: string; software: string },
): Record<string, string> {
  const { array, cpusPerTask, memoryMiB, jobName } = options
  return {
    PATH: '/usr/bin:/bin',
    HOME: inside.job,
    BASH_ENV: `${inside.software}/modules.sh`,
    SOFTWARE_ROOT: inside.software,
    SLURM_SUBMIT_DIR: inside.job,
    SLURM_JOB_ID: String(array ? jobId + task : jobId),
    SLURM_JOB_NAME: jobName,
    SLURM_JOB_PARTITION: partition.name,
    SLURM_NTASKS: '1',
    ...(array
      ? {
          SLURM_ARRAY_JOB_ID: String(jobId),
          SLURM_ARRAY_TASK_ID: String(task),
          SLURM_ARRAY_TASK_COUNT: String(array.length),
          SLURM_ARRAY_TASK_MIN: String(array[0]),
          SLURM_ARRAY_TASK_MAX: String(array.at(-1)),
        }
      : {}),
    ...(cpusPerTask === undefined ? {} : { SLURM_CPUS_PER_TASK: String(cpusPerTask) }),
    ...(memoryMiB === undefined ? {} : { SLURM_MEM_PER_NODE: String(memoryMiB) }),
  }
}

/**
 * Digests of what stands in the folder of results; what is no plain file of a fitting size is told as that, and of
 * a folder that a task has shut nothing is told.
 */
function resultsIn(job: string): Map<string, string> {
  const folder = join(job, 'results')
  return new Map(
    namesIn(folder, mostResults).map((name) => {
      const bytes = readBelow(folder, name, resultMaxBytes)
      return [name, bytes ? digest(bytes) : 'no plain file']
    }),
  )
}

export const digest = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex')

const tailOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('utf8').slice(-logTailCharacters)
