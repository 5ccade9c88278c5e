import { hash } from 'node:crypto'
import type { Award } from '#core/awards/award.ts'
import { noHolder } from '#core/credentials/credential.ts'
import { type IssuePorts, issueCredential } from '#core/credentials/issue-credential.ts'
import { Refusal } from '#core/refusal.ts'
import type { Request } from '#core/store.ts'
import { linkText, shareLinkId } from './link-text.ts'
import { shareParts } from './share-link.ts'

/** How often in a day a printed link may be withdrawn and printed anew. */
const mostPrints = 20

/**
 * The link that is printed on the certificate of an award: it shows what the paper shows, checked anew each
 * time, as long as a credential of the award lives. The same at each print until its learner withdraws it;
 * then the next print has another, and the old paper leads nowhere. Behind it stands an SD-JWT bound to no
 * key, so that no wallet is needed for paper.
 */
export async function certificateLink(
  award: Award,
  ports: IssuePorts,
): Promise<{ url: string; until: Date }> {
  const { store, clock, settings } = ports
  const now = clock.now()
  const before = await findPrinted(award, ports)
  if (before) return before
  const byLifetime = now.getTime() + settings.credentialLifetimeDays * 86_400_000
  const until = new Date(Math.min(byLifetime, award.validUntil?.getTime() ?? byLifetime))
  await issueCredential({ awardId: award.id, format: 'dc+sd-jwt' }, ports)
  for (let print = 1; print <= mostPrints; print++) {
    const { request, url, id } = linkOf(award, now, print, ports)
    if (await store.wasAnswered(request)) continue
    await store.saveShareLinkOnce(request, {
      id,
      tenant: award.tenant,
      learnerId: award.learnerId,
      awardId: award.id,
      holderThumbprint: noHolder,
      show: [...shareParts],
      createdAt: now,
      expiresAt: until,
    })
    return { url, until }
  }
  throw new Refusal('quota_exceeded', `The link of this certificate was withdrawn ${mostPrints} times today.`)
}

/** The secret of a link is kept nowhere; it is made again from the day it was printed on. */
async function findPrinted(
  award: Award,
  ports: IssuePorts,
): Promise<{ url: string; until: Date } | undefined> {
  const now = ports.clock.now()
  for (const link of await ports.store.shareLinksOf(award.learnerId)) {
    if (link.awardId !== award.id || link.holderThumbprint !== noHolder || link.expiresAt <= now) continue
    for (let print = 1; print <= mostPrints; print++) {
      const { url, id } = linkOf(award, link.createdAt, print, ports)
      if (id === link.id) return { url, until: link.expiresAt }
    }
  }
  return undefined
}

function linkOf({ id: awardId, tenant }: Award, printedAt: Date, print: number, ports: IssuePorts) {
  const day = printedAt.toISOString().slice(0, 10)
  const request: Request = {
    tenant,
    operation: 'certificateLink',
    requestId: `${awardId}-${day}-${print}`,
    inputHash: hash('sha256', JSON.stringify([awardId, day, print]), 'hex'),
  }
  const text = linkText(request, ports.signers)
  const id = shareLinkId(text)
  if (!id) throw new Error('a link of ours does not have the form of one')
  return { request, id, url: `${ports.settings.publicUrl}/v/${text}` }
}
