import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '#core/ports.ts'
import {
  type Architecture,
  checkJob,
  type JobFiles,
  type JobRequest,
  type Queue,
  QueueError,
  type QueueJob,
} from '#core/practicals/queue.ts'
import { boxEnvironment, type SitePartition } from '#core/practicals/site.ts'
import { copyArtefact, readPlainFile, readTail } from './artefact.ts'
import { localBox } from './box.ts'
import { folderJournal, type JournalEntry } from './journal.ts'
import { findPrlimit, startTicks } from './limits.ts'
import { isSameProcess, signalGroup } from './process-group.ts'
import { hardware, type JobProcess, runJob } from './run-job.ts'

export interface LocalQueueOptions {
  /** Everything about jobs is kept below it. */
  folder: string
  clock: Clock
  /** The constant program of a practical's stage; `undefined` when there is none. */
  program(practical: { id: string; version: number }, stage: JobRequest['stage']): string | undefined
  /** Jobs at a time; one, so that measurements do not disturb each other. */
  slots?: number
  /** False leaves `prlimit` aside, as on Windows and macOS. */
  usePrlimit?: boolean
  /** From TERM to KILL; 5 s unless told. */
  graceMs?: number
  /** How learners' programs are shut in; what this machine can do unless told. */
  box?: SitePartition['box']
}

export interface LocalQueue extends Queue {
  files: JobFiles
  /** Ends what runs and stops starting jobs. The next start marks them as the site's failure. */
  stop(): Promise<void>
}

/**
 * Runs jobs as processes of this machine. Limits, but no isolation: the job has the rights of the server's
 * own account, so it is for one's own machine, never for a deployment others use.
 */
