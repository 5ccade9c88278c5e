import type { MiddlewareHandler } from 'hono'
import { routePath } from 'hono/route'
import type { AcademyEnv } from './environment.ts'
import { type Log, requestOfLine } from './log.ts'

/** Asked every few seconds by whoever watches; nobody looks for a line of them. */
const unlogged = ['/healthz', '/readyz', '/metrics']

/**
 * Gives every request its id and, when it was answered, one line in the log. The line names the route and
 * never the path or the query: they may hold the code of an offer or of a shared link.
 */
export function logRequests(log: Log): MiddlewareHandler<AcademyEnv> {
  return async (c, next) => {
    const requestId = crypto.randomUUID()
    c.set('requestId', requestId)
    await requestOfLine.run({ requestId }, async () => {
      const began = performance.now()
      await next()
      if (unlogged.includes(c.req.path)) return
      log({
        level: 'info',
        event: 'request',
        method: c.req.method,
        route: routePath(c),
        status: c.res.status,
        milliseconds: Math.round((performance.now() - began) * 10) / 10,
      })
    })
  }
}
