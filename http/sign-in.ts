import { createHash } from 'node:crypto'
import { type Context, Hono } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import type { Ports } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import { sameText } from '#core/same-text.ts'
import type { Authenticator } from './authenticate.ts'
import { type AcademyEnv, remoteAddress, visitorOf } from './environment.ts'
import { sendChooseSignIn } from './pages/choose-sign-in.ts'
import { readLanguage } from './pages/language.ts'
import { checkCsrf, type Sessions } from './session.ts'

const waitingCookie = 'academy_sign_in'
const waitingSeconds = 600

/** Where people sign in. */
export interface SignInProvider {
  /**
   * By the issuer's address; people choose where there are several. `callback` is the path its answers come to:
   * each has its own, so that none can pass on what was asked of another (RFC 9700 §4.4).
   */
  places: readonly { id: string; name: { en: string; fr: string }; callback: string }[]
  /** Refuses `not_found` for a place that is none. */
  authorizationUrl(request: {
    place: string
    state: string
    nonce: string
    challenge: string
    language: string
  }): string
  /** The access token for a code; refuses `not_signed_in` when the provider does not give one. */
  exchangeCode(answer: { place: string; code: string; verifier: string; nonce: string }): Promise<string>
  /** Only the embedded provider of a loopback server has it. */
  tokenFor?: (account: string) => Promise<string | undefined>
}

/** `/sign-in`, `/callback` and below, `/sign-out` (authorization code with PKCE) and, where there is one, `/dev/token`. */
export function signInRoutes(
  provider: SignInProvider,
  authenticator: Authenticator,
  sessions: Sessions,
  ports: Pick<Ports, 'random' | 'settings'>,
): Hono<AcademyEnv> {
  const { publicUrl } = ports.settings
  const app = new Hono<AcademyEnv>()
  const cookie = {
    path: '/',
    httpOnly: true,
    sameSite: 'Lax',
    secure: publicUrl.startsWith('https:'),
  } as const
  const fresh = () => Buffer.from(ports.random.bytes(32)).toString('base64url')

  app.get('/sign-in', async (c) => {
    // Cookies set under another name of this machine would not be there when the answer comes to ours.
    if (isOtherLoopbackName(c.req.header('host') ?? '', publicUrl)) {
      return c.redirect(`${publicUrl}/sign-in${new URL(c.req.url).search}`, 303)
    }
    const [only, ...others] = provider.places
    const place = c.req.query('at') ?? (others.length === 0 ? only?.id : undefined)
    const returnTo = localPath(c.req.query('return'))
    if (place === undefined) return sendChooseSignIn(c, provider.places, returnTo)
    const waiting = {
      place,
      state: fresh(),
      nonce: fresh(),
      verifier: fresh(),
      returnTo,
    }
    const challenge = createHash('sha256').update(waiting.verifier).digest('base64url')
    const { state, nonce } = waiting
    const url = provider.authorizationUrl({ place, state, nonce, challenge, language: readLanguage(c) })
    setCookie(c, waitingCookie, await sessions.seal('sign-in', waiting, waitingSeconds), {
      ...cookie,
      maxAge: waitingSeconds,
    })
    c.header('Cache-Control', 'no-store')
    return c.redirect(url, 303)
  })

  app.get('/callback/:id?', async (c) => {
    const waiting = await sessions.open('sign-in', getCookie(c, waitingCookie))
    deleteCookie(c, waitingCookie, cookie)
    const code = c.req.query('code')
    if (!waiting || !code || !sameText(String(waiting['state']), c.req.query('state') ?? '')) {
      throw new Refusal('not_signed_in', 'The sign-in could not be finished. Please try again.')
    }
    const { place, verifier, nonce, returnTo } = waiting
    const asked = provider.places.find(({ id }) => id === place)
    // RFC 9207: an answer that says who gives it must be of who was asked.
    const from = c.req.query('iss')
    if (asked?.callback !== c.req.path || (from !== undefined && from !== place)) {
      throw new Refusal('not_signed_in', 'The sign-in could not be finished. Please try again.')
    }
    const token = await provider.exchangeCode({
      place: String(place),
      code,
      verifier: String(verifier),
      nonce: String(nonce),
    })
    await sessions.start(c, await authenticator.verifyToken(token))
    c.header('Cache-Control', 'no-store')
    return c.redirect(localPath(String(returnTo)), 303)
  })

  app.post('/sign-out', async (c) => {
    await checkCsrf(c)
    sessions.end(c)
    return c.redirect('/', 303)
  })

  const { tokenFor } = provider
  if (tokenFor) {
    app.get('/dev/token', async (c) => {
      if (!isLocalCaller(c)) throw new Refusal('not_allowed', 'This address answers only on this machine.')
      const token = await tokenFor(c.req.query('as') ?? '')
      if (!token) throw new Refusal('not_found', 'as: there is no such account.', { field: 'as' })
      c.header('Cache-Control', 'no-store')
      return c.text(token)
    })
  }
  return app
}

/**
 * Whether the request comes over loopback, not from a proxy there for somebody else, and was addressed to it: the
 * socket alone would let a web page in through a name that resolves to 127.0.0.1 (DNS rebinding).
 */
export function isLocalCaller(c: Context<AcademyEnv>): boolean {
  return (
    [remoteAddress(c), visitorOf(c)].every(isLoopbackAddress) &&
    isLoopbackHost(c.req.header('host') ?? new URL(c.req.url).host)
  )
}

export function isLoopbackAddress(address: string | undefined): boolean {
  return address === '::1' || /^(::ffff:)?127(\.\d{1,3}){3}$/i.test(address ?? '')
}

export function isLoopbackHost(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/i.test(host)
}

/** `localhost` for 127.0.0.1 or the other way round, at the same port; never so behind a proxy with its own port. */
function isOtherLoopbackName(host: string, publicUrl: string): boolean {
  const own = new URL(publicUrl)
  const isSamePort = host.endsWith(`:${own.port}`) && own.port !== ''
  return isSamePort && host !== own.host && isLoopbackHost(host) && isLoopbackHost(own.host)
}

/** A path of this site, or `/`: nobody is sent elsewhere after signing in. */
function localPath(asked: string | undefined): string {
  return asked !== undefined && asked.length <= 500 && /^\/(?![/\\])[\x21-\x7e]*$/.test(asked) ? asked : '/'
}
