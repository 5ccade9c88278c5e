import { graphqlRoutes } from '#http/graphql.ts'
import { lambdaHandler } from './lambda-handler.ts'
import { registeredIdentity } from './registered-identity.ts'

/** On Lambda: `/graphql`. */
export const handler = lambdaHandler(({ ports, settings: { identity, production, rateLimits }, log }) =>
  graphqlRoutes(ports, registeredIdentity(identity, ports), { production, rateLimits, log }),
)
