import { html } from 'hono/html'
import { inBoth } from './i18n/words.ts'
import type { Language } from './language.ts'
import type { Page } from './layout.ts'

const words = inBoth(
  {
    title: 'Sign in to go on',
    text: 'This page is for people with an account of the academy.',
    signIn: 'Sign in',
  },
  {
    title: 'Connectez-vous pour continuer',
    text: 'Cette page s’adresse aux titulaires d’un compte de l’académie.',
    signIn: 'Se connecter',
  },
)

/** What a page for signed-in people shows a visitor; signing in leads back to `returnTo`. */
export function signInFirst(language: Language, returnTo: string): Pick<Page, 'title' | 'body'> {
  const { title, text, signIn } = words[language]
  const href = `/sign-in?${new URLSearchParams({ return: returnTo }).toString()}`
  return {
    title,
    body: html`<h1>${title}</h1>
<p class="lead">${text}</p>
<p class="actions"><a class="button" href="${href}">${signIn}</a></p>`,
  }
}
