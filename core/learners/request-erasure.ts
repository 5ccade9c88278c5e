import * as z from 'zod'
import { type Actor, authorise } from '#core/access/operations.ts'
import { tenantOf } from '#core/ids.ts'
import { zId, zRequestId } from '#core/parse.ts'
import type { Ports } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import { requestOf } from '#core/requests.ts'

/** What an edge parses before it calls `requestErasure`. */
export const zRequestErasure = z.strictObject({
  requestId: zRequestId,
  learnerId: zId('lrn'),
  /** Awards stay valid, about a pseudonym, unless the learner wants them revoked. */
  revokeAwards: z.boolean().default(false),
})
export type RequestErasure = z.output<typeof zRequestErasure>

/**
 * Makes the learner's personal data unreadable for good: their data key, the link to their account and the
 * ciphertext are deleted. It cannot be undone. Refuses `four_eyes_required` to a registrar who would revoke
 * awards on the way where the institution wants four eyes; learners decide about their own.
 */
export async function requestErasure(
  actor: Actor | undefined,
  { requestId, ...input }: RequestErasure,
  ports: Pick<Ports, 'store' | 'clock'>,
): Promise<void> {
  const { learnerId, revokeAwards } = input
  const tenant = tenantOf(learnerId)
  if (!tenant) throw new Refusal('not_found', 'There is no such record.')
  authorise(actor, 'requestErasure', { tenant, learnerId })
  const request = requestOf(actor, 'requestErasure', tenant, requestId, input)
  if (await ports.store.wasAnswered(request)) return
  const asksSelf = actor.learnerId === learnerId
  if (revokeAwards && !asksSelf && (await ports.store.institutionSettings(tenant)).fourEyes) {
    throw new Refusal(
      'four_eyes_required',
      'A second registrar has to agree before awards are revoked: order that, have it approved, then ask for the erasure without it.',
      { field: 'revokeAwards' },
    )
  }
  // The log is kept for good: the account of a learner in it would lead back to who was erased.
  const by = asksSelf ? learnerId : actor.subject
  if (revokeAwards) {
    for (const award of await ports.store.awardsInForceOf(learnerId)) {
      if (award.status.state === 'revoked' || award.status.state === 'superseded') continue
      const status = {
        state: 'revoked',
        since: ports.clock.now(),
        reasonCode: 'withdrawn',
        reason: 'Erasure asked for.',
      } as const
      const part = { ...request, operation: `${request.operation}/${award.id}` }
      await ports.store.saveAwardStatusOnce(part, {
        awardId: award.id,
        version: award.version,
        status,
        audit: {
          action: 'award.revoke',
          by,
          about: award.id,
          learnerId,
          detail: { reasonCode: status.reasonCode },
        },
      })
    }
  }
  await ports.store.eraseLearnerOnce(request, learnerId, {
    action: 'learner.erase',
    by,
    about: learnerId,
    learnerId,
    detail: { revokeAwards },
  })
}
