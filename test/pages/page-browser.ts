import { type Context, Hono } from 'hono'
import type { Actor } from '#core/access/operations.ts'
import type { AcademyEnv } from '#http/environment.ts'
import { onError } from '#http/errors.ts'

export const csrf = 'the-token-of-this-browser'

/** Some pages with everybody signed in as who `actorOf` says. */
export function signedInApp(
  routes: Hono | readonly Hono[],
  actorOf: (c: Context) => Actor | undefined,
): Hono<AcademyEnv> {
  const app = new Hono<AcademyEnv>()
  app.onError(onError(() => undefined, false))
  app.use(async (c, next) => {
    c.set('pageSession', { actor: actorOf(c), csrfToken: () => csrf })
    await next()
  })
  for (const one of [routes].flat()) app.route('/', one)
  return app
}

/** A signed-in browser before some pages; each form sent has the page's token and a request id of its own. */
export function pageBrowser(
  routes: Hono | readonly Hono[],
  actor: Actor | undefined,
  { requestId }: { requestId: () => string },
) {
  const app = signedInApp(routes, () => actor)
  const headers = { accept: 'text/html' }
  const get = (path: string) => app.request(path, { headers })
  return {
    get,
    text: async (path: string) => (await get(path)).text(),
    post: (path: string, form: Record<string, string>) =>
      app.request(path, {
        method: 'POST',
        headers,
        body: new URLSearchParams({ csrf, requestId: requestId(), ...form }),
      }),
  }
}
