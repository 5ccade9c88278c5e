import { QueueError } from '#core/practicals/queue.ts'

const failuresUntilOpen = 5
const shortestPauseMs = 1000
const longestPauseMs = 60_000

/**
 * Stops asking a site that has failed five times in a row: each question to a site that is down may take many
 * seconds. The pause doubles from one second to a minute, with full jitter; then the next question decides.
 */
export function circuit<T>(
  now: () => Date,
  failed: (answer: T) => boolean,
): (ask: () => Promise<T>) => Promise<T> {
  let failures = 0
  let closedAgainAt = 0
  const note = (failure: boolean) => {
    failures = failure ? failures + 1 : 0
    if (failures < failuresUntilOpen) return
    const mostMs = Math.min(longestPauseMs, shortestPauseMs * 2 ** (failures - failuresUntilOpen))
    closedAgainAt = now().getTime() + Math.max(shortestPauseMs, Math.random() * mostMs)
  }
  return async (ask) => {
    if (now().getTime() < closedAgainAt)
      throw new QueueError('unavailable', 'the site has failed too often to be asked now')
    try {
      const answer = await ask()
      note(failed(answer))
      return answer
    } catch (error) {
      // A token that has run out says nothing about the site.
      if (error instanceof QueueError && error.kind !== 'auth') note(true)
      throw error
    }
  }
}
