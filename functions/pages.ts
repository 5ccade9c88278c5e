import { pageRoutes } from '#http/pages/page-routes.ts'
import { lambdaHandler } from './lambda-handler.ts'
import { registeredIdentity } from './registered-identity.ts'

/** On Lambda: everything people open in a browser. */
export const handler = lambdaHandler(({ ports, settings: { identity, rateLimits }, log }) =>
  pageRoutes(ports, { authenticator: registeredIdentity(identity, ports), rateLimits, log }),
)
