import type { MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { Clock } from '#core/ports.ts'
import { type AcademyEnv, remoteAddress } from './environment.ts'
import { answerProblem } from './errors.ts'

const maxAddresses = 10_000

/**
 * At most `perMinute` requests a minute from one address, with a burst of one minute's worth. Kept in
 * memory, for the most recent addresses only: a flood of addresses cannot fill it.
 */
export function limitRate(perMinute: number, clock: Clock): MiddlewareHandler<AcademyEnv> {
  const buckets = new Map<string, { tokens: number; at: number }>()
  return async (c, next) => {
    const address = networkOf(remoteAddress(c) ?? 'none')
    const now = clock.now().getTime()
    const bucket = buckets.get(address) ?? { tokens: perMinute, at: now }
    const elapsedMs = Math.max(0, now - bucket.at)
    const tokens = Math.min(perMinute, bucket.tokens + (elapsedMs / 60_000) * perMinute)
    // Taken out and put back, so that the map stays in order of use.
    buckets.delete(address)
    buckets.set(address, { tokens: tokens >= 1 ? tokens - 1 : tokens, at: now })
    const [oldest] = buckets.size > maxAddresses ? buckets.keys() : []
    if (oldest !== undefined) buckets.delete(oldest)
    if (tokens < 1) {
      c.header('Retry-After', String(Math.ceil(((1 - tokens) * 60) / perMinute)))
      return answerProblem(
        c,
        429,
        'too_many_requests',
        'Too many requests from your address. Try again later.',
      )
    }
    return next()
  }
}

/** One household or office has a whole IPv6 /64: it counts as one address. */
export function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').split('%')[0] ?? address
  if (!plain.includes(':')) return plain
  const [head = '', tail] = plain.split('::')
  const first = head === '' ? [] : head.split(':')
  const last = tail ? tail.split(':') : []
  const groups =
    tail === undefined ? first : [...first, ...Array(8 - first.length - last.length).fill('0'), ...last]
  return groups.slice(0, 4).join(':')
}

/** Refuses a body of more than `maxBytes`, whether its length was announced or not. */
export function limitBody(maxBytes: number): MiddlewareHandler<AcademyEnv> {
  return bodyLimit({
    maxSize: maxBytes,
    onError: (c) => answerProblem(c, 413, 'too_large', `The body is larger than ${maxBytes} bytes.`),
  })
}
