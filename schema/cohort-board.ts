import {
  decideOverride,
  type OverrideDecision,
  overrideDecisions,
  overrideRun,
  zDecideOverride,
  zOverrideRun,
} from '#core/assessments/override-run.ts'
import { parse } from '#core/parse.ts'
import {
  attentions,
  type CohortBoard as BoardShape,
  cohortBoard,
  type CohortRun as RunShape,
  runStandings,
} from '#core/practicals/cohort-board.ts'
import { overrideReasons } from '#core/practicals/override.ts'
import { builder } from './builder.ts'
import { given } from './given.ts'
import { Offering } from './offerings.ts'
import { PracticalRun } from './practicals.ts'
import { ComputeMinutes } from './sites.ts'

const CohortBoard = builder.objectRef<BoardShape>('CohortBoard')
const CohortRun = builder.objectRef<RunShape>('CohortRun')
const CohortQuota = builder.objectRef<BoardShape['quota'][number]>('CohortQuota')
const RunCount = builder.objectRef<{ standing: string; runs: number }>('RunCount')

RunCount.implement({
  fields: (t) => ({
    standing: t.exposeString('standing', { description: `${runStandings.join(', ')}.` }),
    runs: t.exposeInt('runs'),
  }),
})

CohortRun.implement({
  fields: (t) => ({
    run: t.field({ type: PracticalRun, resolve: ({ attempt }) => attempt }),
    standing: t.exposeString('standing', { description: 'Where it stands; what assessors decided counts.' }),
    attention: t.string({
      nullable: true,
      description: `What an assessor should look at: ${attentions.join(', ')}.`,
      resolve: ({ attention }) => attention,
    }),
  }),
})

CohortQuota.implement({
  fields: (t) => ({
    site: t.exposeString('site'),
    cap: t.field({ type: ComputeMinutes, resolve: ({ cap }) => cap }),
    left: t.field({ type: ComputeMinutes, resolve: ({ left }) => left }),
  }),
})

CohortBoard.implement({
  description: 'The runs of a cohort, for those who assess.',
  fields: (t) => ({
    counts: t.field({
      type: [RunCount],
      resolve: ({ counts }) => runStandings.map((standing) => ({ standing, runs: counts[standing] })),
    }),
    quota: t.field({
      type: [CohortQuota],
      description: 'What is left of the cohort’s share, by site; sites without caps are left out.',
      resolve: ({ quota }) => quota,
    }),
    runs: t.field({
      type: [CohortRun],
      description: 'Exceptions first, then the newest.',
      args: { first: t.arg.int({ required: true, defaultValue: 50, description: '1 to 200.' }) },
      complexity: ({ first }) => ({ field: 1, multiplier: Math.min(200, Math.max(1, first)) }),
      resolve: ({ runs }, { first }) => runs.slice(0, Math.min(200, Math.max(1, first))),
    }),
    cut: t.exposeBoolean('cut', { description: 'There are more ended runs than are counted here.' }),
  }),
})

builder.objectField(Offering, 'cohort', (t) =>
  t.field({
    type: CohortBoard,
    nullable: true,
    description: 'For those who assess and issue.',
    resolve: ({ id }, _args, { actor, ports }) => cohortBoard(actor, id, ports),
  }),
)

const OverrideRunInput = builder.inputType('OverrideRunInput', {
  fields: (t) => ({
    requestId: t.string({ required: true }),
    id: t.id({ required: true, description: 'Of the run.' }),
    scorePercent: t.float({ required: true }),
    reasonCode: t.string({ required: true, description: `${overrideReasons.join(', ')}.` }),
    reason: t.string({ required: true, description: 'In words, for the institution’s own record.' }),
  }),
})

const DecideOverrideInput = builder.inputType('DecideOverrideInput', {
  fields: (t) => ({
    requestId: t.string({ required: true }),
    id: t.id({ required: true, description: 'Of the run.' }),
  }),
})

builder.mutationField('overrideRun', (t) =>
  t.field({
    type: PracticalRun,
    nullable: true,
    description:
      'An assessor decides about a graded run. The assessment follows at once, on a pass with award and offer; where the module asks for a second assessor it waits for them.',
    errors: { union: { name: 'OverrideRunResult' } },
    authScopes: { may: 'overrideRun' },
    args: { input: t.arg({ type: OverrideRunInput, required: true }) },
    resolve: (_root, { input: { id, ...input } }, { actor, ports }) =>
      overrideRun(actor, parse(zOverrideRun, given({ ...input, attemptId: id })), ports),
  }),
)

const described: Record<OverrideDecision, string> = {
  confirm: 'A second assessor agrees: the assessment follows, on a pass with award and offer.',
  refuse: 'A second assessor does not agree; nothing follows.',
  withdraw: 'Who decided takes it back while it waits.',
}

for (const decision of overrideDecisions) {
  builder.mutationField(`${decision}Override`, (t) =>
    t.field({
      type: PracticalRun,
      nullable: true,
      description: described[decision],
      errors: {
        union: { name: `${decision[0]?.toUpperCase()}${decision.slice(1)}OverrideResult` },
      },
      authScopes: { may: 'overrideRun' },
      args: { input: t.arg({ type: DecideOverrideInput, required: true }) },
      resolve: (_root, { input: { id, requestId } }, { actor, ports }) =>
        decideOverride(actor, decision, parse(zDecideOverride, { requestId, attemptId: id }), ports),
    }),
  )
}
