import type { MiddlewareHandler } from 'hono'
import { routePath } from 'hono/route'
import type { Trace } from '#core/trace.ts'
import type { AcademyEnv } from './environment.ts'

/** Asked every few seconds by whoever watches. */
const untraced = ['/healthz', '/readyz', '/metrics']

/**
 * One step for each request. What a stranger says of a trace is not believed: each request begins its own. The
 * route stands for the address, which may hold the code of an offer or of a shared link.
 */
export function traceRequests(trace: Trace): MiddlewareHandler<AcademyEnv> {
  return (c, next) => {
    if (untraced.includes(c.req.path)) return next()
    const { method } = c.req
    const notes = { 'http.request.method': method, 'academy.request': c.get('requestId') }
    return trace.step({ name: method, kind: 'server', notes }, async (span) => {
      await next()
      const route = routePath(c)
      span.rename(`${method} ${route}`)
      span.note({ 'http.route': route, 'http.response.status_code': c.res.status })
      if (c.res.status >= 500) span.note({ 'error.type': String(c.res.status) })
    })
  }
}
