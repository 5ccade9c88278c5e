import { QueueError } from '#core/practicals/queue.ts'
import type { SlurmAnswer } from './rest-call.ts'
import { type SlurmJob, type SlurmVersion, zControllerJobs, zJobStates, zUpdated } from './z-slurm.ts'

/** Asks the site as one of its accounts; throws `QueueError`. */
type Ask = (path: string) => Promise<SlurmAnswer>

/** What one account's list was last seen to say. */
interface Seen {
  /** From when on a change counts as new, in seconds since 1970. */
  updated: number
  jobs: Map<string, SlurmJob>
}

/** More would make an address that servers refuse. */
const mostIdsInPath = 500
/** How far the site's clock may be from ours; only v0.0.38 has us guess at it. */
const clockSlackSeconds = 60

/**
 * Keeps up with an account's jobs by one list call, and spares what it can: the site is told since when we know
 * its jobs and answers 304 when nothing changed; newer versions are first asked for nothing but states.
 * Answers every job of the account that passes `ours`; throws `QueueError`.
 */
export function jobLister(
  version: SlurmVersion,
  {
    ask,
    now,
    ours,
    refuse,
  }: {
    ask: Ask
    now: () => Date
    ours: (job: SlurmJob) => boolean
    refuse: (answer: SlurmAnswer) => QueueError
  },
): (jobIds: readonly string[]) => Promise<ReadonlyMap<string, SlurmJob>> {
  const light = version !== 'v0.0.38'
  let seen: Seen | undefined
  /** False once the site said that it has no such question. */
  let tellsStates = light

  async function whole(): Promise<ReadonlyMap<string, SlurmJob>> {
    const asked = Math.floor(now().getTime() / 1000)
    const since = seen ? `?update_time=${seen.updated}` : ''
    const answer = await ask(`/slurm/${version}/jobs${light ? '/' : ''}${since}`)
    if (answer.status === 304 && seen) return seen.jobs
    if (answer.status !== 200) throw refuse(answer)
    const read = zControllerJobs.safeParse(answer.body)
    if (!read.success)
      throw new QueueError('unavailable', 'the site answered something that is no list of jobs')
    const mine = read.data.jobs.filter(ours)
    const updated = light ? zUpdated.parse(answer.body) : undefined
    seen = {
      updated: updated ?? asked - clockSlackSeconds,
      jobs: new Map(mine.map((job) => [job.jobId, job])),
    }
    return seen.jobs
  }

  /** Whether the site tells the same states of these jobs as the list we have. */
  async function unchanged(jobIds: readonly string[]): Promise<boolean> {
    const known = seen?.jobs
    if (!known || !tellsStates || jobIds.length > mostIdsInPath || jobIds.some((id) => !known.has(id)))
      return false
    const answer = await ask(`/slurm/${version}/jobs/state/?job_id=${jobIds.join(',')}`)
    if (answer.status === 404) tellsStates = false
    const read = zJobStates.safeParse(answer.body)
    if (answer.status !== 200 || !read.success) return false
    const states = new Map(read.data.jobs.map(({ jobId, states }) => [jobId, states.join()]))
    return jobIds.every((id) => states.get(id) === known.get(id)?.states.join())
  }

  return async (jobIds) => {
    if (seen && (await unchanged(jobIds))) return seen.jobs
    return whole()
  }
}
