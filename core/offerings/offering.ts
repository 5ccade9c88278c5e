import type { LearnerId, OfferingId, TenantTag } from '#core/ids.ts'

/** A dated run of a module at one institution. */
export interface Offering {
  id: OfferingId
  tenant: TenantTag
  moduleId: string
  /** `YYYY-MM-DD` */
  startsOn: string
  endsOn: string
  language: string
  seats: number
  /** Whether a practical run on the local executor may be evidence of an award. */
  allowsLocalEvidence: boolean
}

export const targetGroups = [
  'general-public',
  'jobseekers',
  'undergraduate',
  'graduate',
  'postgraduate',
  'educators',
  'researchers',
  'professionals',
  'sme-staff',
  'startups',
  'public-sector',
] as const
export type TargetGroup = (typeof targetGroups)[number]

export interface Enrolment {
  learnerId: LearnerId
  offeringId: OfferingId
  enrolledAt: Date
  /** Consent to count in anonymous analytics, and what for. Without it the learner is in no snapshot. */
  analyticsConsent: boolean
  purpose: 'skills-gap-statistics'
  /** Where the learner lives, works or learns, as what; each only as far as they care to say. ISO 3166-1. */
  country?: string
  /** Region at NUTS level 1, in the country. */
  nuts1?: string
  targetGroup?: TargetGroup
  sector?: string
  /** Pseudonym of the employer or school; its name is not kept. */
  organisation?: string
}
