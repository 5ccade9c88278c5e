import { type Actor, authorise } from '#core/access/operations.ts'
import type { OfferingId } from '#core/ids.ts'
import type { Offering } from '#core/offerings/offering.ts'
import type { Ports } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import { type Attempt, isLive } from './attempt.ts'
import { addCompute, type ComputeSeconds, leftOf } from './compute.ts'
import { resultOf, standingOverride, waitingOverride } from './override.ts'

/** What an assessor should look at, the most pressing first. */
export const attentions = [
  /** A decision waits for a second assessor. */
  'second-assessor',
  /** No reference for the place it ran at: a person decides. */
  'review',
  /** It passed, but an award was revoked before: a person decides. */
  'after-revocation',
  /** The grader's report did not match the run. */
  'integrity',
  /** A rule that must hold did not. */
  'sanity',
  'stuck',
  /** The site failed, not the learner. */
  'infrastructure',
] as const
export type Attention = (typeof attentions)[number]

export const runStandings = ['queued', 'running', 'passed', 'failed', 'review', 'void', 'cancelled'] as const
/** Where an attempt stands, in one word; what assessors decided counts. */
export type RunStanding = (typeof runStandings)[number]

export interface CohortRun {
  attempt: Attempt
  standing: RunStanding
  attention?: Attention
}

/** A cohort's runs, for assessors. */
export interface CohortBoard {
  offering: Offering
  counts: Record<RunStanding, number>
  /** What is left of the cohort's share, by site; sites without caps are left out. */
  quota: { site: string; cap: ComputeSeconds; left: ComputeSeconds }[]
  /** Exceptions first, then the newest. */
  runs: CohortRun[]
  /** There are more ended runs than are counted here. */
  cut: boolean
}

const mostEnded = 1000
const mostLive = 1000

/** Every run of a cohort; at most the last thousand ended ones. Refuses `not_found` for an offering there is none of. */
export async function cohortBoard(
  actor: Actor | undefined,
  offeringId: OfferingId,
  ports: Pick<Ports, 'store' | 'sites'>,
): Promise<CohortBoard> {
  const offering = await ports.store.findOffering(offeringId)
  if (!offering) throw new Refusal('not_found', 'There is no such record.')
  authorise(actor, 'readCohort', { tenant: offering.tenant })
  const [live, ended] = await Promise.all([
    liveOf(offering, ports),
    ports.store.endedAttempts(offeringId, { limit: mostEnded }),
  ])
  const attempts = [...live, ...ended.items].sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime())
  const decided = await decidedOtherwise(attempts, ports)
  const runs = standingsOf(attempts, decided)
  const counts = Object.fromEntries(
    runStandings.map((standing) => [standing, runs.filter((run) => run.standing === standing).length]),
  ) as CohortBoard['counts']
  return {
    offering,
    counts,
    quota: await quotaOf(offeringId, ports),
    runs: runs.sort((a, b) => urgency(a) - urgency(b)),
    cut: ended.cursor !== undefined,
  }
}

/** Each attempt with where it stands. `attempts` newest first; `decided`: reviews that a recorded result has settled. Pure. */
export function standingsOf(attempts: readonly Attempt[], decided: ReadonlySet<string>): CohortRun[] {
  const seen = new Set<string>()
  return attempts.map((attempt) => {
    const task = `${attempt.learnerId} ${attempt.practical.id}`
    const isNewest = !seen.has(task)
    seen.add(task)
    const standing = standingOf(attempt)
    const attention = attentionOf(attempt, isNewest, decided)
    return { attempt, standing, ...(attention ? { attention } : {}) }
  })
}

const urgency = ({ attention }: CohortRun) =>
  attention === undefined ? attentions.length : attentions.indexOf(attention)

/** Where an attempt stands. */
function standingOf(attempt: Attempt): RunStanding {
  switch (attempt.state) {
    case 'graded': {
      const { outcome } = resultOf(attempt)
      return outcome === 'needs-review' ? 'review' : outcome
    }
    case 'failed':
    case 'void':
    case 'cancelled':
      return attempt.state
    default:
      return attempt.job && attempt.job.state !== 'QUEUED' ? 'running' : 'queued'
  }
}

/** What a later attempt has put right needs nobody any more; a report that did not match is looked at all the same. */
function attentionOf(
  attempt: Attempt,
  isNewest: boolean,
  decided: ReadonlySet<string>,
): Attention | undefined {
  if (attempt.state === 'failed' && attempt.reason === 'integrity') return 'integrity'
  if (attempt.state === 'graded') {
    if (waitingOverride(attempt)) return 'second-assessor'
    if (!isNewest || standingOverride(attempt) || decided.has(attempt.id)) return undefined
    if (attempt.graded.outcome === 'needs-review') return 'review'
    if (attempt.recorded === 'after-revocation') return 'after-revocation'
    return attempt.graded.sanity.some(({ held }) => !held) ? 'sanity' : undefined
  }
  if (isLive(attempt)) return attempt.job?.state === 'STUCK' ? 'stuck' : undefined
  return attempt.state === 'void' && isNewest ? 'infrastructure' : undefined
}

async function liveOf({ id, tenant }: Offering, { store, sites }: Pick<Ports, 'store' | 'sites'>) {
  const names = new Set([...sites.list().map(({ name }) => name), ...(await store.sitesUsed())])
  const far = new Date('9999-12-31T00:00:00.000Z')
  const found = await Promise.all([...names].map((name) => store.dueAttempts(tenant, name, far, mostLive)))
  return found.flat().filter(({ offeringId }) => offeringId === id)
}

/** Runs a person decides about whose learner was given a result since. */
async function decidedOtherwise(
  attempts: readonly Attempt[],
  { store }: Pick<Ports, 'store'>,
): Promise<Set<string>> {
  const open = attempts.flatMap((attempt) =>
    attempt.state === 'graded' &&
    (attempt.graded.outcome === 'needs-review' || attempt.recorded === 'after-revocation')
      ? [attempt]
      : [],
  )
  const found = await Promise.all(
    open.map(async ({ id, learnerId, offeringId, endedAt }) => {
      const results = await store.assessmentsOf(learnerId)
      const since = results.some((one) => one.offeringId === offeringId && one.recordedAt >= endedAt)
      return since ? [id] : []
    }),
  )
  return new Set(found.flat())
}

async function quotaOf(
  offeringId: OfferingId,
  { store, sites }: Pick<Ports, 'store' | 'sites'>,
): Promise<CohortBoard['quota']> {
  const found = await Promise.all(
    sites.list().map(async ({ name, caps }) => {
      if (!caps) return []
      const { held, used } = await store.cohortUsage(name, offeringId)
      const cap = caps.perCohort
      return [{ site: name, cap, left: leftOf(cap, addCompute(held, used)) }]
    }),
  )
  return found.flat()
}
