import type { CredentialConfigurationId, CredentialOffer as OfferShape } from '#core/credentials/offer.ts'
import { credentialConfigurations } from '#core/credentials/offer.ts'
import {
  offerCredential,
  withdrawOffer,
  zOfferCredential,
  zWithdrawOffer,
} from '#core/credentials/offer-credential.ts'
import { parse } from '#core/parse.ts'
import { builder } from './builder.ts'
import { given } from './given.ts'

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

const CredentialConfiguration = builder.enumType('CredentialConfiguration', {
  values: Object.fromEntries(
    Object.keys(credentialConfigurations).map((name) => [name, { value: name as CredentialConfigurationId }]),
  ),
})
const TransactionCodeMode = builder.enumType('TransactionCodeMode', {
  description: 'BY_MAIL sends a random code; GIVEN takes yours; NONE asks for nothing.',
  values: ['BY_MAIL', 'GIVEN', 'NONE'] as const,
})

const OfferCredentialInput = builder.inputType('OfferCredentialInput', {
  fields: (t) => ({
    requestId: t.string({ required: true }),
    awardId: t.id({ required: true }),
    configurationIds: t.field({ type: [CredentialConfiguration], description: 'All when absent.' }),
    txCodeMode: t.field({ type: TransactionCodeMode }),
    txCode: t.string({ description: '4 to 10 digits, with GIVEN.' }),
  }),
})

const WithdrawOfferInput = builder.inputType('WithdrawOfferInput', {
  fields: (t) => ({ requestId: t.string({ required: true }), offerId: t.id({ required: true }) }),
})

builder.mutationFields((t) => ({
  offerCredential: t.field({
    type: CredentialOffer,
    nullable: true,
    errors: { union: { name: 'OfferCredentialResult' } },
    authScopes: { may: 'offerCredential' },
    args: { input: t.arg({ type: OfferCredentialInput, required: true }) },
    resolve: (_root, { input }, { actor, ports }) =>
      offerCredential(actor, parse(zOfferCredential, given(input)), ports),
  }),
  withdrawOffer: t.field({
    type: CredentialOffer,
    nullable: true,
    errors: { union: { name: 'WithdrawOfferResult' } },
    authScopes: { may: 'withdrawOffer' },
    args: { input: t.arg({ type: WithdrawOfferInput, required: true }) },
    resolve: (_root, { input }, { actor, ports }) =>
      withdrawOffer(actor, parse(zWithdrawOffer, given(input)), ports),
  }),
}))
