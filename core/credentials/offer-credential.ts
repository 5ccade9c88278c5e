import * as z from 'zod'
import { type Actor, authorise } from '#core/access/operations.ts'
import { type AwardId, type LearnerId, type OfferId, tenantOf } from '#core/ids.ts'
import { zId, zRequestId } from '#core/parse.ts'
import type { Ports } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import { requestOf } from '#core/requests.ts'
import {
  type CredentialConfigurationId,
  type CredentialOffer,
  carriedOn,
  credentialConfigurations,
} from './offer.ts'
import { openOffer, type TxCodeChoice } from './open-offer.ts'

const configurationIds = Object.keys(credentialConfigurations) as [
  CredentialConfigurationId,
  ...CredentialConfigurationId[],
]

/** What an edge parses before it calls `offerCredential`. */
export const zOfferCredential = z.strictObject({
  requestId: zRequestId,
  awardId: zId('awd'),
  /** All formats when absent. */
  configurationIds: z.array(z.enum(configurationIds)).min(1).max(configurationIds.length).exactOptional(),
  /** `BY_MAIL` when absent. `GIVEN` needs `txCode`. */
  txCodeMode: z.enum(['BY_MAIL', 'NONE', 'GIVEN']).exactOptional(),
  txCode: z
    .string()
    .regex(/^\d{4,10}$/)
    .exactOptional(),
})
export type OfferCredential = z.output<typeof zOfferCredential>

/**
 * Offers an award that exists once more: for another wallet, after a lock, in another format. Repeating a
 * `requestId` answers the first offer. Refuses `award_not_valid`.
 */
export async function offerCredential(
  actor: Actor | undefined,
  { requestId, ...input }: OfferCredential,
  ports: Pick<Ports, 'store' | 'clock' | 'random' | 'signers' | 'settings'>,
): Promise<CredentialOffer> {
  const tenant = tenantOf(input.awardId)
  const award = tenant && (await ports.store.findAward(input.awardId))
  if (!award) throw new Refusal('not_found', 'There is no such record.')
  authorise(actor, 'offerCredential', { tenant: award.tenant, learnerId: award.learnerId })
  if (award.status.state !== 'valid') {
    throw new Refusal('award_not_valid', `The award is ${award.status.state}: it cannot be offered.`)
  }
  const { configurationIds: asked } = input
  const offer = openOffer(
    award,
    { ...(asked ? { configurationIds: asked } : {}), txCode: choiceOf(input) },
    ports,
  )
  return ports.store.saveOfferOnce(requestOf(actor, 'offerCredential', award.tenant, requestId, input), offer)
}

function choiceOf({ txCodeMode, txCode }: Omit<OfferCredential, 'requestId'>): TxCodeChoice {
  const mode = txCodeMode ?? (txCode === undefined ? 'BY_MAIL' : 'GIVEN')
  if ((mode === 'GIVEN') !== (txCode !== undefined)) {
    throw new Refusal('invalid_input', 'txCode: goes with txCodeMode GIVEN, and only with it.', {
      field: 'txCode',
    })
  }
  if (mode === 'NONE') return 'none'
  return txCode === undefined ? 'by-mail' : { code: txCode }
}

/** What an edge parses before it calls `withdrawOffer`. */
export const zWithdrawOffer = z.strictObject({ requestId: zRequestId, offerId: zId('ofr') })
export type WithdrawOffer = z.output<typeof zWithdrawOffer>

const tries = 5

/**
 * Ends an offer: its code and its token stop working at once. What was issued stays valid; revoking is a
 * matter of the award. Withdrawing again changes nothing.
 */
export async function withdrawOffer(
  actor: Actor | undefined,
  { offerId }: WithdrawOffer,
  ports: Pick<Ports, 'store' | 'clock'>,
): Promise<CredentialOffer> {
  const offer = await ports.store.findOffer(offerId)
  if (!offer) throw new Refusal('not_found', 'There is no such record.')
  authorise(actor, 'withdrawOffer', { tenant: offer.tenant, learnerId: offer.learnerId })
  return withdraw(offer, ports)
}

async function withdraw(
  offer: CredentialOffer,
  ports: Pick<Ports, 'store' | 'clock'>,
): Promise<CredentialOffer> {
  let current: CredentialOffer | undefined = offer
  for (let attempt = 0; attempt < tries; attempt++) {
    if (!current) throw new Error('an offer is gone')
    if (current.state === 'withdrawn') return current
    const now = ports.clock.now()
    const next = endOffer(current, 'withdrawn', now)
    if (await ports.store.saveOfferChange(next, { at: now, what: 'withdrawn' })) return next
    current = await ports.store.findOffer(offer.id)
  }
  throw new Refusal('storage_busy', 'Too many changes of one offer at once; try again.')
}

/** Whether a wallet may still come with this offer, or is collecting right now. */
export function isLive(offer: CredentialOffer, now: Date): boolean {
  if (offer.state === 'redeemed') return offer.tokenExpiresAt > now
  return (offer.state === 'open' || offer.state === 'presented') && offer.expiresAt > now
}

/** Ends every offer of an award that a wallet could still take up, but for `spared`; answers how many there were. */
export async function withdrawLiveOffers(
  award: { id: AwardId; learnerId: LearnerId },
  ports: Pick<Ports, 'store' | 'clock'>,
  spared?: OfferId,
): Promise<number> {
  const now = ports.clock.now()
  const offers = await ports.store.offersOf(award.learnerId)
  const live = offers.filter(
    (offer) => offer.awardId === award.id && offer.id !== spared && isLive(offer, now),
  )
  for (const offer of live) await withdraw(offer, ports)
  return live.length
}

/** The offer in a final state, without what only the living ones have. */
export function endOffer(
  offer: CredentialOffer,
  state: 'locked' | 'withdrawn',
  endedAt: Date,
): CredentialOffer {
  return { ...carriedOn(offer), state, endedAt }
}
