import { hash } from 'node:crypto'
import type { LearnerId, OfferId } from '#core/ids.ts'
import { bytesOf, toBase64Url } from '#core/jose/base64url.ts'
import type { Ports, Signers } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import { type CredentialOffer, carriedOn } from './offer.ts'

/** What the claim page shows. */
export type PresentedOffer =
  | {
      state: 'presented'
      offer: CredentialOffer
      /** For a link and a QR code; holds no code, yet is a secret where the learner was spared the transaction code. */
      uri: string
      codeExpiresAt: Date
      /** Digits the wallet will ask for; absent when it asks for none. */
      txCodeLength?: number
    }
  /** A wallet has taken the code and is collecting; until then no other code is made. */
  | { state: 'collecting'; offer: CredentialOffer; until: Date }

const tries = 5

/**
 * Makes the pre-authorized code of an offer when its claim page is opened, and answers the wallet link. As
 * long as the code lives the same link is answered again, so reloading the page is harmless. A learner who
 * is signed in here is asked for no transaction code: the device is theirs.
 * Refuses `not_found`, `offer_not_open` and `award_not_valid`.
 */
export async function presentOffer(
  id: OfferId,
  by: { signedInAs?: LearnerId | undefined },
  ports: Pick<Ports, 'store' | 'clock' | 'signers' | 'settings'>,
): Promise<PresentedOffer> {
  for (let attempt = 0; attempt < tries; attempt++) {
    const now = ports.clock.now()
    const offer = await ports.store.findOffer(id)
    if (!offer) throw new Refusal('not_found', 'There is no such offer.')
    const asksTxCode = offer.txCode !== undefined && by.signedInAs !== offer.learnerId
    if (offer.state === 'redeemed' && offer.tokenExpiresAt > now) {
      return { state: 'collecting', offer, until: offer.tokenExpiresAt }
    }
    if (offer.state === 'presented' && offer.codeExpiresAt > now && offer.asksTxCode === asksTxCode) {
      return presented(offer, ports)
    }
    refuseUnlessOpen(offer, now)
    const award = await ports.store.findAward(offer.awardId)
    if (award?.status.state !== 'valid') {
      throw new Refusal('award_not_valid', 'The award of this offer is not valid: nothing is issued of it.')
    }
    const next = nextPresentation(offer, asksTxCode, now, ports)
    if (await ports.store.saveOfferChange(next, { at: now, what: 'presented' })) return presented(next, ports)
  }
  throw new Refusal('storage_busy', 'Too many changes of one offer at once; try again.')
}

/**
 * The pre-authorized code of one presentation: 256 bits of a MAC behind the offer's id. It can be made again
 * for the wallet that reads the offer, so the records hold only its hash.
 */
export function preAuthorizedCode(id: OfferId, presentation: number, signers: Pick<Signers, 'mac'>): string {
  const mac = signers.mac('pre-authorized-code', bytesOf(JSON.stringify([id, presentation])))
  return `${id}.${presentation}.${toBase64Url(mac)}`
}

export function hashCode(code: string): string {
  return hash('sha256', code, 'base64url')
}

type Presented = Extract<CredentialOffer, { state: 'presented' }>

/**
 * What stands behind `/offers/`, where a wallet reads this presentation and nowhere else: the offer's id. Where
 * the learner was spared the transaction code, who knows the claim link knows the id too, so a MAC follows
 * that only the learner's own page shows.
 */
export function offerAddress(offer: Presented, signers: Pick<Signers, 'mac'>): string {
  const { id, presentations } = offer
  if (offer.asksTxCode || !offer.txCode) return id
  return `${id}.${toBase64Url(signers.mac('offer-address', bytesOf(JSON.stringify([id, presentations]))))}`
}

/** Address a wallet reads the presented offer at. */
export function offerUrl(
  offer: Presented,
  { signers, settings }: Pick<Ports, 'signers' | 'settings'>,
): string {
  return `${settings.publicUrl}/offers/${offerAddress(offer, signers)}`
}

function presented(offer: Presented, ports: Pick<Ports, 'signers' | 'settings'>): PresentedOffer {
  const url = encodeURIComponent(offerUrl(offer, ports))
  return {
    state: 'presented',
    offer,
    uri: `openid-credential-offer://?credential_offer_uri=${url}`,
    codeExpiresAt: offer.codeExpiresAt,
    ...(offer.asksTxCode && offer.txCode ? { txCodeLength: offer.txCode.length } : {}),
  }
}

function refuseUnlessOpen(offer: CredentialOffer, now: Date): void {
  if (offer.expiresAt <= now) throw new Refusal('offer_not_open', 'The offer has expired; ask for a new one.')
  if (offer.state === 'issued') {
    throw new Refusal('offer_not_open', 'The credentials of this offer were collected; ask for a new offer.')
  }
  if (offer.state === 'locked') {
    throw new Refusal('offer_not_open', 'The offer is locked after too many wrong codes; ask for a new one.')
  }
  if (offer.state === 'withdrawn') throw new Refusal('offer_not_open', 'The offer was withdrawn.')
}

function nextPresentation(
  offer: CredentialOffer,
  asksTxCode: boolean,
  now: Date,
  { settings, signers }: Pick<Ports, 'settings' | 'signers'>,
): Presented {
  const presentations = offer.presentations + 1
  const lifetime = settings.preAuthorizedCodeLifetimeSeconds * 1000
  return {
    ...carriedOn(offer),
    presentations,
    state: 'presented',
    preAuthorizedCodeHash: hashCode(preAuthorizedCode(offer.id, presentations, signers)),
    codeExpiresAt: new Date(Math.min(now.getTime() + lifetime, offer.expiresAt.getTime())),
    asksTxCode,
  }
}
