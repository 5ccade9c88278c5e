import type { OutboxEvent } from '#core/outbox.ts'
import type { Ports } from '#core/ports.ts'

/** Projection of the outbox: mail that is kept holds an address and a code, and goes with the learner. */
export async function forgetMail(event: OutboxEvent, { mail }: Pick<Ports, 'mail'>): Promise<void> {
  if (event.type === 'learner.erased') await mail.forget(event.learnerId)
}
