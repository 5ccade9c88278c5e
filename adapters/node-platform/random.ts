import { randomBytes } from 'node:crypto'
import { makeId } from '#core/ids.ts'
import type { Random } from '#core/ports.ts'

/** The platform's cryptographic random source. */
export const systemRandom: Random = {
  bytes: (length) => randomBytes(length),
  id: (tenant, kind) => makeId(tenant, kind, randomBytes(16)),
}
