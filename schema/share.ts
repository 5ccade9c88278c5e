import type { ShareLinkId } from '#core/ids.ts'
import { parse, zId, zRequestId } from '#core/parse.ts'
import {
  type SharedAward as SharedShape,
  shareAward,
  withdrawShareLink,
  zShareAward,
} from '#core/share/share-award.ts'
import { shareLifetimeDays, shareParts } from '#core/share/share-link.ts'
import { builder } from './builder.ts'
import { given } from './given.ts'

const SharedAward = builder.objectRef<SharedShape>('SharedAward')
const SharePart = builder.enumType('SharePart', { values: shareParts })

SharedAward.implement({
  description: 'A link for an employer. Whoever has it sees the credential: it is shown here only.',
  fields: (t) => ({
    id: t.id({ resolve: ({ link }) => link.id }),
    url: t.exposeString('url'),
    shows: t.field({ type: [SharePart], resolve: ({ link }) => link.show }),
    expiresAt: t.field({ type: 'DateTime', resolve: ({ link }) => link.expiresAt }),
  }),
})

const ShareAwardInput = builder.inputType('ShareAwardInput', {
  fields: (t) => ({
    requestId: t.string({ required: true }),
    awardId: t.id({ required: true }),
    show: t.field({
      type: [SharePart],
      required: true,
      description: 'Besides what was awarded, by whom and when, which always shows.',
    }),
    lifetimeDays: t.int({
      required: true,
      defaultValue: shareLifetimeDays.usual,
      description: `${shareLifetimeDays.least} to ${shareLifetimeDays.most}.`,
    }),
  }),
})

const RevokedShareLink = builder.objectRef<{ id: ShareLinkId }>('RevokedShareLink').implement({
  fields: (t) => ({ id: t.exposeID('id') }),
})

const RevokeShareLinkInput = builder.inputType('RevokeShareLinkInput', {
  fields: (t) => ({ requestId: t.string({ required: true }), id: t.id({ required: true }) }),
})

builder.mutationFields((t) => ({
  shareAward: t.field({
    type: SharedAward,
    nullable: true,
    errors: { union: { name: 'ShareAwardResult' } },
    authScopes: { may: 'shareAward' },
    args: { input: t.arg({ type: ShareAwardInput, required: true }) },
    resolve: (_root, { input }, { actor, ports }) =>
      shareAward(actor, parse(zShareAward, given(input)), ports),
  }),
  revokeShareLink: t.field({
    type: RevokedShareLink,
    nullable: true,
    errors: { union: { name: 'RevokeShareLinkResult' } },
    authScopes: { may: 'shareAward' },
    args: { input: t.arg({ type: RevokeShareLinkInput, required: true }) },
    resolve: async (_root, { input }, { actor, ports }) => {
      const requestId = parse(zRequestId, input.requestId)
      const id = parse(zId('lnk'), input.id)
      await withdrawShareLink(actor, { requestId, id }, ports)
      return { id }
    },
  }),
}))
