import * as z from 'zod'
import { type Actor, authorise } from '#core/access/operations.ts'
import { tenantOf } from '#core/ids.ts'
import { zId } from '#core/parse.ts'
import type { Ports } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import { type Attempt, isLive } from './attempt.ts'
import { stepAttempt } from './step-attempt.ts'

export const zCancelPractical = z.strictObject({ attemptId: zId('att') })
export type CancelPractical = z.output<typeof zCancelPractical>

/**
 * Asks a live attempt to stop. Safe to repeat: an attempt that has ended is answered as it is. The job is
 * stopped by the driver; until then the attempt is `stopping`. A stopped attempt costs the learner nothing.
 */
export async function cancelPractical(
  actor: Actor | undefined,
  { attemptId }: CancelPractical,
  ports: Pick<Ports, 'store' | 'clock' | 'random' | 'signers' | 'practicals' | 'ontology' | 'sites'>,
): Promise<Attempt> {
  const tenant = tenantOf(attemptId)
  const attempt = tenant && (await ports.store.findAttempt(attemptId))
  if (!attempt) throw new Refusal('not_found', 'There is no such record.')
  authorise(actor, 'cancelPractical', { tenant: attempt.tenant, learnerId: attempt.learnerId })
  for (let tries = 0; tries < 20; tries++) {
    const current = await ports.store.findAttempt(attemptId)
    if (!current) throw new Error('an attempt is gone')
    if (!isLive(current) || current.state === 'stopping' || current.state === 'recording') return current
    const stepped = await stepAttempt(current, { type: 'cancel-asked', at: ports.clock.now() }, ports)
    if (stepped) return stepped.attempt
  }
  throw new Refusal('storage_busy', 'The attempt is changing right now; try again.')
}
