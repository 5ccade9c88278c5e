import type { Context, MiddlewareHandler } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { html } from 'hono/html'
import { EncryptJWT, jwtDecrypt } from 'jose'
import * as z from 'zod'
import { type AcademyRole, type Actor, roles } from '#core/access/operations.ts'
import { isTenantTag, type TenantTag } from '#core/ids.ts'
import type { Ports } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import { sameText } from '#core/same-text.ts'
import type { Authenticated, Authenticator } from './authenticate.ts'
import type { AcademyEnv } from './environment.ts'
import { readForm } from './read-form.ts'

const sessionCookie = 'academy_session'
const visitorCookie = 'academy_visitor'
const bytes = (text: string) => new TextEncoder().encode(text)

const zSession = z.object({
  sid: z.string().min(20),
  sub: z.string().min(1),
  tenant: z.custom<TenantTag>((value) => typeof value === 'string' && isTenantTag(value)),
  roles: z.array(z.enum(roles)),
})

/** The signed-in caller of a page; `undefined` for a visitor. */
export function sessionOf(c: Context): Actor | undefined {
  return pageSession(c)?.actor
}

/** The hidden field every form that changes something carries. Call it before the answer is made. */
export function csrfField(c: Context) {
  return html`<input type="hidden" name="csrf" value="${pageSession(c)?.csrfToken() ?? ''}">`
}

/**
 * Refuses a form that was not made by a page of ours for this very browser. `SameSite=Lax` cookies and
 * `Sec-Fetch-Site` stop other sites first; the token also stops what sits on a neighbouring subdomain.
 */
export async function checkCsrf(c: Context): Promise<void> {
  const from = c.req.header('sec-fetch-site')
  const sent = (await readForm(c))['csrf']
  const expected = pageSession(c)?.csrfToken()
  const fits =
    (from === undefined || from === 'same-origin' || from === 'none') &&
    typeof sent === 'string' &&
    expected !== undefined &&
    sameText(sent, expected)
  if (!fits)
    throw new Refusal('not_allowed', 'This form is too old or came from elsewhere. Load the page again.')
}

function pageSession(c: Context) {
  return (c as Context<AcademyEnv>).get('pageSession')
}

/** What the pages' sessions stand on; one for the whole app. */
export interface Sessions {
  /** Reads the session of this browser for `sessionOf`, `csrfField` and `checkCsrf`. */
  read: MiddlewareHandler<AcademyEnv>
  start(c: Context, signedIn: Authenticated): Promise<void>
  end(c: Context): void
  /** An encrypted cookie of a few minutes for what must come back with the browser. */
  seal(purpose: string, claims: Record<string, string>, lifetimeSeconds: number): Promise<string>
  open(purpose: string, sealed: string | undefined): Promise<Record<string, unknown> | undefined>
}

/** Sessions live whole in an encrypted cookie: nothing is stored, and a restart signs nobody out. */
export function makeSessions(
  ports: Pick<Ports, 'signers' | 'random' | 'clock' | 'settings'>,
  authenticator: Authenticator,
): Sessions {
  const { signers, random, clock, settings } = ports
  const secure = settings.publicUrl.startsWith('https:')
  const options = { path: '/', httpOnly: true, sameSite: 'Lax', secure } as const
  const keyFor = (purpose: string) => signers.mac(`cookie:${purpose}`, bytes('A256GCM key')).slice(0, 32)
  const fresh = () => Buffer.from(random.bytes(16)).toString('base64url')

  async function seal(purpose: string, claims: Record<string, unknown>, lifetimeSeconds: number) {
    const now = Math.floor(clock.now().getTime() / 1000)
    return new EncryptJWT(claims)
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
      .setIssuedAt(now)
      .setExpirationTime(now + lifetimeSeconds)
      .encrypt(keyFor(purpose))
  }

  async function open(purpose: string, sealed: string | undefined) {
    if (!sealed || sealed.length > 4096) return undefined
    try {
      const { payload } = await jwtDecrypt(sealed, keyFor(purpose), {
        keyManagementAlgorithms: ['dir'],
        contentEncryptionAlgorithms: ['A256GCM'],
        currentDate: clock.now(),
      })
      return payload as Record<string, unknown>
    } catch {
      // Expired, or made under another key: the same as none.
      return undefined
    }
  }

  return {
    seal,
    open,
    async read(c, next) {
      const session = zSession.safeParse(await open('session', getCookie(c, sessionCookie)))
      const actor = session.success
        ? await authenticator.withLearner({
            subject: session.data.sub,
            tenant: session.data.tenant,
            roles: session.data.roles satisfies AcademyRole[],
          })
        : undefined
      let owner = session.success ? session.data.sid : getCookie(c, visitorCookie)
      c.set('pageSession', {
        actor,
        csrfToken() {
          if (owner === undefined || !/^[A-Za-z0-9_-]{22}$/.test(owner)) {
            owner = fresh()
            setCookie(c, visitorCookie, owner, options)
          }
          return Buffer.from(signers.mac('csrf', bytes(owner))).toString('base64url')
        },
      })
      await next()
    },
    async start(c, { actor, expiresAt }) {
      const lifetimeSeconds = Math.floor((expiresAt.getTime() - clock.now().getTime()) / 1000)
      const claims = { sid: fresh(), sub: actor.subject, tenant: actor.tenant, roles: [...actor.roles] }
      setCookie(c, sessionCookie, await seal('session', claims, lifetimeSeconds), {
        ...options,
        maxAge: lifetimeSeconds,
      })
    },
    end(c) {
      deleteCookie(c, sessionCookie, options)
    },
  }
}
