import { join } from 'node:path'
import type { Clock } from '#core/ports.ts'
import { refuseMisfit } from '#core/practicals/fit.ts'
import {
  checkJob,
  type JobFiles,
  type JobRequest,
  type Queue,
  QueueError,
  type QueueJob,
  type Stage,
} from '#core/practicals/queue.ts'
import { partitionOf, type SitePartition } from '#core/practicals/site.ts'
import { circuit } from './circuit.ts'
import { jobEnvironment, jobScript } from './job-environment.ts'
import { explained, isDuplicate, toQueueJob } from './job-facts.ts'
import { jobLister } from './list-jobs.ts'
import { callRest, type RestCall, type SlurmAccount, type SlurmAnswer } from './rest-call.ts'
import { folderOf, type JobPlace, siteFolder } from './site-folder.ts'
import {
  errorCodesIn,
  killCodesIn,
  type SlurmJob,
  type SlurmRequest,
  type SlurmVersion,
  slurmVersions,
  submitBody,
  zAccountedJobs,
  zControllerJobs,
  zPings,
  zSubmitted,
} from './z-slurm.ts'

/** One site, reached through slurmrestd. */
export interface SlurmSite {
  name: string
  /** Without a path or trailing slash; https, or http on loopback. */
  url: string
  apiVersion: string
  /** Whether `/slurmdb` is served, so that jobs the controller has forgotten can still be found. */
  accounting: boolean
  partitions: readonly SitePartition[]
  account?: string
  qos?: string
  /** Two accounts of the site that cannot touch each other's files and processes. */
  accounts: Record<Stage, SlurmAccount>
  /**
   * Each learner's work runs under their own account, with the token in the file of this folder that is named as the
   * account is. `accounts.work` is not used then.
   */
  learners?: { tokenFolder: string }
  /** The shared folder as the academy sees it, and as the site's nodes do. */
  folder: { here: string; there: string }
  /** Node at the site. */
  nodeFile: string
}

export interface SlurmQueueOptions {
  site: SlurmSite
  clock: Clock
  /** The constant program of a practical's stage, as the site's nodes see it; `undefined` when there is none. */
  program: (practical: { id: string; version: number }, stage: Stage) => string | undefined
  timeoutMs?: number
}

export interface SlurmQueue extends Queue {
  files: JobFiles
}

const stages = ['work', 'grade'] as const

/** Throws, naming the version, when the adapter does not speak it. */
function parseSlurmVersion(text: string): SlurmVersion {
  const version = slurmVersions.find((known) => known === text)
  if (!version)
    throw new Error(
      `apiVersion: ${text.slice(0, 20)} is not spoken here; one of ${slurmVersions.join(', ')} is`,
    )
  return version
}

