import { graphqlRoutes } from '#http/graphql.ts'
import { streamLimits } from '#http/progress-streams.ts'
import { lambdaAuthenticator } from './lambda-identity.ts'
import { sitesAsked } from './lambda-world.ts'
import { streamingHandler } from './streaming-handler.ts'

/**
 * A function is paid for as long as it answers, and answers one listener at a time: streams are shorter here, and
 * end before the function would (`infra/functions.ts`).
 */
const limits = { ...streamLimits, lookEveryMs: 2000, longestMs: 5 * 60_000 }

/** On Lambda, behind an address of its own: the subscriptions of `/graphql`, answered while things happen. */
export const handler = streamingHandler((world) => {
  const { production, rateLimits } = world.settings
  return graphqlRoutes(world.ports, lambdaAuthenticator(world), {
    production,
    rateLimits,
    log: world.log,
    streams: limits,
    only: 'subscription',
  })
}, sitesAsked)