export function localQueue(options: LocalQueueOptions): LocalQueue {
  const { clock, slots = 1, usePrlimit = true, graceMs = 5000, box = localBox() } = options
  const journal = folderJournal(options.folder)
  const prlimit = usePrlimit ? findPrlimit() : undefined
  const waiting: { job: JobRequest; submittedAt: Date }[] = []
  const running = new Map<string, { process: JobProcess; ended: Promise<void> }>()
  /** What the journal did not take, as on a full disk: true for this process, lost to the next. */
  const unwritten = new Map<string, JournalEntry>()
  let stopping = false

  markOrphans()

  /** Jobs this server did not start, or lost with its memory: their secrets are gone, so they cannot go on. */
  function markOrphans(): void {
    for (const key of journal.keys()) {
      const entry = journal.read(key)
      if (!entry || entry.state === 'ended') continue
      if (entry.state === 'running' && isSameProcess(entry.pid, entry.startTicks))
        signalGroup(entry.pid, 'SIGKILL')
      write(key, ended(entry, { outcome: 'infrastructure', reason: 'NODE_FAIL' }))
    }
  }

  /** False when it could not be written; it counts all the same, and is tried again at the next look. */
  function write(key: string, entry: JournalEntry): boolean {
    try {
      journal.write(key, entry)
      unwritten.delete(key)
      return true
    } catch {
      unwritten.set(key, entry)
      return false
    }
  }

  function read(key: string): JournalEntry | undefined {
    if (!isKey(key)) return undefined
    const entry = unwritten.get(key)
    if (entry) write(key, entry)
    return entry ?? journal.read(key)
  }

  function ended(
    entry: JournalEntry,
    result: { outcome: QueueOutcome; reason: string; exitCode?: number },
  ): JournalEntry {
    const { submittedAt } = entry
    const facts = entry.state === 'running' ? { startedAt: entry.startedAt, hardware: entry.hardware } : {}
    return { state: 'ended', submittedAt, ...facts, endedAt: clock.now(), ...result }
  }

  function startWaiting(): void {
    while (!stopping && running.size < slots) {
      const next = waiting.shift()
      if (!next) return
      try {
        start(next.job, next.submittedAt)
      } catch {
        // A full disk, a folder gone: the site's fault, told like any other failed start.
        const pending: JournalEntry = { state: 'pending', submittedAt: next.submittedAt }
        write(next.job.key, ended(pending, { outcome: 'infrastructure', reason: 'LAUNCH_FAILED' }))
      }
    }
  }

  function start(job: JobRequest, submittedAt: Date): void {
    const pending: JournalEntry = { state: 'pending', submittedAt }
    const file = options.program(job.practical, job.stage)
    const workFolder = journal.workFolder(job.key)
    if (!file || !claim(job.key)) {
      write(job.key, ended(pending, { outcome: 'infrastructure', reason: 'LAUNCH_FAILED' }))
      return
    }
    if (job.artefactOf !== undefined) {
      const from = join(journal.workFolder(job.artefactOf), 'out')
      copyArtefact(from, join(workFolder, 'artefact'), job.limits.outputBytes)
    }
    const process = runJob({
      file,
      workFolder,
      logFolder: logsOf(job.key, job.stage),
      environment: { ...job.environment, ...(job.isolation === 'box' && box ? boxEnvironment(box) : {}) },
      secret: job.secret,
      limits: job.limits,
      prlimit,
      graceMs,
    })
    const ticks = startTicks(process.pid)
    const entry: JournalEntry = {
      state: 'running',
      submittedAt,
      startedAt: clock.now(),
      pid: process.pid,
      ...(ticks === undefined ? {} : { startTicks: ticks }),
      hardware: hardware(prlimit !== undefined),
    }
    const done = process.ended.then((result) => {
      running.delete(job.key)
      write(job.key, ended(entry, result))
      startWaiting()
    })
    running.set(job.key, { process, ended: done })
    // What is not in the journal would run on after a crash, and nobody would know of it.
    if (!write(job.key, entry)) process.stop('infrastructure')
  }

  const logsOf = (key: string, stage: JobRequest['stage']) => join(journal.logFolder(key), `log-${stage}`)

  /** Making a folder either works or fails, at once and for one only: a job cannot start twice. */
  function claim(key: string): boolean {
    try {
      mkdirSync(join(journal.logFolder(key), 'started'))
      return true
    } catch {
      return false
    }
  }

  return {
    requestsPer: { list: 0, get: 0, findByKey: 0 },

    async submit(job) {
      checkJob(job)
      checkResources(job)
      if (job.isolation === 'box' && !box)
        throw new QueueError('rejected', 'isolation: this machine has no box for learners’ programs')
      if (stopping) throw new QueueError('unavailable', 'the executor is stopping')
      if (!options.program(job.practical, job.stage))
        throw new QueueError('rejected', 'practical: has no such stage')
      const submittedAt = clock.now()
      if (journal.create(job, { state: 'pending', submittedAt })) {
        waiting.push({ job, submittedAt })
        startWaiting()
      }
      return { jobId: job.key, warnings: [] }
    },

    async get(jobId) {
      const entry = read(jobId)
      return entry ? toJob(jobId, entry) : 'unknown'
    },

    async list(jobIds) {
      return new Map(
        jobIds.flatMap((jobId) => {
          const entry = read(jobId)
          return entry ? [[jobId, toJob(jobId, entry)] as const] : []
        }),
      )
    },

    async findByKey(key, _since) {
      const entry = read(key)
      return entry ? [toJob(key, entry)] : []
    },

    async cancel(jobId) {
      const place = waiting.findIndex(({ job }) => job.key === jobId)
      const [removed] = place < 0 ? [] : waiting.splice(place, 1)
      if (removed) {
        const entry: JournalEntry = { state: 'pending', submittedAt: removed.submittedAt }
        write(jobId, ended(entry, { outcome: 'cancelled', reason: 'CANCELLED' }))
      }
      running.get(jobId)?.process.stop('cancelled')
    },

    async health() {
      return stopping ? 'down' : 'up'
    },

    files: {
      async read(key, name, maxBytes) {
        const safe = isKey(key) && /^[a-z0-9][a-z0-9._-]{0,63}$/.test(name)
        return safe ? readPlainFile(join(journal.workFolder(key), 'out', name), maxBytes) : undefined
      },
      async forget(key) {
        if (isKey(key) && !running.has(key)) journal.remove(key)
      },
      async workLogTail({ key }, maxBytes) {
        return isKey(key) ? readTail(join(logsOf(key, 'work'), 'stdout.log'), maxBytes) : undefined
      },
    },

    async stop() {
      stopping = true
      for (const { process } of running.values()) process.stop('infrastructure')
      await Promise.all([...running.values()].map(({ ended: done }) => done))
    },
  }
}

/**
 * This machine has no accelerator to give and one architecture. Processors and memory are what it has: a
 * practical still runs on a small laptop, only slower.
 */
function checkResources({ resources: { gpus, arch } }: JobRequest): void {
  if (gpus > 0) throw new QueueError('rejected', 'resources.gpus: this machine gives none')
  if (!arch.some((one) => one === architecture))
    throw new QueueError('rejected', 'resources.arch: is not that of this machine')
}

const nodeNames: Readonly<Record<string, Architecture>> = { x64: 'x86_64', arm64: 'aarch64' }
const architecture = nodeNames[process.arch]

type QueueOutcome = Extract<JournalEntry, { state: 'ended' }>['outcome']

const isKey = (text: string) => /^ska-[a-z2-7]{24}$/.test(text)

function toJob(key: string, entry: JournalEntry): QueueJob {
  const base = { jobId: key, key }
  switch (entry.state) {
    case 'pending':
      return { ...base, state: 'pending' }
    case 'running':
      return { ...base, state: 'running', startedAt: entry.startedAt, hardware: entry.hardware }
    case 'ended': {
      const { submittedAt: _unused, ...facts } = entry
      return { ...base, ...facts }
    }
  }
}
