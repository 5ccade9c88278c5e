import type { Hono } from 'hono'
import { handle, type LambdaEvent } from 'hono/aws-lambda'
import type { AcademyEnv } from '#http/environment.ts'
import { openShell } from '#http/shell.ts'
import { kept, type LambdaWorld, type sitesAsked } from './lambda-world.ts'

/** One door of the academy behind API Gateway's HTTP API (payload 2.0): the shell of all, and its own routes. */
export function lambdaHandler(
  routes: (world: LambdaWorld) => Hono<AcademyEnv>,
  own?: typeof sitesAsked,
): (event: LambdaEvent) => Promise<unknown> {
  const open = kept((world) => {
    const { rateLimits, production } = world.settings
    const app = openShell(world.ports, { rateLimits, production, log: world.log })
    app.route('/', routes(world))
    return { app, tracing: world.tracing }
  }, own)
  return async (event) => {
    const { app, tracing } = await open()
    const { fetch } = app
    // There is no socket here: API Gateway names who is at the other end of its own.
    const remoteAddress = 'http' in event.requestContext ? event.requestContext.http.sourceIp : undefined
    const env = { incoming: { socket: { remoteAddress } } } as AcademyEnv['Bindings']
    const behindGateway = { fetch: (request: Request) => fetch(request, env) }
    try {
      return await handle(behindGateway as Hono)(event)
    } finally {
      await tracing?.flush()
    }
  }
}
