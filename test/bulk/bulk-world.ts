import type { Actor } from '#core/access/operations.ts'
import type { BulkJob } from '#core/bulk/bulk-job.ts'
import { stepBulkJobs } from '#core/bulk/step-bulk-jobs.ts'
import type { BulkJobId } from '#core/ids.ts'
import type { Offering } from '#core/offerings/offering.ts'
import { type World, world } from '#test/support/world.ts'

export const enrolAs = { targetGroup: 'professionals', sector: 'manufacturing' } as const

export interface BulkWorld extends World {
  registrar: Actor
  course: Offering
  /** Works until nothing is left, as the worker of one process. */
  work(name?: string): Promise<void>
  job(id: BulkJobId): Promise<BulkJob>
}

/** The academy in memory with one registrar, one offering of many seats, and a worker. */
export async function bulkWorld(options: Parameters<typeof world>[0] = {}): Promise<BulkWorld> {
  const w = await world(options)
  const course = await w.offering({ seats: 10_000 })
  return {
    ...w,
    registrar: w.actor('registrar'),
    course,
    async work(name = 'worker-1') {
      while ((await stepBulkJobs(w, { name, slices: 5 })) > 0);
    },
    async job(id) {
      const job = await w.store.findBulkJob(id)
      if (!job) throw new Error('there is no such job')
      return job
    },
  }
}

/** A file of results of invented people, one a row. */
export function csvOf(count: number, more: { from?: number; columns?: string } = {}): string {
  const rows = Array.from({ length: count }, (_row, place) => {
    const number = place + (more.from ?? 0)
    return `s-${number},Given${number},Family${number},s-${number}@example.org,${60 + (number % 40)}`
  })
  return [more.columns ?? 'account,given_name,family_name,email,score_percent', ...rows].join('\n')
}
