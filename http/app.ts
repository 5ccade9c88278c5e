import type { Hono } from 'hono'
import type { Ports } from '#core/ports.ts'
import { driveSite } from '#core/practicals/drive-attempts.ts'
import type { AcademyEnv } from './environment.ts'
import { graphqlRoutes } from './graphql.ts'
import { metricsRoutes } from './metrics.ts'
import { pageRoutes } from './pages/page-routes.ts'
import { type AppOptions, openShell } from './shell.ts'
import { siteHintRoutes } from './site-hints.ts'
import { statusListRoutes } from './status-lists.ts'
import { walletRoutes } from './wallet-routes.ts'

/**
 * The whole academy behind one door, as `npm start` opens it. On Lambda each door is a function of
 * its own (`functions/graphql.ts`, `wallet.ts`, `status-lists.ts`, `pages.ts` with the hints) behind the same shell.
 */
export function createApp(ports: Ports, options: AppOptions): Hono<AcademyEnv> {
  const app = openShell(ports, options)
  app.route('/', graphqlRoutes(ports, options.authenticator, options))
  app.route('/', walletRoutes(ports))
  app.route('/', statusListRoutes(ports))
  app.route(
    '/',
    siteHintRoutes(ports, options.log, (site) => driveSite(site, ports, { hinted: true })),
  )
  if (options.metrics) app.route('/', metricsRoutes(options.metrics))
  app.route('/', pageRoutes(ports, options))
  return app
}
