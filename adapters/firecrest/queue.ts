import { join } from 'node:path'
import type { Clock } from '#core/ports.ts'
import { refuseMisfit } from '#core/practicals/fit.ts'
import {
  checkJob,
  type JobFiles,
  type JobHardware,
  type JobRequest,
  type Queue,
  QueueError,
  type QueueJob,
  type Stage,
} from '#core/practicals/queue.ts'
import { partitionOf, type SitePartition } from '#core/practicals/site.ts'
import { circuit } from '../slurm/circuit.ts'
import { jobEnvironment, jobScript } from '../slurm/job-environment.ts'
import { isDuplicate, toQueueJob } from '../slurm/job-facts.ts'
import type { SlurmJob } from '../slurm/z-slurm.ts'
import { questionError, siteFailed, submitError } from './errors.ts'
import { type FirecrestAnswer, type FirecrestCall, firecrestCaller } from './rest-call.ts'
import { siteFiles } from './site-files.ts'
import type { FirecrestAccount } from './token.ts'
import { askedIn, scriptWith, zJobs, zMetadata, zSubmitted, zSystems } from './z-firecrest.ts'

/** One system of a FirecREST v2, with Slurm behind it. */
export interface FirecrestSite {
  name: string
  /** Without a trailing slash; https, or http on loopback. */
  url: string
  /** The site's name for the machine: `/compute/{system}/jobs`. */
  system: string
  /** Token address of the site's identity provider. */
  tokenUrl: string
  partitions: readonly SitePartition[]
  account?: string
  qos?: string
  /** Two accounts of the site that cannot touch each other's files and processes. */
  accounts: Record<Stage, FirecrestAccount>
  /** The site's folder for the academy, below a file system FirecREST serves. */
  folder: { there: string }
  /** Node at the site. */
  nodeFile: string
}

export interface FirecrestQueueOptions {
  site: FirecrestSite
  clock: Clock
  /** The constant program of a practical's stage, as the site's nodes see it; `undefined` when there is none. */
  program: (practical: { id: string; version: number }, stage: Stage) => string | undefined
  timeoutMs?: number
}

const stages = ['work', 'grade'] as const
const keyShape = /^ska-[a-z2-7]{24}$/
const idShape = /^[1-9]\d{0,9}$/
const rememberedJobs = 10_000
/** A server that has just started does not know what the jobs it finds were given, and asks for few at a time. */
const mostCloserLooks = 2
/** The accounting behind FirecREST is told late: a job it does not know yet is not a lost one. */
const tellsWithinMs = 120_000

/** What is remembered of a job; all of it can be asked for again. */
interface Known {
  stage: Stage
  key?: string
  sentAt?: number
  asked?: Omit<JobHardware, 'cpu' | 'limits'>
}

