import type { Assessment as AssessmentShape } from '#core/assessments/assessment.ts'
import { recordAssessment, zRecordAssessment } from '#core/assessments/record-assessment.ts'
import { parse } from '#core/parse.ts'
import type { RecordedAssessment as RecordedShape } from '#core/store.ts'
import { Award } from './awards.ts'
import { builder } from './builder.ts'
import { given } from './given.ts'
import { CredentialOffer } from './offers.ts'

const Assessment = builder.objectRef<AssessmentShape>('Assessment')
const RecordedAssessment = builder.objectRef<RecordedShape>('RecordedAssessment')

Assessment.implement({
  description: 'A result. Never changed; a correction is a new one.',
  fields: (t) => ({
    id: t.exposeID('id'),
    moduleSlug: t.exposeString('moduleId'),
    scorePercent: t.exposeFloat('scorePercent'),
    passed: t.boolean({ resolve: ({ outcome }) => outcome === 'passed' }),
    fromGradedRun: t.boolean({ resolve: ({ gradedRunId }) => gradedRunId !== undefined }),
    recordedAt: t.field({ type: 'DateTime', resolve: ({ recordedAt }) => recordedAt }),
  }),
})

RecordedAssessment.implement({
  description: 'A result and what followed from it.',
  fields: (t) => ({
    assessment: t.field({ type: Assessment, resolve: ({ assessment }) => assessment }),
    award: t.field({ type: Award, nullable: true, description: 'On a pass.', resolve: ({ award }) => award }),
    offer: t.field({
      type: CredentialOffer,
      nullable: true,
      description: 'On a pass; the learner is told by mail.',
      resolve: ({ offer }) => offer,
    }),
  }),
})

const RecordAssessmentInput = builder.inputType('RecordAssessmentInput', {
  fields: (t) => ({
    requestId: t.string({ required: true }),
    learnerId: t.id({ required: true }),
    offeringId: t.id({ required: true }),
    scorePercent: t.float({ required: true }),
  }),
})

builder.mutationField('recordAssessment', (t) =>
  t.field({
    type: RecordedAssessment,
    nullable: true,
    errors: { union: { name: 'RecordAssessmentResult' } },
    authScopes: { may: 'recordAssessment' },
    args: { input: t.arg({ type: RecordAssessmentInput, required: true }) },
    resolve: (_root, { input }, { actor, ports }) =>
      recordAssessment(actor, parse(zRecordAssessment, given(input)), ports),
  }),
)
