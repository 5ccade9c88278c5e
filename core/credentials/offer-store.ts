import type { LearnerId, OfferId } from '#core/ids.ts'
import type { Request } from '#core/store.ts'
import type { CredentialOffer, OfferLogEntry } from './offer.ts'

export interface OfferStore {
  findOffer(id: OfferId): Promise<CredentialOffer | undefined>
  /** Newest first, at most 100. */
  offersOf(learnerId: LearnerId): Promise<CredentialOffer[]>
  /** An offer of an award that exists already, with its event. Repeating the request answers the first offer. */
  saveOfferOnce(request: Request, offer: CredentialOffer): Promise<CredentialOffer>
  /**
   * Writes the next state of an offer if nobody else did since it was read (`offer.version - 1` is still
   * there). False when somebody did. This one write is what spends a pre-authorized code; what the log says
   * of the change is part of it, so that none is made without its line and none half-made.
   */
  saveOfferChange(offer: CredentialOffer, entry?: OfferLogEntry): Promise<boolean>
  /** Marks a nonce as spent until `until`. False when it was spent before. */
  spendNonceOnce(hash: string, until: Date): Promise<boolean>
  /** Adds a line to the offer's log. */
  noteOffer(id: OfferId, entry: OfferLogEntry): Promise<void>
  /** Newest first. */
  offerLog(id: OfferId, limit: number): Promise<OfferLogEntry[]>
}
