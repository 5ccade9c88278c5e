import { graphqlRoutes } from '#http/graphql.ts'
import { lambdaHandler } from './lambda-handler.ts'
import { lambdaAuthenticator } from './lambda-identity.ts'
import { sitesAsked } from './lambda-world.ts'

/** On Lambda: `/graphql`. */
export const handler = lambdaHandler((world) => {
  const { production, rateLimits } = world.settings
  return graphqlRoutes(world.ports, lambdaAuthenticator(world), {
    production,
    rateLimits,
    log: world.log,
    streamsAt: world.aws.streamsAt,
  })
}, sitesAsked)
