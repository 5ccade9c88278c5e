import type { Hono } from 'hono'
import { handle, type LambdaEvent } from 'hono/aws-lambda'
import type { AcademyEnv } from '#http/environment.ts'
import { openShell } from '#http/shell.ts'
import { bareAddress } from '#http/visitor-address.ts'
import { edgeCheck, edgeHeaders, notByEdge } from './behind-edge.ts'
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
  const { edgeSecret } = world.aws
  const isByEdge = edgeSecret && edgeCheck(() => world.readSecret(edgeSecret), world.ports.clock)
  const app = openShell(world.ports, { rateLimits, production, log: world.log })
  app.route('/', routes)
  return {
    tracing: world.tracing,
    behind({ requestContext }) {
      // There is no socket here: AWS names who is at the other end of its own.
      const sourceIp = 'http' in requestContext ? requestContext.http.sourceIp : undefined
      const answer = async (request: Request): Promise<Response> => {
        if (!isByEdge) return app.fetch(request, { visitor: sourceIp })
        if (!(await isByEdge(request.headers))) return notByEdge()
        // At the other end of AWS's socket is CloudFront, which says for whom it asks.
        const visitor = bareAddress(request.headers.get(edgeHeaders.visitor) ?? undefined)
        return app.fetch(request, { visitor: visitor ?? sourceIp })
      }
      return { fetch: answer } as Hono
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
