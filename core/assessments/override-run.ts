import * as z from 'zod'
import { type Actor, authorise, type Operation } from '#core/access/operations.ts'
import type { AuditBody } from '#core/audit/audit.ts'
import { zReason } from '#core/awards/reasons.ts'
import { type AttemptId, tenantOf } from '#core/ids.ts'
import { refuseOwnWork } from '#core/learners/own-work.ts'
import { zId, zRequestId } from '#core/parse.ts'
import type { Attempt } from '#core/practicals/attempt.ts'
import { mostOverrides, type Override, overrideReasons, waitingOverride } from '#core/practicals/override.ts'
import { Refusal } from '#core/refusal.ts'
import { requestOf } from '#core/requests.ts'
import type { RecordedAssessment, Request } from '#core/store.ts'
import { type AssessmentPorts, judge, moduleOf } from './judge.ts'

/** What an edge parses before it calls `overrideRun`. */
export const zOverrideRun = z.strictObject({
  requestId: zRequestId,
  attemptId: zId('att'),
  scorePercent: z.number().min(0).max(100),
  reasonCode: z.enum(overrideReasons),
  reason: zReason,
})
export type OverrideRun = z.output<typeof zOverrideRun>

/** What an edge parses before it calls `decideOverride`; the edge adds which decision it is. */
export const zDecideOverride = z.strictObject({ requestId: zRequestId, attemptId: zId('att') })
export type DecideOverride = z.output<typeof zDecideOverride>

export const overrideDecisions = ['confirm', 'refuse', 'withdraw'] as const
export type OverrideDecision = (typeof overrideDecisions)[number]

type GradedAttempt = Extract<Attempt, { state: 'graded' }>

/**
 * An assessor decides about a graded run: otherwise than the grader, or where it had no reference. The assessment
 * follows at once, on a pass with award and offer; where the module asks for a second assessor all of it waits
 * for them. Refuses `state_conflict` for a run that is not graded or has a decision waiting, `already_awarded`
 * while an award of the offering stands, `not_allowed` about one's own work.
 */
export async function overrideRun(
  actor: Actor | undefined,
  { requestId, ...input }: OverrideRun,
  ports: AssessmentPorts,
): Promise<Attempt> {
  const { attempt, by, request, repeated } = await asked(actor, 'overrideRun', requestId, input, ports)
  if (repeated) return attempt
  const graded = refuseUnlessGraded(attempt)
  if (waitingOverride(graded))
    throw new Refusal('state_conflict', 'A decision about this run waits for a second assessor already.')
  if ((graded.overrides?.length ?? 0) >= mostOverrides)
    throw new Refusal('state_conflict', 'This run was decided about too often.')
  await refuseIfAwarded(graded, ports)
  const { scorePercent, reasonCode, reason } = input
  const at = ports.clock.now()
  const waiting: Override = { scorePercent, reasonCode, reason, by, at, state: 'waiting' }
  const { module } = await moduleOf(graded.offeringId, ports)
  if (!module.secondAssessor) return conclude(graded, waiting, undefined, request, ports)
  return ports.store.saveOverrideOnce(
    request,
    { ...graded, overrides: [...(graded.overrides ?? []), waiting] },
    auditOf('practical.override', by, graded, { reasonCode, scorePercent, waits: true }),
  )
}

/**
 * A second assessor confirms or refuses what waits, or the first one takes it back. Only a confirmed decision has
 * an effect. Refuses `state_conflict` when nothing waits, `four_eyes_required` when the first assessor would
 * confirm or refuse their own, `not_allowed` when somebody else would withdraw it.
 */
export async function decideOverride(
  actor: Actor | undefined,
  decision: OverrideDecision,
  { requestId, ...input }: DecideOverride,
  ports: AssessmentPorts,
): Promise<Attempt> {
  const operation = `overrideRun/${decision}`
  const { attempt, by, request, repeated } = await asked(actor, operation, requestId, input, ports)
  if (repeated) return attempt
  const graded = refuseUnlessGraded(attempt)
  const waiting = waitingOverride(graded)
  if (!waiting) throw new Refusal('state_conflict', 'No decision about this run waits.')
  if (decision === 'withdraw' && waiting.by !== by)
    throw new Refusal('not_allowed', 'Only who made the decision can withdraw it; you can refuse it.')
  if (decision !== 'withdraw' && waiting.by === by)
    throw new Refusal('four_eyes_required', 'A second assessor has to look at it; you can withdraw it.')
  if (decision === 'confirm') {
    await refuseIfAwarded(graded, ports)
    return conclude(graded, waiting, by, request, ports)
  }
  const over = decision === 'withdraw' ? ('withdrawn' as const) : ('refused' as const)
  const decided: Override = { ...waiting, state: over, decidedBy: by, decidedAt: ports.clock.now() }
  return ports.store.saveOverrideOnce(
    request,
    { ...graded, overrides: [...(graded.overrides ?? []).slice(0, -1), decided] },
    auditOf(`practical.override.${decision}`, by, graded, { reasonCode: waiting.reasonCode }),
  )
}

