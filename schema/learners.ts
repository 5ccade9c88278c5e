import { objectToStatistics } from '#core/gaps/object-to-statistics.ts'
import type { LearnerId } from '#core/ids.ts'
import type { Learner as LearnerShape } from '#core/learners/learner.ts'
import { requestErasure, zRequestErasure } from '#core/learners/request-erasure.ts'
import { parse, zId, zRequestId } from '#core/parse.ts'
import { Award } from './awards.ts'
import { builder } from './builder.ts'
import { given } from './given.ts'
import { Institution } from './institutions.ts'
import { visibleLearner } from './loaders.ts'
import { Enrolment } from './offerings.ts'
import { SkillLevel } from './skills.ts'

export const Learner = builder.objectRef<LearnerShape>('Learner')

builder.node(Learner, {
  description: 'Seen by the learner and by those who teach, assess and issue at the institution.',
  id: { resolve: ({ id }) => id },
  loadOne: (id, context) => visibleLearner(id as LearnerId, context),
  fields: (t) => ({
    institution: t.field({ type: Institution, resolve: ({ tenant }) => tenant }),
    givenName: t.string({ nullable: true, resolve: ({ person }) => person?.givenName }),
    familyName: t.string({ nullable: true, resolve: ({ person }) => person?.familyName }),
    email: t.string({ nullable: true, resolve: ({ person }) => person?.email }),
    erased: t.boolean({ resolve: ({ person }) => person === undefined }),
    recognisedSkills: t.field({ type: [SkillLevel], resolve: ({ recognisedSkills }) => recognisedSkills }),
    enrolments: t.field({
      type: [Enrolment],
      complexity: { multiplier: 10 },
      resolve: ({ id }, _args, { ports }) => ports.store.enrolmentsOf(id),
    }),
    awards: t.field({
      type: [Award],
      complexity: { multiplier: 10 },
      resolve: ({ id }, _args, { ports }) => ports.store.awardsOf(id),
    }),
  }),
})

const Erasure = builder.objectRef<{ learnerId: LearnerId }>('Erasure').implement({
  description: 'The personal data are unreadable for good.',
  fields: (t) => ({ learnerId: t.exposeID('learnerId') }),
})

const RequestErasureInput = builder.inputType('RequestErasureInput', {
  fields: (t) => ({
    requestId: t.string({ required: true }),
    learnerId: t.id({ required: true }),
    revokeAwards: t.boolean({
      description:
        'Awards stay valid, about a pseudonym, unless this is true. Where the institution wants four eyes only learners themselves may ask for it.',
    }),
  }),
})

builder.mutationField('requestErasure', (t) =>
  t.field({
    type: Erasure,
    nullable: true,
    errors: { union: { name: 'RequestErasureResult' } },
    authScopes: { may: 'requestErasure' },
    args: { input: t.arg({ type: RequestErasureInput, required: true }) },
    resolve: async (_root, { input }, { actor, ports }) => {
      const request = parse(zRequestErasure, given(input))
      await requestErasure(actor, request, ports)
      return { learnerId: request.learnerId }
    },
  }),
)

const Objection = builder
  .objectRef<{ learnerId: LearnerId; objects: boolean }>('StatisticsObjection')
  .implement({
    description: 'Whether a learner is out of statistics, from the next snapshot on.',
    fields: (t) => ({ learnerId: t.exposeID('learnerId'), objects: t.exposeBoolean('objects') }),
  })

const ObjectInput = builder.inputType('ObjectToStatisticsInput', {
  fields: (t) => ({
    requestId: t.string({ required: true }),
    learnerId: t.id({ required: true }),
    objects: t.boolean({ required: true, description: 'False: back into statistics.' }),
  }),
})

builder.mutationField('objectToStatistics', (t) =>
  t.field({
    type: Objection,
    nullable: true,
    description: 'A learner leaves statistics, whatever was consented to before; no reason is asked for.',
    errors: { union: { name: 'ObjectToStatisticsResult' } },
    authScopes: { may: 'objectToStatistics' },
    args: { input: t.arg({ type: ObjectInput, required: true }) },
    resolve: (_root, { input }, { actor, ports }) =>
      objectToStatistics(
        actor,
        {
          requestId: parse(zRequestId, input.requestId),
          learnerId: parse(zId('lrn'), input.learnerId),
          objects: input.objects,
        },
        ports,
      ),
  }),
)
