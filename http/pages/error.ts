import type { Context } from 'hono'
import { html } from 'hono/html'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { wordsIn } from './i18n/words.ts'
import { sendPage } from './layout.ts'

const known = [400, 401, 403, 404, 409, 413, 429, 500, 503, 507] as const

/**
 * The page for a refusal or a defect. Shows plain words for the status and the stable code; never the
 * message of an error, which is written for callers of the API in English.
 */
export function sendErrorPage(
  c: Context,
  { status, code }: { status: ContentfulStatusCode; code: string },
): Response | Promise<Response> {
  const kind = known.find((one) => one === status) ?? (status >= 500 ? 500 : 400)
  return sendPage(
    c,
    (language) => {
      const words = wordsIn(language).errors
      const { title, text } = words[kind]
      return {
        title,
        body: html`<h1>${title}</h1>
<p class="lead">${text}</p>
<p class="actions">${kind === 401 ? html`<a class="button" href="/sign-in">${words.signIn}</a>` : ''}
<a class="button quiet" href="/">${words.home}</a></p>
<p class="soft small">${words.code}: <code>${code}</code></p>`,
      }
    },
    { status },
  )
}
