import * as z from 'zod'
import { type Actor, authorise } from '#core/access/operations.ts'
import { tenantOf } from '#core/ids.ts'
import { refuseOwnWork } from '#core/learners/own-work.ts'
import { zId, zRequestId } from '#core/parse.ts'
import type { Ports } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import { requestOf } from '#core/requests.ts'
import { identityChecks, presences, type Supervision } from './supervision.ts'

/** What an edge parses before it calls `superviseLearner`. */
export const zSuperviseLearner = z.strictObject({
  requestId: zRequestId,
  learnerId: zId('lrn'),
  offeringId: zId('ofg'),
  identity: z.enum(identityChecks),
  presence: z.enum(presences),
  /** From now; 0 ends what was said before. */
  minutes: z.int().min(0).max(480),
})
type SuperviseLearner = z.output<typeof zSuperviseLearner>

/**
 * States that a learner's identity was checked and that the learner is watched from now on. Practicals that the
 * learner starts meanwhile are `supervised` (level 3) where work and grade run under two accounts. Refuses
 * `not_enrolled`, and whoever would supervise themselves.
 */
export async function superviseLearner(
  actor: Actor | undefined,
  { requestId, ...input }: SuperviseLearner,
  ports: Pick<Ports, 'store' | 'clock'>,
): Promise<Supervision> {
  const { learnerId, offeringId, identity, presence, minutes } = input
  const tenant = tenantOf(offeringId)
  if (!tenant) throw new Refusal('not_found', 'There is no such record.')
  authorise(actor, 'superviseLearner', { tenant })
  await refuseOwnWork(actor, learnerId, ports)
  if (!(await ports.store.findEnrolment(learnerId, offeringId)))
    throw new Refusal('not_enrolled', 'The learner is not enrolled in this offering.')
  const from = ports.clock.now()
  const until = new Date(from.getTime() + minutes * 60_000)
  return ports.store.saveSupervisionOnce(requestOf(actor, 'superviseLearner', tenant, requestId, input), {
    learnerId,
    offeringId,
    from,
    until,
    identity,
    presence,
    by: actor.subject,
  })
}
