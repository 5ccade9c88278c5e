import type { Actor } from '#core/access/operations.ts'
import type { LearnerId } from '#core/ids.ts'
import type { Ports } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'

/**
 * Refuses `not_allowed` whoever would decide about themselves. The account decides, not what the token says of
 * it: staff who learn here may come without the role of a learner.
 */
export async function refuseOwnWork(
  { tenant, subject, learnerId }: Actor,
  about: LearnerId,
  { store }: Pick<Ports, 'store'>,
): Promise<void> {
  const own = learnerId ?? (await store.findLearnerBySubject(tenant, subject))?.id
  if (own === about) throw new Refusal('not_allowed', 'Nobody decides about their own work.')
}
