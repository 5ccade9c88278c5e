import type { Http2Bindings, HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'
import type { Actor } from '#core/access/operations.ts'

/** What the first middlewares of `app.ts` leave for those that follow. */
interface Variables {
  requestId: string
  /** Set for pages only: `/graphql` and the wallet endpoints never see a session. */
  pageSession?: PageSession
}

interface PageSession {
  actor: Actor | undefined
  /** The token that a form of this browser must carry. */
  csrfToken(): string
}

export interface AcademyEnv {
  Variables: Variables
  Bindings: Partial<HttpBindings | Http2Bindings> & {
    /** Who visits, as the host of the app knows it; absent where that is the other end of the socket. */
    visitor?: string | undefined
  }
}

/** Address of whoever asks, behind what proxies are trusted; for limits. `undefined` where nobody knows. */
export function visitorOf(c: Context<AcademyEnv>): string | undefined {
  return c.env?.visitor ?? remoteAddress(c)
}

/** Address at the other end of the socket; headers are not believed. `undefined` where there is no socket. */
export function remoteAddress(c: Context<AcademyEnv>): string | undefined {
  return c.env?.incoming?.socket?.remoteAddress
}
