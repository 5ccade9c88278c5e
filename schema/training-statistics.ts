import type {
  TrainingFunnel as FunnelShape,
  modulePerformance,
  ModulePerformance as PerformanceShape,
  FunnelSteps as StepsShape,
} from '#core/gaps/training-funnel.ts'
import type {
  BlockingSkill as BlockingShape,
  blockingSkills,
  EmergingSkill as EmergingShape,
  emergingSkills,
} from '#core/gaps/what-blocks.ts'
import { builder } from './builder.ts'
import { GapSliceInput, Snapshot, sliceOf, snapshotOf } from './gaps.ts'
import { Module } from './modules.ts'
import { Skill } from './skills.ts'

/** Loaded with the first question. */
const funnels = () => import('#core/gaps/training-funnel.ts')
const blocks = () => import('#core/gaps/what-blocks.ts')

const Steps = builder.objectRef<StepsShape>('FunnelSteps')
const Funnel = builder.objectRef<FunnelShape>('TrainingFunnel')
const FunnelRow = builder.objectRef<FunnelShape['rows'][number]>('TrainingFunnelRow')
const Performance = builder.objectRef<PerformanceShape>('ModulePerformance')
const Blocking = builder.objectRef<BlockingShape>('BlockingSkill')
const Emerging = builder.objectRef<EmergingShape>('EmergingSkill')
const Performances = builder.objectRef<Awaited<ReturnType<typeof modulePerformance>>>('ModulePerformances')
const BlockingSkills = builder.objectRef<Awaited<ReturnType<typeof blockingSkills>>>('BlockingSkills')
const EmergingSkills = builder.objectRef<Awaited<ReturnType<typeof emergingSkills>>>('EmergingSkills')

Steps.implement({
  description: 'Distinct learners who came at least this far; null where the number is hidden.',
  fields: (t) => ({
    enrolled: t.exposeInt('enrolled', { nullable: true }),
    practised: t.exposeInt('practised', { nullable: true }),
    assessed: t.exposeInt('assessed', { nullable: true }),
    issued: t.exposeInt('issued', { nullable: true }),
    claimed: t.exposeInt('claimed', { nullable: true }),
    verified: t.exposeInt('verified', {
      nullable: true,
      description: 'Somebody verified a credential of theirs; by whom is not kept.',
    }),
  }),
})

Funnel.implement({
  fields: (t) => ({
    snapshot: t.field({ type: Snapshot, resolve: ({ snapshot }) => snapshot }),
    total: t.field({ type: Steps, description: 'Over the sectors shown.', resolve: ({ total }) => total }),
    rows: t.field({ type: [FunnelRow], complexity: { multiplier: 20 }, resolve: ({ rows }) => rows }),
  }),
})

FunnelRow.implement({
  fields: (t) => ({
    code: t.exposeString('code'),
    steps: t.field({ type: Steps, resolve: ({ steps }) => steps }),
  }),
})

Performance.implement({
  description: 'How a module does, of the sectors shown.',
  fields: (t) => ({
    slug: t.exposeString('module'),
    module: t.field({
      type: Module,
      nullable: true,
      resolve: ({ module }, _args, { ports }) => ports.ontology.modules.get(module),
    }),
    steps: t.field({ type: Steps, resolve: ({ steps }) => steps }),
    passPercent: t.exposeInt('passPercent', { nullable: true }),
    daysToAward: t.exposeInt('daysToAward', {
      nullable: true,
      description: 'Median from enrolment to award, rounded to 5.',
    }),
    seats: t.exposeInt('seats'),
    workloadHours: t.exposeFloat('workloadHours'),
    gpuHours: t.exposeFloat('gpuHours', { nullable: true }),
  }),
})

Blocking.implement({
  description: 'A skill that others of the gap stand on, and that too few hold.',
  fields: (t) => ({
    slug: t.exposeString('skill'),
    skill: t.field({
      type: Skill,
      nullable: true,
      resolve: ({ skill }, _args, { ports }) => ports.ontology.skills.get(skill),
    }),
    level: t.int({ resolve: ({ level }) => level }),
    blocks: t.exposeStringList('blocks', { description: 'Slugs of the skills behind it.' }),
    gapBehindPersonLevels: t.exposeFloat('gapBehindPersonLevels'),
    holders: t.exposeInt('holders', { nullable: true, description: 'Null: hidden, and counted as nobody.' }),
    shortHeads: t.exposeInt('shortHeads'),
  }),
})