/** The `Queue` port over Slurm's REST interface. Jobs are found by their name; a submit is never repeated blindly. */
export function slurmQueue({ site, clock, program, timeoutMs }: SlurmQueueOptions): SlurmQueue {
  const version = parseSlurmVersion(site.apiVersion)
  const folder = siteFolder(site.folder.here)
  const rest = { url: site.url, now: () => clock.now(), ...(timeoutMs === undefined ? {} : { timeoutMs }) }
  const throughCircuit = circuit<SlurmAnswer>(rest.now, siteFailed)
  /** A learner's bad token looks like a site that fails: it must not cut off the others. */
  const ownCircuits = new Map<string, typeof throughCircuit>()
  function circuitOf({ user }: JobPlace): typeof throughCircuit {
    if (user === undefined) return throughCircuit
    if (ownCircuits.size > rememberedJobs) ownCircuits.clear()
    const own = ownCircuits.get(user) ?? circuit<SlurmAnswer>(rest.now, siteFailed)
    ownCircuits.set(user, own)
    return own
  }
  const { learners } = site
  const accountOf = ({ stage, user }: JobPlace): SlurmAccount =>
    user === undefined || !learners
      ? site.accounts[stage]
      : { user, tokenFile: join(learners.tokenFolder, user) }
  const ask = (place: JobPlace, call: RestCall) =>
    circuitOf(place)(() => callRest(rest, accountOf(place), call))
  /** The accounts that are asked when it is not known whose a job is. */
  const places: readonly JobPlace[] = (learners ? (['grade'] as const) : stages).map((stage) => ({ stage }))
  const slash = version === 'v0.0.38' ? '' : '/'
  const under = new Map<string, Promise<{ jobId: string; warnings: string[] }>>()
  /** Which account a job was last seen under; only saves a question. */
  const known = new Map<string, JobPlace>()
  const placeOf = (jobId: string): JobPlace | undefined =>
    known.get(jobId) ?? (learners ? folder.placeOfJob(jobId) : undefined)

  const lister = (stage: Stage) =>
    jobLister(version, {
      ask: (path) => ask({ stage }, { method: 'GET', path }),
      now: rest.now,
      // Where learners have accounts of their own, the grade account is shown their jobs too, if the site lets it.
      ours: ({ user, name }) =>
        (learners !== undefined || user === site.accounts[stage].user) && keyShape.test(name),
      refuse: (answer) => questionError(answer, errorCodesIn(answer.body)),
    })
  const listers = { work: lister('work'), grade: lister('grade') }

  async function submit(job: JobRequest): Promise<{ jobId: string; warnings: string[] }> {
    const file = program(job.practical, job.stage)
    if (!file) throw new QueueError('rejected', 'practical: has no such stage')
    const partition = partitionOf(site, job.partition)
    if (!partition) throw new QueueError('rejected', 'partition: is not one of the site')
    refuseMisfit(partition, job)
    if (job.stage === 'work' && (job.account !== undefined) !== (learners !== undefined))
      throw new QueueError('rejected', 'account: is not what the site asks for')
    if (job.account === site.accounts.grade.user)
      throw new QueueError('rejected', 'account: is the one that grades')
    if (!folder.lay(job)) {
      const [found] = await findByKey(job.key, longAgo())
      if (found) return { jobId: found.jobId, warnings: [] }
    }
    const place = folder.placeOf(job.key) ?? { stage: job.stage }
    if (place.user !== job.account)
      throw new QueueError('rejected', 'account: is another than the one the job was laid down for')
    const artefacts = job.artefactOf === undefined ? undefined : folder.placeOf(job.artefactOf)
    const folders = { own: folderOf(place), artefacts: folderOf(artefacts ?? { stage: 'work' }) }
    return send(place, requestFor(site, partition, job, file, folders))
  }

  async function send(
    place: JobPlace,
    request: SlurmRequest,
  ): Promise<{ jobId: string; warnings: string[] }> {
    const path = `/slurm/${version}/job/submit`
    const answer = await ask(place, { method: 'POST', path, body: submitBody(version, request) })
    const codes = errorCodesIn(answer.body)
    const read = zSubmitted.safeParse(answer.body)
    const id = read.success ? (read.data.job_id ?? 0) : 0
    if (answer.status !== 200 || id <= 0) throw submitError(answer, codes)
    const jobId = String(id)
    remember({ jobId, name: request.name }, place)
    if (codes.includes(impossible) && (await cancelledAtOnce(place, jobId))) {
      throw new QueueError('rejected', 'the partition can never run this job', { code: impossible })
    }
    // With a job id the job exists, whatever else the answer says.
    return { jobId, warnings: codes.map((code) => `slurm ${code}`) }
  }

  async function cancelledAtOnce(place: JobPlace, jobId: string): Promise<boolean> {
    try {
      await cancelAs(place, jobId)
      return true
    } catch (error) {
      if (error instanceof QueueError) return false
      throw error
    }
  }

  async function jobsAs(place: JobPlace, path: string, accounted = false): Promise<SlurmJob[]> {
    const answer = await ask(place, { method: 'GET', path })
    const codes = errorCodesIn(answer.body)
    // 2017: no such job, or one of another account. 9003: the accounting found nothing.
    if (codes.some((code) => code === noSuchJob || code === nothingFound)) return []
    if (answer.status !== 200) throw questionError(answer, codes)
    const read = (accounted ? zAccountedJobs : zControllerJobs).safeParse(answer.body)
    if (!read.success)
      throw new QueueError('unavailable', 'the site answered something that is no list of jobs')
    return read.data.jobs
      .filter(({ user }) => user === accountOf(place).user)
      .map((job) => explained(job, (key) => folder.noted(key)))
  }

  async function findJob(jobId: string): Promise<SlurmJob | undefined> {
    const hint = placeOf(jobId)
    // A learner's account has no other to be mistaken for.
    const order = hint?.user === undefined ? sorted(hint) : [hint]
    for (const place of order) {
      const found = await jobsAs(place, `/slurm/${version}/job/${jobId}`)
      const job = found.find((one) => one.jobId === jobId)
      if (job) return remember(job, place)
    }
    if (!site.accounting) return undefined
    for (const place of order) {
      const found = await jobsAs(place, `/slurmdb/${version}/job/${jobId}`, true)
      const job = found.find((one) => one.jobId === jobId)
      if (job) return remember(job, place)
    }
    return undefined
  }

  /** The likely account first. */
  function sorted(hint: JobPlace | undefined): JobPlace[] {
    return [...places].sort((a, b) => Number(b.stage === hint?.stage) - Number(a.stage === hint?.stage))
  }

  function remember<J extends Pick<SlurmJob, 'jobId' | 'name'>>(job: J, place: JobPlace): J {
    if (known.size > rememberedJobs) known.clear()
    if (place.user !== undefined && !known.has(job.jobId)) folder.noteJob(job.name, job.jobId)
    known.set(job.jobId, place)
    return job
  }

  async function jobsByKey(key: string, since: Date): Promise<SlurmJob[]> {
    const found = new Map<string, SlurmJob>()
    const own = folder.placeOf(key)
    for (const place of own ? [own] : places) {
      if (site.accounting) {
        const path = `/slurmdb/${version}/jobs${slash}?job_name=${key}&start_time=uts${accountedSince(since)}`
        for (const job of await jobsAs(place, path, true)) found.set(job.jobId, remember(job, place))
      }
      // The controller knows more of a job it still has, so its word comes last.
      const listed = await jobsAs(place, `/slurm/${version}/jobs${slash}`)
      for (const job of listed) if (job.name === key) found.set(job.jobId, remember(job, place))
    }
    return [...found.values()]
      .filter(({ name }) => name === key)
      .sort((a, b) => Number(a.jobId) - Number(b.jobId))
  }

  /** Before any job that may still matter. */
  const longAgo = () => new Date(clock.now().getTime() - 30 * 86_400_000)

  async function findByKey(key: string, since: Date): Promise<QueueJob[]> {
    if (!keyShape.test(key)) return []
    const jobs = (await jobsByKey(key, since)).map((job) => ({ job, duplicate: isDuplicate(job) }))
    // A duplicate did nothing, so it is not the job looked for as long as there is another.
    const real = jobs.filter(({ duplicate }) => !duplicate)
    return (real.length > 0 ? real : jobs).map(({ job }) => told(job))
  }

  const told = (job: SlurmJob): QueueJob =>
    toQueueJob(job, (partitionOf(site, job.partition) ?? site.partitions[0])?.machine ?? unknownMachine)

  /** The same; the secret of a job that has ended is taken away. */
  function tell(job: SlurmJob): QueueJob {
    const one = told(job)
    if (one.state === 'ended') folder.forgetSecret(one.key)
    return one
  }

  async function cancelAs(place: JobPlace, jobId: string): Promise<void> {
    const answer = await ask(place, { method: 'DELETE', path: `/slurm/${version}/job/${jobId}` })
    const refused = killCodesIn(answer.body)
    const codes = [...errorCodesIn(answer.body), ...refused]
    if (codes.some((code) => gone.has(code)) || (answer.status === 200 && refused.length === 0)) return
    throw questionError(answer, codes)
  }

  return {
    // For each account its states (newer versions) and its list. A job's facts come of controller and accounting,
    // of one account when the job was sent from here.
    requestsPer: {
      list: (version === 'v0.0.38' ? 1 : 2) * places.length,
      get: site.accounting ? 4 : 2,
      findByKey: site.accounting ? 2 : 1,
    },

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
      if (!job || !keyShape.test(job.name)) return 'unknown'
      if (isDuplicate(job)) {
        // Another job with this key did the work: its facts count.
        const [twin] = (await findByKey(job.name, longAgo())).filter((one) => one.jobId !== jobId)
        if (twin) return twin
      }
      return tell(job)
    },

    async list(jobIds) {
      const wanted = jobIds.filter((id) => idShape.test(id))
      const found = new Map<string, QueueJob>()
      for (const { stage } of places) {
        const here = wanted.filter((id) => learners || (known.get(id)?.stage ?? stage) === stage)
        if (here.length === 0) continue
        const listed = await listers[stage](here)
        for (const id of here) {
          const job = listed.get(id)
          const place = job && (placeOf(id) ?? { stage })
          if (!job || !place || job.user !== accountOf(place).user) continue
          // A duplicate's facts are those of another job: `get` looks for it.
          if (!isDuplicate(job)) found.set(id, tell(remember(job, place)))
        }
      }
      return found
    },

    findByKey,

    async cancel(jobId) {
      if (!idShape.test(jobId)) return
      const job = await findJob(jobId)
      if (job) await cancelAs(placeOf(jobId) ?? { stage: 'work' }, jobId)
    },

    async health() {
      try {
        const [place = { stage: 'work' as const }] = places
        const answer = await ask(place, { method: 'GET', path: `/slurm/${version}/ping${slash}` })
        const read = zPings.safeParse(answer.body)
        return answer.status === 200 && read.success && read.data.pings.includes(true) ? 'up' : 'down'
      } catch (error) {
        if (error instanceof QueueError) return 'down'
        throw error
      }
    },

    files: {
      read: async (key, name, maxBytes) => folder.read(key, name, maxBytes),
      canSee: async (key) => folder.canSee(key),
      forget: async (key) => folder.forget(key),
      workLogTail: async (job, maxBytes) => folder.workLogTail(job, maxBytes),
    },
  }
}

