import { type Actor, roles } from '#core/access/operations.ts'
import { platformTag } from '#core/ids.ts'
import { builder } from './builder.ts'
import { Institution } from './institutions.ts'
import { Learner } from './learners.ts'
import { visibleLearner } from './loaders.ts'

const Viewer = builder.objectRef<Actor>('Viewer')
const AcademyRole = builder.enumType('AcademyRole', {
  values: Object.fromEntries(roles.map((role) => [role.replaceAll('-', '_'), { value: role }])),
})

Viewer.implement({
  description: 'Who the access token speaks for.',
  fields: (t) => ({
    roles: t.field({ type: [AcademyRole], resolve: ({ roles: held }) => [...held] }),
    learner: t.field({
      type: Learner,
      nullable: true,
      description: 'The caller’s own record, when the account is a learner’s.',
      resolve: ({ learnerId }, _args, context) => (learnerId ? visibleLearner(learnerId, context) : null),
    }),
    institution: t.field({
      type: Institution,
      nullable: true,
      description: 'Null for an account of the platform.',
      resolve: ({ tenant }) => (tenant === platformTag ? null : tenant),
    }),
  }),
})

builder.queryField('viewer', (t) =>
  t.field({
    type: Viewer,
    nullable: true,
    description: 'Null without an access token.',
    resolve: (_root, _args, { actor }) => actor,
  }),
)
