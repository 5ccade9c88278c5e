import { Hono } from 'hono'
import { mostUploadBytes } from '#core/bulk/bulk-job.ts'
import { demandLimits } from '#core/gaps/demand-limits.ts'
import type { Ports } from '#core/ports.ts'
import type { Authenticator } from './authenticate.ts'
import type { AcademyEnv } from './environment.ts'
import { answerProblem, onError } from './errors.ts'
import { healthRoutes } from './health.ts'
import { limitBody, limitRate } from './limits.ts'
import type { Log } from './log.ts'
import type { MetricsPage } from './metrics.ts'
import type { Outbox } from './pages/outbox.ts'
import type { StreamLimits } from './progress-streams.ts'
import { logRequests } from './request-log.ts'
import { securityHeaders } from './security-headers.ts'
import type { SignInProvider } from './sign-in.ts'
import { traceRequests } from './trace-requests.ts'

export interface AppOptions {
  authenticator: Authenticator
  /** Absent where nobody signs in at the pages. */
  signIn?: SignInProvider
  /** Mail kept instead of sent; absent where mail leaves. */
  outbox?: Outbox
  /** Requests per minute and address; questions about statistics per minute and account. */
  rateLimits: { graphql: number; wallet: number; pages: number; signIn: number; analytics: number }
  /** What live progress may cost; absent where answers cannot be streamed. */
  streams?: StreamLimits
  /** Where else answers are streamed, if they are not here. */
  streamsAt?: string | undefined
  production: boolean
  log: Log
  /** Absent where nobody reads metrics. */
  metrics?: MetricsPage
}

const kibibyte = 1024

/** Paths of wallets and other machines: their own rate. */
const walletPaths = /^(\/eudi)?\/(token|nonce|credential|notification|offers)(\/|$)/
const signInPaths = /^\/(sign-in|callback(\/[^/]+)?|sign-out|dev\/token)$/

/** Where whole files come in: a sealed European credential with its pages as pictures, source files of the ontology. */
const filePaths = /^\/(verify$|curate\/|ontology\/drafts\/)/
/** Where files of rows come in. */
const rowFilePaths = /^\/(bulk-files|bulk\/(new|corrections))$/

/**
 * What stands around every door, whichever routes are behind it: the id of the request, headers, limits, and
 * the answer to what goes wrong or leads nowhere.
 */
export function openShell(
  ports: Pick<Ports, 'clock' | 'store' | 'settings' | 'ontology' | 'signers' | 'seals' | 'trace'>,
  { rateLimits, production, log }: Pick<AppOptions, 'rateLimits' | 'production' | 'log'>,
): Hono<AcademyEnv> {
  const { clock } = ports
  const app = new Hono<AcademyEnv>()
  app.onError(onError(log, !production))
  app.notFound((c) => answerProblem(c, 404, 'not_found', 'There is nothing at this address.'))
  app.use(logRequests(log))
  if (ports.trace) app.use(traceRequests(ports.trace))
  app.use(securityHeaders(ports.settings.publicUrl))
  const smallBody = limitBody(64 * kibibyte)
  const fileBody = limitBody(8 * 1024 * kibibyte)
  // A file of a hundred thousand rows, and what a form adds to it.
  const rowsBody = limitBody(mostUploadBytes + 64 * kibibyte)
  const tableBody = limitBody(demandLimits.bytes + 64 * kibibyte)
  app.use((c, next) => {
    const { path } = c.req
    if (path === '/gaps/demand') return tableBody(c, next)
    if (rowFilePaths.test(path)) return rowsBody(c, next)
    return (filePaths.test(path) ? fileBody : smallBody)(c, next)
  })
  const pageRate = limitRate(rateLimits.pages, clock)
  const walletRate = limitRate(rateLimits.wallet, clock)
  const signInRate = limitRate(rateLimits.signIn, clock)
  const graphRate = limitRate(rateLimits.graphql, clock)
  app.use(async (c, next) => {
    const { path } = c.req
    if (path === '/healthz' || path === '/readyz') return next()
    if (path === '/graphql') return graphRate(c, next)
    if (signInPaths.test(path)) return signInRate(c, next)
    return walletPaths.test(path) ? walletRate(c, next) : pageRate(c, next)
  })
  app.route('/', healthRoutes(ports))
  return app
}
