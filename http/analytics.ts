import type { Actor } from '#core/access/operations.ts'
import type { Clock } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import type { AskAnalytics } from '#schema/builder.ts'
import { tokenBuckets } from './limits.ts'
import type { Log } from './log.ts'

/**
 * Stands before every question about statistics: at most `perMinute` a minute from one account, and a line in
 * the log of what was asked, without who asked. Codes stand in the line once core has found them in its lists.
 */
export function analyticsGuard(perMinute: number, { clock }: { clock: Clock }, log: Log): AskAnalytics {
  const take = tokenBuckets(perMinute, clock)
  return async (actor, query, slice, answer) => {
    if (take(nameOf(actor)) !== undefined) {
      throw new Refusal(
        'too_many_requests',
        'Too many questions about statistics from your account. Try again in a minute.',
      )
    }
    const result = await answer()
    const asked = Object.fromEntries(Object.entries(slice).filter(([, value]) => value !== undefined))
    log({ level: 'info', event: 'analytics-query', query, slice: asked })
    return result
  }
}

const nameOf = (actor: Actor | undefined) =>
  actor ? JSON.stringify([actor.tenant, actor.subject]) : 'nobody'
