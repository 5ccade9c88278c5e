import type { LearnerId, OfferingId } from '#core/ids.ts'
import { type ComputeSeconds, withinCompute } from './compute.ts'
import type { SiteCaps } from './site.ts'

/** Reserved for live attempts, and used by ended jobs. Together they never pass a cap. */
export interface Usage {
  held: ComputeSeconds
  used: ComputeSeconds
}

/** Where seconds are counted: each of them on the learner (in the offering), the cohort, and the site's day. */
export interface UsagePlace {
  site: string
  offeringId: OfferingId
  learnerId: LearnerId
  /** `YYYY-MM-DD`, the day the seconds were reserved. */
  day: string
}

export const usageScopes = ['learner', 'cohort', 'day'] as const
export type UsageScope = (typeof usageScopes)[number]
export type Usages = Record<UsageScope, Usage>

/**
 * What changes at a place, written in the transaction that causes it. `caps` are held against when something is
 * reserved; settling and releasing always go through.
 */
export interface UsageChange {
  place: UsagePlace
  held: ComputeSeconds
  used: ComputeSeconds
  caps?: SiteCaps
  /** A job that ended, for the month's report. */
  ended?: { month: string; job: EndedJob }
}

/** What a month's report adds up. */
interface EndedJob {
  /** From start to end, whatever the job was given. */
  runSeconds: number
  /** Charged. */
  used: ComputeSeconds
  /** Used by jobs that the site broke or that were sent in vain: nobody is charged for it. */
  uncharged: ComputeSeconds
}

/** One line of the report: a site, an offering, a month. */
export interface MonthUsage extends EndedJob {
  month: string
  site: string
  offeringId: OfferingId
  jobs: number
}

/** The cap of a scope. */
function capOf(caps: SiteCaps, scope: UsageScope): ComputeSeconds {
  return { learner: caps.perLearner, cohort: caps.perCohort, day: caps.perDay }[scope]
}

/** The first scope in which a reservation would pass its cap; `undefined` when it fits. */
export function capPassed(
  usages: Usages,
  reserve: ComputeSeconds,
  caps: SiteCaps | undefined,
): UsageScope | undefined {
  if (!caps) return undefined
  return usageScopes.find((scope) => {
    const { held, used } = usages[scope]
    const after = {
      gpuSeconds: held.gpuSeconds + used.gpuSeconds + reserve.gpuSeconds,
      coreSeconds: held.coreSeconds + used.coreSeconds + reserve.coreSeconds,
    }
    // A unit the job does not use cannot stop it, however low its cap was set since.
    const cap = capOf(caps, scope)
    return !withinCompute(
      {
        gpuSeconds: reserve.gpuSeconds > 0 ? after.gpuSeconds : 0,
        coreSeconds: reserve.coreSeconds > 0 ? after.coreSeconds : 0,
      },
      cap,
    )
  })
}

export interface UsageStore {
  usagesAt(place: UsagePlace): Promise<Usages>
  /** Of one site and day, by everybody. */
  dayUsage(site: string, day: string): Promise<Usage>
  /** Of one cohort at a site. */
  cohortUsage(site: string, offeringId: OfferingId): Promise<Usage>
  /** Every line of a month's report (`YYYY-MM`). */
  monthUsage(month: string): Promise<MonthUsage[]>
  /** Seconds the last jobs have waited at a partition, oldest first; at most 15. */
  waitsAt(site: string, partition: string): Promise<number[]>
  /** Remembers one more wait. Losing one does no harm, so it settles nothing. */
  noteWait(site: string, partition: string, seconds: number): Promise<void>
  /** Every site that ever was given an attempt, also those that are no longer known. */
  sitesUsed(): Promise<string[]>
}
