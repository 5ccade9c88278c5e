import * as z from 'zod'
import { type Attempt, phases } from '#core/practicals/attempt.ts'
import { choiceReasons } from '#core/practicals/choose-site.ts'
import { type Override, overrideReasons } from '#core/practicals/override.ts'
import { jobOutcomes } from '#core/practicals/queue.ts'
import { deliveryFailures, type FailureReason, type Run, stuckReasons } from '#core/practicals/run.ts'
import type { AttemptEvent } from '#core/practicals/run-store.ts'
import { identityChecks, presences } from '#core/practicals/supervision.ts'
import type { Json } from '#core/records.ts'
import { zEvidence } from './z-award.ts'
import { zDate, zId, zTenant } from './z-items.ts'

const zJson: z.ZodType<Json> = z.json()
const zHardware = zEvidence.shape.hardware
const zMetric = z.object({ name: z.string(), value: z.number(), unit: z.string() })
const zSanity = z.array(z.object({ name: z.string(), held: z.boolean() }))
const zFailure = z.custom<FailureReason>((value) =>
  ([...deliveryFailures, ...jobOutcomes] as readonly unknown[]).includes(value),
)

const zDelivery = z.discriminatedUnion('verdict', [
  z.object({
    verdict: z.literal('valid'),
    sha256: z.string(),
    claims: z.object({ sanity: zSanity, metrics: z.array(zMetric) }).exactOptional(),
  }),
  z.object({ verdict: z.literal('invalid'), reason: z.string() }),
])

const base = {
  id: zId('run'),
  attemptId: zId('att'),
  stage: z.enum(['work', 'grade']),
  number: z.int(),
  try: z.int(),
  key: z.string(),
  nonce: z.string(),
  wallSeconds: z.number(),
  pendingSeconds: z.number().default(86_400),
  createdAt: zDate,
  delivery: zDelivery.exactOptional(),
  cancelAsked: z.boolean().exactOptional(),
  ownAccount: z.literal(true).exactOptional(),
  version: z.int(),
}
const sent = { submittedAt: zDate }
const known = { ...sent, jobId: z.string(), unknowns: z.int() }
const ended = {
  jobId: z.string().exactOptional(),
  startedAt: zDate.exactOptional(),
  endedAt: zDate,
  hardware: zHardware.exactOptional(),
}
const state = <S extends string, M extends z.core.$ZodLooseShape>(name: S, more: M) =>
  z.object({ ...base, state: z.literal(name), ...more })

export const zRun = z.discriminatedUnion('state', [
  state('CREATED', { notBefore: zDate, sent: z.literal(true).exactOptional() }),
  state('SUBMITTING', sent),
  state('UNCONFIRMED', { ...sent, misses: z.int() }),
  state('QUEUED', { ...known, queuedAt: zDate }),
  state('RUNNING', { ...known, queuedAt: zDate, startedAt: zDate, hardware: zHardware.exactOptional() }),
  state('STUCK', { ...known, why: z.enum(stuckReasons).default('stuck'), queuedAt: zDate, since: zDate }),
  state('LOST', {
    ...known,
    since: zDate,
    why: z.enum(stuckReasons).exactOptional(),
    startedAt: zDate.exactOptional(),
    hardware: zHardware.exactOptional(),
  }),
  state('CANCELLING', {
    ...sent,
    since: zDate,
    jobId: z.string().exactOptional(),
    misses: z.int(),
    startedAt: zDate.exactOptional(),
    hardware: zHardware.exactOptional(),
  }),
  state('COLLECTING', { ...ended, jobId: z.string(), since: zDate }),
  state('DONE', ended),
  state('FAILED', { ...ended, reason: zFailure }),
  state('INFRA', { ...ended, reason: z.string() }),
  state('CANCELLED', ended),
  state('REJECTED', { reason: z.string(), endedAt: zDate }),
]) satisfies z.ZodType<Run>

