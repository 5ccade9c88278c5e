import type { Assessment } from '#core/assessments/assessment.ts'
import type { Award, AwardStatus } from '#core/awards/award.ts'
import type { RecordItem, RecordWrite } from '#core/records.ts'
import { at, keys } from './keys.ts'
import { zAssessment, zAward } from './z-award.ts'
import { fromItem, toData } from './z-items.ts'

/** The item of an award; its record version is the award's own. */
export function awardItem(award: Award): RecordItem {
  const time = `${at(award.awardedAt)}#${award.id}`
  return {
    ...keys.award(award.id),
    version: award.version,
    gsi1: { pk: keys.learnerPartition(award.learnerId), sk: `AWD#${time}` },
    gsi2: { pk: keys.awards(award.tenant), sk: time },
    data: toData(award),
  }
}

export const decodeAward = (item: RecordItem) => fromItem(zAward, 'award', item)

export function assessmentItem(assessment: Assessment): RecordItem {
  const { id, learnerId, offeringId } = assessment
  return {
    ...keys.assessment(learnerId, offeringId, id),
    version: 1,
    gsi1: { pk: keys.offeringMembers(offeringId), sk: `ASM#${at(assessment.recordedAt)}#${id}` },
    data: toData(assessment),
  }
}

export const decodeAssessment = (item: RecordItem) => fromItem(zAssessment, 'assessment', item)

/** An award in its next status, with the line of its history that says so. */
export function statusWrites(award: Award, status: AwardStatus): { changed: Award; writes: RecordWrite[] } {
  const { version } = award
  const changed: Award = { ...award, status, version: version + 1 }
  return {
    changed,
    writes: [
      { put: awardItem(changed), if: { version } },
      { put: { ...keys.awardStatus(award.id, changed.version), version: 1, data: toData(status) } },
    ],
  }
}
