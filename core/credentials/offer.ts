import type { AwardId, CredentialId, LearnerId, OfferId, TenantTag } from '#core/ids.ts'

/** Names of our credential configurations in the issuer's metadata (OpenID4VCI 1.0 §12.2.4). */
export const credentialConfigurations = {
  AiSkill_sdjwt: 'dc+sd-jwt',
  AiSkill_jwt: 'jwt_vc_json',
} as const
export type CredentialConfigurationId = keyof typeof credentialConfigurations
/** What wallets collect; bound to a key of the holder. */
export type WalletFormat = (typeof credentialConfigurations)[CredentialConfigurationId]

/** What the holder must type besides presenting the code; only its MAC is kept. */
export interface TxCode {
  mac: string
  length: number
  /** Sent to the learner by mail, and so can be made again for that mail; else the caller chose it. */
  byMail: boolean
}

interface OfferBase {
  id: OfferId
  tenant: TenantTag
  awardId: AwardId
  learnerId: LearnerId
  configurationIds: CredentialConfigurationId[]
  createdAt: Date
  expiresAt: Date
  txCode?: TxCode
  /** Wrong transaction codes so far, over all presentations. */
  wrongTries: number
  /** How often a code was made; part of each code, so that an older one is dead. */
  presentations: number
  /** What was issued from this offer, over all presentations. */
  issued: { configurationId: CredentialConfigurationId; credentialId: CredentialId }[]
  /** Raised by one with every change; spending the code is a write on the version that was read. */
  version: number
}

/** Facts about the one access token of a presentation. */
interface Redemption {
  /** SHA-256 of the spent code: its return is a replay. */
  preAuthorizedCodeHash: string
  /** `jti` of the access token. */
  tokenId: string
  /** In the past once the token was revoked. */
  tokenExpiresAt: Date
  redeemedAt: Date
}

/** The offer may live for days; its pre-authorized code, made when the learner opens the claim page, for minutes. */
export type CredentialOffer =
  | (OfferBase & { state: 'open' })
  | (OfferBase & {
      state: 'presented'
      preAuthorizedCodeHash: string
      codeExpiresAt: Date
      asksTxCode: boolean
    })
  | (OfferBase & Redemption & { state: 'redeemed' })
  /** Every configuration was issued. The token may still be used to repeat an answer that was lost. */
  | (OfferBase & Redemption & { state: 'issued'; issuedAt: Date })
  | (OfferBase & { state: 'locked' | 'withdrawn'; endedAt: Date })

/** Why an offer ended up where it is: shown on the claim page, and kept for audit. No code, token or proof. */
export interface OfferLogEntry {
  at: Date
  what: OfferLogWhat
  /** Error code that was answered, for a refusal. */
  code?: string
  /** The reason in plain words. */
  reason?: string
}
export type OfferLogWhat =
  | 'opened'
  | 'mailed'
  | 'mail-refused'
  | 'presented'
  | 'token-issued'
  | 'token-refused'
  | 'tokens-revoked'
  | 'credential-issued'
  | 'credential-refused'
  | 'credential-accepted'
  | 'credential-failure'
  | 'credential-deleted'
  | 'withdrawn'
  | 'locked'

/** What an offer keeps whatever its state becomes, one version on: the state it leaves takes its own facts along. */
export function carriedOn(offer: CredentialOffer): OfferBase {
  const { id, tenant, awardId, learnerId, configurationIds, createdAt, expiresAt, txCode } = offer
  const { wrongTries, presentations, issued, version } = offer
  return {
    id,
    tenant,
    awardId,
    learnerId,
    configurationIds,
    createdAt,
    expiresAt,
    ...(txCode ? { txCode } : {}),
    wrongTries,
    presentations,
    issued,
    version: version + 1,
  }
}
