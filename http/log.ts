import { AsyncLocalStorage } from 'node:async_hooks'

/** The request on whose behalf a line is written; who writes the log adds it to every line. */
export const requestOfLine = new AsyncLocalStorage<{ requestId: string }>()

/** One line of the log. Never holds a token, a code, an address of a person or anything they typed. */
export type Log = (line: { level: 'info' | 'warn' | 'error'; event: string; [more: string]: unknown }) => void

/**
 * What may be said of an unexpected error: its kind and where it happened. Its message may quote a value,
 * so it is left out unless the log stays on the developer's own machine.
 */
export function describeError(error: unknown, withMessages: boolean): Record<string, unknown> {
  if (!(error instanceof Error)) return { kind: typeof error }
  const frames = (error.stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 8)
    .map((line) => line.trim())
  return {
    kind: error.name,
    ...(withMessages ? { message: error.message.slice(0, 500) } : {}),
    frames,
    ...(error.cause === undefined ? {} : { cause: describeError(error.cause, withMessages) }),
  }
}
