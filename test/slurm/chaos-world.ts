import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { systemClock } from '#adapters/node-platform/clock.ts'
import { type SlurmSite, slurmQueue } from '#adapters/slurm/queue.ts'
import { sqliteRecords } from '#adapters/sqlite/records.ts'
import { allowance } from '#core/practicals/allowance.ts'
import type { Practical } from '#core/practicals/practical.ts'
import { fixedSites } from '#core/practicals/site.ts'
import type { Json } from '#core/records.ts'
import { type World, world } from '#test/support/world.ts'
import { worldsOn } from '#test/support/world-engine.ts'
import { profileOf } from './real-site.ts'
import { withReference } from './site-world.ts'

/** What every server of one drill must agree on; goes from process to process as a file. */
export interface ChaosPlan {
  /** SQLite file that outlives the servers. */
  database: string
  site: SlurmSite
  /** Folder of the programs at the site. */
  programs: string
}

export interface ChaosWorld extends Omit<World, 'clock'> {
  clock: typeof systemClock
  practical: Practical
}

/** Small jobs, so that what is tried is the dispatch; any configuration. */
export const small = (practical: Practical): Practical => {
  const limits = { wallSeconds: 90, cpuSeconds: 60, memoryMiB: 192 }
  const resources = { cpus: 1, tasks: 1, memoryGiB: 0.25, minutes: 3 }
  const stage = <S extends Practical['grade']>(one: S): S => ({
    ...one,
    resources: { ...one.resources, ...resources },
    limits: { ...one.limits, ...limits },
  })
  return {
    ...withReference(practical),
    attemptsPerDay: 1000,
    work: stage(practical.work),
    grade: stage(practical.grade),
    parseConfiguration: (input) => input as Json,
  }
}

/** The academy on a database that others of it have used and will use, with its practical on the real Slurm. */
export async function chaosWorld({ database, site, programs }: ChaosPlan): Promise<ChaosWorld> {
  worldsOn(async (clock) => {
    const records = sqliteRecords(database, () => clock.now())
    return { records, close: () => records.close() }
  })
  const base = await world({ now: new Date().toISOString(), seed: randomUUID() })
  const found = base.practicals.find('inference-throughput')
  if (!found) throw new Error('the shipped practical is gone')
  const practical = small(found)
  const queue = slurmQueue({
    site,
    clock: systemClock,
    program: (_one, stage) => join(programs, `${stage}.ts`),
  })
  return {
    ...base,
    clock: systemClock,
    sites: fixedSites([
      {
        profile: profileOf(site),
        queue,
        files: queue.files,
        allowance: allowance(systemClock, 0.5),
        health: () => queue.health(),
      },
    ]),
    practical,
    practicals: { find: (id) => (id === practical.id ? practical : undefined) },
  }
}
