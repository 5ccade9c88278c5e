import type { Hono } from 'hono'
import { handle, type LambdaEvent } from 'hono/aws-lambda'
import type { AcademyEnv } from '#http/environment.ts'
import { openShell } from '#http/shell.ts'
import { flushed } from './lambda-entry.ts'
import { kept, type LambdaWorld, type sitesAsked } from './lambda-world.ts'

/** Routes behind the shell of all, for requests that came as an event of payload 2.0. */
export interface Door extends Pick<LambdaWorld, 'tracing'> {
  fetch: (request: Request, event: LambdaEvent) => Response | Promise<Response>
}

/** The shell of all, and its own routes. */
export function doorOf(world: LambdaWorld, routes: Hono<AcademyEnv>): Door {
  const { rateLimits, production } = world.settings
  const app = openShell(world.ports, { rateLimits, production, log: world.log })
  app.route('/', routes)
  return {
    tracing: world.tracing,
    fetch(request, { requestContext }) {
      // There is no socket here: AWS names who is at the other end of its own.
      const remoteAddress = 'http' in requestContext ? requestContext.http.sourceIp : undefined
      return app.fetch(request, { incoming: { socket: { remoteAddress } } } as AcademyEnv['Bindings'])
    },
  }
}

/** One door of the academy behind API Gateway's HTTP API (payload 2.0). */
export function lambdaHandler(
  routes: (world: LambdaWorld) => Hono<AcademyEnv>,
  own?: typeof sitesAsked,
): (event: LambdaEvent) => Promise<unknown> {
  const open = kept((world) => doorOf(world, routes(world)), own)
  return flushed(open, ({ fetch }, event: LambdaEvent): Promise<unknown> => {
    const behindGateway = { fetch: (request: Request) => fetch(request, event) }
    return handle(behindGateway as unknown as Hono)(event)
  })
}
