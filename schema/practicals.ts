import { mayDo } from '#core/access/operations.ts'
import type { AttemptId } from '#core/ids.ts'
import { parse, zId, zRequestId } from '#core/parse.ts'
import { type Attempt, type Graded, isLive } from '#core/practicals/attempt.ts'
import { type Override, overrideReasons } from '#core/practicals/override.ts'
import { readRunLog } from '#core/practicals/run-files.ts'
import { Evidence } from './awards.ts'
import { builder, type GraphContext } from './builder.ts'
import { Learner } from './learners.ts'
import { visibleLearner, visibleOffering } from './loaders.ts'
import { Offering } from './offerings.ts'

export const PracticalRun = builder.objectRef<Attempt>('PracticalRun')
const PracticalPhase = builder.objectRef<Attempt['phases'][number]>('PracticalPhase')
const GradedPractical = builder.objectRef<Graded>('GradedPractical')
const SanityCheck = builder.objectRef<Graded['sanity'][number]>('SanityCheck')
const RunOverride = builder.objectRef<Told>('RunOverride')
const GradedMetric = builder.objectRef<Graded['metrics'][number]>('GradedMetric')

/** A decision about a run; words and accounts only for staff. */
type Told = { override: Override; isStaff: boolean }

async function visibleAttempt(id: AttemptId, { actor, ports }: GraphContext): Promise<Attempt | null> {
  if (!actor) return null
  const attempt = await ports.store.findAttempt(id)
  if (!attempt) return null
  const { tenant, learnerId } = attempt
  const mayOperate = mayDo(actor, 'cancelPractical', { tenant, learnerId })
  return mayOperate || mayDo(actor, 'readPracticalRun', { tenant, learnerId }) ? attempt : null
}

builder.node(PracticalRun, {
  description: 'One attempt of a learner at a practical: a work run, then a grade run.',
  id: { resolve: ({ id }) => id },
  loadOne: (id, context) => visibleAttempt(id as AttemptId, context),
  fields: (t) => ({
    learner: t.field({
      type: Learner,
      nullable: true,
      resolve: ({ learnerId }, _args, context) => visibleLearner(learnerId, context),
    }),
    offering: t.field({
      type: Offering,
      nullable: true,
      resolve: ({ offeringId }, _args, context) => visibleOffering(offeringId, context),
    }),
    moduleSlug: t.exposeString('moduleId'),
    practical: t.string({ resolve: ({ practical }) => practical.id }),
    practicalVersion: t.int({ resolve: ({ practical }) => practical.version }),
    site: t.exposeString('site'),
    state: t.exposeString('state', {
      description: 'working, grading, stopping, recording, graded, failed, void or cancelled.',
    }),
    ended: t.boolean({ resolve: (attempt) => !isLive(attempt) }),
    reason: t.string({
      nullable: true,
      description: 'Why it failed or was void.',
      resolve: (attempt) => ('reason' in attempt ? attempt.reason : null),
    }),
    supervised: t.boolean({
      description: 'Whether an assessor knew who the learner is, and watched, when it was started.',
      resolve: ({ supervision }) => supervision !== undefined,
    }),
    log: t.string({
      nullable: true,
      description:
        'The end of what the learner’s run printed, for those who may read the run; kept for a time.',
      resolve: async (attempt, _args, { actor, ports }) => {
        const { id, tenant, learnerId } = attempt
        if (!mayDo(actor, 'readPracticalRun', { tenant, learnerId })) return null
        return readRunLog(attempt, await ports.store.runsOf(id), ports)
      },
    }),
    phases: t.field({ type: [PracticalPhase], resolve: ({ phases }) => phases }),
    graded: t.field({
      type: GradedPractical,
      nullable: true,
      description: 'For those who may read the run; whoever operates the site learns no marks.',
      resolve: (attempt, _args, { actor }) =>
        'graded' in attempt && mayDo(actor, 'readPracticalRun', attempt) ? attempt.graded : null,
    }),
    overrides: t.field({
      type: [RunOverride],
      description: 'What assessors decided about it, oldest first.',
      resolve: (attempt, _args, { actor }) => {
        if (!mayDo(actor, 'readPracticalRun', attempt)) return []
        const isStaff = mayDo(actor, 'readCohort', { tenant: attempt.tenant })
        const overrides = 'overrides' in attempt ? (attempt.overrides ?? []) : []
        return overrides.map((override) => ({ override, isStaff }))
      },
    }),
    recorded: t.string({
      nullable: true,
      description: 'assessment, not-credited, for-assessor or after-revocation, once graded.',
      resolve: (attempt, _args, { actor }) =>
        'recorded' in attempt && mayDo(actor, 'readPracticalRun', attempt) ? attempt.recorded : null,
    }),
    createdAt: t.field({ type: 'DateTime', resolve: ({ createdAt }) => createdAt }),
    endedAt: t.field({
      type: 'DateTime',
      nullable: true,
      resolve: (attempt) => ('endedAt' in attempt ? attempt.endedAt : null),
    }),
  }),
})