const unknownMachine = { cpu: 'unknown', limits: 'watched' } as const
const keyShape = /^ska-[a-z2-7]{24}$/
const idShape = /^[1-9]\d{0,9}$/
const rememberedJobs = 10_000
const noSuchJob = 2017
const nothingFound = 9003
/** Accepted, but no partition as it is configured can run it. */
const impossible = 2015
/** Unknown, or has ended: there is nothing left to cancel. */
const gone = new Set([2017, 2021])
/** The controller did not hear us, or we did not hear it. */
const unheard = new Set([1800, 5005, -1])

/** Seconds since 1970, an hour early for clocks that differ; Slurm takes none of the first days. */
const accountedSince = (since: Date) => Math.max(10_000_000, Math.floor(since.getTime() / 1000) - 3600)

/** An answer that says nothing but that the site is not well. */
function siteFailed({ status, body }: SlurmAnswer): boolean {
  return status >= 500 && errorCodesIn(body).every((code) => unheard.has(code))
}

function submitError({ status, body }: SlurmAnswer, codes: number[]): QueueError {
  const code = codes.find((one) => !unheard.has(one))
  const more = codes[0] === undefined ? {} : { code: code ?? codes[0] }
  if (status === 401) return new QueueError('auth', 'the site refuses the token', more)
  if (status === 404)
    return new QueueError('rejected', 'the site does not serve this version of its interface', more)
  // Turned away before anybody looked at it: it may be sent again, later.
  if (status === 429) return new QueueError('unavailable', 'the site asks us to wait', more)
  if (status >= 400 && status < 500)
    return new QueueError('rejected', 'the site does not take this request', more)
  // A number of Slurm's own says that the controller looked at the job and said no.
  if (code !== undefined && (status === 500 || status === 200))
    return new QueueError('rejected', 'the site refuses this job', more)
  const why = body === undefined ? 'the answer of the site cannot be read' : 'the site may not have heard'
  return new QueueError('unconfirmed', why, more)
}

