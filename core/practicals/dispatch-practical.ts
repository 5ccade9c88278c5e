import * as z from 'zod'
import { type Actor, authorise } from '#core/access/operations.ts'
import { type LearnerId, type OfferingId, tenantOf } from '#core/ids.ts'
import { zId, zRequestId, zShallowJson } from '#core/parse.ts'
import type { Ports } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import { requestOf } from '#core/requests.ts'
import { type Attempt, counts } from './attempt.ts'
import { misfitOf } from './fit.ts'
import type { Practical } from './practical.ts'
import type { Run } from './run.ts'
import { jobKey } from './run-secrets.ts'
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
  'store' | 'ontology' | 'practicals' | 'sites' | 'signers' | 'clock' | 'random'
>

/**
 * Starts the practical of an offering for the learner who asks. Only writes the intention; the driver sends
 * the job. Refuses `not_enrolled`, `module_has_no_practical`, `practical_already_running`, `quota_exceeded`
 * and, for a configuration the practical does not take, `invalid_input`.
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

  const { practical, moduleId } = await practicalOf(learnerId, input.offeringId, ports)
  const configuration = practical.parseConfiguration(input.configuration)
  const request = requestOf(actor, 'startPractical', tenant, requestId, input)
  if (!(await ports.store.wasAnswered(request))) await refuseOverQuota(learnerId, practical, ports)

  const now = ports.clock.now()
  const attemptId = ports.random.id(tenant, 'att')
  const run = firstRun(attemptId, ports.random.id(tenant, 'run'), practical, ports)
  const statements = await ports.store.supervisionsOf(learnerId, input.offeringId)
  const supervision = supervisionAt(statements, now)
  const attempt: Attempt = {
    id: attemptId,
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
    ...chooseSite(practical, ports),
    configuration,
    ...(supervision
      ? { supervision: { identity: supervision.identity, presence: supervision.presence } }
      : {}),
    createdAt: now,
    runId: run.id,
    runNumber: run.number,
    phases: [{ phase: 'created', at: now }],
    version: 1,
    state: 'working',
    nextAt: now,
  }
  return ports.store.saveAttemptOnce(request, attempt, run)
}

/** The first partition that has what both jobs of the practical ask for. */
function chooseSite(
  practical: Practical,
  { sites }: Pick<Ports, 'sites'>,
): { site: string; partition: string } {
  for (const site of sites.list()) {
    const found = site.partitions.find(
      (partition) => !misfitOf(partition, practical.work) && !misfitOf(partition, practical.grade),
    )
    if (found) return { site: site.name, partition: found.name }
  }
  throw new Refusal('site_unavailable', 'No site here has what this practical asks for.')
}

/** When a learner who has used up the day's tries may start again; `undefined` when they may now. */
export async function nextStartOf(
  learnerId: LearnerId,
  practical: Practical,
  ports: Pick<Ports, 'store' | 'clock'>,
): Promise<Date | undefined> {
  const since = ports.clock.now().getTime() - 86_400_000
  const counted = (await ports.store.attemptsOf(learnerId))
    .filter((attempt) => attempt.practical.id === practical.id && counts(attempt))
    .map(({ createdAt }) => createdAt.getTime())
    .filter((at) => at > since)
    .sort((a, b) => b - a)
  const oldest = counted[practical.attemptsPerDay - 1]
  return oldest === undefined ? undefined : new Date(oldest + 86_400_000)
}

async function practicalOf(learnerId: LearnerId, offeringId: OfferingId, ports: DispatchPorts) {
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
  const next = await nextStartOf(learnerId, practical, ports)
  if (!next) return
  throw new Refusal(
    'quota_exceeded',
    `All ${practical.attemptsPerDay} attempts of these 24 hours are used; the next may start at ${next.toISOString()}.`,
  )
}

function firstRun(attemptId: Attempt['id'], id: Run['id'], practical: Practical, ports: DispatchPorts): Run {
  const now = ports.clock.now()
  return {
    id,
    attemptId,
    stage: 'work',
    number: 1,
    try: 1,
    key: jobKey(ports.signers, attemptId, 'work', 1),
    nonce: Buffer.from(ports.random.bytes(16)).toString('base64url'),
    wallSeconds: practical.work.limits.wallSeconds,
    createdAt: now,
    version: 0,
    state: 'CREATED',
    notBefore: now,
  }
}
