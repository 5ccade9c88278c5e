import type { MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { Clock } from '#core/ports.ts'
import { type AcademyEnv, visitorOf } from './environment.ts'
import { answerProblem } from './errors.ts'

const mostNames = 10_000

/**
 * At most `perMinute` a minute for each name, with a burst of one minute's worth. Kept in memory, for the most
 * recent names only: a flood of names cannot fill it. Answers the seconds to wait, or nothing where one may go on.
 */
export function tokenBuckets(perMinute: number, clock: Clock): (name: string) => number | undefined {
  const buckets = new Map<string, { tokens: number; at: number }>()
  return (name) => {
    const now = clock.now().getTime()
    const bucket = buckets.get(name) ?? { tokens: perMinute, at: now }
    const elapsedMs = Math.max(0, now - bucket.at)
    const tokens = Math.min(perMinute, bucket.tokens + (elapsedMs / 60_000) * perMinute)
    // Taken out and put back, so that the map stays in order of use.
    buckets.delete(name)
    buckets.set(name, { tokens: tokens >= 1 ? tokens - 1 : tokens, at: now })
    const [oldest] = buckets.size > mostNames ? buckets.keys() : []
    if (oldest !== undefined) buckets.delete(oldest)
    return tokens < 1 ? Math.ceil(((1 - tokens) * 60) / perMinute) : undefined
  }
}

/** At most `perMinute` requests a minute from one address. */
export function limitRate(perMinute: number, clock: Clock): MiddlewareHandler<AcademyEnv> {
  const take = tokenBuckets(perMinute, clock)
  return async (c, next) => {
    const wait = take(networkOf(visitorOf(c) ?? 'none'))
    if (wait === undefined) return next()
    c.header('Retry-After', String(wait))
    return answerProblem(c, 429, 'too_many_requests', 'Too many requests from your address. Try again later.')
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