const zGraded = z.object({
  outcome: z.enum(['passed', 'failed', 'needs-review']),
  scorePercent: z.number(),
  sanity: zSanity,
  metrics: z.array(
    zMetric.extend({ threshold: z.number().exactOptional(), met: z.boolean().exactOptional() }),
  ),
  evidence: zEvidence,
})

const none = { gpuSeconds: 0, coreSeconds: 0 }
const zCompute = z.object({ gpuSeconds: z.int(), coreSeconds: z.int() })
const zBudget = z.object({
  day: z.string(),
  held: z.object({ work: zCompute, grade: zCompute }),
  used: zCompute,
})

const attemptBase = {
  id: zId('att'),
  tenant: zTenant,
  learnerId: zId('lrn'),
  offeringId: zId('ofg'),
  moduleId: z.string(),
  practical: z.object({
    id: z.string(),
    version: z.int(),
    specHash: z.string(),
    graderSha256: z.string().exactOptional(),
  }),
  site: z.string(),
  partition: z.string().default('local'),
  accountVersion: z.int().exactOptional(),
  choice: z
    .object({ why: z.enum(choiceReasons), expectedWaitSeconds: z.number().exactOptional() })
    .exactOptional(),
  job: z
    .object({ id: z.string(), state: z.enum(['QUEUED', 'RUNNING', 'STUCK', 'CANCELLING']) })
    .exactOptional(),
  // Attempts from before there were budgets hold nothing.
  budget: zBudget.default({ day: '1970-01-01', held: { work: none, grade: none }, used: none }),
  configuration: zJson,
  supervision: z.object({ identity: z.enum(identityChecks), presence: z.enum(presences) }).exactOptional(),
  createdAt: zDate,
  runId: zId('run'),
  runNumber: z.int(),
  phases: z.array(z.object({ phase: z.enum(phases), at: zDate })),
  steps: z.int(),
  trace: z.string().exactOptional(),
  version: z.int(),
}

const asked = {
  scorePercent: z.number(),
  reasonCode: z.enum(overrideReasons),
  reason: z.string(),
  by: z.string(),
  at: zDate,
}
const zOverride = z.discriminatedUnion('state', [
  z.object({ ...asked, state: z.literal('waiting') }),
  z.object({
    ...asked,
    state: z.enum(['withdrawn', 'refused']),
    decidedBy: z.string(),
    decidedAt: zDate,
  }),
  z.object({
    ...asked,
    state: z.literal('done'),
    outcome: z.enum(['passed', 'failed']),
    assessmentId: zId('asm'),
    confirmedBy: z.string().exactOptional(),
    decidedAt: zDate,
  }),
]) satisfies z.ZodType<Override>

export const zAttempt = z.discriminatedUnion('state', [
  z.object({ ...attemptBase, state: z.enum(['working', 'grading']), nextAt: zDate }),
  z.object({ ...attemptBase, state: z.literal('stopping'), nextAt: zDate }),
  z.object({ ...attemptBase, state: z.literal('recording'), nextAt: zDate, graded: zGraded }),
  z.object({
    ...attemptBase,
    state: z.literal('graded'),
    endedAt: zDate,
    graded: zGraded,
    recorded: z.enum(['assessment', 'not-credited', 'for-assessor', 'after-revocation']),
    overrides: z.array(zOverride).exactOptional(),
  }),
  z.object({
    ...attemptBase,
    state: z.literal('failed'),
    endedAt: zDate,
    stage: z.enum(['work', 'grade']),
    reason: zFailure,
  }),
  z.object({ ...attemptBase, state: z.literal('void'), endedAt: zDate, reason: z.string() }),
  z.object({
    ...attemptBase,
    state: z.literal('cancelled'),
    endedAt: zDate,
    atSite: z.literal(true).exactOptional(),
  }),
]) satisfies z.ZodType<Attempt>

export const zAttemptEvent = z.object({
  number: z.int(),
  at: zDate,
  run: z.int(),
  type: z.custom<AttemptEvent['type']>((value) => typeof value === 'string'),
  state: z.custom<AttemptEvent['state']>((value) => typeof value === 'string'),
  effects: z.array(z.string()),
}) satisfies z.ZodType<AttemptEvent>
