import { type Context, Hono } from 'hono'
import { html } from 'hono/html'
import type { Ports } from '#core/ports.ts'
import { textMatches } from '#core/skills/find-modules.ts'
import type { Skill } from '#core/skills/ontology.ts'
import { inLanguage } from '#core/text.ts'
import { emptyState } from './components.ts'
import { filterForm, filterValue, textField } from './filter-form.ts'
import type { Language } from './language.ts'
import { type Html, sendPage } from './layout.ts'
import { domainSection } from './ontology.ts'
import { words } from './ontology-words.ts'
import { readerOf } from './reader.ts'
import { skillBody } from './skill.ts'

/** `/skills`, the list by domain, and `/skills/{slug}`, the page of one skill in the version in force. */
export function skillRoutes(ports: Pick<Ports, 'ontology' | 'settings'>): Hono {
  const app = new Hono()
  app.get('/skills', (c) => sendPage(c, (language) => skillsPage(c, ports, language), { cache: 'public' }))
  app.get('/skills/:slug', (c) =>
    sendPage(c, (language) => skillBody(ports, c.req.param('slug'), readerOf(c, language)), {
      cache: 'public',
    }),
  )
  return app
}

function skillsPage(
  c: Context,
  { ontology }: Pick<Ports, 'ontology'>,
  language: Language,
): { title: string; description: string; body: Html } {
  const text = words[language]
  const asked = filterValue(c, 'q')
  const domain = filterValue(c, 'domain')
  const fits = ({ id, label, description }: Skill) =>
    textMatches([id, label.en, inLanguage(label, language).value, description[language] ?? ''], asked)
  const shown = [...ontology.skills.values()].filter(
    (skill) => (domain === '' || skill.domain === domain) && fits(skill),
  )
  const ids = new Set(shown.map(({ id }) => id))
  const options = [...ontology.domains].map(([id, { label }]) => ({
    value: id,
    label: inLanguage(label, language).value,
  }))
  const body = html`<h1>${text.skills}</h1>
<p class="lead">${text.skillsLead}</p>
${filterForm('/skills', language, [textField(text.search, asked)], [{ name: 'domain', label: text.domain, chosen: domain, options }])}
<p role="status">${text.count(String(shown.length))}</p>
${
  shown.length === 0
    ? emptyState(text.none, { href: '/skills', label: text.clear })
    : [...ontology.domains.keys()].map((id) =>
        domainSection(ontology, id, { language, wanted: [language] }, (skill) => ids.has(skill.id)),
      )
}`
  return { title: text.skills, description: text.skillsLead, body }
}
