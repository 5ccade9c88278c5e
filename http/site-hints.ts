import { Hono } from 'hono'
import type { Ports } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import { type AcademyEnv, visitorOf } from './environment.ts'
import { answerProblem } from './errors.ts'
import { isSignedHint } from './hint-signature.ts'
import { networkOf, tokenBuckets } from './limits.ts'
import { describeError, type Log } from './log.ts'

/** Further from our clock than this a hint is not taken: nobody can keep one for later. */
const windowSeconds = 300
const mostBytes = 4096
/** Of one site; beyond that it is asked when its jobs are due anyway. */
const perMinute = 60

const hintHeaders = { timestamp: 'X-Academy-Timestamp', signature: 'X-Academy-Signature' } as const

/**
 * `POST /hooks/sites/{site}`: a site says that something has happened to its jobs. It is signed with the site's own
 * secret, and it is a hint only: nothing in it is read, and the site is asked about its jobs a little earlier, within
 * what it may be asked. So a false one, or one that is sent again, changes nothing. `drive` asks a site from here;
 * without it hints go to where the site is asked from.
 */
export function siteHintRoutes(
  ports: Pick<Ports, 'sites' | 'clock'>,
  log: Log,
  drive?: (site: string) => Promise<unknown>,
): Hono<AcademyEnv> {
  const take = tokenBuckets(perMinute, ports.clock)
  const app = new Hono<AcademyEnv>()
  app.post('/hooks/sites/:site', async (c) => {
    const name = c.req.param('site')
    const timestamp = c.req.header(hintHeaders.timestamp) ?? ''
    const body = await c.req.text()
    if (Buffer.byteLength(body) > mostBytes) throw new Refusal('too_large', 'A hint is at most 4096 bytes.')
    refuseStale(timestamp, ports.clock.now())
    const site = ports.sites.find(name)
    const hint = { timestamp, signature: c.req.header(hintHeaders.signature) ?? '', body }
    const often = (wait: number) => {
      c.header('Retry-After', String(wait))
      return answerProblem(c, 429, 'too_many_requests', 'This site has hinted often enough. Try again later.')
    }
    if (site?.takeHint) {
      // To ask elsewhere costs something, whoever signed it; a stranger's hints use up nobody else's share.
      const wait = take(`${name} ${networkOf(visitorOf(c) ?? 'none')}`)
      if (wait !== undefined) return often(wait)
      const taken = await site.takeHint(hint).catch((error: unknown) => {
        log({ level: 'error', event: 'site-hint', site: name, error: describeError(error, false) })
        throw new Refusal('site_unavailable', 'The site cannot be asked right now; it is as soon as it can.')
      })
      if (!taken) throw notSigned()
      log({ level: 'info', event: 'site-hint', site: name })
      return c.body(null, 202)
    }
    if (!drive || !isSignedHint(hint, site?.hintSecret?.())) throw notSigned()
    const wait = take(name)
    if (wait !== undefined) return often(wait)
    log({ level: 'info', event: 'site-hint', site: name })
    // Nobody waits for the site's own answer, and what it is does not show in ours.
    void drive(name).catch((error: unknown) =>
      log({ level: 'error', event: 'site-hint', site: name, error: describeError(error, false) }),
    )
    return c.body(null, 202)
  })
  return app
}

// The same for a site there is not, for one that sends no hints, and for a wrong secret.
const notSigned = () => new Refusal('not_allowed', 'This hint is not signed with the secret of such a site.')

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
