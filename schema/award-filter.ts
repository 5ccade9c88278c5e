import { builder } from './builder.ts'

export const AwardState = builder.enumType('AwardState', {
  values: ['valid', 'suspended', 'revoked', 'superseded'] as const,
})

/** Which awards are meant, in searches and in orders for many. */
export const AwardFilterInput = builder.inputType('AwardFilterInput', {
  description: 'Everything named must fit.',
  fields: (t) => ({
    awardIds: t.idList({ description: 'At most 1,000.' }),
    learnerIds: t.idList({ description: 'At most 1,000.' }),
    offeringId: t.id(),
    moduleId: t.string({ description: 'Slug of the module.' }),
    awardedFrom: t.string({ description: 'YYYY-MM-DD, included.' }),
    awardedTo: t.string({ description: 'YYYY-MM-DD, included.' }),
    state: t.field({ type: AwardState }),
    collected: t.boolean({ description: 'Whether a wallet has it.' }),
    bulkJobId: t.id({ description: 'Those a bulk job made.' }),
  }),
})
