import { type Context, Hono } from 'hono'
import { html } from 'hono/html'
import type { Ports } from '#core/ports.ts'
import type { EscoHeader, EscoHit } from '#core/skills/esco/esco-catalogue.ts'
import { descriptionFor } from '#core/skills/label.ts'
import type { Ontology, Skill } from '#core/skills/ontology.ts'
import { inLanguage } from '#core/text.ts'
import { bullets, emptyState, tag } from './components.ts'
import { filterForm, filterValue, searchAsked, textField } from './filter-form.ts'
import { type Language, languageOf } from './language.ts'
import { type Html, sendPage } from './layout.ts'
import { domainSection } from './ontology.ts'
import { words } from './ontology-words.ts'
import { inPage, marked, type Reader, readerOf } from './reader.ts'
import { skillBody, skillLink } from './skill.ts'
import { skillGraph } from './skill-graph.ts'

type SkillPorts = Pick<Ports, 'ontology' | 'settings' | 'graph' | 'esco'>

/** As many hits of ESCO as fit below our own. */
const escoHits = 15

/** `/skills`: the list by domain, and a search of it and of ESCO; `/skills/{slug}`: one skill in the version in force. */
export function skillRoutes(ports: SkillPorts): Hono {
  const app = new Hono()
  app.get('/skills', async (c) => {
    const { text, refused } = searchAsked(c)
    const asked = { text, refused, domain: filterValue(c, 'domain') }
    const found = text === '' || refused ? undefined : await search(c, text, ports)
    return sendPage(c, (language) => skillsPage(asked, found, ports.ontology, readerOf(c, language)), {
      cache: 'public',
      status: refused ? 400 : 200,
    })
  })
  app.get('/skills/:slug', async (c) => {
    const slug = c.req.param('slug')
    const { ontology } = ports
    const skill = ontology.skills.get(slug)
    const graph = skill && (await skillGraph(skill, ontology, readerOf(c, languageOf(c))))
    const page = (language: Language) =>
      skillBody({ ...ports, ontology }, slug, readerOf(c, language), { graph })
    return sendPage(c, page, { cache: 'public' })
  })
  return app
}

interface Found {
  /** Ids by how well they are hit, in the reader's language and in English. */
  skills: string[]
  /** Absent while ESCO is not imported. */
  esco?: { header: EscoHeader; hits: EscoHit[] }
}

async function search(c: Context, text: string, { graph, esco, ontology }: SkillPorts): Promise<Found> {
  const [wanted = 'en'] = readerOf(c, languageOf(c)).wanted
  const limit = ontology.skills.size
  // English stands beside the reader's language: many know a skill by its English name only.
  const [own, english] = await Promise.all(
    [wanted, 'en'].map((language) => graph.search({ text, language, limit })),
  )
  const skills = [...new Set([...(own ?? []), ...(english ?? [])])]
  const header = await esco.header()
  if (!header) return { skills }
  const hits = await esco.search({ text, language: wanted, kind: 'skill', limit: escoHits })
  return { skills, esco: { header, hits } }
}

function skillsPage(
  asked: ReturnType<typeof searchAsked> & { domain: string },
  found: Found | undefined,
  ontology: Ontology,
  reader: Reader,
): { title: string; description: string; body: Html } {
  const { language } = reader
  const text = words[language]
  const fits = (skill: Skill) => asked.domain === '' || skill.domain === asked.domain
  const shown = found
    ? found.skills.flatMap((id) => ontology.skills.get(id) ?? []).filter(fits)
    : [...ontology.skills.values()].filter(fits)
  const options = [...ontology.domains].map(([id, { label }]) => ({
    value: id,
    label: inLanguage(label, language).value,
  }))
  const body = html`<h1>${text.skills}</h1>
<p class="lead">${text.skillsLead}</p>
${filterForm('/skills', language, [textField(text.search, asked.text)], [{ name: 'domain', label: text.domain, chosen: asked.domain, options }])}
${asked.refused ? asked.refused(language) : html`<p role="status">${text.count(String(shown.length))}</p>`}
${
  asked.refused
    ? ''
    : shown.length === 0
      ? emptyState(text.none, { href: '/skills', label: text.clear })
      : found
        ? html`<ul class="hits">${shown.map((skill) => hit(skill, ontology, reader))}</ul>`
        : [...ontology.domains.keys()].map((id) => domainSection(ontology, id, reader, fits))
}
${found?.esco ? escoView(found.esco, ontology, reader) : ''}`
  return { title: text.skills, description: text.skillsLead, body }
}

function hit(skill: Skill, ontology: Ontology, reader: Reader): Html {
  const { language } = reader
  const description = descriptionFor(skill.description, language)
  const domain = ontology.domains.get(skill.domain)
  return html`<li>${skillLink({ skill: skill.id }, ontology, reader)} ${skill.emerging ? tag(words[language].emerging) : ''}
${domain ? html`<span class="soft small">${inPage(domain.label, language)}</span>` : ''}
${description ? html`<br>${marked(description.value, description.language, language)}` : ''}</li>`
}

/** What ESCO calls so, which skills of ours are matched to it, and the words its licence asks for. */
function escoView({ header, hits }: NonNullable<Found['esco']>, ontology: Ontology, reader: Reader): Html {
  const text = words[reader.language]
  const matched = new Map<string, { skill: Skill; relation: Skill['mappings'][number]['relation'] }[]>()
  for (const skill of ontology.skills.values()) {
    for (const { uri, relation } of skill.mappings) {
      if (uri !== undefined) matched.set(uri, [...(matched.get(uri) ?? []), { skill, relation }])
    }
  }
  const lines = hits.map((one) => {
    const ours = (matched.get(one.uri) ?? []).map(
      ({ skill, relation }) =>
        html`<br><span class="small">${text.ours} ${skillLink({ skill: skill.id }, ontology, reader)} <span class="soft">(${text[relation]})</span></span>`,
    )
    return html`<a href="${one.uri}">${escoLabel(one, reader)}</a>${ours}`
  })
  return html`<section aria-labelledby="esco"><h2 id="esco">${text.inEsco}</h2>
<p class="soft">${text.inEscoHint}</p>
${lines.length === 0 ? html`<p>${text.escoNone}</p>` : bullets(lines)}
<p class="soft small" lang="en">${header.acknowledgement} ${header.changes}${header.version === undefined ? '' : ` ESCO ${header.version}.`}</p></section>`
}

/** A label in the reader's first language there is, else in English, else in any. */
export function escoLabel({ label, uri }: EscoHit, { wanted, language }: Reader): Html {
  for (const asked of [...wanted.map((one) => one.split('-')[0] ?? one), 'en', ...Object.keys(label)]) {
    const value = Object.hasOwn(label, asked) ? label[asked] : undefined
    if (value) return marked(value, asked, language)
  }
  return html`${uri}`
}
