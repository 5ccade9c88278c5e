import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { type FirecrestSite, firecrestQueue } from '#adapters/firecrest/queue.ts'
import { type SlurmQueueOptions, type SlurmSite, slurmQueue } from '#adapters/slurm/queue.ts'
import type { Clock } from '#core/ports.ts'
import { allowance } from '#core/practicals/allowance.ts'
import type { Queue, Stage } from '#core/practicals/queue.ts'
import type { Site, SiteHealth, SiteProfile } from '#core/practicals/site.ts'
import { partitionsOf, profileOf } from './site-profile.ts'
import type { FirecrestEntry, RemoteEntry, SlurmrestEntry } from './site-shape.ts'

/** Whether this release has a program for a stage of a practical. */
export type HasProgram = (practical: { id: string }, stage: Stage) => boolean

/** A site of `SITES_FILE` with the adapter that reaches it. */
export function remoteSite(entry: RemoteEntry, clock: Clock, hasProgram: HasProgram): Site {
  const profile = profileOf(entry)
  const program = programAt(entry.folder, hasProgram)
  const hintSecret = () => secretIn(entry.webhookSecretFile)
  switch (entry.adapter) {
    case 'slurmrest': {
      const queue = slurmQueue({ site: slurmSiteOf(entry), clock, program })
      return { profile, queue, files: queue.files, hintSecret, ...watched(queue, profile, clock) }
    }
    case 'firecrest': {
      const queue = firecrestQueue({ site: firecrestSiteOf(entry), clock, program })
      return { profile, queue, files: queue.files, hintSecret, ...watched(queue, profile, clock) }
    }
  }
}

/** A file that is gone or too short is no secret: hints are refused until it is there again. */
function secretIn(file: string | undefined): string | undefined {
  if (file === undefined) return undefined
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    return undefined
  }
}

/** What stands between the academy and a site, whatever its adapter. */
const watched = (queue: Queue, { firstPollSeconds }: SiteProfile, clock: Clock) => ({
  allowance: allowance(clock, firstPollSeconds),
  health: quickHealth(queue, clock),
})

const healthKeptMs = 20_000
const healthWaitMs = 3000

/** Asks again when the last answer is 20 seconds old, and lets nobody wait longer than three. */
function quickHealth(queue: Queue, clock: Clock): () => Promise<SiteHealth> {
  let asked: { at: number; answer: Promise<SiteHealth> } | undefined
  return () => {
    const now = clock.now().getTime()
    if (!asked || now - asked.at > healthKeptMs) asked = { at: now, answer: queue.health() }
    return Promise.race([asked.answer, setTimeout(healthWaitMs, 'silent' as const, { ref: false })])
  }
}

/** What the Slurm adapter needs. */
export function slurmSiteOf(entry: SlurmrestEntry): SlurmSite {
  const { work, learners, grade } = entry.accounts
  return {
    ...reached(entry),
    apiVersion: entry.apiVersion,
    accounting: entry.accounting,
    accounts: { work: work ?? grade, grade },
    ...(learners ? { learners } : {}),
    folder: entry.folder,
  }
}

/** What the FirecREST adapter needs. */
export function firecrestSiteOf(entry: FirecrestEntry): FirecrestSite {
  return {
    ...reached(entry),
    system: entry.system,
    tokenUrl: entry.tokenAddress,
    accounts: entry.accounts,
    folder: entry.folder,
  }
}

/** What every way to a site needs. */
const reached = (entry: SlurmrestEntry | FirecrestEntry) => ({
  name: entry.name,
  url: entry.address,
  partitions: partitionsOf(entry),
  ...(entry.account === undefined ? {} : { account: entry.account }),
  ...(entry.qos === undefined ? {} : { qos: entry.qos }),
  nodeFile: entry.node,
})

/** The constant programs where a site's nodes find them; `functions/stage-site.ts` lays them there. */
export function programAt(folder: { there: string }, hasProgram: HasProgram): SlurmQueueOptions['program'] {
  return (practical, stage) =>
    hasProgram(practical, stage)
      ? join(folder.there, 'programs', 'practicals', practical.id, `${stage}.ts`)
      : undefined
}
