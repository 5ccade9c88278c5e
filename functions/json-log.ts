import { type Log, requestOfLine } from '#http/log.ts'

const ranks = { info: 0, warn: 1, error: 2 } as const

export type LogLevel = keyof typeof ranks
export const logLevels = ['info', 'warn', 'error'] as const satisfies LogLevel[]

/** One JSON line for each thing worth telling, with the request it belongs to; less than `least` is left out. */
export function jsonLog(write: (line: string) => void, least: LogLevel): Log {
  return (line) => {
    if (ranks[line.level] < ranks[least]) return
    write(`${JSON.stringify({ at: new Date().toISOString(), ...requestOfLine.getStore(), ...line })}\n`)
  }
}
