import type { Context } from 'hono'
import { html, raw } from 'hono/html'
import { Refusal } from '#core/refusal.ts'
import { plainSearch } from '#core/skills/plain-search.ts'
import { field, note } from './components.ts'
import type { Language } from './language.ts'
import type { Html } from './layout.ts'
import { words } from './ontology-words.ts'

export interface Choice {
  name: string
  label: string
  chosen: string
  options: readonly { value: string; label: string }[]
}

/** What a filter was set to in the address; empty when it was not, cut at 100 characters. */
export function filterValue(c: Context, name: string): string {
  return (c.req.query(name) ?? '').slice(0, 100)
}

/**
 * The words the address asks for, and what to say of them in place of hits when they are written in a search
 * language; see `plainSearch`.
 */
export function searchAsked(c: Context): {
  text: string
  refused: ((language: Language) => Html) | undefined
} {
  const text = filterValue(c, 'q')
  try {
    return { text: plainSearch(text, 'q'), refused: undefined }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return { text, refused: (language) => note(words[language].plainWords, 'bad') }
  }
}

/** A GET form: the answer has an address of its own, and works without script. */
export function filterForm(
  action: string,
  language: Language,
  fields: readonly Html[],
  choices: readonly Choice[],
): Html {
  const text = words[language]
  return html`<form method="get" action="${action}" role="search" class="filters">
${fields}
${choices.map(({ name, label, chosen, options }) =>
  field({
    name,
    label,
    control: (attributes) => html`<select ${attributes}>
<option value="">${text.all}</option>
${options.map(
  (option) =>
    html`<option value="${option.value}"${option.value === chosen ? raw(' selected') : ''}>${option.label}</option>`,
)}
</select>`,
  }),
)}
<p class="actions"><button type="submit">${text.show}</button> <a href="${action}">${text.clear}</a></p>
</form>`
}

export function textField(label: string, value: string): Html {
  return field({
    name: 'q',
    label,
    control: (attributes) => html`<input type="search" maxlength="100" value="${value}" ${attributes}>`,
  })
}
