import type { AwardId, LearnerId, ShareLinkId, TenantTag } from '#core/ids.ts'
import type { Request } from '#core/store.ts'

/** Groups of claims a learner may show or keep back; what was awarded, by whom and when always shows. */
export const shareParts = ['name', 'grade', 'outcomes', 'skills', 'evidence', 'course'] as const
export type SharePart = (typeof shareParts)[number]

/** Lets whoever has the link see one credential of the learner, until it ends or is withdrawn. */
export interface ShareLink {
  /** Made from the hash of the link: the records do not hold the link itself. */
  id: ShareLinkId
  tenant: TenantTag
  learnerId: LearnerId
  awardId: AwardId
  /** Which edition is shown: that for this key of the holder. */
  holderThumbprint: string
  show: SharePart[]
  createdAt: Date
  expiresAt: Date
}

export interface ShareLinkStore {
  findShareLink(id: ShareLinkId): Promise<ShareLink | undefined>
  /** Newest first, at most 200; those that ended are not among them. */
  shareLinksOf(learnerId: LearnerId): Promise<ShareLink[]>
  /** Repeating the request changes nothing. */
  saveShareLinkOnce(request: Request, link: ShareLink): Promise<void>
  /** Withdraws it for good; does nothing when it is gone already. */
  deleteShareLinkOnce(request: Request, id: ShareLinkId): Promise<void>
}

/** At most so many links of one learner at a time. */
export const shareLinksPerLearner = 100
export const shareLifetimeDays = { least: 1, most: 365, usual: 30 } as const
