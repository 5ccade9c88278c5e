import type { Hono } from 'hono'
import { handle, type LambdaEvent } from 'hono/aws-lambda'
import type { AcademyEnv } from '#http/environment.ts'
import { openShell } from '#http/shell.ts'
import { flushed } from './lambda-entry.ts'
import { kept, type LambdaWorld, type sitesAsked } from './lambda-world.ts'

/** Routes behind the shell of all, for requests that came as an event of payload 2.0. */
export interface Door extends Pick<LambdaWorld, 'tracing'> {
  /** What answers the request of an event; the little of it that the ways to Lambda call. */
  behind(event: LambdaEvent): Hono
}

/** The shell of all, and its own routes. */
export function doorOf(world: LambdaWorld, routes: Hono<AcademyEnv>): Door {
  const { rateLimits, production } = world.settings
  const app = openShell(world.ports, { rateLimits, production, log: world.log })
  app.route('/', routes)
  return {
    tracing: world.tracing,
    behind({ requestContext }) {
      // There is no socket here: AWS names who is at the other end of its own.
      const remoteAddress = 'http' in requestContext ? requestContext.http.sourceIp : undefined
      const env = { incoming: { socket: { remoteAddress } } } as AcademyEnv['Bindings']
      return { fetch: (request: Request) => app.fetch(request, env) } as Hono
    },
  }
}

/** One door of the academy behind API Gateway's HTTP API (payload 2.0). */
export function lambdaHandler(
  routes: (world: LambdaWorld) => Hono<AcademyEnv>,
  own?: typeof sitesAsked,
): (event: LambdaEvent) => Promise<unknown> {
  const open = kept((world) => doorOf(world, routes(world)), own)
  return flushed(open, (door, event: LambdaEvent): Promise<unknown> => handle(door.behind(event))(event))
}
