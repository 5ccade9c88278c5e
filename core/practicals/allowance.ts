import type { Clock } from '#core/ports.ts'

/** What a site may be asked while its jobs are tracked, whatever their number. */
export interface Allowance {
  /** Whether all jobs may be asked for in one list that takes so many requests, which are then taken. */
  mayList: (requests: number) => boolean
  /** Whether a question may be asked that takes so many requests, which are then taken. */
  mayAsk: (requests: number) => boolean
}

const requestsPerSecond = 2
/** What may be saved up for one question that takes many requests. */
const mostSaved = 6

/**
 * Two requests a second, and a list no more often than a single job is asked for at first. What is not allowed now
 * is asked in a later round. Questions that cost nothing are always allowed.
 */
export function allowance(clock: Clock, secondsBetweenLists: number): Allowance {
  let saved = mostSaved
  let at = clock.now().getTime()
  let listedAt = Number.NEGATIVE_INFINITY
  const mayAsk = (requests: number) => {
    const now = clock.now().getTime()
    saved = Math.min(mostSaved, saved + (Math.max(0, now - at) / 1000) * requestsPerSecond)
    at = now
    if (requests > saved) return false
    saved -= requests
    return true
  }
  return {
    mayAsk,
    mayList(requests) {
      const now = clock.now().getTime()
      if (requests > 0 && now - listedAt < secondsBetweenLists * 1000) return false
      if (!mayAsk(requests)) return false
      listedAt = now
      return true
    },
  }
}

/** For what costs nothing to ask. */
export const unlimited: Allowance = { mayAsk: () => true, mayList: () => true }
