import type { Request } from '#core/store.ts'

/**
 * What operators set while the academy runs. `paused`: nothing new is sent; what runs goes on. `draining`: no new
 * attempts, those that were taken are finished. `stopped`: nothing is sent and what runs is cancelled; it costs
 * no learner anything.
 */
export const siteStates = ['open', 'paused', 'draining', 'stopped'] as const
export type SiteState = (typeof siteStates)[number]

export interface SiteControl {
  site: string
  state: SiteState
  /** For learners and operators; not there while open from the beginning. */
  reason?: string
  /** Account that set it. */
  by?: string
  at?: Date
  version: number
}

export interface SiteControlStore {
  /** `open` where nobody ever set anything. */
  siteControl(site: string): Promise<SiteControl>
  /** Newest first; at most 100. */
  siteControlHistory(site: string): Promise<SiteControl[]>
  /**
   * One write under the version that was read, with a line in the log of decisions; else `state_conflict`. Repeating
   * the request changes nothing.
   */
  saveSiteControlOnce(
    request: Request,
    action: 'pause' | 'resume' | 'drain' | 'stop',
    control: SiteControl,
  ): Promise<SiteControl>
}
