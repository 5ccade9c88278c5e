import type { AssessmentId, AwardId, BulkJobId, LearnerId, OfferingId, TenantTag } from '#core/ids.ts'
import type { PracticalEvidence } from '#core/practicals/evidence.ts'
import type { Level } from '#core/skills/ontology.ts'
import type { Text } from '#core/text.ts'

/** A skill as it was when awarded: label and version are kept, so that the credential resolves "then" and "now". */
export interface AwardedSkill {
  skill: string
  level: Level
  label: Text
  /** ESCO concept of an `exactMatch` or `closeMatch`. */
  escoUri?: string
}

/** The fact: this learner passed this module at this institution on this date. Editions are made from it. */
export interface Award {
  id: AwardId
  tenant: TenantTag
  learnerId: LearnerId
  offeringId: OfferingId
  assessmentId: AssessmentId
  moduleId: string
  ontology: { version: string; digest: string }
  title: Text
  description: Text
  outcomes: { id: string; statement: Text }[]
  skills: AwardedSkill[]
  eqfLevel: number
  ects: number
  workloadHours: number
  iscedF: string
  language: string
  participation: string
  supervision: string
  assessmentType: string
  qualityAssurance: Text
  stackability: Text
  scorePercent: number
  evidence: PracticalEvidence[]
  awardedAt: Date
  validUntil?: Date
  status: AwardStatus
  /** The award this one corrects. */
  supersedes?: AwardId
  /** Raised with every change of status. */
  version: number
}

export type AwardState = 'valid' | 'suspended' | 'revoked' | 'superseded'

export interface AwardStatus {
  state: AwardState
  since: Date
  /** Why, in one word; absent for a new award. */
  reasonCode?: ReasonCode
  /** Why, in the registrar's words; absent for a new award. Never shown to the public. */
  reason?: string
  by?: string
  /** The second registrar, where the institution asks for two. */
  approvedBy?: string
  /** The bulk job that did it. */
  bulkJob?: BulkJobId
  replacedBy?: AwardId
}

/** Why a status was changed, so that reasons can be counted; the words beside it say more. */
export const reasonCodes = [
  'issued-in-error',
  'misconduct',
  'withdrawn',
  'investigation',
  'appeal',
  'cleared',
  'administrative',
  'name',
  'result',
  'dates',
  'content',
  'other',
] as const
export type ReasonCode = (typeof reasonCodes)[number]
