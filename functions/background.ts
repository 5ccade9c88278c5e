import { describeError, type Log } from '#http/log.ts'

/**
 * Does the work again and again, `pauseMs` after it last ended, until stopped. A failure is logged and the
 * work tried again later; `stop` waits for the round that is under way, and tells it so by the signal.
 */
export function repeat(
  name: string,
  pauseMs: number,
  work: (stopped: AbortSignal) => Promise<unknown>,
  { log, withMessages }: { log: Log; withMessages: boolean },
): { stop(): Promise<void> } {
  const stopped = new AbortController()
  let failures = 0
  const loop = async () => {
    while (!stopped.signal.aborted) {
      try {
        await work(stopped.signal)
        failures = 0
      } catch (error) {
        failures++
        log({
          level: 'error',
          event: 'background',
          name,
          failures,
          error: describeError(error, withMessages),
        })
      }
      await pause(Math.min(pauseMs * 2 ** Math.min(failures, 6), 30_000), stopped.signal)
    }
  }
  const done = loop()
  return {
    stop() {
      stopped.abort()
      return done
    },
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    signal.addEventListener('abort', end)
    if (signal.aborted) end()
  })
}
