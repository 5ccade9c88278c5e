import type { Clock } from '#core/ports.ts'
import type { Records } from '#core/records.ts'

export type OpenEngine = (clock: Clock) => Promise<{ records: Records; close(): unknown }>

let other: OpenEngine | undefined

/** Puts the later worlds of this test file on another engine: the real suites run the same tests on DynamoDB. */
export function worldsOn(engine: OpenEngine | undefined): void {
  other = engine
}

/** What the worlds of this test file are put on; `undefined` is SQLite in memory. */
export function otherEngine(): OpenEngine | undefined {
  return other
}
