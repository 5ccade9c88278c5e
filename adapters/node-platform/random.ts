import { randomBytes, randomFillSync } from 'node:crypto'
import { makeId } from '#core/ids.ts'
import type { Random } from '#core/ports.ts'

// A call of the platform costs the same for few bytes and for many, and an issue asks several times for few:
// as `crypto.randomUUID` does, some are kept ready. What was given out is wiped here.
const ready = Buffer.allocUnsafeSlow(4096)
let used = ready.length

function bytes(length: number): Uint8Array {
  if (length > ready.length / 4) return randomBytes(length)
  if (used + length > ready.length) {
    randomFillSync(ready)
    used = 0
  }
  const out = new Uint8Array(ready.subarray(used, used + length))
  ready.fill(0, used, used + length)
  used += length
  return out
}

/** The platform's cryptographic random source. */
export const systemRandom: Random = {
  bytes,
  id: (tenant, kind) => makeId(tenant, kind, bytes(16)),
}
