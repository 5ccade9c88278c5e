import { pageRoutes } from '#http/pages/page-routes.ts'
import { lambdaHandler } from './lambda-handler.ts'
import { lambdaIdentity } from './lambda-identity.ts'
import { sitesAsked } from './lambda-world.ts'

/** On Lambda: everything people open in a browser. */
export const handler = lambdaHandler((world) => {
  const { ports, settings, log } = world
  return pageRoutes(ports, { ...lambdaIdentity(world), rateLimits: settings.rateLimits, log })
}, sitesAsked)
