import * as z from 'zod'
import type { RecordItem } from '#core/records.ts'
import { Refusal } from '#core/refusal.ts'
import { type ShareLink, type ShareLinkStore, shareParts } from '#core/share/share-link.ts'
import { at, keys } from './keys.ts'
import { writeOnce } from './once.ts'
import type { StoreParts } from './store-parts.ts'
import { fromItem, toData, zDate, zId, zTenant } from './z-items.ts'

const shownLinks = 200

const zShareLink = z.object({
  id: zId('lnk'),
  tenant: zTenant,
  learnerId: zId('lrn'),
  awardId: zId('awd'),
  holderThumbprint: z.string(),
  show: z.array(z.enum(shareParts)),
  createdAt: zDate,
  expiresAt: zDate,
}) satisfies z.ZodType<ShareLink>

/** Shared links by the hash of their text; the engine forgets them when they have ended. */
export function shareLinkStore({ records, clock }: StoreParts): ShareLinkStore {
  return {
    async findShareLink(id) {
      const item = await records.get(keys.shareLink(id))
      return item && fromItem(zShareLink, 'share link', item)
    },

    async shareLinksOf(learnerId) {
      const { items } = await records.query({
        index: 'gsi1',
        pk: keys.learnerPartition(learnerId),
        sk: { beginsWith: 'LINK#' },
        limit: shownLinks,
        descending: true,
      })
      return items.map((item) => fromItem(zShareLink, 'share link', item))
    },

    async saveShareLinkOnce(request, link) {
      const outcome = await writeOnce(records, clock.now(), request, null, [
        { check: keys.learnerKey(link.learnerId), if: 'present' },
        { put: shareLinkItem(link), if: 'absent' },
      ])
      // Erased in this very moment: there is nothing left to show.
      if (outcome.outcome === 'failed') throw new Refusal('not_found', 'There is no such award.')
    },

    async deleteShareLinkOnce(request, id) {
      await writeOnce(records, clock.now(), request, null, [{ delete: keys.shareLink(id) }])
    },
  }
}

function shareLinkItem(link: ShareLink): RecordItem {
  return {
    ...keys.shareLink(link.id),
    version: 1,
    gsi1: { pk: keys.learnerPartition(link.learnerId), sk: `LINK#${at(link.createdAt)}#${link.id}` },
    ttl: Math.ceil(link.expiresAt.getTime() / 1000),
    data: toData(link),
  }
}
