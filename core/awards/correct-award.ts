import * as z from 'zod'
import { type Actor, authorise } from '#core/access/operations.ts'
import type { Assessment } from '#core/assessments/assessment.ts'
import type { BulkJob } from '#core/bulk/bulk-job.ts'
import { cellsOfCorrection } from '#core/bulk/correct-columns.ts'
import { saveOrder } from '#core/bulk/save-order.ts'
import type { CredentialOffer } from '#core/credentials/offer.ts'
import { openOffer } from '#core/credentials/open-offer.ts'
import { tenantOf } from '#core/ids.ts'
import type { Learner, Person } from '#core/learners/learner.ts'
import { refuseOwnWork } from '#core/learners/own-work.ts'
import { addressTaken } from '#core/learners/shared-address.ts'
import { zPerson } from '#core/learners/z-person.ts'
import { zId, zRequestId } from '#core/parse.ts'
import type { Ports } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import { requestOf } from '#core/requests.ts'
import { type Award, type ReasonCode, reasonCodes } from './award.ts'
import { contentOf } from './make-award.ts'
import { refuseUnlessReasonOf, zReason } from './reasons.ts'

export const correctionReasons: readonly ReasonCode[] = ['name', 'result', 'dates', 'content', 'other']

/** What can be corrected about an award; what is not named stays as it is. At least one thing is. */
const zCorrection = z.strictObject({
  givenName: zPerson.shape.givenName.exactOptional(),
  familyName: zPerson.shape.familyName.exactOptional(),
  email: zPerson.shape.email.exactOptional(),
  scorePercent: z.number().min(0).max(100).exactOptional(),
  /** `YYYY-MM-DD` */
  awardedOn: z.iso.date().exactOptional(),
  validUntil: z.iso.date().exactOptional(),
  /** Title, outcomes, skills and the rest as the ontology in force describes the module now. */
  contentOfToday: z.literal(true).exactOptional(),
})
export type Correction = z.output<typeof zCorrection>

/** What an edge parses before it calls `correctAward`. */
export const zCorrectAward = z.strictObject({
  requestId: zRequestId,
  awardId: zId('awd'),
  /** `other` when absent. */
  reasonCode: z.enum(reasonCodes).exactOptional(),
  reason: zReason,
  ...zCorrection.shape,
})
export type CorrectAward = z.output<typeof zCorrectAward>

export type CorrectionPorts = Pick<Ports, 'store' | 'ontology' | 'clock' | 'random' | 'signers' | 'settings'>

/** What came of a correction: the new award with its offer, or the old one and the job that waits. */
export interface CorrectionAnswer {
  award: Award
  offer?: CredentialOffer
  waiting?: BulkJob
}

/**
 * Replaces an award by a corrected one: the old one is superseded in the same write, in every edition, and
 * the learner is offered the new one. Where the institution wants four eyes the old award is answered, with
 * the job that waits for a second registrar. Only a valid award is corrected. Refuses `state_conflict`,
 * `award_not_valid` (erased learner) and `invalid_input` with the field that is wrong.
 */
export async function correctAward(
  actor: Actor | undefined,
  { requestId, ...input }: CorrectAward,
  ports: CorrectionPorts,
): Promise<CorrectionAnswer> {
  const tenant = tenantOf(input.awardId)
  const old = tenant && (await ports.store.findAward(input.awardId))
  // Whose it is decides what is said of it: of a foreign one the same as of none.
  if (tenant) authorise(actor, 'changeAwardStatus', { tenant })
  if (!old || !actor) throw new Refusal('not_found', 'There is no such record.')
  const { awardId, reasonCode = 'other', reason, ...correction } = input
  refuseUnlessReasonOf(correctionReasons, reasonCode)
  const request = requestOf(actor, 'correctAward', old.tenant, requestId, input)
  const ordered = requestOf(actor, 'orderCorrection', old.tenant, requestId, input)
  const order = () =>
    saveOrder(
      actor,
      { kind: 'correct', reasonCode, reason },
      {
        request: ordered,
        startWhenRead: true,
        waiting: {
          about: { awardId, learnerId: old.learnerId },
          cells: cellsOfCorrection(awardId, correction),
        },
      },
      ports,
    )
  // A repeat finds the award superseded; it is answered what came of it the first time.
  if (await ports.store.wasAnswered(ordered)) return { award: old, waiting: await order() }
  const before = (await ports.store.wasAnswered(request)) ? await findReplacement(old, ports) : undefined
  if (before) return before
  const draft = await draftCorrection(old, correction, actor.subject, ports)
  if ((await ports.store.institutionSettings(old.tenant)).fourEyes) {
    return { award: old, waiting: await order() }
  }
  return ports.store.saveCorrectionOnce(request, {
    ...draft,
    old,
    offer: openOffer(draft.award, {}, ports),
    status: {
      state: 'superseded',
      since: ports.clock.now(),
      reasonCode,
      reason,
      by: actor.subject,
      replacedBy: draft.award.id,
    },
    audit: {
      action: 'award.correct',
      by: actor.subject,
      about: awardId,
      learnerId: old.learnerId,
      detail: { reasonCode, replacedBy: draft.award.id },
    },
  })
}

