import type { Actor } from '#core/access/operations.ts'
import type { LearnerId } from '#core/ids.ts'
import type { Ports } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'

type StorePort = Pick<Ports, 'store'>

/** Whether an account is that of the learner, whatever its token says of it. */
async function isOwnWork(
  { tenant, subject }: Pick<Actor, 'tenant' | 'subject'>,
  about: LearnerId,
  { store }: StorePort,
): Promise<boolean> {
  return (await store.findLearnerBySubject(tenant, subject))?.id === about
}

/**
 * Refuses `not_allowed` whoever would decide about themselves. The account decides, not what the token says of
 * it: staff who learn here may come without the role of a learner.
 */
export async function refuseOwnWork(
  actor: Pick<Actor, 'tenant' | 'subject' | 'learnerId'>,
  about: LearnerId,
  ports: StorePort,
): Promise<void> {
  if (actor.learnerId === about || (await isOwnWork(actor, about, ports)))
    throw new Refusal('not_allowed', 'Nobody decides about their own work.')
}
