import { Hono } from 'hono'
import type { Ports } from '#core/ports.ts'
import type { Authenticator } from './authenticate.ts'
import type { AcademyEnv } from './environment.ts'
import { answerProblem, onError } from './errors.ts'
import { europeanCredentialRoutes } from './european-credentials.ts'
import { graphqlRoutes } from './graphql.ts'
import { healthRoutes } from './health.ts'
import { issuerDocumentRoutes } from './issuer-documents.ts'
import { limitBody, limitRate } from './limits.ts'
import type { Log } from './log.ts'
import { ontologyRoutes } from './ontology.ts'
import { openid4vciRoutes } from './openid4vci.ts'
import { claimRoutes } from './pages/claim.ts'
import { cohortRoutes } from './pages/cohorts.ts'
import { enrolRoutes } from './pages/enrol.ts'
import { gapRoutes } from './pages/gaps.ts'
import { homeRoutes } from './pages/home.ts'
import { meRoutes } from './pages/me.ts'
import { moduleRoutes } from './pages/modules.ts'
import { type Outbox, outboxRoutes } from './pages/outbox.ts'
import { pathRoutes } from './pages/path.ts'
import { practicalRoutes } from './pages/practical.ts'
import { shareRoutes } from './pages/share.ts'
import { skillRoutes } from './pages/skills.ts'
import { verifyRoutes } from './pages/verify.ts'
import { securityHeaders } from './security-headers.ts'
import { makeSessions } from './session.ts'
import { type SignInProvider, signInRoutes } from './sign-in.ts'
import { staticRoutes } from './static/stylesheet.ts'
import { statusListRoutes } from './status-lists.ts'

export interface AppOptions {
  authenticator: Authenticator
  /** Absent where nobody signs in at the pages. */
  signIn?: SignInProvider
  /** Mail kept instead of sent; absent where mail leaves. */
  outbox?: Outbox
  /** Requests per minute and address. */
  rateLimits: { graphql: number; wallet: number; pages: number; signIn: number }
  production: boolean
  log: Log
}

const kibibyte = 1024

/** Paths of wallets and other machines: their own rate. */
const walletPaths = /^(\/eudi)?\/(token|nonce|credential|notification|offers)(\/|$)/
const signInPaths = ['/sign-in', '/callback', '/sign-out', '/dev/token']
/** Never see a cookie. */
const withoutSession =
  /^\/(eudi|graphql|token|nonce|credential|notification|offers|status|bitstring|static|jwks\.json|vct|healthz|readyz|\.well-known)(\/|$)/

/** Every route of the academy in one list. The same app stands behind `npm start` and behind a function. */
export function createApp(ports: Ports, options: AppOptions): Hono<AcademyEnv> {
  const { authenticator, signIn, outbox, rateLimits, production, log } = options
  const { clock } = ports
  const sessions = makeSessions(ports, authenticator)
  const app = new Hono<AcademyEnv>()

  app.onError(onError(log, !production))
  app.notFound((c) => answerProblem(c, 404, 'not_found', 'There is nothing at this address.'))
  app.use(async (c, next) => {
    c.set('requestId', crypto.randomUUID())
    await next()
  })
  app.use(securityHeaders(ports.settings.publicUrl))
  app.use(limitBody(64 * kibibyte))
  const pageRate = limitRate(rateLimits.pages, clock)
  const walletRate = limitRate(rateLimits.wallet, clock)
  const signInRate = limitRate(rateLimits.signIn, clock)
  const graphRate = limitRate(rateLimits.graphql, clock)
  app.use(async (c, next) => {
    const { path } = c.req
    if (path === '/healthz' || path === '/readyz') return next()
    if (path === '/graphql') return graphRate(c, next)
    if (signInPaths.includes(path)) return signInRate(c, next)
    return walletPaths.test(path) ? walletRate(c, next) : pageRate(c, next)
  })
  app.use(async (c, next) => (withoutSession.test(c.req.path) ? next() : sessions.read(c, next)))

  app.route('/', healthRoutes(ports))
  app.route('/', graphqlRoutes(ports, authenticator, { production, log }))
  if (signIn) app.route('/', signInRoutes(signIn, authenticator, sessions, ports))
  app.route('/', openid4vciRoutes(ports))
  app.route('/', issuerDocumentRoutes(ports))
  app.route('/', statusListRoutes(ports))
  app.route('/', staticRoutes())
  app.route('/', ontologyRoutes(ports))
  app.route('/', homeRoutes(ports))
  app.route('/', skillRoutes(ports))
  app.route('/', moduleRoutes(ports))
  app.route('/', enrolRoutes(ports))
  app.route('/', cohortRoutes(ports))
  app.route('/', gapRoutes(ports))
  app.route('/', pathRoutes(ports))
  app.route('/', verifyRoutes(ports))
  app.route('/', shareRoutes(ports))
  app.route('/', claimRoutes(ports, outbox ? { outboxHref: '/outbox' } : {}))
  if (outbox) app.route('/', outboxRoutes(outbox, ports))
  app.route('/', meRoutes(ports))
  app.route('/', practicalRoutes(ports))
  app.route('/', europeanCredentialRoutes(ports, authenticator))
  return app
}