/** The `Queue` port over FirecREST v2. Jobs are found by their name; a submit is never repeated blindly. */
export function firecrestQueue({ site, clock, program, timeoutMs }: FirecrestQueueOptions): Queue & {
  files: JobFiles
} {
  const { url, tokenUrl, system } = site
  const caller = (stage: Stage) =>
    firecrestCaller(
      { url, tokenUrl, clock, ...(timeoutMs === undefined ? {} : { timeoutMs }) },
      site.accounts[stage],
    )
  const callers = { work: caller('work'), grade: caller('grade') }
  const throughCircuit = circuit<FirecrestAnswer>(() => clock.now(), siteFailed)
  const ask = (stage: Stage, call: FirecrestCall) => throughCircuit(() => callers[stage](call))
  const files = siteFiles(system, site.folder.there, ask)
  const jobsPath = `/compute/${system}/jobs`
  const under = new Map<string, Promise<{ jobId: string; warnings: string[] }>>()
  const known = new Map<string, Known>()

  function remember(jobId: string, more: Known): void {
    if (known.size > rememberedJobs) known.clear()
    known.set(jobId, { ...known.get(jobId), ...more })
  }

  async function submit(job: JobRequest): Promise<{ jobId: string; warnings: string[] }> {
    const file = program(job.practical, job.stage)
    if (!file) throw new QueueError('rejected', 'practical: has no such stage')
    const partition = partitionOf(site, job.partition)
    if (!partition) throw new QueueError('rejected', 'partition: is not one of the site')
    refuseMisfit(partition, job)
    const body = requestFor(site, partition, job, file)
    if (!(await files.lay(job))) {
      const [found] = await findByKey(job.key, new Date(0))
      if (found) return { jobId: found.jobId, warnings: [] }
    }
    const answer = await ask(job.stage, { method: 'POST', path: jobsPath, json: body })
    const read = zSubmitted.safeParse(answer.body)
    if (answer.status !== 201 || !read.success) throw submitError(answer)
    const { jobId } = read.data
    const asked = askedIn(body.job.script)
    remember(jobId, {
      stage: job.stage,
      key: job.key,
      sentAt: clock.now().getTime(),
      ...(asked ? { asked } : {}),
    })
    return { jobId, warnings: [] }
  }

  async function jobsAs(stage: Stage, path: string): Promise<SlurmJob[]> {
    const answer = await ask(stage, { method: 'GET', path })
    if (answer.status === 404 && answer.message?.startsWith('Job not found')) return []
    const read = zJobs.safeParse(answer.body)
    if (answer.status !== 200 || !read.success) throw questionError(answer)
    return read.data.jobs.filter(({ user }) => user === site.accounts[stage].user)
  }

  async function findJob(jobId: string): Promise<SlurmJob | undefined> {
    const hint = known.get(jobId)?.stage ?? 'work'
    for (const stage of [hint, ...stages.filter((one) => one !== hint)]) {
      const found = (await jobsAs(stage, `${jobsPath}/${jobId}`)).find((job) => job.jobId === jobId)
      if (!found) continue
      remember(jobId, { stage })
      return named(found)
    }
    return undefined
  }

  /** Just after its start a job may be called `allocation`; its number says which one it is. */
  function named(job: SlurmJob): SlurmJob {
    const key = known.get(job.jobId)?.key
    return keyShape.test(job.name) || key === undefined ? job : { ...job, name: key }
  }

  async function findByKey(key: string, since: Date): Promise<QueueJob[]> {
    if (!keyShape.test(key)) return []
    const found: SlurmJob[] = []
    for (const stage of stages) {
      const window = windowFor(clock.now().getTime() - since.getTime())
      // Older servers know no `name` and tell every job of the account.
      for (const job of await jobsAs(stage, `${jobsPath}?name=${key}&time_window=${window}`)) {
        const one = named(job)
        if (one.name !== key) continue
        remember(one.jobId, { stage, key })
        found.push(one)
      }
    }
    // A duplicate did nothing, so it is not the job looked for as long as there is another.
    const real = found.filter((job) => !isDuplicate(job))
    return Promise.all((real.length > 0 ? real : found).map((job) => tell(job)))
  }

  /** `mayAsk`: whether one more question about this job alone is in order. */
  async function tell(job: SlurmJob, mayAsk: () => boolean = () => true): Promise<QueueJob> {
    const partition = partitionOf(site, job.partition) ?? site.partitions[0]
    const told = toQueueJob(job, partition?.machine ?? unknownMachine)
    if (told.state === 'pending') return told
    const asked = known.get(job.jobId)?.asked ?? (mayAsk() ? await askedFor(job.jobId) : undefined)
    const { machine = unknownMachine } = partition ?? {}
    return asked ? { ...told, hardware: { ...asked, ...machine } } : told
  }

  /** FirecREST does not tell what a job was given; the script it was started with says what it asked for. */
  async function askedFor(jobId: string): Promise<Known['asked']> {
    const { stage = 'work' } = known.get(jobId) ?? {}
    const answer = await ask(stage, { method: 'GET', path: `${jobsPath}/${jobId}/metadata` })
    const read = zMetadata.safeParse(answer.body)
    const script = read.success ? read.data.jobs?.find((job) => job.jobId === jobId)?.script : undefined
    const found = script === undefined ? undefined : askedIn(script)
    if (found) remember(jobId, { stage, asked: found })
    return found
  }

  async function forget(told: QueueJob): Promise<QueueJob> {
    if (told.state !== 'ended') return told
    try {
      await files.forgetSecret(known.get(told.jobId)?.stage ?? 'work', told.key)
    } catch (error) {
      // The job's end is told all the same.
      if (!(error instanceof QueueError)) throw error
    }
    return told
  }

  return {
    requestsPer: { list: 2 + mostCloserLooks, get: 4, findByKey: 2 },

    async submit(job) {
      checkJob(job)
      // Two callers in this process with the same key share one request.
      const sending = under.get(job.key) ?? submit(job).finally(() => under.delete(job.key))
      under.set(job.key, sending)
      return sending
    },

    async get(jobId) {
      if (!idShape.test(jobId)) return 'unknown'
      const job = await findJob(jobId)
      const { key, sentAt } = known.get(jobId) ?? {}
      if (!job) {
        const young = sentAt !== undefined && clock.now().getTime() < sentAt + tellsWithinMs
        return young && key !== undefined ? { jobId, key, state: 'pending' } : 'unknown'
      }
      if (job.name === 'allocation') return { jobId, key: '', state: 'pending', reason: 'allocation' }
      if (!keyShape.test(job.name)) return 'unknown'
      if (isDuplicate(job)) {
        // Another job with this key did the work: its facts count.
        const [twin] = (await findByKey(job.name, new Date(0))).filter((one) => one.jobId !== jobId)
        if (twin) return twin
      }
      return forget(await tell(job))
    },

    async list(jobIds) {
      const wanted = new Set(jobIds)
      const told = new Map<string, QueueJob>()
      let closerLooks = mostCloserLooks
      const mayAsk = () => closerLooks-- > 0
      const asked = stages.filter((stage) => jobIds.some((id) => (known.get(id)?.stage ?? stage) === stage))
      for (const stage of asked) {
        for (const job of await jobsAs(stage, `${jobsPath}?time_window=7d`)) {
          const one = named(job)
          if (!wanted.has(one.jobId) || !keyShape.test(one.name) || isDuplicate(one)) continue
          remember(one.jobId, { stage })
          told.set(one.jobId, await forget(await tell(one, mayAsk)))
        }
      }
      return told
    },

    findByKey,

    async cancel(jobId) {
      if (!idShape.test(jobId)) return
      const job = await findJob(jobId)
      if (!job) return
      const stage = known.get(jobId)?.stage ?? 'work'
      const answer = await ask(stage, { method: 'DELETE', path: `${jobsPath}/${jobId}` })
      // Ended or unknown by now: FirecREST answers 500 with what `scancel` said.
      const over = /already completing or completed|Invalid job id specified/.test(answer.message ?? '')
      if (answer.status < 300 || answer.status === 404 || (answer.status === 500 && over)) return
      throw questionError(answer)
    },

    async health() {
      try {
        const answer = await ask('work', { method: 'GET', path: '/status/systems' })
        const read = zSystems.safeParse(answer.body)
        const ours = read.success ? read.data.systems.find(({ name }) => name === system) : undefined
        const sick = ours?.servicesHealth?.some(
          (one) => one.serviceType === 'scheduler' && one.healthy === false,
        )
        return answer.status === 200 && ours && !sick ? 'up' : 'down'
      } catch (error) {
        if (error instanceof QueueError) return 'down'
        throw error
      }
    },

    files: {
      async read(key, name, maxBytes) {
        // A key belongs to one stage; the other account finds nothing under it.
        for (const stage of stages) {
          const bytes = await quietly(() => files.read(stage, key, name, maxBytes))
          if (bytes) return bytes
        }
        return undefined
      },
      async forget(key) {
        for (const stage of stages) await quietly(() => files.forget(stage, key))
      },
      workLogTail: (job, maxBytes) => quietly(() => files.workLogTail(job, maxBytes)),
    },
  }
}

