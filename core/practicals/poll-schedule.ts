import type { Random } from '#core/ports.ts'
import { patience } from './reduce.ts'
import type { Run } from './run.ts'
import type { Site } from './site.ts'

const longestSeconds = 60
/** A SUBMITTING run belongs to whoever is sending it; after this long nobody is. */
const submitLeaseSeconds = 20
/** How often it is looked whether a site that takes nothing takes something again. */
const closedSiteSeconds = 10

/**
 * When to look at a run again: soon after its last change, then further and further apart. Adding half of the time
 * that has gone by makes each pause half as long again as the one before (5 s, 7.5 s, 11.25 s … 60 s), with
 * nothing to remember. One fifth of jitter keeps jobs that were sent together from being asked for together.
 */
export function nextLook(run: Run, at: Date, site: Site | undefined, random: Pick<Random, 'bytes'>): Date {
  if (run.state === 'SUBMITTING') return after(at, submitLeaseSeconds)
  if (run.state === 'CREATED') return run.notBefore > at ? run.notBefore : after(at, closedSiteSeconds)
  const first = site?.profile.firstPollSeconds ?? longestSeconds
  const elapsed = Math.max(0, (at.getTime() - lastChange(run).getTime()) / 1000)
  // Where asking costs nothing nobody need wait for an answer.
  const growth = site?.queue.requestsPer.list === 0 ? 1 / 8 : 1 / 2
  const seconds = Math.min(longestSeconds, first + elapsed * growth)
  const [byte = 128] = random.bytes(1)
  const next = after(at, seconds * (0.8 + (0.4 * byte) / 255))
  if (run.state !== 'UNCONFIRMED') return next
  // The moment it may be sent again is not slept through.
  const again = after(run.submittedAt, patience.resubmitAfterSeconds)
  return again > at && again < next ? again : next
}

const after = (at: Date, seconds: number) => new Date(at.getTime() + seconds * 1000)

function lastChange(run: Run): Date {
  switch (run.state) {
    case 'RUNNING':
      // Of the site's clock and ours the later one.
      return new Date(Math.max(run.startedAt.getTime(), run.queuedAt.getTime()))
    case 'QUEUED':
      return run.queuedAt
    case 'STUCK':
    case 'LOST':
    case 'CANCELLING':
    case 'COLLECTING':
      return run.since
    case 'UNCONFIRMED':
      return run.submittedAt
    default:
      return run.createdAt
  }
}
