import { randomBytes } from 'node:crypto'
import * as z from 'zod'
import type { OfferLogEntry, OfferLogWhat } from '#core/credentials/offer.ts'
import type { OfferStore } from '#core/credentials/offer-store.ts'
import type { OfferId } from '#core/ids.ts'
import type { RecordItem, RecordWrite } from '#core/records.ts'
import { Refusal } from '#core/refusal.ts'
import { at, keys } from './keys.ts'
import { writeAboutLearner } from './learner-events.ts'
import { offerFromItem, offerItem } from './offer-item.ts'
import type { StoreParts } from './store-parts.ts'
import { fromItem, toData, zDate, zId } from './z-items.ts'

const shownOffers = 100
const logKeptDays = 365

/** Offers, the log of each, and spent nonces. */
export function offerStore(parts: StoreParts): OfferStore {
  const { records } = parts
  let lines = 0

  async function findOffer(id: OfferId) {
    const item = await records.get(keys.offer(id))
    return item && offerFromItem(item)
  }

  function logItem(id: OfferId, entry: OfferLogEntry): RecordItem {
    // The number orders lines of one millisecond, the random part keeps those of two processes apart.
    const order = String(lines++ % 1_000_000).padStart(6, '0')
    const sk = `LOG#${at(entry.at)}#${order}${randomBytes(4).toString('hex')}`
    const ttl = Math.floor(entry.at.getTime() / 1000) + logKeptDays * 86_400
    return { pk: keys.offer(id).pk, sk, version: 1, ttl, data: toData(entry) }
  }

  return {
    findOffer,

    async offersOf(learnerId) {
      const { items } = await records.query({
        index: 'gsi1',
        pk: keys.learnerPartition(learnerId),
        sk: { beginsWith: 'OFR#' },
        limit: shownOffers,
        descending: true,
      })
      return items.map(offerFromItem)
    },

    async saveOfferOnce(request, offer) {
      const { id: offerId, awardId, learnerId } = offer
      const outcome = await writeAboutLearner(parts, {
        request,
        learnerId,
        result: toData({ offer: offerId }),
        writes: [
          { check: keys.award(awardId), if: 'present' },
          { put: offerItem(offer), if: 'absent' },
        ],
        events: [{ type: 'offer.opened', awardId, offerId, learnerId }],
      })
      if (outcome.outcome === 'written') return offer
      if (outcome.outcome === 'failed') throw new Refusal('not_found', 'There is no such award.')
      const first = await findOffer(z.object({ offer: zId('ofr') }).parse(outcome.result).offer)
      if (!first) throw new Error('an answered offer is gone')
      return first
    },

    async saveOfferChange(offer, entry) {
      const change: RecordWrite = { put: offerItem(offer), if: { version: offer.version - 1 } }
      const answer = await records.transact(entry ? [change, { put: logItem(offer.id, entry) }] : [change])
      return answer.ok
    },

    async spendNonceOnce(hash, until) {
      const ttl = Math.ceil(until.getTime() / 1000)
      const marker = { ...keys.spentNonce(hash), version: 1, ttl, data: {} }
      return (await records.transact([{ put: marker, if: 'absent' }])).ok
    },

    async noteOffer(id, entry) {
      await records.transact([{ put: logItem(id, entry) }])
    },

    async offerLog(id, limit) {
      const query = { pk: keys.offer(id).pk, sk: { beginsWith: 'LOG#' }, limit, descending: true }
      const { items } = await records.query(query)
      return items.map((item) => fromItem(zLogEntry, 'offer log entry', item))
    },
  }
}

const whats = [
  'opened',
  'mailed',
  'mail-refused',
  'presented',
  'token-issued',
  'token-refused',
  'tokens-revoked',
  'credential-issued',
  'credential-refused',
  'credential-accepted',
  'credential-failure',
  'credential-deleted',
  'withdrawn',
  'locked',
] as const satisfies OfferLogWhat[]

const zLogEntry = z.object({
  at: zDate,
  what: z.enum(whats),
  code: z.string().exactOptional(),
  reason: z.string().exactOptional(),
}) satisfies z.ZodType<OfferLogEntry>
