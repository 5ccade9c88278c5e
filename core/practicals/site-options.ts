import type { LearnerId, OfferingId } from '#core/ids.ts'
import type { Ports } from '#core/ports.ts'
import { closedWithin, reservationAt } from './calendar.ts'
import { addCompute, type ComputeSeconds, dayOf, reservedFor } from './compute.ts'
import { type Misfit, misfitOf } from './fit.ts'
import type { Practical } from './practical.ts'
import type { Stage } from './queue.ts'
import { dataClasses, type SitePartition, type SiteProfile } from './site.ts'
import type { SiteAccount } from './site-account.ts'
import type { SiteControl } from './site-control.ts'
import { capPassed, type UsageScope, type Usages } from './usage.ts'

/** Why an attempt cannot be given to a partition; what an operator said about it stands beside it. */
export type Exclusion =
  | { why: Misfit | 'practical' | 'data' }
  /** `state`: what is known of the learner's own account there, and where they get one. */
  | { why: 'account'; state: 'none' | 'stated'; page?: string }
  | { why: 'paused' | 'draining' | 'stopped'; reason: string }
  | { why: 'closed'; reason: string; until: Date }
  | { why: 'budget'; scope: UsageScope }

/** A partition an attempt may be given to, or why not. */
export interface SiteOption {
  site: string
  aiFactory: string
  environment: SiteProfile['environment']
  partition: string
  /** What is set aside while the attempt lives. */
  reserve: Record<Stage, ComputeSeconds>
  /** In the currency of the sites' files. */
  cost: number
  /** Median of what the last jobs have waited; absent where none has. */
  expectedWaitSeconds?: number
  /** Version of the learner's own account that work would run under, where the site wants one and knows it. */
  accountVersion?: number
  /** The site keeps machines free for the academy right now. */
  reserved: boolean
  excluded?: Exclusion
}

/** Who wants to run what. */
export interface ComputeNeed {
  learnerId: LearnerId
  offeringId: OfferingId
  practical: Pick<Practical, 'id' | 'work' | 'grade' | 'data'>
}

/** What is known of a site when an attempt is to be placed. */
interface SiteFacts {
  profile: SiteProfile
  control: Pick<SiteControl, 'state' | 'reason'>
  usages: Usages
  /** The learner's own account there; absent where none was stated. */
  account?: Pick<SiteAccount, 'state' | 'version'>
}

/** Every partition of every site, with what it would take and why it may not be. Reads, decides nothing. */
export async function siteOptions(
  need: ComputeNeed,
  ports: Pick<Ports, 'store' | 'sites' | 'clock'>,
): Promise<SiteOption[]> {
  const now = ports.clock.now()
  const profiles = ports.sites.list()
  const accounts = profiles.some(wantsOwnAccount) ? await ports.store.siteAccountsOf(need.learnerId) : []
  const found = await Promise.all(
    profiles.map(async (profile) => {
      const account = accounts.find(({ site }) => site === profile.name)
      const { learnerId, offeringId } = need
      const place = { site: profile.name, offeringId, learnerId, day: dayOf(now) }
      const [control, usages] = await Promise.all([
        ports.store.siteControl(profile.name),
        ports.store.usagesAt(place),
      ])
      return Promise.all(
        profile.partitions.map(async (partition) => {
          const waits = await ports.store.waitsAt(profile.name, partition.name)
          return optionAt(
            { profile, control, usages, ...(account ? { account } : {}) },
            partition,
            median(waits),
            need,
            now,
          )
        }),
      )
    }),
  )
  return found.flat()
}

/** One partition, judged. Pure. */
export function optionAt(
  { profile, control, usages, account }: SiteFacts,
  partition: SitePartition,
  expectedWaitSeconds: number | undefined,
  need: ComputeNeed,
  now: Date,
): SiteOption {
  const { work, grade } = need.practical
  const seconds = (work.resources.minutes + grade.resources.minutes) * 60
  const reserve = { work: reservedFor(work.resources), grade: reservedFor(grade.resources) }
  const both = addCompute(reserve.work, reserve.grade)
  const reserved = reservationAt(profile, partition.name, seconds, now) !== undefined
  const wait = reserved ? 0 : expectedWaitSeconds
  const excluded =
    notOpen(profile, control) ??
    notFitting(profile, partition, need) ??
    notTheirs(profile, account) ??
    notNow(profile, partition, (wait ?? 0) + seconds, now) ??
    notAffordable(profile, usages, both)
  return {
    site: profile.name,
    aiFactory: profile.aiFactory,
    environment: profile.environment,
    partition: partition.name,
    reserve,
    cost: (partition.costPerHour * (both.gpuSeconds + both.coreSeconds)) / 3600,
    ...(wait === undefined ? {} : { expectedWaitSeconds: wait }),
    ...(wantsOwnAccount(profile) && account ? { accountVersion: account.version } : {}),
    reserved,
    ...(excluded ? { excluded } : {}),
  }
}

/** The state that holds: the kill switch of the file is above what operators have set. */
export function stateOf(
  profile: Pick<SiteProfile, 'killSwitch'>,
  control: Pick<SiteControl, 'state' | 'reason'>,
): { state: SiteControl['state']; reason: string } {
  if (profile.killSwitch !== false) return { state: 'stopped', reason: profile.killSwitch }
  return { state: control.state, reason: control.reason ?? '' }
}

function notOpen(profile: SiteProfile, control: SiteFacts['control']): Exclusion | undefined {
  const { state, reason } = stateOf(profile, control)
  return state === 'open' ? undefined : { why: state, reason }
}

function notFitting(
  profile: SiteProfile,
  partition: SitePartition,
  { practical }: ComputeNeed,
): Exclusion | undefined {
  if (profile.practicals && !profile.practicals.includes(practical.id)) return { why: 'practical' }
  const asked = dataClasses.indexOf(practical.data ?? 'open')
  if (asked > dataClasses.indexOf(profile.dataPolicy.accepts)) return { why: 'data' }
  const misfit = misfitOf(partition, practical.work) ?? misfitOf(partition, practical.grade)
  return misfit && { why: misfit }
}

/** Learners' work runs under accounts of their own there. */
export const wantsOwnAccount = ({ accountModel }: Pick<SiteProfile, 'accountModel'>): boolean =>
  accountModel === 'individual'

function notTheirs(profile: SiteProfile, account: SiteFacts['account']): Exclusion | undefined {
  if (!wantsOwnAccount(profile) || account?.state === 'confirmed') return undefined
  const { accountPage: page } = profile
  return { why: 'account', state: account ? 'stated' : 'none', ...(page === undefined ? {} : { page }) }
}

function notNow(
  profile: SiteProfile,
  partition: SitePartition,
  seconds: number,
  now: Date,
): Exclusion | undefined {
  const closed = closedWithin(profile, partition.name, seconds, now)
  return closed && { why: 'closed', reason: closed.reason, until: closed.to }
}

function notAffordable(
  { caps }: SiteProfile,
  usages: Usages,
  reserve: ComputeSeconds,
): Exclusion | undefined {
  const scope = capPassed(usages, reserve, caps)
  return scope && { why: 'budget', scope }
}

/** The middle of a list of waits; `undefined` for none. */
export function median(values: readonly number[]): number | undefined {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const [low, high] = [sorted[middle - 1], sorted[middle]]
  if (high === undefined) return undefined
  return sorted.length % 2 === 1 || low === undefined ? high : (low + high) / 2
}
