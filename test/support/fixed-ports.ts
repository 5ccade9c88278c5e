import { createHash } from 'node:crypto'
import { makeId } from '#core/ids.ts'
import type { Clock, Random } from '#core/ports.ts'

export interface SettableClock extends Clock {
  set(to: string | Date): void
  advance(by: { seconds?: number; minutes?: number; hours?: number; days?: number }): void
}

/** A clock that stands still until told. */
export function settableClock(start: string | Date): SettableClock {
  let now = new Date(start)
  return {
    now: () => new Date(now),
    set(to) {
      now = new Date(to)
    },
    advance({ seconds = 0, minutes = 0, hours = 0, days = 0 }) {
      now = new Date(now.getTime() + (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000)
    },
  }
}

/** The same bytes for the same seed: SHA-256 over seed and a counter. */
export function seededRandom(seed: string): Random {
  let counter = 0
  const bytes = (length: number): Uint8Array => {
    const out = new Uint8Array(length)
    for (let filled = 0; filled < length; filled += 32) {
      const block = createHash('sha256').update(`${seed}/${counter++}`).digest()
      out.set(block.subarray(0, Math.min(32, length - filled)), filled)
    }
    return out
  }
  return { bytes, id: (tenant, kind) => makeId(tenant, kind, bytes(16)) }
}