function questionError({ status }: SlurmAnswer, codes: number[]): QueueError {
  const more = codes[0] === undefined ? {} : { code: codes[0] }
  if (status === 401) return new QueueError('auth', 'the site refuses the token', more)
  if (codes.includes(2002)) return new QueueError('rejected', 'the job belongs to another account', more)
  if (status === 404)
    return new QueueError('rejected', 'the site does not serve this version of its interface', more)
  if (status === 429) return new QueueError('unavailable', 'the site asks us to wait', more)
  if (status >= 400 && status < 500)
    return new QueueError('rejected', 'the site does not take this request', more)
  // -1 is told for a refused token and for a controller that is down alike.
  return new QueueError('unavailable', 'the site cannot answer now', more)
}

/** Everything that differs between jobs goes through the environment; the script is a constant. */
function requestFor(
  site: SlurmSite,
  partition: SitePartition,
  job: JobRequest,
  program: string,
  folders: { own: string; artefacts: string },
): SlurmRequest {
  const jobs = join(site.folder.there, 'jobs', folders.own)
  const { resources } = job
  return {
    script: jobScript,
    name: job.key,
    partition: partition.name,
    reservation: job.reservation,
    account: site.account,
    qos: site.qos,
    tasks: resources.tasks,
    cpus: resources.cpus,
    memoryMiB: resources.memoryGiB * 1024,
    minutes: resources.minutes,
    gpus:
      partition.gpus && resources.gpus > 0 ? { type: partition.gpus.type, count: resources.gpus } : undefined,
    environment: jobEnvironment(site, partition, job, program, folders),
    workingDirectory: jobs,
    log: join(jobs, `${job.key}.%j.log`),
  }
}
