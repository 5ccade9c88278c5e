import * as z from 'zod'
import {
  type CredentialConfigurationId,
  type CredentialOffer,
  credentialConfigurations,
} from '#core/credentials/offer.ts'
import type { RecordItem } from '#core/records.ts'
import { at, keys } from './keys.ts'
import { fromItem, toData, zDate, zId, zTenant } from './z-items.ts'

const configurationIds = Object.keys(credentialConfigurations) as CredentialConfigurationId[]

const base = {
  id: zId('ofr'),
  tenant: zTenant,
  awardId: zId('awd'),
  learnerId: zId('lrn'),
  configurationIds: z.array(z.enum(configurationIds)),
  createdAt: zDate,
  expiresAt: zDate,
  txCode: z.object({ mac: z.string(), length: z.int(), byMail: z.boolean() }).exactOptional(),
  wrongTries: z.int().min(0),
  presentations: z.int().min(0),
  issued: z.array(z.object({ configurationId: z.enum(configurationIds), credentialId: zId('crd') })),
  version: z.int().min(1),
}

const redemption = {
  preAuthorizedCodeHash: z.string(),
  tokenId: z.string(),
  tokenExpiresAt: zDate,
  redeemedAt: zDate,
}

const zOffer = z.discriminatedUnion('state', [
  z.object({ ...base, state: z.literal('open') }),
  z.object({
    ...base,
    state: z.literal('presented'),
    preAuthorizedCodeHash: z.string(),
    codeExpiresAt: zDate,
    asksTxCode: z.boolean(),
  }),
  z.object({ ...base, ...redemption, state: z.literal('redeemed') }),
  z.object({ ...base, ...redemption, state: z.literal('issued'), issuedAt: zDate }),
  z.object({ ...base, state: z.enum(['locked', 'withdrawn']), endedAt: zDate }),
]) satisfies z.ZodType<CredentialOffer>

/** The item of an offer; its record version is the offer's own. */
export function offerItem(offer: CredentialOffer): RecordItem {
  return {
    ...keys.offer(offer.id),
    version: offer.version,
    gsi1: { pk: keys.learnerPartition(offer.learnerId), sk: `OFR#${at(offer.createdAt)}#${offer.id}` },
    data: toData(offer),
  }
}

export function offerFromItem(item: RecordItem): CredentialOffer {
  return fromItem(zOffer, 'credential offer', item)
}
