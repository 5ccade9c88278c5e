import * as z from 'zod'
import { parse, zId, zLevel, zSlug } from '#core/parse.ts'
import type { LearningPath as PathShape, PathStep } from '#core/paths/learning-path.ts'
import type { UntaughtSkill as UntaughtShape } from '#core/paths/path-problem.ts'
import { planPath } from '#core/paths/plan-path.ts'
import { builder } from './builder.ts'
import { given } from './given.ts'
import { Module } from './modules.ts'
import { SkillLevel, SkillLevelInput } from './skills.ts'

const LearningPath = builder.objectRef<PathShape>('LearningPath')
const LearningPathStep = builder.objectRef<PathStep>('LearningPathStep')
const UntaughtSkill = builder.objectRef<UntaughtShape>('UntaughtSkill')

LearningPath.implement({
  description: 'The shortest way, in hours of workload, from what is held to what a role asks for.',
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
      description: 'Asked for, and what that requires, as far as it is not held.',
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
    optimal: t.exposeBoolean('optimal', { description: 'No path takes fewer hours.' }),
    lowerBoundHours: t.exposeFloat('lowerBoundHours', { description: 'What no path can go below.' }),
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
  skills: z.enum(['essential', 'all']).exactOptional(),
})

builder.queryField('learningPath', (t) =>
  t.field({
    type: LearningPath,
    nullable: true,
    authScopes: { may: 'planPath' },
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
      includeOptional: t.arg.boolean({ description: 'Also the optional skills of the role.' }),
    },
    complexity: 50,
    resolve: (_root, { includeOptional, ...args }, { actor, ports }) => {
      const own = actor?.learnerId ? { learnerId: actor.learnerId } : {}
      const question = { ...own, ...given(args), skills: includeOptional ? 'all' : 'essential' }
      return planPath(actor, parse(zQuestion, question), ports)
    },
  }),
)
