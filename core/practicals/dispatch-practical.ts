import * as z from 'zod'
import { type Actor, authorise } from '#core/access/operations.ts'
import { type LearnerId, type OfferingId, tenantOf } from '#core/ids.ts'
import { zId, zRequestId, zShallowJson } from '#core/parse.ts'
import type { Ports } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import { requestOf } from '#core/requests.ts'
import { keptTrace } from '#core/trace.ts'
import { type Attempt, isLive } from './attempt.ts'
import { firstBudget, reserve } from './attempt-budget.ts'
import { nextStart } from './attempts-of-day.ts'
import { chooseSite, refuseAll } from './choose-site.ts'
import type { Practical } from './practical.ts'
import { type ComputeNeed, siteOptions } from './site-options.ts'
import { newRun, placeOf } from './step-attempt.ts'
import { supervisionAt } from './supervision.ts'

/** What an edge parses before it calls `startPractical`. */
export const zStartPractical = z.strictObject({
  requestId: zRequestId,
  offeringId: zId('ofg'),
  /** Checked by the practical's own shape. */
  configuration: zShallowJson,
})
export type StartPractical = z.output<typeof zStartPractical>

type DispatchPorts = Pick<
  Ports,
  'store' | 'ontology' | 'practicals' | 'sites' | 'signers' | 'clock' | 'random' | 'trace'
>

/**
 * Starts the practical of an offering for the learner who asks, at the site that fits best, with compute set
 * aside for it. Only writes the intention; the driver sends the job. Refuses `not_enrolled`,
 * `module_has_no_practical`, `practical_already_running`, `quota_exceeded`, `site_unavailable`, `budget_exceeded` and, for a configuration the practical does not take, `invalid_input`.
 */
export async function startPractical(
  actor: Actor | undefined,
  { requestId, ...input }: StartPractical,
  ports: DispatchPorts,
): Promise<Attempt> {
  const learnerId = actor?.learnerId
  const tenant = tenantOf(input.offeringId)
  if (!tenant)
    throw new Refusal('not_found', 'offeringId: there is no such offering.', { field: 'offeringId' })
  authorise(actor, 'startPractical', { tenant, ...(learnerId ? { learnerId } : {}) })
  if (!learnerId) throw new Refusal('not_allowed', 'Only a learner can start a practical.')

  const { practical, moduleId } = await startablePractical(learnerId, input.offeringId, ports)
  const configuration = practical.parseConfiguration(input.configuration)
  const request = requestOf(actor, 'startPractical', tenant, requestId, input)
  // Its own first time must not make a repeat look wrong.
  const answered = await ports.store.answeredAttempt(request)
  if (answered) return answered
  await refuseOverQuota(learnerId, practical, ports)

  const now = ports.clock.now()
  const need = { learnerId, offeringId: input.offeringId, practical }
  const { profile, ...where } = await place(need, ports)
  const statements = await ports.store.supervisionsOf(learnerId, input.offeringId)
  const supervision = supervisionAt(statements, now)
  const budget = firstBudget(practical, now)
  const base = {
    id: ports.random.id(tenant, 'att'),
    tenant,
    learnerId,
    offeringId: input.offeringId,
    moduleId,
    practical: {
      id: practical.id,
      version: practical.version,
      specHash: practical.specHash,
      graderSha256: practical.graderSha256,
    },
    ...where,
    budget,
    configuration,
    ...(supervision
      ? { supervision: { identity: supervision.identity, presence: supervision.presence } }
      : {}),
    createdAt: now,
    runNumber: 1,
    steps: 1,
    ...keptTrace(ports.trace),
    phases: [{ phase: 'created' as const, at: now }],
    version: 1,
  }
  const run = newRun(base, 'work', 1, ports)
  const attempt: Attempt = { ...base, runId: run.id, state: 'working', nextAt: now }
  return ports.store.saveAttemptOnce(request, attempt, run, reserve(attempt, budget, profile))
}

/** Where a new attempt goes; refuses `site_unavailable` and `budget_exceeded` when nothing fits. */
async function place(need: ComputeNeed, ports: DispatchPorts) {
  const options = await siteOptions(need, ports)
  const choice = chooseSite(options)
  const site = choice && ports.sites.find(choice.option.site)
  if (!choice || !site) throw refuseAll(options)
  return { ...placeOf(choice), profile: site.profile }
}

/** The practical a learner may start in an offering they are enrolled in; refuses with the reason why not. */
export async function startablePractical(
  learnerId: LearnerId,
  offeringId: OfferingId,
  ports: Pick<DispatchPorts, 'store' | 'ontology' | 'practicals' | 'clock'>,
): Promise<{ practical: Practical; moduleId: string }> {
  const enrolment = await ports.store.findEnrolment(learnerId, offeringId)
  const offering = await ports.store.findOffering(offeringId)
  if (!offering)
    throw new Refusal('not_found', 'offeringId: there is no such offering.', { field: 'offeringId' })
  if (!enrolment) throw new Refusal('not_enrolled', 'You are not enrolled in this offering.')
  if (offering.endsOn < ports.clock.now().toISOString().slice(0, 10)) {
    throw new Refusal('state_conflict', 'offeringId: the offering has ended.', { field: 'offeringId' })
  }
  const id = ports.ontology.modules.get(offering.moduleId)?.practical?.id
  const practical = id === undefined ? undefined : ports.practicals.find(id)
  if (!practical) {
    throw new Refusal('module_has_no_practical', 'The module of this offering has no practical to run here.')
  }
  return { practical, moduleId: offering.moduleId }
}

async function refuseOverQuota(
  learnerId: LearnerId,
  practical: Practical,
  ports: DispatchPorts,
): Promise<void> {
  const attempts = await ports.store.attemptsOf(learnerId)
  if (attempts.some((attempt) => attempt.practical.id === practical.id && isLive(attempt)))
    throw new Refusal('practical_already_running', 'An attempt at this practical is still under way.')
  const next = nextStart(attempts, practical, ports.clock.now())
  if (!next) return
  throw new Refusal(
    'quota_exceeded',
    `All ${practical.attemptsPerDay} attempts of these 24 hours are used; the next may start at ${next.toISOString()}.`,
  )
}
