import * as z from 'zod'
import {
  type CredentialConfigurationId,
  type CredentialOffer,
  credentialConfigurations,
} from '#core/credentials/offer.ts'
import type { RecordItem } from '#core/records.ts'
import { keys } from './keys.ts'
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
  txCode: z.object({ hash: z.string(), salt: z.string(), wrongTries: z.int().min(0) }).exactOptional(),
  version: z.int().min(1),
}

const zOffer = z.discriminatedUnion('state', [
  z.object({ ...base, state: z.literal('open') }),
  z.object({
    ...base,
    state: z.literal('presented'),
    preAuthorizedCodeHash: z.string(),
    codeExpiresAt: zDate,
  }),
  z.object({ ...base, state: z.literal('redeemed'), accessTokenHash: z.string(), redeemedAt: zDate }),
  z.object({ ...base, state: z.literal('issued'), credentialIds: z.array(zId('crd')), issuedAt: zDate }),
  z.object({ ...base, state: z.enum(['locked', 'withdrawn']), endedAt: zDate }),
]) satisfies z.ZodType<CredentialOffer>

/** The item of an offer; its record version is the offer's own. */
export function offerItem(offer: CredentialOffer): RecordItem {
  return { ...keys.offer(offer.id), version: offer.version, data: toData(offer) }
}

export function offerFromItem(item: RecordItem): CredentialOffer {
  return fromItem(zOffer, 'credential offer', item)
}