const unknownMachine = { cpu: 'unknown', limits: 'watched' } as const

/** A site that cannot hand over a file now is asked again later. */
async function quietly<T>(look: () => Promise<T | undefined>): Promise<T | undefined> {
  try {
    return await look()
  } catch (error) {
    if (error instanceof QueueError) return undefined
    throw error
  }
}

/** The shortest look-back of FirecREST that covers an age, with an hour for clocks and slow accounting. */
function windowFor(ageMs: number): string {
  const hours = ageMs / 3_600_000 + 1
  return hours <= 8 ? '8h' : hours <= 24 ? '24h' : hours <= 72 ? '3d' : '7d'
}

/** FirecREST joins variables by commas on a command line, so none may hold one. */
function checked(environment: Record<string, string>): Record<string, string> {
  for (const value of Object.values(environment)) {
    if (!/^[A-Za-z0-9._:/@+=-]*$/.test(value))
      throw new QueueError('rejected', 'environment: has a character that is not allowed')
  }
  return environment
}

function requestFor(site: FirecrestSite, partition: SitePartition, job: JobRequest, program: string) {
  const { resources } = job
  const jobs = join(site.folder.there, 'jobs', job.stage)
  const script = scriptWith(jobScript, {
    tasks: resources.tasks,
    cpus: resources.cpus,
    memoryMiB: Math.ceil(resources.memoryGiB * 1024),
    minutes: resources.minutes,
    gpus:
      partition.gpus && resources.gpus > 0 ? { type: partition.gpus.type, count: resources.gpus } : undefined,
    qos: site.qos,
  })
  return {
    job: {
      name: job.key,
      workingDirectory: jobs,
      partition: partition.name,
      ...(site.account === undefined ? {} : { account: site.account }),
      ...(job.reservation === undefined ? {} : { reservation: job.reservation }),
      standardOutput: join(jobs, `${job.key}.%j.log`),
      env: checked(jobEnvironment(site, partition, job, program)),
      script,
    },
  }
}
