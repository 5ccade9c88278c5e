import { type Queue, QueueError, type QueueJob } from './queue.ts'
import type { RunEvent } from './run-events.ts'
import type { Site } from './site.ts'

/** What a site says of a job. `silent`: it cannot be asked; time goes on. `later`: it may not be asked yet. */
export type Told = QueueJob | 'unknown' | 'silent' | 'later'

/** What a site told in one round; `later` for every job it was not asked about. */
export type Sheet = (jobId: string) => Told

/**
 * Asks a site about all these jobs with one list call; `undefined` when it may not be asked for a list yet.
 * `hinted` asks though the last list is not long ago.
 */
export async function listJobs(
  { queue, allowance }: Pick<Site, 'queue' | 'allowance'>,
  jobIds: readonly string[],
  { hinted = false } = {},
): Promise<Sheet | undefined> {
  if (jobIds.length === 0) return undefined
  const { list: requests } = queue.requestsPer
  if (!(hinted ? allowance.mayAsk(requests) : allowance.mayList(requests))) return undefined
  const listed = await unlessSiteFails(() => queue.list(jobIds))
  return (jobId) => (listed ? (listed.get(jobId) ?? 'later') : 'silent')
}

/** Asks about one job the list was silent on. */
export async function askForJob(
  { queue, allowance }: Pick<Site, 'queue' | 'allowance'>,
  jobId: string,
): Promise<Told> {
  if (!allowance.mayAsk(queue.requestsPer.get)) return 'later'
  return (await unlessSiteFails(() => queue.get(jobId))) ?? 'silent'
}

/** What it means for a run. */
export function eventsOf(told: Told, at: Date): RunEvent[] {
  if (told === 'later') return []
  // A site that cannot be asked tells nothing about the job; time still passes.
  if (told === 'silent') return [{ type: 'tick', at }]
  if (told === 'unknown') return [{ type: 'unknown', at }]
  switch (told.state) {
    case 'pending':
      return [{ type: 'pending', at }]
    case 'running': {
      const { startedAt, hardware } = told
      return [{ type: 'running', at, startedAt, ...(hardware ? { hardware } : {}) }]
    }
    case 'ended': {
      const { outcome, reason, startedAt, endedAt, hardware } = told
      return [
        {
          type: 'ended',
          at,
          outcome,
          reason,
          endedAt,
          ...(startedAt ? { startedAt } : {}),
          ...(hardware ? { hardware } : {}),
        },
      ]
    }
  }
}

/**
 * Settles whether a job that may have been sent is there, by its key. Of several the one with the lowest id is
 * kept and the others are cancelled. `hold`: its site takes nothing now, so it must not be sent again. Lost answers
 * are few, so these questions are not taken from what tracking may ask.
 */
export async function resolveByKey(
  { queue }: Pick<Site, 'queue'>,
  run: { key: string; submittedAt: Date },
  at: Date,
  hold: boolean,
): Promise<RunEvent[]> {
  const found = await unlessSiteFails(async () =>
    (await queue.health()) === 'up' ? queue.findByKey(run.key, run.submittedAt) : undefined,
  )
  // Only an answer can say that there is no such job.
  if (!found) return [{ type: 'tick', at }]
  const [first, ...twins] = found.sort((a, b) => a.jobId.localeCompare(b.jobId, 'en', { numeric: true }))
  if (!first) return [{ type: 'not-found', at, ...(hold ? { hold } : {}) }]
  for (const twin of twins) await cancelJob(twin.jobId, queue)
  return [{ type: 'found', jobId: first.jobId, at }]
}

/** Cancels where the site can be asked; else it is tried again when the run is next due. */
export async function cancelJob(jobId: string, queue: Queue): Promise<void> {
  await unlessSiteFails(() => queue.cancel(jobId))
}

/** `undefined` when the site cannot be asked right now; it is asked again when the run is next due. */
async function unlessSiteFails<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof QueueError) return undefined
    throw error
  }
}