Emerging.implement({
  description: 'A skill that is new, or asked for more than before.',
  fields: (t) => ({
    slug: t.exposeString('skill'),
    skill: t.field({
      type: Skill,
      nullable: true,
      resolve: ({ skill }, _args, { ports }) => ports.ontology.skills.get(skill),
    }),
    flagged: t.exposeBoolean('flagged'),
    demandPersonLevels: t.exposeFloat('demandPersonLevels'),
    demandChange: t.exposeFloat('demandChange', { nullable: true }),
    gapPersonLevels: t.exposeFloat('gapPersonLevels', { nullable: true }),
  }),
})

// Each answer says where its numbers come from.
Performances.implement({
  fields: (t) => ({
    snapshot: t.field({ type: Snapshot, resolve: ({ snapshot }) => snapshot }),
    modules: t.field({
      type: [Performance],
      complexity: { multiplier: 20 },
      resolve: ({ modules }) => modules,
    }),
  }),
})

BlockingSkills.implement({
  fields: (t) => ({
    snapshot: t.field({ type: Snapshot, resolve: ({ snapshot }) => snapshot }),
    skills: t.field({ type: [Blocking], complexity: { multiplier: 10 }, resolve: ({ skills }) => skills }),
  }),
})

EmergingSkills.implement({
  fields: (t) => ({
    snapshot: t.field({ type: Snapshot, resolve: ({ snapshot }) => snapshot }),
    skills: t.field({ type: [Emerging], complexity: { multiplier: 10 }, resolve: ({ skills }) => skills }),
  }),
})

const snapshotArg = { description: 'The last published one when absent.' }

builder.queryField('trainingFunnel', (t) =>
  t.field({
    type: Funnel,
    nullable: true,
    description: 'Enrolled, practised, assessed, issued, claimed, verified.',
    authScopes: { may: 'readSkillsGap' },
    args: {
      by: t.arg.string({
        defaultValue: 'sector',
        description: 'sector, country, nuts1, targetGroup or module.',
      }),
      snapshotId: t.arg.id(snapshotArg),
    },
    complexity: 50,
    resolve: async (_root, { by: given, snapshotId }, { actor, ports, analytics }) => {
      const { funnelDimension, trainingFunnel } = await funnels()
      const by = funnelDimension(given ?? 'sector')
      return analytics(actor, 'trainingFunnel', { by }, () =>
        trainingFunnel(actor, { by, ...snapshotOf(snapshotId) }, ports),
      )
    },
  }),
)

builder.queryField('modulePerformance', (t) =>
  t.field({
    type: Performances,
    nullable: true,
    authScopes: { may: 'readSkillsGap' },
    args: { snapshotId: t.arg.id(snapshotArg) },
    complexity: 50,
    resolve: (_root, { snapshotId }, { actor, ports, analytics }) =>
      analytics(actor, 'modulePerformance', {}, async () =>
        (await funnels()).modulePerformance(actor, snapshotOf(snapshotId), ports),
      ),
  }),
)

builder.queryField('blockingSkills', (t) =>
  t.field({
    type: BlockingSkills,
    nullable: true,
    description: 'Prerequisites that block the most of a gap; at most 25.',
    authScopes: { may: 'readSkillsGap' },
    args: { slice: t.arg({ type: GapSliceInput }), snapshotId: t.arg.id(snapshotArg) },
    complexity: 50,
    resolve: (_root, { slice: given, snapshotId }, { actor, ports, analytics }) => {
      const slice = sliceOf(given)
      return analytics(actor, 'blockingSkills', slice, async () =>
        (await blocks()).blockingSkills(actor, { ...slice, ...snapshotOf(snapshotId) }, ports),
      )
    },
  }),
)

builder.queryField('emergingSkills', (t) =>
  t.field({
    type: EmergingSkills,
    nullable: true,
    description: 'New skills, and those asked for more than in the snapshot before; at most 25.',
    authScopes: { may: 'readSkillsGap' },
    args: { slice: t.arg({ type: GapSliceInput }), snapshotId: t.arg.id(snapshotArg) },
    complexity: 50,
    resolve: (_root, { slice: given, snapshotId }, { actor, ports, analytics }) => {
      const slice = sliceOf(given)
      return analytics(actor, 'emergingSkills', slice, async () =>
        (await blocks()).emergingSkills(actor, { ...slice, ...snapshotOf(snapshotId) }, ports),
      )
    },
  }),
)
