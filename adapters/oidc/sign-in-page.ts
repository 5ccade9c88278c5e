import { html as asyncHtml } from 'hono/html'
import type { HtmlEscapedString } from 'hono/utils/html'
import type Provider from 'oidc-provider'
import { type DemoAccount, demoAccounts, findDemoAccount } from './demo-accounts.ts'

type Middleware = Parameters<Provider['use']>[0]
type Context = Parameters<Middleware>[0]

const words = {
  en: {
    title: 'Sign in to try the academy',
    notice:
      'These accounts are invented and have no passwords. They work on this machine only; a real academy uses the identity provider of your institution.',
    as: 'Sign in as',
    failed: 'The sign-in could not go on. Please start again.',
    home: 'Back to the academy',
  },
  fr: {
    title: 'Se connecter pour essayer l’académie',
    notice:
      'Ces comptes sont inventés et sans mot de passe. Ils ne fonctionnent que sur cette machine ; une vraie académie utilise le fournisseur d’identité de votre établissement.',
    as: 'Se connecter en tant que',
    failed: 'La connexion n’a pas pu se poursuivre. Veuillez recommencer.',
    home: 'Retour à l’académie',
  },
} as const
type Language = keyof typeof words

/** The two steps of the provider's own sign-in page: show the accounts, take the choice. */
export function signInRoutes(provider: Provider): Middleware {
  return async (ctx, next) => {
    if (!/^\/interaction\/[A-Za-z0-9_-]{1,64}$/.test(ctx.path)) return next()
    try {
      const interaction = await provider.interactionDetails(ctx.req, ctx.res)
      const language = languageOf(interaction.params['ui_locales'])
      if (ctx.method === 'GET') return answer(ctx, 200, accountsPage(language, ctx.path))
      if (ctx.method !== 'POST') return answer(ctx, 405, failedPage(language))
      const chosen = findDemoAccount(await chosenAccount(ctx))
      if (!chosen) return answer(ctx, 400, failedPage(language))
      const returnTo = await provider.interactionResult(ctx.req, ctx.res, {
        login: { accountId: chosen.account, remember: false },
      })
      ctx.redirect(returnTo)
      ctx.status = 303
    } catch (error) {
      // A page left open too long, or a second answer to the same page.
      if (!(error instanceof Error) || error.name !== 'SessionNotFound') throw error
      answer(ctx, 400, failedPage('en'))
    }
  }
}

/**
 * Each sign-in begins anew. Else somebody who signs out of the pages and in again as another account would
 * first be asked to end the provider's own session, on a page of the provider that needs a script.
 */
export function forgetEarlierSignIn(provider: Provider): Middleware {
  return async (ctx, next) => {
    if (/^\/auth(\/|$)/.test(ctx.path)) {
      const session = provider.cookieName('session')
      const kept = (ctx.req.headers.cookie ?? '').split(/;\s*/).filter((pair) => !pair.startsWith(session))
      ctx.req.headers.cookie = kept.join('; ')
    }
    await next()
  }
}

/** What a person sees whose authorization request cannot be answered. */
export function errorPage(ctx: Context, error: Error): void {
  const status = 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : 500
  answer(ctx, status, failedPage('en'))
}

type Markup = HtmlEscapedString

/** Nothing on these pages waits for anything, so the markup is there at once. */
function html(parts: TemplateStringsArray, ...values: (string | Markup | Markup[])[]): Markup {
  return asyncHtml(parts, ...values) as Markup
}

function answer(ctx: Context, status: number, body: Markup): void {
  ctx.status = status
  ctx.type = 'html'
  ctx.set('cache-control', 'no-store')
  // The form's answer is redirected within this origin, and `form-action` covers redirects too.
  ctx.set(
    'content-security-policy',
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  )
  ctx.body = body.toString()
}

async function chosenAccount(ctx: Context): Promise<string> {
  let text = ''
  for await (const part of ctx.req) {
    text += String(part)
    if (text.length > 1024) return ''
  }
  return new URLSearchParams(text).get('account') ?? ''
}

function languageOf(asked: unknown): Language {
  return typeof asked === 'string' && asked.startsWith('fr') ? 'fr' : 'en'
}

function accountsPage(language: Language, action: string): Markup {
  const say = words[language]
  return page(
    language,
    say.title,
    html`<p>${say.notice}</p>
<form method="post" action="/oidc${action}"><ul>${demoAccounts.map((account) => accountButton(account, say.as))}</ul></form>`,
  )
}

function accountButton(account: DemoAccount, signInAs: string): Markup {
  return html`<li><button name="account" value="${account.account}"><span>${signInAs} </span><b>${account.account}</b><small>${account.givenName} ${account.familyName} · ${account.roles.join(', ')} · ${account.institution}</small></button></li>`
}

function failedPage(language: Language): Markup {
  const say = words[language]
  return page(language, say.title, html`<p>${say.failed}</p><p><a href="/">${say.home}</a></p>`)
}

function page(language: Language, title: string, content: Markup): Markup {
  return html`<!doctype html>
<html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title}</title>
<style>
:root { color-scheme: light dark }
body { font: 1.0625rem/1.5 system-ui, sans-serif; max-width: 40rem; margin: 2rem auto; padding: 0 1rem }
ul { list-style: none; padding: 0; display: grid; gap: .5rem }
button { font: inherit; width: 100%; text-align: left; padding: .75rem 1rem; border: 1px solid #6b7280; border-radius: .5rem; background: transparent; color: inherit; cursor: pointer }
button:hover, button:focus-visible { outline: 3px solid #2563eb; outline-offset: 1px }
small { display: block; opacity: .85 }
</style></head><body><main><h1>${title}</h1>${content}</main></body></html>`
}
