import type { Log } from '#http/log.ts'

/** One JSON line each, as Lambda passes them on. */
export const lambdaLog: Log = (line) => {
  process.stdout.write(`${JSON.stringify({ at: new Date().toISOString(), ...line })}\n`)
}
