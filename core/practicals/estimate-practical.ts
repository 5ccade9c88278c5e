import * as z from 'zod'
import { type Actor, authorise } from '#core/access/operations.ts'
import { tenantOf } from '#core/ids.ts'
import { zId } from '#core/parse.ts'
import type { Ports } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import { isLive } from './attempt.ts'
import { attemptsLeft, nextStart } from './attempts-of-day.ts'
import { chooseSite, type SiteChoice } from './choose-site.ts'
import { addCompute, type ComputeSeconds, dayOf, leftOf } from './compute.ts'
import { startablePractical } from './dispatch-practical.ts'
import { type SiteOption, siteOptions } from './site-options.ts'
import type { Usage } from './usage.ts'

export const zEstimatePractical = z.strictObject({ offeringId: zId('ofg') })
export type EstimatePractical = z.output<typeof zEstimatePractical>

/** What a learner may know before starting: where it would run and why, how long it may wait, what it takes. */
export interface PracticalEstimate {
  /** Every partition, those that do not fit with the reason. */
  options: SiteOption[]
  /** Where it would run now; absent when nothing fits. */
  choice?: SiteChoice
  attemptsLeft: number
  /** When the next attempt may start, once those of the day are used. */
  nextStartAt?: Date
  /** An attempt is still under way. */
  underWay: boolean
  /** What is left of the learner's and the cohort's share at the chosen site; absent where nothing is limited. */
  left?: { learner: ComputeSeconds; cohort: ComputeSeconds }
}

/** Looks, promises nothing: others may start meanwhile. Refuses like `startPractical` where nothing could be started at all. */
export async function estimatePractical(
  actor: Actor | undefined,
  { offeringId }: EstimatePractical,
  ports: Pick<Ports, 'store' | 'ontology' | 'practicals' | 'sites' | 'clock'>,
): Promise<PracticalEstimate> {
  const learnerId = actor?.learnerId
  const tenant = tenantOf(offeringId)
  if (!tenant)
    throw new Refusal('not_found', 'offeringId: there is no such offering.', { field: 'offeringId' })
  authorise(actor, 'startPractical', { tenant, ...(learnerId ? { learnerId } : {}) })
  if (!learnerId) throw new Refusal('not_allowed', 'Only a learner can start a practical.')
  const { practical } = await startablePractical(learnerId, offeringId, ports)
  const attempts = await ports.store.attemptsOf(learnerId)
  const options = await siteOptions({ learnerId, offeringId, practical }, ports)
  const choice = chooseSite(options)
  const now = ports.clock.now()
  const next = nextStart(attempts, practical, now)
  const left = choice && (await leftAt(choice.option.site, learnerId, offeringId, ports))
  return {
    options,
    ...(choice ? { choice } : {}),
    attemptsLeft: attemptsLeft(attempts, practical, now),
    ...(next ? { nextStartAt: next } : {}),
    underWay: attempts.some((attempt) => attempt.practical.id === practical.id && isLive(attempt)),
    ...(left ? { left } : {}),
  }
}

async function leftAt(
  site: string,
  learnerId: NonNullable<Actor['learnerId']>,
  offeringId: EstimatePractical['offeringId'],
  { store, sites, clock }: Pick<Ports, 'store' | 'sites' | 'clock'>,
): Promise<PracticalEstimate['left']> {
  const caps = sites.find(site)?.profile.caps
  if (!caps) return undefined
  const usages = await store.usagesAt({ site, learnerId, offeringId, day: dayOf(clock.now()) })
  const rest = (cap: ComputeSeconds, { held, used }: Usage) => leftOf(cap, addCompute(held, used))
  return { learner: rest(caps.perLearner, usages.learner), cohort: rest(caps.perCohort, usages.cohort) }
}
