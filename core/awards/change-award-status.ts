import * as z from 'zod'
import { type Actor, authorise } from '#core/access/operations.ts'
import { saveOrder } from '#core/bulk/save-order.ts'
import { tenantOf } from '#core/ids.ts'
import { refuseOwnWork } from '#core/learners/own-work.ts'
import { zId, zRequestId } from '#core/parse.ts'
import type { Ports } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import { requestOf } from '#core/requests.ts'
import { type Award, type AwardState, type ReasonCode, reasonCodes } from './award.ts'
import { refuseUnlessReasonOf, zReason } from './reasons.ts'

export const statusChanges = ['revoke', 'suspend', 'reinstate'] as const
export type StatusChange = (typeof statusChanges)[number]

/** Every legal change, in one place. What is not here is refused: revoked and superseded are final. */
const legal: Record<StatusChange, Partial<Record<AwardState, AwardState>>> = {
  suspend: { valid: 'suspended' },
  reinstate: { suspended: 'valid' },
  revoke: { valid: 'revoked', suspended: 'revoked' },
}

/** What can be said to be the reason of each change. */
export const reasonsOf: Record<StatusChange, readonly ReasonCode[]> = {
  revoke: ['issued-in-error', 'misconduct', 'withdrawn', 'other'],
  suspend: ['investigation', 'appeal', 'administrative', 'other'],
  reinstate: ['cleared', 'administrative', 'other'],
}

/** The changes that are legal for an award in this state. */
export function changesFrom(state: AwardState): StatusChange[] {
  return statusChanges.filter((change) => legal[change][state] !== undefined)
}

/** What an edge parses before it calls `changeAwardStatus`; the edge adds which change it is. */
export const zChangeAwardStatus = z.strictObject({
  requestId: zRequestId,
  awardId: zId('awd'),
  /** `other` when absent. */
  reasonCode: z.enum(reasonCodes).exactOptional(),
  reason: zReason,
})
export type ChangeAwardStatus = z.output<typeof zChangeAwardStatus>

/**
 * Revokes, suspends or reinstates an award: one write on the award with its event; status lists follow
 * within seconds. Where the institution wants four eyes the award is answered as it is, and the change waits
 * for a second registrar. Refuses `state_conflict` for a change that is not legal from the present state.
 */
export async function changeAwardStatus(
  actor: Actor | undefined,
  change: StatusChange,
  { requestId, ...input }: ChangeAwardStatus,
  ports: Pick<Ports, 'store' | 'clock' | 'random'>,
): Promise<Award> {
  const tenant = tenantOf(input.awardId)
  if (!tenant) throw new Refusal('not_found', 'There is no such record.')
  authorise(actor, 'changeAwardStatus', { tenant })
  const award = await ports.store.findAward(input.awardId)
  if (!award) throw new Refusal('not_found', 'There is no such record.')
  await refuseOwnReinstatement(change, actor, award, ports)
  const { reasonCode = 'other', reason } = input
  refuseUnlessReasonOf(reasonsOf[change], reasonCode)
  const request = requestOf(actor, `changeAwardStatus/${change}`, tenant, requestId, input)
  const ordered = requestOf(actor, `orderChange/${change}`, tenant, requestId, input)
  // A repeat finds the award already changed; it is answered what was stored the first time.
  if (await ports.store.wasAnswered(ordered)) return award
  const repeated = await ports.store.wasAnswered(request)
  const state = repeated ? award.status.state : afterChange(award, change)
  if (!repeated && (await ports.store.institutionSettings(tenant)).fourEyes) {
    const waiting = { about: { awardId: award.id, learnerId: award.learnerId } }
    // Nothing more is written about somebody who was erased: the code has to do.
    const known = (await ports.store.findLearner(award.learnerId))?.person !== undefined
    await saveOrder(
      actor,
      {
        kind: 'status',
        change,
        reasonCode,
        reason: known ? reason : '',
        where: { awardIds: [award.id] },
      },
      { request: ordered, startWhenRead: true, waiting },
      ports,
    )
    return award
  }
  return ports.store.saveAwardStatusOnce(request, {
    awardId: award.id,
    version: award.version,
    status: { state, since: ports.clock.now(), reasonCode, reason, by: actor.subject },
    audit: {
      action: `award.${change}`,
      by: actor.subject,
      about: award.id,
      learnerId: award.learnerId,
      detail: { reasonCode },
    },
  })
}

/** Nobody makes their own award valid again. To end one's own is nobody's gain. */
export async function refuseOwnReinstatement(
  change: StatusChange,
  by: Pick<Actor, 'tenant' | 'subject'>,
  { learnerId }: Pick<Award, 'learnerId'>,
  ports: Pick<Ports, 'store'>,
): Promise<void> {
  if (change === 'reinstate') await refuseOwnWork(by, learnerId, ports)
}

/** Refuses `state_conflict` for a change that is not legal from the present state. */
export function afterChange(award: Pick<Award, 'status'>, change: StatusChange): AwardState {
  const { state } = award.status
  const next = legal[change][state]
  if (!next) throw new Refusal('state_conflict', `The award is ${state}: it cannot ${phrase[change]}.`)
  return next
}

const phrase: Record<StatusChange, string> = {
  revoke: 'be revoked',
  suspend: 'be suspended',
  reinstate: 'be reinstated',
}
