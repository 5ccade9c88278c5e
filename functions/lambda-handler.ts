import type { Hono } from 'hono'
import { handle, type LambdaEvent } from 'hono/aws-lambda'
import { takeUpOntology } from '#core/skills/project-graph.ts'
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
    return { app, takeUp: takingUp(world), tracing: world.tracing }
  }, own)
  return async (event) => {
    const { app, takeUp, tracing } = await open()
    await takeUp()
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

const lookAgainMilliseconds = 60_000

/** Takes up the version of the ontology in force with the first event, and what was published since every minute. */
function takingUp({ ports }: LambdaWorld): () => Promise<void> {
  let lookedAt = Number.NEGATIVE_INFINITY
  return async () => {
    const now = ports.clock.now().getTime()
    if (now - lookedAt < lookAgainMilliseconds) return
    lookedAt = now
    await takeUpOntology(ports)
  }
}