async function asked(
  actor: Actor | undefined,
  operation: string,
  requestId: string,
  input: { attemptId: AttemptId },
  { store }: Pick<AssessmentPorts, 'store'>,
) {
  const tenant = tenantOf(input.attemptId)
  if (!tenant) throw new Refusal('not_found', 'There is no such record.')
  authorise(actor, 'overrideRun' satisfies Operation, { tenant })
  const attempt = await store.findAttempt(input.attemptId)
  if (!attempt) throw new Refusal('not_found', 'There is no such record.')
  await refuseOwnWork(actor, attempt.learnerId, { store })
  const request = requestOf(actor, operation, tenant, requestId, input)
  // Its own first time must not make a repeat look wrong.
  return { attempt, by: actor.subject, request, repeated: await store.wasAnswered(request) }
}

function refuseUnlessGraded(attempt: Attempt): GradedAttempt {
  if (attempt.state === 'graded') return attempt
  throw new Refusal('state_conflict', 'Only a graded run can be decided about.')
}

async function refuseIfAwarded({ learnerId, offeringId }: Attempt, { store }: AssessmentPorts) {
  const awards = await store.awardsInForceOf(learnerId)
  const standing = awards.some(
    ({ offeringId: of, status }) => of === offeringId && ['valid', 'suspended'].includes(status.state),
  )
  if (standing)
    throw new Refusal(
      'already_awarded',
      'The learner holds an award of this offering; a registrar must revoke or correct it first.',
    )
}

/** The assessment that follows, written with the decision in one transaction. */
async function conclude(
  attempt: GradedAttempt,
  waiting: Override,
  confirmedBy: string | undefined,
  request: Request,
  ports: AssessmentPorts,
): Promise<Attempt> {
  const recorded = await assess(attempt, waiting, confirmedBy, ports)
  const { scorePercent, reasonCode, reason, by, at } = waiting
  const { outcome } = recorded.assessment
  const second = confirmedBy === undefined ? {} : { confirmedBy }
  const done: Override = {
    scorePercent,
    reasonCode,
    reason,
    by,
    at,
    ...second,
    state: 'done',
    outcome,
    assessmentId: recorded.assessment.id,
    decidedAt: ports.clock.now(),
  }
  const before = (attempt.overrides ?? []).filter(({ state }) => state !== 'waiting')
  const decided: Attempt = { ...attempt, recorded: 'assessment', overrides: [...before, done] }
  const action = confirmedBy === undefined ? 'practical.override' : 'practical.override.confirm'
  const audit = auditOf(action, confirmedBy ?? by, attempt, { reasonCode, scorePercent, outcome })
  await ports.store.saveAssessmentOnce(request, recorded, { attempt: decided, audit })
  return { ...decided, version: decided.version + 1 }
}

async function assess(
  attempt: GradedAttempt,
  { scorePercent, reasonCode, by }: Override,
  confirmedBy: string | undefined,
  ports: AssessmentPorts,
): Promise<RecordedAssessment> {
  const { offering, module } = await moduleOf(attempt.offeringId, ports)
  const { evidence } = attempt.graded
  const counts = evidence.environment !== 'local' || offering.allowsLocalEvidence
  const before = (await ports.store.assessmentsOf(attempt.learnerId)).findLast(
    ({ gradedRunId, override }) => gradedRunId === attempt.runId || override?.runId === attempt.runId,
  )
  return judge(
    {
      offering,
      module,
      learnerId: attempt.learnerId,
      scorePercent,
      decidedBy: by,
      override: {
        runId: attempt.runId,
        reasonCode,
        ...(confirmedBy === undefined ? {} : { confirmedBy }),
      },
      ...(before ? { supersedes: before.id } : {}),
      evidence: counts ? [evidence] : [],
    },
    ports,
  )
}

const auditOf = (
  action: AuditBody['action'],
  by: string,
  { id, learnerId }: Attempt,
  detail: AuditBody['detail'],
): AuditBody => ({ action, by, about: id, learnerId, detail })
