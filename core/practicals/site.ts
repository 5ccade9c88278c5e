import type { Allowance } from './allowance.ts'
import type { ComputeSeconds } from './compute.ts'
import type { Architecture, Isolation, JobFiles, Queue } from './queue.ts'

/** One queue of a site: what a job may ask for there, and what the machine is. */
export interface SitePartition {
  name: string
  /** Most accelerators one job may have; absent where there are none. */
  gpus?: { type: string; count: number }
  /** Most processors one job may have; not limited by us when absent. */
  cpus?: number
  /** Most memory one job may have; the same. */
  memoryGiB?: number
  /** Longest time a job may ask for. */
  maxMinutes: number
  arch: Architecture
  /** How learners' programs are shut in there; absent: no job may start any. */
  box?: Box
  /** What no batch system tells: the kind of processor, and whether memory is held by the kernel or by looking. */
  machine: { cpu: string; limits: 'enforced' | 'watched' }
  /** What a GPU-hour costs, for a job without accelerators a core-hour; only compared between sites. */
  costPerHour: number
}

/**
 * `bwrap` of the nodes, or Apptainer with one image of the site, named by its digest. `none`: they are not shut
 * in, which only one's own machine may say.
 */
export type Box = 'bwrap' | 'none' | { image: string; sha256: string }

/** How a job is told of its box (`practicals/kit/box.ts`). */
export function boxEnvironment(box: Box): Record<string, string> {
  if (typeof box === 'string') return { SKA_BOX: box }
  return { SKA_BOX: 'apptainer', SKA_BOX_IMAGE: box.image, SKA_BOX_SHA256: box.sha256 }
}

/** How sensitive the data of a practical are; each class includes the ones before it. */
export const dataClasses = ['open', 'restricted', 'personal'] as const
export type DataClass = (typeof dataClasses)[number]

/** Most that may be reserved and used at a site. Seconds, because counters are whole numbers. */
export interface SiteCaps {
  /** By one learner in one offering. */
  perLearner: ComputeSeconds
  /** By all learners of one offering. */
  perCohort: ComputeSeconds
  /** By everybody, in one day (UTC). */
  perDay: ComputeSeconds
}

/** A span of time in a site's calendar; of all its partitions unless some are named. */
export type CalendarEntry = { from: Date; to: Date; partitions?: readonly string[] } & (
  | { kind: 'closed'; reason: string }
  /** The site keeps machines for the academy under this name: jobs of that time are sent into it. */
  | { kind: 'reserved'; reservation: string }
)

/** What the academy knows of a place where practicals run; from `SITES_FILE`, or this machine. */
export interface SiteProfile {
  name: string
  aiFactory: string
  /** `local` is this very machine: no evidence of an AI Factory. */
  environment: 'local' | 'site'
  adapter: 'local' | 'slurmrest' | 'firecrest'
  partitions: readonly SitePartition[]
  /** Whether work and grade jobs run under accounts that cannot touch each other. */
  separateAccounts: boolean
  /** `service`: one account for all learners' work. `individual`: the site wants one for each learner. */
  accountModel: 'individual' | 'service'
  /** Where learners read how they get an account of their own at the site. */
  accountPage?: string
  dataPolicy: {
    /** ISO 3166-1 alpha-2: where the machines stand. */
    country: string
    /** The most sensitive class of data that may be sent there. */
    accepts: DataClass
  }
  /** Absent where nothing is limited: one's own machine. */
  caps?: SiteCaps
  calendar: readonly CalendarEntry[]
  /** Ids of practicals the site lets in; all when absent. */
  practicals?: readonly string[]
  /** The reason why nothing may run there; `false` when the switch is off. */
  killSwitch: string | false
  /** A job that waits longer is given up. */
  maxPendingMinutes: number
  /** How soon a job is first asked for; later questions come further and further apart. */
  firstPollSeconds: number
}

/** `silent`: it has not answered in the time a page waits. */
export type SiteHealth = 'up' | 'down' | 'silent'

/** What a site sends when something has happened to its jobs. */
export interface SignedHint {
  /** Seconds since 1970, as they were sent. */
  timestamp: string
  signature: string
  body: string
}

/** A site with the ports to reach it. */
export interface Site {
  profile: SiteProfile
  queue: Queue
  files: JobFiles
  allowance: Allowance
  /** What the site signs its hints with, read anew each time; `undefined` when it sends none. */
  hintSecret?: () => string | undefined
  /**
   * Of a site whose secret only another process has: hands it a hint, which is looked at and, if it is rightly
   * signed, followed there. Answers whether it was.
   */
  takeHint?: (hint: SignedHint) => Promise<boolean>
  /** Whether it answers; asked at most every few seconds, and never waited for long. */
  health: () => Promise<SiteHealth>
}

/** Where practicals run. `local` is one of the sites. */
export interface Sites {
  /** Every site new attempts may be given to. */
  list(): readonly SiteProfile[]
  /** A site by name; also one that is no longer listed but may still have jobs. */
  find(name: string): Site | undefined
}

/** `sha256:` and hex of the image in which a partition shuts learners' programs in, where it uses one. */
export function imageDigestOf(
  profile: Pick<SiteProfile, 'partitions'>,
  partition: string,
  isolation: Isolation,
): string | undefined {
  const box = partitionOf(profile, partition)?.box
  return isolation === 'box' && typeof box === 'object' ? `sha256:${box.sha256}` : undefined
}

/** A partition of a site by name. */
export function partitionOf(
  profile: Pick<SiteProfile, 'partitions'>,
  name: string,
): SitePartition | undefined {
  return profile.partitions.find((partition) => partition.name === name)
}

/** Sites that never change while they are used. */
export function fixedSites(sites: readonly Site[]): Sites {
  return {
    list: () => sites.map(({ profile }) => profile),
    find: (name) => sites.find(({ profile }) => profile.name === name),
  }
}
