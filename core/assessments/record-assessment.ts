import * as z from 'zod'
import { type Actor, authorise } from '#core/access/operations.ts'
import { tenantOf } from '#core/ids.ts'
import { refuseOwnWork } from '#core/learners/own-work.ts'
import { zId, zRequestId } from '#core/parse.ts'
import { Refusal } from '#core/refusal.ts'
import { requestOf } from '#core/requests.ts'
import type { RecordedAssessment } from '#core/store.ts'
import { creditableEvidence } from './creditable-evidence.ts'
import { type AssessmentPorts, judge, moduleOf } from './judge.ts'

/** What an edge parses before it calls `recordAssessment`. */
export const zRecordAssessment = z.strictObject({
  requestId: zRequestId,
  learnerId: zId('lrn'),
  offeringId: zId('ofg'),
  scorePercent: z.number().min(0).max(100),
})
export type RecordAssessment = z.output<typeof zRecordAssessment>

/**
 * Records an assessor's result and, on a pass, makes the award and opens a credential offer. Repeating a
 * `requestId` changes nothing. Refuses `four_eyes_required` where the module wants a second assessor: there a
 * result comes from a graded run, or from a decision about one.
 */
export async function recordAssessment(
  actor: Actor | undefined,
  { requestId, ...input }: RecordAssessment,
  ports: AssessmentPorts,
): Promise<RecordedAssessment> {
  const { offeringId, learnerId } = input
  const tenant = tenantOf(offeringId)
  if (!tenant) throw new Refusal('not_found', 'There is no such record.')
  authorise(actor, 'recordAssessment', { tenant })
  await refuseOwnWork(actor, learnerId, ports)
  const { offering, module } = await moduleOf(offeringId, ports)
  if (module.secondAssessor)
    throw new Refusal(
      'four_eyes_required',
      'Decide about a graded run instead: a second assessor confirms it.',
    )
  const evidence = module.practical
    ? creditableEvidence(await ports.store.attemptsOf(learnerId), offering)
    : []
  const recorded = judge(
    { offering, module, learnerId, scorePercent: input.scorePercent, decidedBy: actor.subject, evidence },
    ports,
  )
  // One write for all of it: a pass saved without its offer could never be claimed.
  return ports.store.saveAssessmentOnce(
    requestOf(actor, 'recordAssessment', tenant, requestId, input),
    recorded,
  )
}
