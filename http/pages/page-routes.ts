import { Hono } from 'hono'
import type { Ports } from '#core/ports.ts'
import { analyticsGuard } from '../analytics.ts'
import { bulkFileRoutes } from '../bulk-files.ts'
import { editionRoutes } from '../editions.ts'
import type { AcademyEnv } from '../environment.ts'
import { exchangeRoutes } from '../exchange.ts'
import { ontologyRoutes } from '../ontology.ts'
import { ontologyImportRoutes } from '../ontology-imports.ts'
import { makeSessions } from '../session.ts'
import type { AppOptions } from '../shell.ts'
import { signInRoutes } from '../sign-in.ts'
import { staticRoutes } from '../static/stylesheet.ts'
import { alignRoutes } from './align.ts'
import { approvalRoutes } from './approvals.ts'
import { awardsRoutes } from './awards.ts'
import { bulkRoutes } from './bulk.ts'
import { bulkOrderRoutes } from './bulk-order.ts'
import { claimRoutes } from './claim.ts'
import { cohortRunRoutes } from './cohort-run.ts'
import { cohortRoutes } from './cohorts.ts'
import { correctAwardRoutes } from './correct-award.ts'
import { curateRoutes } from './curate.ts'
import { enrolRoutes } from './enrol.ts'
import { escoImportRoutes } from './esco-import.ts'
import { gapRoutes } from './gaps/gap-routes.ts'
import { homeRoutes } from './home.ts'
import { manageAwardRoutes } from './manage-award.ts'
import { meRoutes } from './me.ts'
import { moduleRoutes } from './modules.ts'
import { outboxRoutes } from './outbox.ts'
import { pathRoutes } from './path.ts'
import { practicalRoutes } from './practical.ts'
import { sealRoutes } from './seals.ts'
import { shareRoutes } from './share.ts'
import { siteAccountRoutes } from './site-accounts.ts'
import { siteRoutes } from './sites.ts'
import { skillRoutes } from './skills.ts'
import { supervisionRoutes } from './supervision.ts'
import { verifyRoutes } from './verify.ts'

/** Everything people open in a browser. Only what is listed below the session ever sees a cookie. */
export function pageRoutes(
  ports: Ports,
  {
    authenticator,
    signIn,
    outbox,
    rateLimits,
    log,
  }: Pick<AppOptions, 'authenticator' | 'signIn' | 'outbox' | 'rateLimits' | 'log'>,
): Hono<AcademyEnv> {
  const sessions = makeSessions(ports, authenticator)
  const app = new Hono<AcademyEnv>()
  app.route('/', staticRoutes())

  app.use(sessions.read)
  if (signIn) app.route('/', signInRoutes(signIn, authenticator, sessions, ports))
  app.route('/', exchangeRoutes(ports))
  app.route('/', ontologyImportRoutes(ports, authenticator))
  app.route('/', ontologyRoutes(ports))
  app.route('/', homeRoutes(ports))
  app.route('/', escoImportRoutes(ports))
  app.route('/', alignRoutes(ports))
  app.route('/', curateRoutes(ports))
  app.route('/', skillRoutes(ports))
  app.route('/', moduleRoutes(ports))
  app.route('/', enrolRoutes(ports))
  app.route('/', cohortRoutes(ports))
  app.route('/', cohortRunRoutes(ports))
  app.route('/', supervisionRoutes(ports))
  app.route('/', gapRoutes(ports, analyticsGuard(rateLimits.analytics, ports, log)))
  app.route('/', pathRoutes(ports))
  app.route('/', verifyRoutes(ports))
  app.route('/', shareRoutes(ports))
  app.route('/', sealRoutes(ports))
  app.route('/', claimRoutes(ports, outbox ? { outboxHref: '/outbox' } : {}))
  if (outbox) app.route('/', outboxRoutes(outbox, ports))
  app.route('/', meRoutes(ports))
  app.route('/', practicalRoutes(ports))
  app.route('/', siteAccountRoutes(ports))
  app.route('/', siteRoutes(ports))
  app.route('/', editionRoutes(ports, authenticator))
  app.route('/', bulkFileRoutes(ports, authenticator))
  app.route('/', awardsRoutes(ports))
  app.route('/', manageAwardRoutes(ports))
  app.route('/', correctAwardRoutes(ports))
  app.route('/', bulkOrderRoutes(ports))
  app.route('/', bulkRoutes(ports))
  app.route('/', approvalRoutes(ports))
  return app
}