/** What replaced an award, with the first offer of it. */
async function findReplacement(
  { status, learnerId }: Award,
  { store }: Pick<Ports, 'store'>,
): Promise<CorrectionAnswer | undefined> {
  const award = status.replacedBy && (await store.findAward(status.replacedBy))
  if (!award) return undefined
  const offer = (await store.offersOf(learnerId)).findLast((one) => one.awardId === award.id)
  return { award, ...(offer ? { offer } : {}) }
}

/** The award as it would be, with the assessment and the name that go with it. Refuses what cannot be corrected so. */
export async function draftCorrection(
  old: Award,
  correction: Correction,
  by: string,
  ports: CorrectionPorts,
): Promise<{ award: Award; assessment?: Assessment; person?: Person }> {
  if (old.status.state !== 'valid') {
    throw new Refusal('state_conflict', `The award is ${old.status.state}: only a valid one is corrected.`)
  }
  const { scorePercent, awardedOn, validUntil } = correction
  if (scorePercent !== undefined || awardedOn !== undefined || validUntil !== undefined)
    await refuseOwnWork({ tenant: old.tenant, subject: by }, old.learnerId, ports)
  const learner = await ports.store.findLearner(old.learnerId)
  if (!learner?.person) throw new Refusal('award_not_valid', 'The learner of this award has been erased.')
  const person = correctedPerson(learner.person, correction)
  if (person && person.email !== learner.person.email) await refuseSharedAddress(learner, person, ports)
  const dates = correctedDates(old, correction, ports.clock.now())
  const content = correction.contentOfToday ? contentNow(old, ports) : undefined
  const assessment = correctedAssessment(old, correction, by, ports)
  if (!person && !dates && !content && !assessment) {
    throw new Refusal('invalid_input', 'The correction changes nothing: every value is as it was.')
  }
  const { supersedes: _older, ...kept } = old
  const award: Award = {
    ...kept,
    ...content,
    ...dates,
    ...(assessment ? { assessmentId: assessment.id, scorePercent: assessment.scorePercent } : {}),
    id: ports.random.id(old.tenant, 'awd'),
    supersedes: old.id,
    status: { state: 'valid', since: ports.clock.now() },
    version: 1,
  }
  return { award, ...(assessment ? { assessment } : {}), ...(person ? { person } : {}) }
}

/** Said before anything is written; the write itself settles who of two was first. */
async function refuseSharedAddress(
  { id, tenant }: Learner,
  { email }: Person,
  { store }: Pick<Ports, 'store'>,
): Promise<void> {
  const others = (await store.findLearnersByEmail(tenant, email)).filter((one) => one !== id)
  if (others.length > 0) throw addressTaken()
}

function correctedPerson(person: Person, { givenName, familyName, email }: Correction): Person | undefined {
  const corrected = {
    givenName: givenName ?? person.givenName,
    familyName: familyName ?? person.familyName,
    email: email ?? person.email,
  }
  const same =
    corrected.givenName === person.givenName &&
    corrected.familyName === person.familyName &&
    corrected.email === person.email
  return same ? undefined : corrected
}

function correctedDates(old: Award, { awardedOn, validUntil }: Correction, now: Date) {
  const dayOf = (date: Date | undefined) => date?.toISOString().slice(0, 10)
  if (awardedOn !== undefined && awardedOn > (dayOf(now) ?? '')) {
    throw new Refusal('invalid_input', 'awardedOn: must not be in the future.', { field: 'awardedOn' })
  }
  const from = awardedOn ?? dayOf(old.awardedAt) ?? ''
  const until = validUntil ?? dayOf(old.validUntil)
  if (until !== undefined && until <= from) {
    throw new Refusal('invalid_input', 'validUntil: must be after awardedOn.', { field: 'validUntil' })
  }
  const changed = {
    ...(awardedOn === undefined || awardedOn === dayOf(old.awardedAt)
      ? {}
      : { awardedAt: new Date(`${awardedOn}T00:00:00.000Z`) }),
    ...(validUntil === undefined || validUntil === dayOf(old.validUntil)
      ? {}
      : { validUntil: new Date(`${validUntil}T00:00:00.000Z`) }),
  }
  return Object.keys(changed).length === 0 ? undefined : changed
}

function contentNow(old: Award, { ontology }: Pick<Ports, 'ontology'>) {
  const module = ontology.modules.get(old.moduleId)
  if (!module) {
    throw new Refusal('invalid_input', 'contentOfToday: the ontology in force does not have the module.', {
      field: 'contentOfToday',
    })
  }
  return contentOf(module, ontology)
}

/** Assessments are never edited: a corrected one names the one it supersedes. */
function correctedAssessment(
  old: Award,
  { scorePercent }: Correction,
  by: string,
  { ontology, clock, random }: CorrectionPorts,
): Assessment | undefined {
  if (scorePercent === undefined || scorePercent === old.scorePercent) return undefined
  const passMark = ontology.modules.get(old.moduleId)?.passMarkPercent
  if (passMark === undefined || scorePercent < passMark) {
    throw new Refusal('invalid_input', 'scorePercent: is below the pass mark: revoke the award instead.', {
      field: 'scorePercent',
    })
  }
  return {
    id: random.id(old.tenant, 'asm'),
    tenant: old.tenant,
    offeringId: old.offeringId,
    moduleId: old.moduleId,
    learnerId: old.learnerId,
    decidedBy: by,
    scorePercent,
    outcome: 'passed',
    recordedAt: clock.now(),
    supersedes: old.assessmentId,
  }
}
