import type { Architecture, JobFiles, Queue } from './queue.ts'

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
}

/**
 * `bwrap` of the nodes, or Apptainer with one image of the site, named by its digest. `none`: they are not shut
 * in, which only one's own machine may say.
 */
export type Box = 'bwrap' | 'none' | { image: string; sha256: string }

/** How a job is told of its box (`practicals/box.ts`). */
export function boxEnvironment(box: Box): Record<string, string> {
  if (typeof box === 'string') return { SKA_BOX: box }
  return { SKA_BOX: 'apptainer', SKA_BOX_IMAGE: box.image, SKA_BOX_SHA256: box.sha256 }
}

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
  /** `sha256:` and hex of the image jobs run in, where the site uses one; jobs find it in `SKA_IMAGE_DIGEST`. */
  imageDigest?: string
}

/** A site with the ports to reach it. */
export interface Site {
  profile: SiteProfile
  queue: Queue
  files: JobFiles
}

/** Where practicals run. `local` is one of the sites. */
export interface Sites {
  /** Every site new attempts may be given to. */
  list(): readonly SiteProfile[]
  /** A site by name; also one that is no longer listed but may still have jobs. */
  find(name: string): Site | undefined
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
