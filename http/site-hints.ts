import { createHmac } from 'node:crypto'
import { Hono } from 'hono'
import type { Ports } from '#core/ports.ts'
import { driveSite } from '#core/practicals/drive-attempts.ts'
import { Refusal } from '#core/refusal.ts'
import type { AcademyEnv } from './environment.ts'
import { answerProblem } from './errors.ts'
import { tokenBuckets } from './limits.ts'
import { describeError, type Log } from './log.ts'
import { sameText } from './same-text.ts'

/** Further from our clock than this a hint is not taken: nobody can keep one for later. */
const windowSeconds = 300
const mostBytes = 4096
/** Of one site; beyond that it is asked when its jobs are due anyway. */
const perMinute = 60
const shortestSecret = 32

const hintHeaders = { timestamp: 'X-Academy-Timestamp', signature: 'X-Academy-Signature' } as const

/**
 * `POST /hooks/sites/{site}`: a site says that something has happened to its jobs. It is signed with the site's own
 * secret, and it is a hint only: nothing in it is read, and the site is asked about its jobs a little earlier, within
 * what it may be asked. So a false one, or one that is sent again, changes nothing.
 */
export function siteHintRoutes(ports: Ports, log: Log): Hono<AcademyEnv> {
  const take = tokenBuckets(perMinute, ports.clock)
  const app = new Hono<AcademyEnv>()
  app.post('/hooks/sites/:site', async (c) => {
    const name = c.req.param('site')
    const timestamp = c.req.header(hintHeaders.timestamp) ?? ''
    const body = await c.req.text()
    if (Buffer.byteLength(body) > mostBytes) throw new Refusal('too_large', 'A hint is at most 4096 bytes.')
    refuseStale(timestamp, ports.clock.now())
    const secret = ports.sites.find(name)?.hintSecret?.()
    if (!isSigned(c.req.header(hintHeaders.signature) ?? '', { timestamp, body }, secret)) {
      // The same for a site there is not, for one that sends no hints, and for a wrong secret.
      throw new Refusal('not_allowed', 'This hint is not signed with the secret of such a site.')
    }
    const wait = take(name)
    if (wait !== undefined) {
      c.header('Retry-After', String(wait))
      return answerProblem(c, 429, 'too_many_requests', 'This site has hinted often enough. Try again later.')
    }
    log({ level: 'info', event: 'site-hint', site: name })
    // Nobody waits for the site's own answer, and what it is does not show in ours.
    void driveSite(name, ports, { hinted: true }).catch((error: unknown) =>
      log({ level: 'error', event: 'site-hint', site: name, error: describeError(error, false) }),
    )
    return c.body(null, 202)
  })
  return app
}

function refuseStale(timestamp: string, now: Date): void {
  const at = /^\d{1,12}$/.test(timestamp) ? Number(timestamp) : Number.NaN
  if (Math.abs(at - now.getTime() / 1000) <= windowSeconds) return
  throw new Refusal(
    'invalid_input',
    'The time of a hint must be in seconds, and within five minutes of now.',
    {
      field: hintHeaders.timestamp,
    },
  )
}

/** `sha256=` and the HMAC-SHA-256 (hex) of time, full stop and body. */
function isSigned(
  signature: string,
  { timestamp, body }: { timestamp: string; body: string },
  secret: string | undefined,
): boolean {
  const usable = secret !== undefined && secret.length >= shortestSecret
  // Without a secret the work is the same, so that the time does not tell.
  const mac = createHmac('sha256', usable ? secret : 'nobody knows').update(`${timestamp}.${body}`)
  return sameText(signature, `sha256=${mac.digest('hex')}`) && usable
}
