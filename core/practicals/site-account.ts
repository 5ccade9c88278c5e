import type { AuditBody } from '#core/audit/audit.ts'
import type { LearnerId } from '#core/ids.ts'
import type { Request } from '#core/store.ts'

/**
 * A learner's own account at a site that wants one for each. `stated` by the learner, who agrees to its use;
 * `confirmed` by an operator, who knows whose accounts are whose. Naming keeps nobody else from naming the same one;
 * confirmed it is one learner's.
 */
export interface SiteAccount {
  learnerId: LearnerId
  site: string
  /** User name at the site: personal data, never in logs and messages. */
  user: string
  state: 'stated' | 'confirmed'
  /** When the learner named it and agreed. */
  statedAt: Date
  confirmedAt?: Date
  /** Goes up with every change, and never comes again: an account that is taken back and named anew has others. */
  version: number
}

export interface SiteAccountStore {
  /** None of an erased learner. */
  siteAccountsOf(learnerId: LearnerId): Promise<SiteAccount[]>
  /** All of a site, those that wait to be confirmed first. */
  siteAccountsAt(site: string): Promise<SiteAccount[]>
  /**
   * One transaction under the version that was read (0 where there was none), with a line in the log. Refuses
   * `state_conflict` when somebody was faster, and when the account is confirmed as another learner's.
   */
  saveSiteAccountOnce(request: Request, account: SiteAccount, audit: AuditBody): Promise<void>
  /** The same for its end. */
  removeSiteAccountOnce(request: Request, account: SiteAccount, audit: AuditBody): Promise<void>
  /** Every account of an erased learner; doing it again changes nothing. */
  forgetSiteAccounts(learnerId: LearnerId): Promise<void>
}
