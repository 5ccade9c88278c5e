import type { CredentialOffer as OfferShape } from '#core/credentials/offer.ts'
import { credentialConfigurations } from '#core/credentials/offer.ts'
import { builder } from './builder.ts'

export const CredentialOffer = builder.objectRef<OfferShape>('CredentialOffer')

CredentialOffer.implement({
  description:
    'An invitation to a wallet. Holds no code: codes are made when the learner opens the claim page.',
  fields: (t) => ({
    id: t.exposeID('id'),
    state: t.exposeString('state', {
      description: 'open, presented, redeemed, issued, locked or withdrawn.',
    }),
    formats: t.stringList({
      resolve: ({ configurationIds }) => configurationIds.map((name) => credentialConfigurations[name]),
    }),
    asksTransactionCode: t.boolean({ resolve: ({ txCode }) => txCode !== undefined }),
    createdAt: t.field({ type: 'DateTime', resolve: ({ createdAt }) => createdAt }),
    expiresAt: t.field({ type: 'DateTime', resolve: ({ expiresAt }) => expiresAt }),
    claimUrl: t.string({
      description: 'The page the learner opens.',
      resolve: ({ id }, _args, { ports }) => `${ports.settings.publicUrl}/claim/${id}`,
    }),
  }),
})
