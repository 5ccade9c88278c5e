import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { routePath } from 'hono/route'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { Refusal, type RefusalCode } from '#core/refusal.ts'
import type { AcademyEnv } from './environment.ts'
import { describeError, type Log } from './log.ts'

/** HTTP status of each expected no. */
export const statusOf = {
  not_signed_in: 401,
  token_invalid: 401,
  token_expired: 401,
  not_allowed: 403,
  not_found: 404,
  invalid_input: 400,
  request_conflict: 409,
  state_conflict: 409,
  too_many_requests: 429,
  too_large: 413,
  already_enrolled: 409,
  offering_full: 409,
  already_awarded: 409,
  not_enrolled: 409,
  entry_skills_missing: 409,
  module_has_no_practical: 409,
  practical_already_running: 409,
  practical_not_started: 409,
  site_unavailable: 503,
  quota_exceeded: 429,
  budget_exceeded: 429,
  evidence_not_allowed: 409,
  award_not_valid: 409,
  offer_not_open: 409,
  snapshot_missing: 404,
  four_eyes_required: 409,
  ontology_not_sound: 409,
  credential_incomplete: 409,
  certificate_unusable: 409,
  time_stamp_unavailable: 503,
  signing_key_unavailable: 503,
  storage_full: 507,
  storage_busy: 503,
} as const satisfies Record<RefusalCode, ContentfulStatusCode>

/** Seconds after which a try has a chance, for the answers that say "later". */
const retryAfterSeconds: Partial<Record<RefusalCode, number>> = {
  site_unavailable: 60,
  storage_busy: 1,
  time_stamp_unavailable: 60,
  signing_key_unavailable: 60,
}

/** The last resort of the app: a refusal is told, anything else is masked and logged under the request's id. */
export function onError(log: Log, withMessages: boolean) {
  return (error: Error, c: Context<AcademyEnv>): Response | Promise<Response> => {
    if (error instanceof Refusal) return answerRefusal(c, error)
    // Hono's own words for a body that cannot be read (malformed form, wrong encoding).
    if (error instanceof HTTPException && error.status < 500) {
      return answerProblem(c, error.status, 'invalid_input', 'The request cannot be read.')
    }
    log({
      level: 'error',
      event: 'defect',
      route: routePath(c),
      error: describeError(error, withMessages),
    })
    return answerProblem(c, 500, 'internal_error', 'Something went wrong on our side.')
  }
}

/** A refusal as a page for people and as problem JSON (RFC 9457) for programs. */
function answerRefusal(c: Context<AcademyEnv>, refusal: Refusal): Response | Promise<Response> {
  const status = statusOf[refusal.code]
  if (status === 401) {
    c.header('WWW-Authenticate', refusal.code === 'not_signed_in' ? 'Bearer' : 'Bearer error="invalid_token"')
  }
  const later = retryAfterSeconds[refusal.code]
  if (later !== undefined) c.header('Retry-After', String(later))
  return answerProblem(c, status, refusal.code, refusal.message, refusal.field)
}

export function answerProblem(
  c: Context<AcademyEnv>,
  status: ContentfulStatusCode,
  code: string,
  title: string,
  field?: string,
): Response | Promise<Response> {
  c.header('Cache-Control', 'no-store')
  if (wantsPage(c)) return sendPage(c, status, code)
  const problem = { status, code, title, ...(field ? { field } : {}), requestId: c.get('requestId') }
  return c.body(JSON.stringify(problem), status, { 'Content-Type': 'application/problem+json' })
}

/** Doors that only programs come to never load the pages. */
async function sendPage(c: Context, status: ContentfulStatusCode, code: string): Promise<Response> {
  const { sendErrorPage } = await import('./pages/error.ts')
  return sendErrorPage(c, { status, code })
}

/** Browsers ask for HTML by name; programs do not. */
function wantsPage(c: Context): boolean {
  return /\btext\/html\b/.test(c.req.header('accept') ?? '')
}
