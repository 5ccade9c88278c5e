import { type LearnerId, tenantOf } from '#core/ids.ts'
import type { OutboxEvent } from '#core/outbox.ts'
import type { Ports } from '#core/ports.ts'
import { forgetAttemptsOf } from '#core/practicals/forget-attempts.ts'

type ForgetPorts = Parameters<typeof forgetAttemptsOf>[1] & Pick<Ports, 'files'>

/**
 * Projection of the outbox: what an erased learner's attempts left goes with them, and what was written about them;
 * who was erased is noted where no restore of the records reaches.
 */
export async function forgetFiles(event: OutboxEvent, ports: ForgetPorts): Promise<void> {
  if (event.type === 'learner.erased') await forgetFilesOf(event.learnerId, ports)
}

/** The same for one learner; doing it again changes nothing. */
export async function forgetFilesOf(id: LearnerId, ports: ForgetPorts): Promise<void> {
  await ports.files.put(`${tenantOf(id) ?? ''}/erasures/${id}`, new Uint8Array(), 'text/plain')
  await ports.store.forgetSiteAccounts(id)
  await ports.store.forgetWords(id)
  await forgetAttemptsOf(id, ports)
}
