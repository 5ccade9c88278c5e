import * as z from 'zod'
import { type Actor, authorise } from '#core/access/operations.ts'
import { type ShareLinkId, tenantOf } from '#core/ids.ts'
import { zId, zRequestId } from '#core/parse.ts'
import type { Ports } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import { requestOf } from '#core/requests.ts'
import { linkText, shareLinkId } from './link-text.ts'
import { type ShareLink, shareLifetimeDays, shareLinksPerLearner, shareParts } from './share-link.ts'

/** What an edge parses before it calls `shareAward`. */
export const zShareAward = z.strictObject({
  requestId: zRequestId,
  awardId: zId('awd'),
  /** What to show besides what always shows. */
  show: z.array(z.enum(shareParts)).max(shareParts.length),
  lifetimeDays: z.int().min(shareLifetimeDays.least).max(shareLifetimeDays.most),
})
export type ShareAward = z.output<typeof zShareAward>

export interface SharedAward {
  /** The secret; shown to the learner once, stored by its hash only. */
  text: string
  url: string
  link: ShareLink
}

/**
 * Makes a link to a credential of the learner's own award. Repeating the `requestId` answers the same link.
 * Refuses `state_conflict` as long as no credential of the award was collected, `quota_exceeded` beyond
 * `shareLinksPerLearner`.
 */
export async function shareAward(
  actor: Actor | undefined,
  { requestId, ...input }: ShareAward,
  ports: Pick<Ports, 'store' | 'clock' | 'signers' | 'settings'>,
): Promise<SharedAward> {
  const { store } = ports
  const tenant = tenantOf(input.awardId)
  const award = tenant && (await store.findAward(input.awardId))
  if (!award) throw new Refusal('not_found', 'There is no such record.')
  authorise(actor, 'shareAward', { tenant: award.tenant, learnerId: award.learnerId })
  const show = shareParts.filter((part) => input.show.includes(part))
  const request = requestOf(actor, 'shareAward', award.tenant, requestId, { ...input, show })
  const text = linkText(request, ports.signers)
  const id = shareLinkId(text)
  if (!id) throw new Error('a link of ours does not have the form of one')

  const repeated = await store.wasAnswered(request)
  const before = repeated ? await store.findShareLink(id) : undefined
  if (repeated && !before) throw new Refusal('not_found', 'This link has ended or was withdrawn.')
  const link = before ?? {
    id,
    tenant: award.tenant,
    learnerId: award.learnerId,
    awardId: award.id,
    holderThumbprint: await newestEdition(award.id, store),
    show,
    createdAt: ports.clock.now(),
    expiresAt: new Date(ports.clock.now().getTime() + input.lifetimeDays * 86_400_000),
  }
  if (!before) {
    if ((await store.shareLinksOf(award.learnerId)).length >= shareLinksPerLearner) {
      throw new Refusal(
        'quota_exceeded',
        `At most ${shareLinksPerLearner} links at a time; withdraw one first.`,
      )
    }
    await store.saveShareLinkOnce(request, link)
  }
  return { text, url: `${ports.settings.publicUrl}/v/${text}`, link }
}

async function newestEdition(awardId: ShareLink['awardId'], store: Ports['store']): Promise<string> {
  const editions = (await store.credentialsOfAward(awardId)).filter(({ format }) => format === 'dc+sd-jwt')
  const [newest] = editions.sort((a, b) => b.issuedAt.getTime() - a.issuedAt.getTime())
  if (!newest) {
    throw new Refusal(
      'state_conflict',
      'Collect the credential into your wallet first; then it can be shared.',
    )
  }
  return newest.holderThumbprint
}

/** Withdraws a link of the learner's own. Refuses `not_found` for any other. */
export async function withdrawShareLink(
  actor: Actor | undefined,
  { requestId, id }: { requestId: string; id: ShareLinkId },
  ports: Pick<Ports, 'store'>,
): Promise<void> {
  if (!actor?.learnerId) throw new Refusal('not_signed_in', 'Sign in first.')
  const request = requestOf(actor, 'withdrawShareLink', actor.tenant, requestId, { id })
  if (await ports.store.wasAnswered(request)) return
  const link = await ports.store.findShareLink(id)
  if (!link || link.learnerId !== actor.learnerId) throw new Refusal('not_found', 'There is no such link.')
  authorise(actor, 'shareAward', { tenant: link.tenant, learnerId: link.learnerId })
  await ports.store.deleteShareLinkOnce(request, id)
}
