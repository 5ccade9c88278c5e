import { createHash } from 'node:crypto'
import type { Clock } from '#core/ports.ts'
import { allowance } from '#core/practicals/allowance.ts'
import { type Manifest, signManifest } from '#core/practicals/manifest.ts'
import {
  checkJob,
  type JobHardware,
  type JobOutcome,
  type JobRequest,
  QueueError,
  type QueueErrorKind,
  type QueueJob,
} from '#core/practicals/queue.ts'
import type { Site, SiteProfile } from '#core/practicals/site.ts'

type PaperJob = { request: JobRequest; job: QueueJob }

/** A site on paper: jobs do what the test says, when it says it. Counts what it was asked. */
export interface PaperSite extends Site {
  jobs: Map<string, PaperJob>
  asked: Record<'submit' | 'list' | 'get' | 'findByKey' | 'cancel', number>
  /** The last job that was sent. */
  last(): string
  start(jobId: string, hardware?: JobHardware): void
  end(jobId: string, outcome?: JobOutcome): void
  /** What the job leaves is not there; `unseen`: as far as anybody can see. */
  loseWork(jobId: string, more?: { unseen?: true }): void
  /** The site no longer knows the job. */
  forget(jobId: string): void
  /** From now on every question fails so; `undefined` mends it. */
  fail(kind: QueueErrorKind | undefined): void
}

const artefact = Buffer.from('{}')

export function paperSite(name: string, clock: Clock, more: Partial<SiteProfile> = {}): PaperSite {
  const jobs = new Map<string, PaperJob>()
  const forgotten = new Set<string>()
  const lost = new Map<string, 'gone' | 'unseen'>()
  const asked = { submit: 0, list: 0, get: 0, findByKey: 0, cancel: 0 }
  let failing: QueueErrorKind | undefined
  let count = 0
  const ask = (what: keyof typeof asked) => {
    asked[what]++
    if (failing) throw new QueueError(failing, 'the site is told to fail')
  }
  const known = (jobId: string) => {
    const found = jobs.get(jobId)
    if (!found) throw new Error(`the site has no job ${jobId}`)
    return found
  }
  const byKey = (key: string) => [...jobs.values()].find((one) => one.request.key === key)
  return {
    profile: { ...paperProfile(name), ...more },
    allowance: allowance(clock, more.firstPollSeconds ?? paperProfile(name).firstPollSeconds),
    health: async () => (failing ? 'down' : 'up'),
    jobs,
    asked,
    last: () => [...jobs.keys()].at(-1) ?? '',
    start(jobId, hardware) {
      const { request } = known(jobId)
      const job: QueueJob = { jobId, key: request.key, state: 'running', startedAt: clock.now() }
      jobs.set(jobId, { request, job: { ...job, ...(hardware ? { hardware } : {}) } })
    },
    end(jobId, outcome = 'completed') {
      const { request, job } = known(jobId)
      const began = job.state === 'running' ? job : undefined
      jobs.set(jobId, {
        request,
        job: {
          jobId,
          key: request.key,
          state: 'ended',
          outcome,
          reason: outcome.toUpperCase(),
          ...(began ? { startedAt: began.startedAt } : {}),
          ...(began?.hardware ? { hardware: began.hardware } : {}),
          endedAt: clock.now(),
        },
      })
    },
    loseWork: (jobId, { unseen } = {}) => void lost.set(known(jobId).request.key, unseen ? 'unseen' : 'gone'),
    forget: (jobId) => void forgotten.add(jobId),
    fail(kind) {
      failing = kind
    },
    queue: {
      requestsPer: { list: 2, get: 4, findByKey: 4 },
      async submit(request) {
        ask('submit')
        checkJob(request)
        const there = byKey(request.key)
        if (there) return { jobId: there.job.jobId, warnings: [] }
        const jobId = String(++count)
        jobs.set(jobId, { request, job: { jobId, key: request.key, state: 'pending' } })
        return { jobId, warnings: [] }
      },
      async get(jobId) {
        ask('get')
        return forgotten.has(jobId) ? 'unknown' : (jobs.get(jobId)?.job ?? 'unknown')
      },
      async list(jobIds) {
        ask('list')
        const found = jobIds.flatMap((jobId) => {
          const job = forgotten.has(jobId) ? undefined : jobs.get(jobId)?.job
          return job ? [[jobId, job] as const] : []
        })
        return new Map(found)
      },
      async findByKey(key) {
        ask('findByKey')
        const found = byKey(key)
        return found && !forgotten.has(found.job.jobId) ? [found.job] : []
      },
      async cancel(jobId) {
        ask('cancel')
        const { request, job } = known(jobId)
        if (job.state === 'ended') return
        const began = job.state === 'running' ? { startedAt: job.startedAt } : {}
        const end = { outcome: 'cancelled' as const, reason: 'CANCELLED', endedAt: clock.now() }
        jobs.set(jobId, { request, job: { jobId, key: request.key, state: 'ended', ...began, ...end } })
      },
      health: async () => (failing ? 'down' : 'up'),
    },
    files: {
      async read(key) {
        const found = byKey(key)
        if (lost.has(key)) return undefined
        if (found?.job.state !== 'ended' || found.job.outcome !== 'completed') return undefined
        return found.request.stage === 'work' ? artefact : manifestOf(found)
      },
      canSee: async (key) => lost.get(key) !== 'unseen',
      workLogTail: async () => undefined,
      forget: async () => {},
    },
  }
}

/** What an honest grader would have signed. */
function manifestOf({ request, job }: PaperJob): Uint8Array {
  const secret = JSON.parse(Buffer.from(request.secret ?? []).toString()) as Record<string, string>
  const seconds = job.state === 'ended' ? job.endedAt.getTime() / 1000 : 0
  const manifest: Manifest = {
    iss: 'grade',
    attemptId: request.environment['SKA_ATTEMPT'] ?? '',
    runKey: request.key,
    nonce: secret['nonce'] ?? '',
    specHash: secret['specHash'] ?? '',
    graderSha256: secret['graderSha256'] ?? '',
    hardware: { cpu: 'paper', cores: 1, memoryGiB: 1 },
    artefactSha256: createHash('sha256').update(artefact).digest('hex'),
    sanity: [
      'configuration_unchanged',
      'artefact_reproduced',
      'answers_complete',
      'outputs_match_reference',
    ].map((name) => ({ name, held: true })),
    metrics: [{ name: 'tokens_per_second_ratio', value: 2, unit: '1' }],
    startedAt: seconds,
    endedAt: seconds,
  }
  return Buffer.from(signManifest(manifest, Buffer.from(secret['key'] ?? '', 'base64url')))
}

/** A small AI Factory that lets much run. */
export function paperProfile(name: string): SiteProfile {
  const much = { gpuSeconds: 1_000_000, coreSeconds: 1_000_000 }
  return {
    name,
    aiFactory: `AI Factory ${name}`,
    environment: 'site',
    adapter: 'slurmrest',
    partitions: [
      {
        name: 'gpu',
        gpus: { type: 'a100', count: 4 },
        cpus: 64,
        memoryGiB: 256,
        maxMinutes: 120,
        arch: 'x86_64',
        box: 'bwrap',
        machine: { cpu: 'paper', limits: 'enforced' },
        costPerHour: 1,
      },
    ],
    separateAccounts: true,
    accountModel: 'service',
    dataPolicy: { country: 'LU', accepts: 'open' },
    caps: { perLearner: much, perCohort: much, perDay: much },
    calendar: [],
    killSwitch: false,
    maxPendingMinutes: 1440,
    firstPollSeconds: 5,
  }
}
