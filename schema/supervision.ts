import { parse } from '#core/parse.ts'
import { superviseLearner, zSuperviseLearner } from '#core/practicals/supervise-learner.ts'
import {
  identityChecks,
  presences,
  type Supervision as SupervisionShape,
} from '#core/practicals/supervision.ts'
import { builder } from './builder.ts'

const Supervision = builder.objectRef<SupervisionShape>('Supervision')

Supervision.implement({
  description:
    'An assessor’s word that a learner’s identity was checked and that the learner is watched. Practicals started meanwhile are supervised, level 3, where work and grade run under two accounts.',
  fields: (t) => ({
    learnerId: t.exposeID('learnerId'),
    offeringId: t.exposeID('offeringId'),
    from: t.field({ type: 'DateTime', resolve: ({ from }) => from }),
    until: t.field({ type: 'DateTime', resolve: ({ until }) => until }),
    identity: t.exposeString('identity', { description: `${identityChecks.join(', ')}.` }),
    presence: t.exposeString('presence', { description: `${presences.join(', ')}.` }),
  }),
})

const SuperviseLearnerInput = builder.inputType('SuperviseLearnerInput', {
  fields: (t) => ({
    requestId: t.string({ required: true }),
    learnerId: t.id({ required: true }),
    offeringId: t.id({ required: true }),
    identity: t.string({ required: true, description: `How it was checked: ${identityChecks.join(', ')}.` }),
    presence: t.string({
      required: true,
      description: `How the learner is watched: ${presences.join(', ')}.`,
    }),
    minutes: t.int({ required: true, description: 'From now, at most 480; 0 ends it.' }),
  }),
})

builder.mutationField('superviseLearner', (t) =>
  t.field({
    type: Supervision,
    nullable: true,
    description: 'Said when it begins, never for what is past.',
    errors: { union: { name: 'SuperviseLearnerResult' } },
    authScopes: { may: 'superviseLearner' },
    args: { input: t.arg({ type: SuperviseLearnerInput, required: true }) },
    resolve: (_root, { input }, { actor, ports }) =>
      superviseLearner(actor, parse(zSuperviseLearner, { ...input }), ports),
  }),
)
