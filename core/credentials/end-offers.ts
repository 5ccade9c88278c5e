import type { OutboxEvent } from '#core/outbox.ts'
import type { Ports } from '#core/ports.ts'
import { withdrawLiveOffers } from './offer-credential.ts'

/**
 * Projection of the outbox: offers of an award that is over are withdrawn, so that nobody opens a page that
 * cannot give them anything. A suspended award keeps its offers; they wait.
 */
export async function endOffers(event: OutboxEvent, ports: Pick<Ports, 'store' | 'clock'>): Promise<void> {
  if (event.type !== 'award.status-changed') return
  const award = await ports.store.findAward(event.awardId)
  if (award?.status.state !== 'revoked' && award?.status.state !== 'superseded') return
  await withdrawLiveOffers(award, ports)
}
