import type { Hono } from 'hono'
import { handle, type LambdaEvent } from 'hono/aws-lambda'
import { releaseOntology } from '#core/skills/project-graph.ts'
import { createApp } from '#http/app.ts'
import type { AcademyEnv } from '#http/environment.ts'
import { awsPorts } from './aws-ports.ts'
import { readAwsSettings } from './aws-settings.ts'
import { lambdaLog } from './lambda-log.ts'
import { registeredIdentity } from './registered-identity.ts'
import { readSettings } from './settings.ts'

/**
 * The app behind API Gateway's HTTP API (payload 2.0). It is made by the first event and kept; an event that
 * finds it cannot be made fails, and the next one tries again.
 */
export function lambdaHandler(): (event: LambdaEvent) => Promise<unknown> {
  let app: Promise<Hono<AcademyEnv>> | undefined
  return async (event) => {
    app ??= openApp()
    const { fetch } = await app.catch((cause) => {
      app = undefined
      throw cause
    })
    // There is no socket here: API Gateway names who is at the other end of its own.
    const remoteAddress = 'http' in event.requestContext ? event.requestContext.http.sourceIp : undefined
    const env = { incoming: { socket: { remoteAddress } } } as AcademyEnv['Bindings']
    const behindGateway = { fetch: (request: Request) => fetch(request, env) }
    return handle(behindGateway as Hono)(event)
  }
}

async function openApp(): Promise<Hono<AcademyEnv>> {
  const settings = readSettings(process.env)
  const ports = await awsPorts(settings, readAwsSettings(process.env), lambdaLog)
  await releaseOntology(ports)
  return createApp(ports, {
    authenticator: registeredIdentity(settings.identity, ports),
    rateLimits: settings.rateLimits,
    production: settings.production,
    log: lambdaLog,
  })
}
