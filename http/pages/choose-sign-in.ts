import type { Context } from 'hono'
import { html } from 'hono/html'
import type { SignInProvider } from '../sign-in.ts'
import { inBoth } from './i18n/words.ts'
import { sendPage } from './layout.ts'

const words = inBoth(
  {
    title: 'Where do you sign in?',
    text: 'Choose who knows you. You come back here afterwards.',
    none: 'Nobody can sign in here yet.',
  },
  {
    title: 'Où vous connectez-vous ?',
    text: 'Choisissez qui vous connaît. Vous reviendrez ici ensuite.',
    none: 'Personne ne peut encore se connecter ici.',
  },
)

/** Where an academy knows several places to sign in at: one button each. */
export function sendChooseSignIn(
  c: Context,
  places: SignInProvider['places'],
  returnTo: string,
): Response | Promise<Response> {
  return sendPage(c, (language) => {
    const { title, text, none } = words[language]
    const hrefOf = (id: string) => `/sign-in?${new URLSearchParams({ at: id, return: returnTo }).toString()}`
    return {
      title,
      body: html`<h1>${title}</h1>
<p class="lead">${places.length > 0 ? text : none}</p>
<p class="actions">${places.map(
        ({ id, name }) => html`<a class="button" href="${hrefOf(id)}">${name[language]}</a>\n`,
      )}</p>`,
    }
  })
}