RunOverride.implement({
  description:
    'An assessor’s decision about a graded run. Where the module asks for a second assessor it has no effect until one confirms it.',
  fields: (t) => ({
    state: t.string({
      description: 'waiting, withdrawn, refused or done.',
      resolve: ({ override }) => override.state,
    }),
    scorePercent: t.float({ resolve: ({ override }) => override.scorePercent }),
    passed: t.boolean({
      nullable: true,
      description: 'Null until it has an effect.',
      resolve: ({ override }) => (override.state === 'done' ? override.outcome === 'passed' : null),
    }),
    reasonCode: t.string({
      description: `${overrideReasons.join(', ')}.`,
      resolve: ({ override }) => override.reasonCode,
    }),
    at: t.field({ type: 'DateTime', resolve: ({ override }) => override.at }),
    reason: t.string({
      nullable: true,
      description: 'For staff.',
      resolve: ({ override, isStaff }) => (isStaff ? override.reason : null),
    }),
    by: t.string({
      nullable: true,
      description: 'Account; for staff.',
      resolve: ({ override, isStaff }) => (isStaff ? override.by : null),
    }),
    secondBy: t.string({
      nullable: true,
      description: 'Who confirmed, refused or withdrew it; for staff.',
      resolve: ({ override, isStaff }) => (isStaff ? secondOf(override) : null),
    }),
  }),
})

function secondOf(override: Override): string | null {
  if (override.state === 'waiting') return null
  return override.state === 'done' ? (override.confirmedBy ?? null) : override.decidedBy
}

PracticalPhase.implement({
  fields: (t) => ({
    phase: t.string({ resolve: ({ phase }) => phase }),
    at: t.field({ type: 'DateTime', resolve: ({ at }) => at }),
  }),
})

GradedPractical.implement({
  fields: (t) => ({
    outcome: t.string({ description: 'passed, failed or needs-review.', resolve: ({ outcome }) => outcome }),
    scorePercent: t.exposeFloat('scorePercent'),
    sanity: t.field({ type: [SanityCheck], resolve: ({ sanity }) => sanity }),
    metrics: t.field({ type: [GradedMetric], resolve: ({ metrics }) => metrics }),
    evidence: t.field({ type: Evidence, resolve: ({ evidence }) => evidence }),
  }),
})

SanityCheck.implement({
  fields: (t) => ({ name: t.exposeString('name'), held: t.exposeBoolean('held') }),
})

GradedMetric.implement({
  fields: (t) => ({
    name: t.exposeString('name'),
    value: t.exposeFloat('value'),
    unit: t.exposeString('unit'),
    threshold: t.exposeFloat('threshold', { nullable: true }),
    met: t.exposeBoolean('met', { nullable: true }),
  }),
})

builder.queryField('practicalRun', (t) =>
  t.field({
    type: PracticalRun,
    nullable: true,
    authScopes: { mayAny: ['readPracticalRun', 'cancelPractical'] },
    args: { id: t.arg.id({ required: true }) },
    resolve: (_root, { id }, context) => visibleAttempt(parse(zId('att'), id), context),
  }),
)

const StartPracticalInput = builder.inputType('StartPracticalInput', {
  fields: (t) => ({
    requestId: t.string({ required: true }),
    offeringId: t.id({ required: true }),
    configuration: t.field({
      type: 'JSON',
      required: true,
      description: 'What the practical asks for; see its page.',
    }),
  }),
})

const CancelPracticalInput = builder.inputType('CancelPracticalInput', {
  fields: (t) => ({ requestId: t.string({ required: true }), id: t.id({ required: true }) }),
})

builder.mutationFields((t) => ({
  startPractical: t.field({
    type: PracticalRun,
    nullable: true,
    errors: { union: { name: 'StartPracticalResult' } },
    authScopes: { may: 'startPractical' },
    args: { input: t.arg({ type: StartPracticalInput, required: true }) },
    resolve: async (_root, { input }, { actor, ports }) => {
      const { startPractical, zStartPractical } = await import('#core/practicals/dispatch-practical.ts')
      return startPractical(actor, parse(zStartPractical, { ...input }), ports)
    },
  }),
  cancelPractical: t.field({
    type: PracticalRun,
    nullable: true,
    errors: { union: { name: 'CancelPracticalResult' } },
    authScopes: { may: 'cancelPractical' },
    args: { input: t.arg({ type: CancelPracticalInput, required: true }) },
    resolve: async (_root, { input }, { actor, ports }) => {
      // Stopping twice is stopping once: the id of the request has nothing to remember.
      parse(zRequestId, input.requestId)
      const { cancelPractical, zCancelPractical } = await import('#core/practicals/cancel-practical.ts')
      return cancelPractical(actor, parse(zCancelPractical, { attemptId: input.id }), ports)
    },
  }),
}))
