import type { Context } from 'hono'
import { html, raw } from 'hono/html'
import type { HtmlEscapedString } from 'hono/utils/html'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { stylesheetHref } from '../static/stylesheet.ts'
import { wordsIn } from './i18n/words.ts'
import { type Language, languages, readLanguage } from './language.ts'

/** What hono's `html` tag answers: every value put into it is escaped. */
export type Html = HtmlEscapedString | Promise<HtmlEscapedString>

export interface Page {
  /** Shown in the tab; the page's own `<h1>` stands in `body`. */
  title: string
  language: Language
  /** Path and query of this page, for the language links. */
  path: string
  /** What stands inside `<main>`. */
  body: Html
  /** One sentence for search results; personal pages have none and are not indexed. */
  description?: string
}

/** A whole document in one language. Pure: the same page, the same text. */
export function page({ title, language, path, body, description }: Page): Html {
  const words = wordsIn(language)
  return html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · ${words.academy}</title>
${description ? html`<meta name="description" content="${description}">` : html`<meta name="robots" content="noindex">`}
<link rel="icon" href="/static/mark.svg" type="image/svg+xml">
<link rel="stylesheet" href="${stylesheetHref}">
</head>
<body>
<a class="skip" href="#content">${words.skipToContent}</a>
${header(path, language)}
<main id="content" tabindex="-1">
${body}
</main>
${footer(language)}
</body>
</html>
`
}

/**
 * Answers a page in the reader's language with the headers every page has. `render` gets the language.
 * `private`: holds personal data or a secret link, so no cache keeps it (the default).
 */
export function sendPage(
  c: Context,
  render: (language: Language) => Omit<Page, 'language' | 'path'>,
  { status = 200, cache = 'private' }: { status?: ContentfulStatusCode; cache?: 'private' | 'public' } = {},
): Response | Promise<Response> {
  const language = readLanguage(c)
  setPageHeaders(c, cache)
  const { pathname, search } = new URL(c.req.url)
  // As a link, an address that begins with two slashes would lead to another host.
  const path = pathname.replace(/^\/+/, '/') + search
  return c.html(page({ ...render(language), language, path }), status)
}

/** No script, no frame, nothing from elsewhere: what a page shows cannot be made to act. */
function setPageHeaders(c: Context, cache: 'private' | 'public' = 'private'): void {
  c.header(
    'Content-Security-Policy',
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  )
  c.header('X-Content-Type-Options', 'nosniff')
  c.header('X-Frame-Options', 'DENY')
  // A shared link is a secret: it must not reach the next site in a Referer.
  c.header('Referrer-Policy', 'no-referrer')
  c.header('Cross-Origin-Opener-Policy', 'same-origin')
  c.header('Cross-Origin-Resource-Policy', 'same-origin')
  c.header('Permissions-Policy', 'camera=(), geolocation=(), microphone=(), payment=()')
  c.header('Cache-Control', cache === 'public' ? 'no-cache' : 'no-store')
}

const navigation = [
  ['skills', '/skills'],
  ['modules', '/modules'],
  ['path', '/path'],
  ['gaps', '/gaps'],
  ['verify', '/verify'],
  ['me', '/me'],
] as const

function header(path: string, language: Language): Html {
  const words = wordsIn(language)
  const here = path.split('?', 1)[0] ?? '/'
  const current = (href: string) =>
    here === href
      ? raw(' aria-current="page"')
      : here.startsWith(`${href}/`)
        ? raw(' aria-current="true"')
        : ''
  return html`<header class="site">
<div class="wrap">
<a class="brand" href="/">${mark}<span>${words.academy}</span></a>
<nav aria-label="${words.mainNavigation}"><ul>
${navigation.map(([name, href]) => html`<li><a href="${href}"${current(href)}>${words.nav[name]}</a></li>`)}
</ul></nav>
<nav class="languages" aria-label="${words.language}"><ul>
${languages.map((other) => languageLink(other, path, language))}
</ul></nav>
</div>
</header>`
}

function languageLink(other: Language, path: string, language: Language): Html {
  const { languageName } = wordsIn(other)
  const short = html`<span aria-hidden="true">${other.toUpperCase()}</span><span class="hidden">${languageName}</span>`
  if (other === language)
    return html`<li><span class="chosen" aria-current="true" lang="${other}">${short}</span></li>`
  return html`<li><a href="${withLanguage(path, other)}" lang="${other}" hreflang="${other}">${short}</a></li>`
}

/** The same address asking for another language; every other part of its query is kept. */
export function withLanguage(path: string, language: Language): string {
  const [pathname = '/', query = ''] = path.split('?', 2)
  const parameters = new URLSearchParams(query)
  parameters.set('lang', language)
  return `${pathname}?${parameters.toString()}`
}

function footer(language: Language): Html {
  const words = wordsIn(language)
  return html`<footer class="site">
<div class="wrap">
<p>${words.footer.line}<br>${words.footer.checked}</p>
<ul>
<li><a href="/verify">${words.footer.verify}</a></li>
<li><a href="/skills">${words.footer.ontology}</a></li>
</ul>
</div>
</footer>`
}

// Four rising steps: the four levels of a skill.
const mark = html`<svg class="mark" viewBox="0 0 32 32" width="32" height="32" aria-hidden="true" focusable="false"><rect width="32" height="32" rx="7"/><g><rect x="6" y="20" width="4" height="6"/><rect x="12" y="16" width="4" height="10"/><rect x="18" y="11" width="4" height="15"/><rect x="24" y="6" width="2.5" height="20"/></g></svg>`
