import * as z from 'zod'
import { parse, zId, zLevel, zSlug } from '#core/parse.ts'
import type { LearningPath as PathShape, PathStep } from '#core/paths/learning-path.ts'
import { pathCosts } from '#core/paths/path-cost.ts'
import { pathMethods } from '#core/paths/path-method.ts'
import type { UntaughtSkill as UntaughtShape } from '#core/paths/path-problem.ts'
import { acceptCredential } from '#core/paths/presented-skills.ts'
import { builder } from './builder.ts'
import { given } from './given.ts'
import { Module } from './modules.ts'
import { SkillLevel, SkillLevelInput } from './skills.ts'

const LearningPath = builder.objectRef<PathShape>('LearningPath')
const LearningPathStep = builder.objectRef<PathStep>('LearningPathStep')
const UntaughtSkill = builder.objectRef<UntaughtShape>('UntaughtSkill')

const PathCost = builder.enumType('PathCost', {
  description: 'What a path can have least of: hours of work, hours of accelerators, ECTS credits.',
  values: pathCosts,
})
const PathMethod = builder.enumType('PathMethod', {
  description: 'Searched to the end, or found at once with a bound beside it.',
  values: pathMethods,
})

LearningPath.implement({
  description: 'The way of least hours, GPU-hours or credits from what is held to what a role asks for.',
  fields: (t) => ({
    role: t.exposeString('role'),
    sector: t.exposeString('sector', { nullable: true }),
    met: t.field({
      type: [SkillLevel],
      description: 'Asked for and already held.',
      resolve: ({ met }) => met,
    }),
    needed: t.field({
      type: [SkillLevel],
      description: 'Asked for, and what that requires, as far as it is not held; in an order to learn it in.',
      resolve: ({ needed }) => needed,
    }),
    steps: t.field({
      type: [LearningPathStep],
      description: 'In an order one can really take.',
      complexity: { multiplier: 10 },
      resolve: ({ steps }) => steps,
    }),
    workloadHours: t.exposeFloat('workloadHours'),
    ects: t.exposeFloat('ects'),
    gpuHours: t.exposeFloat('gpuHours', { description: 'What its practicals may use at most.' }),
    minimise: t.field({ type: PathCost, resolve: ({ minimise }) => minimise }),
    method: t.field({ type: PathMethod, resolve: ({ method }) => method }),
    cost: t.exposeFloat('cost', { description: 'Of the path, in what it has least of.' }),
    lowerBound: t.exposeFloat('lowerBound', { description: 'What no path can go below.' }),
    optimal: t.exposeBoolean('optimal', { description: 'It is proved that no path costs less.' }),
    untaught: t.field({
      type: [UntaughtSkill],
      description: 'What no module that can be reached teaches, or not to the level asked for.',
      resolve: ({ untaught }) => untaught,
    }),
  }),
})

LearningPathStep.implement({
  fields: (t) => ({
    slug: t.exposeString('module'),
    module: t.field({
      type: Module,
      nullable: true,
      resolve: ({ module }, _args, { ports }) => ports.ontology.modules.get(module),
    }),
    workloadHours: t.exposeFloat('workloadHours'),
    ects: t.exposeFloat('ects'),
    gpuHours: t.exposeFloat('gpuHours'),
    gains: t.field({
      type: [SkillLevel],
      description: 'What is new after it.',
      resolve: ({ gains }) => gains,
    }),
  }),
})

UntaughtSkill.implement({
  fields: (t) => ({
    needed: t.field({ type: SkillLevel, resolve: ({ skill, level }) => ({ skill, level }) }),
    taughtTo: t.int({ description: '0 when no module teaches it.', resolve: ({ taughtTo }) => taughtTo }),
  }),
})

const zQuestion = z.strictObject({
  role: zSlug,
  sector: zSlug.exactOptional(),
  learnerId: zId('lrn').exactOptional(),
  held: z
    .array(z.object({ skill: zSlug, level: zLevel }))
    .max(200)
    .exactOptional(),
  credential: z.string().max(60_000).exactOptional(),
  skills: z.enum(['essential', 'all']).exactOptional(),
  minimise: z.enum(pathCosts).exactOptional(),
  method: z.enum(pathMethods).exactOptional(),
})

builder.queryField('learningPath', (t) =>
  t.field({
    type: LearningPath,
    nullable: true,
    description:
      'Anybody may plan from what they say they hold, or show by a credential; whose awards count needs a token.',
    args: {
      role: t.arg.string({ required: true, description: 'Slug.' }),
      sector: t.arg.string({ description: 'Slug; the role alone when absent.' }),
      learnerId: t.arg.id({
        description: 'Whose path. A learner’s own when absent; for a manager, a path from `held` alone.',
      }),
      held: t.arg({
        type: [SkillLevelInput],
        description: 'Skills said to be held besides those on record.',
      }),
      credential: t.arg.string({
        description: 'A credential; the skills it states count as held when it passes every check.',
      }),
      includeOptional: t.arg.boolean({ description: 'Also the optional skills of the role.' }),
      minimise: t.arg({ type: PathCost, description: 'Hours of work when absent.' }),
      method: t.arg({ type: PathMethod, description: 'By the size of the catalogue when absent.' }),
    },
    complexity: 50,
    resolve: async (_root, { includeOptional, ...args }, { actor, ports }) => {
      const own = actor?.learnerId ? { learnerId: actor.learnerId } : {}
      const asked = { ...own, ...given(args), skills: includeOptional ? 'all' : 'essential' }
      const { credential, held = [], ...question } = parse(zQuestion, asked)
      const shown = credential === undefined ? [] : (await acceptCredential(credential, ports)).skills
      const { planPath } = await import('#core/paths/plan-path.ts')
      return planPath(actor, { ...question, held: [...held, ...shown] }, ports)
    },
  }),
)
