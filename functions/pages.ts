import { Hono } from 'hono'
import type { AcademyEnv } from '#http/environment.ts'
import { pageRoutes } from '#http/pages/page-routes.ts'
import { siteHintRoutes } from '#http/site-hints.ts'
import { lambdaHandler } from './lambda-handler.ts'
import { lambdaIdentity } from './lambda-identity.ts'
import { sitesAsked } from './lambda-world.ts'

/** On Lambda: everything people open in a browser; and hints of sites, which their pollers look at. */
export const handler = lambdaHandler((world) => {
  const { ports, settings, log } = world
  const app = new Hono<AcademyEnv>()
  if (settings.sitesFile !== undefined) app.route('/', siteHintRoutes(ports, log))
  app.route('/', pageRoutes(ports, { ...lambdaIdentity(world), rateLimits: settings.rateLimits, log }))
  return app
}, sitesAsked)
