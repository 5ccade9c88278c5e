import type { OutboxEvent } from '#core/outbox.ts'
import type { Ports } from '#core/ports.ts'
import { statusValueOf } from './credential.ts'

/**
 * Projection of the outbox: the entries of an award in the status lists follow the award. It sets what the
 * award says now, ordered by the award's version, so late, repeated and overtaken events do no harm.
 */
export async function projectStatus(event: OutboxEvent, { store }: Pick<Ports, 'store'>): Promise<void> {
  if (event.type !== 'award.status-changed') return
  const award = await store.findAward(event.awardId)
  if (!award) return
  const credentials = await store.credentialsOfAward(award.id)
  if (credentials.length === 0) return
  const entries = credentials.map(({ status }) => status)
  await store.saveStatusValue(entries, statusValueOf(award.status.state), award.version)
}
