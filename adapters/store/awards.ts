import * as z from 'zod'
import type { Award } from '#core/awards/award.ts'
import type { AwardId, LearnerId } from '#core/ids.ts'
import type { OutboxBody } from '#core/outbox.ts'
import type { RecordWrite } from '#core/records.ts'
import { Refusal } from '#core/refusal.ts'
import type { AwardStore, RecordedAssessment } from '#core/store.ts'
import { assessmentItem, awardItem, decodeAssessment, decodeAward, statusWrites } from './award-item.ts'
import { changedMark } from './changed-mark.ts'
import { keys } from './keys.ts'
import { writeAboutLearner } from './learner-events.ts'
import { offerFromItem, offerItem } from './offer-item.ts'
import { type OnceResult, writeOnce } from './once.ts'
import { attemptChanged, decidedWrite } from './run-item.ts'
import { allOf, pageOf, type StoreParts } from './store-parts.ts'
import { zAwardInForce, zAwardStatus } from './z-award.ts'
import { fromItem, toData, zId } from './z-items.ts'

/** Assessments are only ever put; awards change nothing but their status (`corrections.ts` replaces them). */
export function awardStore(parts: StoreParts): Omit<AwardStore, 'saveCorrectionOnce'> {
  const { records } = parts

  async function findAward(id: AwardId): Promise<Award | undefined> {
    const item = await records.get(keys.award(id))
    return item && decodeAward(item)
  }

  return {
    async saveAssessmentOnce(request, recorded, decided) {
      const { assessment, award, offer } = recorded
      const { learnerId, offeringId } = assessment
      const writes: RecordWrite[] = [
        { check: keys.enrolment(learnerId, offeringId), if: 'present' },
        { put: assessmentItem(assessment), if: 'absent' },
      ]
      if (award) {
        const inForce = { ...keys.awardInForce(learnerId, offeringId), version: 1, data: { award: award.id } }
        writes.push({ put: inForce, if: 'absent' }, { put: awardItem(award), if: 'absent' })
      }
      if (offer) writes.push({ put: offerItem(offer), if: 'absent' })
      const decidedAt = writes.length
      if (decided) writes.push(decidedWrite(decided.attempt))
      const result = toData({ assessment: assessment.id, award: award?.id, offer: offer?.id })
      const events = eventsOf(recorded)
      const outcome: OnceResult =
        events.length === 0 && !decided
          ? await writeOnce(records, parts.clock.now(), request, result, [...writes, changedMark(learnerId)])
          : await writeAboutLearner(parts, {
              request,
              learnerId,
              result,
              writes,
              events,
              audit: decided?.audit,
            })
      if (outcome.outcome === 'written') return recorded
      if (outcome.outcome === 'repeated') return firstAnswer(recorded, outcome.result)
      if (outcome.failed === 0) {
        throw new Refusal('not_enrolled', 'The learner is not enrolled in this offering.')
      }
      if (decided && outcome.failed === decidedAt) throw attemptChanged()
      if (outcome.failed === 2) {
        throw new Refusal('already_awarded', 'The learner already has an award of this offering.')
      }
      throw new Error('a fresh id was taken')
    },

    async assessmentsOf(learnerId) {
      const query = { pk: keys.learnerPartition(learnerId), sk: { beginsWith: 'ASM#' } }
      const found = (await allOf(records, query)).map(decodeAssessment)
      return found.sort((a, b) => a.recordedAt.getTime() - b.recordedAt.getTime())
    },

    findAward,

    async awardsOf(learnerId: LearnerId) {
      const query = {
        index: 'gsi1' as const,
        pk: keys.learnerPartition(learnerId),
        sk: { beginsWith: 'AWD#' },
      }
      return (await allOf(records, query)).map(decodeAward)
    },

    async awardsInForceOf(learnerId) {
      const pointers = { pk: keys.learnerPartition(learnerId), sk: { beginsWith: 'AWDOF#' } }
      const found = (await allOf(records, pointers)).map((item) =>
        findAward(fromItem(zAwardInForce, 'award in force', item).award),
      )
      return (await Promise.all(found)).filter((award) => award !== undefined)
    },

    async listAwards(tenant, page, days) {
      // Keys begin with the moment of the award; a tilde sorts behind every hour of a day.
      const sk = days && { from: days.from ?? '0', to: `${days.to ?? '9'}~` }
      const query = {
        index: 'gsi2',
        pk: keys.awards(tenant),
        descending: true,
        ...(sk ? { sk } : {}),
      } as const
      return pageOf(parts, tenant, query, page, decodeAward)
    },

    async saveAwardStatusOnce(request, { awardId, version, status, audit }) {
      const award = await findAward(awardId)
      if (!award) throw new Refusal('not_found', 'There is no such award.')
      const { learnerId, offeringId } = award
      // Nothing more is written about somebody who was erased.
      const { reason: _words, ...silent } = status
      let { changed, writes } = statusWrites({ ...award, version }, status)
      const outcome = await writeAboutLearner(parts, {
        request,
        learnerId,
        // The status itself is a line of the award's history: its words stand in one place, and go from there.
        result: { version: changed.version },
        writes: ({ erasedAt }) => {
          if (erasedAt) ({ changed, writes } = statusWrites({ ...award, version }, silent))
          // A revoked award is in force no more: the learner may be assessed again.
          return status.state === 'revoked'
            ? [...writes, { delete: keys.awardInForce(learnerId, offeringId) }]
            : writes
        },
        events: [{ type: 'award.status-changed', awardId, learnerId, state: status.state }],
        audit,
      })
      if (outcome.outcome === 'written') return changed
      if (outcome.outcome === 'repeated') return firstChanged(award, outcome.result)
      throw new Refusal('state_conflict', 'The award has changed since it was read; read it again.')
    },

    async awardHistory({ id, awardedAt }) {
      const query = { pk: keys.award(id).pk, sk: { beginsWith: 'ST#' } }
      const changes = (await allOf(records, query)).map((item) =>
        fromItem(zAwardStatus, 'award status', item),
      )
      return [{ state: 'valid', since: awardedAt }, ...changes]
    },
  }

  async function firstChanged(award: Award, result: unknown): Promise<Award> {
    const { version } = zFirstStatus.parse(result)
    const line = await records.get(keys.awardStatus(award.id, version))
    if (!line) throw new Error('an answered change of an award is gone')
    return { ...award, status: fromItem(zAwardStatus, 'award status', line), version }
  }

  async function firstAnswer(asked: RecordedAssessment, result: unknown): Promise<RecordedAssessment> {
    const first = zFirstRecorded.parse(result)
    const { learnerId, offeringId } = asked.assessment
    const [assessment, award, offer] = await Promise.all([
      records.get(keys.assessment(learnerId, offeringId, first.assessment)),
      first.award && findAward(first.award),
      first.offer && records.get(keys.offer(first.offer)),
    ])
    if (!assessment) throw new Error('an answered assessment is gone')
    return {
      assessment: decodeAssessment(assessment),
      ...(award ? { award } : {}),
      ...(offer ? { offer: offerFromItem(offer) } : {}),
    }
  }
}

const zFirstStatus = z.object({ version: z.int() })
const zFirstRecorded = z.object({
  assessment: zId('asm'),
  award: zId('awd').exactOptional(),
  offer: zId('ofr').exactOptional(),
})

function eventsOf({ award, offer }: RecordedAssessment): OutboxBody[] {
  const events: OutboxBody[] = []
  if (award) {
    const { id: awardId, learnerId } = award
    const skills = award.skills.map(({ skill, level }) => ({ skill, level }))
    events.push({ type: 'award.made', awardId, learnerId, skills })
    if (offer) events.push({ type: 'offer.opened', awardId, offerId: offer.id, learnerId })
  }
  return events
}
