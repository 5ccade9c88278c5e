import { html, raw } from 'hono/html'
import type { Html } from './layout.ts'

/** A word or a piece of markup; words are escaped. */
export type Content = string | number | Html

/** `<dl>` of name and value; pairs whose value is `undefined` or empty are left out. */
export function factList(facts: readonly (readonly [name: string, value: Content | undefined])[]): Html {
  const shown = facts.filter(([, value]) => value !== undefined && value !== '')
  return html`<dl class="facts">${shown.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`
}

/** A plain list inside a fact. */
export function bullets(items: readonly Content[]): Html | undefined {
  return items.length === 0 ? undefined : html`<ul>${items.map((item) => html`<li>${item}</li>`)}</ul>`
}

export interface Column {
  title: string
  /** Right-aligned with figures of one width. */
  number?: boolean
}

/** A table that scrolls inside its own box on a phone. The first cell of each row is its heading. */
export function table(
  caption: string,
  columns: readonly Column[],
  rows: readonly (readonly Content[])[],
): Html {
  const cellClass = (index: number) => (columns[index]?.number ? raw(' class="number"') : '')
  return html`<div class="scroll" role="region" aria-label="${caption}" tabindex="0"><table>
<caption><span>${caption}</span></caption>
<thead><tr>${columns.map(({ title }, index) => html`<th scope="col"${cellClass(index)}>${title}</th>`)}</tr></thead>
<tbody>${rows.map(
    (cells) =>
      html`<tr>${cells.map((cell, index) =>
        index === 0
          ? html`<th scope="row"${cellClass(index)}>${cell}</th>`
          : html`<td${cellClass(index)}>${cell}</td>`,
      )}</tr>`,
  )}</tbody>
</table></div>`
}

export interface Field {
  name: string
  label: string
  hint?: string | undefined
  /** What is wrong with what was sent, in the reader's language. */
  error?: string | undefined
  /** The control gets `id`, `name` and the ids of hint and error as `aria-describedby`. */
  control: (attributes: Html) => Html
}

/** A labelled form field; hint and error are tied to the control for screen readers. */
export function field({ name, label, hint, error, control }: Field): Html {
  const describedBy = [hint ? `${name}-hint` : '', error ? `${name}-error` : ''].filter(Boolean).join(' ')
  const attributes = html`id="${name}" name="${name}"${describedBy ? html` aria-describedby="${describedBy}"` : ''}${error ? raw(' aria-invalid="true"') : ''}`
  return html`<div class="field"${error ? raw(' data-invalid') : ''}>
<label for="${name}">${label}</label>
${hint ? html`<p class="hint" id="${name}-hint">${hint}</p>` : ''}
${error ? html`<p class="error" id="${name}-error">${error}</p>` : ''}
${control(attributes)}
</div>`
}

/** What to say, and what to do next, where a list has nothing in it yet. */
export function emptyState(text: string, action?: { href: string; label: string }): Html {
  return html`<div class="empty"><p>${text}</p>${action ? html`<p><a href="${action.href}">${action.label}</a></p>` : ''}</div>`
}

export type Tone = 'good' | 'bad' | 'wait'

/** A short state beside a thing: valid, revoked, waiting. */
export function tag(text: string, tone?: Tone): Html {
  return html`<span class="tag ${tone ?? ''}">${text}</span>`
}

export function note(content: Content, tone?: 'wait' | 'bad'): Html {
  return html`<div class="note ${tone ?? ''}"><p>${content}</p></div>`
}

const signs: Record<Tone, string> = {
  good: '<path d="M6 12.5l4 4 8-9"/>',
  bad: '<path d="M7 7l10 10M17 7L7 17"/>',
  wait: '<path d="M12 6v7M12 17v.5"/>',
}

/** The verdict in one line, as the page's heading; the sign repeats what the words say. */
export function verdictPanel(verdict: { tone: Tone; title: string; text: string }): Html {
  return html`<section class="verdict ${verdict.tone}" role="status">
<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false"><circle cx="12" cy="12" r="10.5"/>${raw(signs[verdict.tone])}</svg>
<div><h1>${verdict.title}</h1><p>${verdict.text}</p></div>
</section>`
}
