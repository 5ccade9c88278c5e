import type { Ports } from '#core/ports.ts'
import { advance, type DrivePorts, type SiteNow, siteStateOf } from './advance-attempt.ts'
import { listJobs, type Sheet } from './ask-site.ts'
import { isLive, type LiveAttempt } from './attempt.ts'
import { inLanes } from './in-lanes.ts'

const attemptsPerRound = 200
/** Live jobs of one institution at one site that a list is compared with. */
const mostTracked = 1000
/** Attempts of a site that are moved side by side: a site that answers slowly is not waited for one by one. */
const lanes = 4

/**
 * Looks at every live attempt that is due, at every site. Safe to run at any time, twice at once, and after a crash
 * at any point: the stored state alone decides what happens next. Answers how many moved.
 */
export async function driveAttempts(ports: DrivePorts): Promise<number> {
  const names = await sitesToDrive(ports)
  const rounds = await Promise.allSettled(names.map((name) => driveSite(name, ports)))
  const failures = rounds.flatMap((round) => (round.status === 'rejected' ? [round.reason as unknown] : []))
  if (failures.length > 0) throw new AggregateError(failures, `${failures.length} sites could not be driven`)
  return rounds.reduce((sum, round) => sum + (round.status === 'fulfilled' ? round.value : 0), 0)
}

/** Every site that may have live attempts: those of the file, and those that were used and have left it. */
async function sitesToDrive({ sites, store }: Pick<Ports, 'sites' | 'store'>): Promise<string[]> {
  return [...new Set([...sites.list().map(({ name }) => name), ...(await store.sitesUsed())])]
}

/**
 * One round for one site: moves the attempts that are due. When one of them has a job at the site, the site is asked
 * with one list call about all live jobs there, and those of which it tells something new are moved too, due or not.
 * `hinted`: somebody says that something has happened there, so it is asked though nothing is due; its allowance
 * holds all the same. Answers how many moved.
 */
export async function driveSite(name: string, ports: DrivePorts, { hinted = false } = {}): Promise<number> {
  const due = await liveAt(name, ports.clock.now(), attemptsPerRound, ports)
  if (due.length === 0 && !hinted) return 0
  const site = ports.sites.find(name)
  if (!site) return moveAll(due, undefined, ports)
  const state = await siteStateOf(site, ports)
  const [sent, tracked] = await Promise.all([
    // A site that is slow to list its jobs must not hold up what is to be sent or collected.
    moveAll(
      due.filter(({ job }) => !job),
      { site, state },
      ports,
    ),
    trackJobs(
      { site, state },
      due.filter(({ job }) => job),
      hinted,
      ports,
    ),
  ])
  return sent + tracked
}

/**
 * Moves what is due at a site and has no job there: what is to be sent, collected or recorded. Asks nothing about
 * the jobs that are there. Answers how many moved.
 */
export async function sendDue(name: string, ports: DrivePorts): Promise<number> {
  const due = (await liveAt(name, ports.clock.now(), attemptsPerRound, ports)).filter(({ job }) => !job)
  const site = ports.sites.find(name)
  if (due.length === 0 || !site) return 0
  return moveAll(due, { site, state: await siteStateOf(site, ports) }, ports)
}

/** When the next live attempt at a site wants to be looked at; `undefined` when there is none. */
export async function earliestLook(name: string, ports: Pick<Ports, 'store'>): Promise<Date | undefined> {
  const next = (await liveAt(name, farFuture, 1, ports)).map(({ nextAt }) => nextAt.getTime())
  return next.length === 0 ? undefined : new Date(Math.min(...next))
}

/** Asks for all live jobs of a site, when one is due, and moves those that are and those that there is news of. */
async function trackJobs(
  { site, state }: SiteNow,
  due: readonly LiveAttempt[],
  hinted: boolean,
  ports: DrivePorts,
): Promise<number> {
  if (due.length === 0 && !hinted) return 0
  const all = await liveAt(site.profile.name, farFuture, mostTracked, ports)
  const sheet = await listJobs(site, jobIdsOf([...due, ...all]), { hinted })
  const isDue = new Set(due.map(({ id }) => id))
  const news = sheet ? all.filter((attempt) => !isDue.has(attempt.id) && isNews(attempt, sheet)) : []
  return moveAll([...due, ...news], { site, state, ...(sheet ? { sheet } : {}) }, ports)
}

const jobIdsOf = (attempts: readonly LiveAttempt[]) => [
  ...new Set(attempts.flatMap(({ job }) => job?.id ?? [])),
]

/** Whether a list says something else of an attempt's job than what was last heard. */
function isNews({ job }: LiveAttempt, sheet: Sheet): boolean {
  const told = job && sheet(job.id)
  if (!told || typeof told === 'string') return false
  if (told.state === 'ended') return true
  return told.state === 'running' && job.state === 'QUEUED'
}

/** Live attempts of every institution at a site, the longest waiting first, that are due by then. */
async function liveAt(
  name: string,
  until: Date,
  limit: number,
  { store }: Pick<Ports, 'store'>,
): Promise<LiveAttempt[]> {
  const tenants = await store.listInstitutions()
  const listed = await Promise.all(tenants.map(({ tag }) => store.dueAttempts(tag, name, until, limit)))
  return listed.flat()
}

async function moveAll(
  attempts: readonly LiveAttempt[],
  now: SiteNow | undefined,
  ports: DrivePorts,
): Promise<number> {
  let moved = 0
  const failures: unknown[] = []
  await inLanes(attempts, lanes, async ({ id }) => {
    try {
      // The list came through an index, which may lag: decide on the item itself.
      const attempt = await ports.store.findAttempt(id)
      if (attempt && isLive(attempt) && (await advance(attempt, now, ports))) moved++
    } catch (error) {
      // One attempt that cannot be moved must not hold up the others.
      failures.push(error)
    }
  })
  if (failures.length > 0)
    throw new AggregateError(failures, `${failures.length} attempts could not be moved`)
  return moved
}

const farFuture = new Date('9999-12-31T00:00:00.000Z')
