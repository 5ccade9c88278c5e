import type { AwardId, CredentialId, LearnerId, OfferId, TenantTag } from '#core/ids.ts'

/** Names of our credential configurations in the issuer's metadata (OpenID4VCI 1.0 §12.2.4). */
export const credentialConfigurations = {
  AiSkill_sdjwt: 'dc+sd-jwt',
  AiSkill_jwt: 'jwt_vc_json',
} as const
export type CredentialConfigurationId = keyof typeof credentialConfigurations
export type CredentialFormat = (typeof credentialConfigurations)[CredentialConfigurationId]

interface OfferBase {
  id: OfferId
  tenant: TenantTag
  awardId: AwardId
  learnerId: LearnerId
  configurationIds: CredentialConfigurationId[]
  createdAt: Date
  expiresAt: Date
  /** Salted hash of the transaction code, when one is asked for. */
  txCode?: { hash: string; salt: string; wrongTries: number }
  version: number
}

/** The offer may live for days; its pre-authorized code, made when the learner opens the claim page, for minutes. */
export type CredentialOffer =
  | (OfferBase & { state: 'open' })
  | (OfferBase & { state: 'presented'; preAuthorizedCodeHash: string; codeExpiresAt: Date })
  | (OfferBase & { state: 'redeemed'; accessTokenHash: string; redeemedAt: Date })
  | (OfferBase & { state: 'issued'; credentialIds: CredentialId[]; issuedAt: Date })
  | (OfferBase & { state: 'locked' | 'withdrawn'; endedAt: Date })
