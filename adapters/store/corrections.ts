import * as z from 'zod'
import type { OutboxBody } from '#core/outbox.ts'
import type { RecordWrite } from '#core/records.ts'
import { Refusal } from '#core/refusal.ts'
import type { AwardCorrection, AwardStore, CorrectedAward } from '#core/store.ts'
import { assessmentItem, awardItem, decodeAward, statusWrites } from './award-item.ts'
import { keys } from './keys.ts'
import { emailWrites, macOfEmail } from './learner-email.ts'
import { type LearnerItem, writeAboutLearner } from './learner-events.ts'
import { learnerKey, sealPerson } from './learner-key.ts'
import { offerFromItem, offerItem } from './offer-item.ts'
import type { StoreParts } from './store-parts.ts'
import { toData, zId } from './z-items.ts'

const zFirst = z.object({ award: zId('awd'), offer: zId('ofr') })

/** Corrections: an award is never edited, it is replaced by another one that names it. */
export function correctionStore(parts: StoreParts): Pick<AwardStore, 'saveCorrectionOnce'> {
  const { records } = parts

  return {
    async saveCorrectionOnce(request, correction) {
      const { old, award, offer, status, audit } = correction
      const { learnerId, offeringId } = old
      const superseded = statusWrites(old, status)
      const pointer = await records.get(keys.awardInForce(learnerId, offeringId))
      const writes: RecordWrite[] = [
        ...superseded.writes,
        { put: awardItem(award), if: 'absent' },
        { put: offerItem(offer), if: 'absent' },
        // The learner still has one award of this offering: the new one.
        {
          put: {
            ...keys.awardInForce(learnerId, offeringId),
            version: (pointer?.version ?? 0) + 1,
            data: { award: award.id },
          },
          if: pointer ? { version: pointer.version } : 'absent',
        },
        ...(correction.assessment
          ? [{ put: assessmentItem(correction.assessment), if: 'absent' } as RecordWrite]
          : []),
      ]
      const outcome = await writeAboutLearner(parts, {
        request,
        learnerId,
        result: toData({ award: award.id, offer: offer.id }),
        writes,
        events: eventsOf(correction),
        audit,
        edit: await renaming(correction),
      })
      if (outcome.outcome === 'written') return { award, offer }
      if (outcome.outcome === 'repeated') return firstAnswer(outcome.result)
      throw new Refusal('state_conflict', 'The award has changed since it was read; read it again.')
    },
  }

  async function renaming({ old, person }: AwardCorrection) {
    const dataKey = person && (await learnerKey(parts, old.learnerId))
    const sealed = person && dataKey && sealPerson(dataKey, old.learnerId, person)
    if (!person || sealed === undefined) return async (learner: LearnerItem) => ({ learner, writes: [] })
    const emailMac = macOfEmail(parts, old.tenant, person.email)
    return async (learner: LearnerItem) => ({
      learner: { ...learner, person: sealed, emailMac },
      writes: await emailWrites(parts, old.learnerId, learner.emailMac, emailMac),
    })
  }

  async function firstAnswer(result: unknown): Promise<CorrectedAward> {
    const first = zFirst.parse(result)
    const [award, offer] = await Promise.all([
      records.get(keys.award(first.award)),
      records.get(keys.offer(first.offer)),
    ])
    if (!award || !offer) throw new Error('an answered correction is gone')
    return { award: decodeAward(award), offer: offerFromItem(offer) }
  }
}

function eventsOf({ old, award, offer }: AwardCorrection): OutboxBody[] {
  const { learnerId } = old
  const skills = award.skills.map(({ skill, level }) => ({ skill, level }))
  return [
    { type: 'award.status-changed', awardId: old.id, learnerId, state: 'superseded' },
    { type: 'award.made', awardId: award.id, learnerId, skills },
    { type: 'offer.opened', awardId: award.id, offerId: offer.id, learnerId },
  ]
}
