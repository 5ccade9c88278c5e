import { type Actor, authorise } from '#core/access/operations.ts'
import { type LearnerId, tenantOf } from '#core/ids.ts'
import type { RequestId } from '#core/parse.ts'
import type { Ports } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import { requestOf } from '#core/requests.ts'

/**
 * A learner leaves statistics, whatever was consented to before, or comes back into them; from the next snapshot
 * on, and in the skills graph as soon as its event is delivered. GDPR Article 21: no reason is asked for.
 */
export async function objectToStatistics(
  actor: Actor | undefined,
  { requestId, learnerId, objects }: { requestId: RequestId; learnerId: LearnerId; objects: boolean },
  { store }: Pick<Ports, 'store'>,
): Promise<{ learnerId: LearnerId; objects: boolean }> {
  const tenant = tenantOf(learnerId)
  if (!tenant) throw new Refusal('not_found', 'There is no such record.')
  authorise(actor, 'objectToStatistics', { tenant, learnerId })
  const request = requestOf(actor, 'objectToStatistics', tenant, requestId, { learnerId, objects })
  await store.saveObjectionOnce(request, learnerId, objects)
  return { learnerId, objects }
}
