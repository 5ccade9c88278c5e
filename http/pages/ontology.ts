import { html } from 'hono/html'
import type { Ports } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import { levels, type Ontology, type Skill } from '#core/skills/ontology.ts'
import { inLanguage } from '#core/text.ts'
import { bullets, factList } from './components.ts'
import type { Language } from './language.ts'
import type { Html } from './layout.ts'
import { words } from './ontology-words.ts'
import { inPage } from './reader.ts'
import { levelTable, skillLink } from './skill.ts'

type Body = { title: string; description?: string; body: Html }

/** What one version of the ontology is: its facts, its licence, its domains with their skills. */
export function ontologyBody({ ontology }: Pick<Ports, 'ontology'>, language: Language): Body {
  const text = words[language]
  const { version, digest, licence, schemes } = ontology
  const sources = Object.values(schemes).map(
    ({ title, acknowledgement, changes }) =>
      html`<span lang="en">${title}. ${acknowledgement} ${changes}</span>`,
  )
  const body = html`<h1>${text.ontology}</h1>
<p class="lead">${inPage(ontology.description, language)}</p>
${factList([
  [text.version, version],
  [text.digest, html`<code class="break">${digest}</code>`],
  [text.licence, licence],
  [text.sources, bullets(sources)],
  [
    text.download,
    html`<a href="/ontology/${version}.ttl">Turtle</a>, <a href="/ontology/${version}.jsonld">JSON-LD</a>, <a href="/ontology/${version}/canonical.json">JSON</a>`,
  ],
])}
<h2>${text.levels}</h2>
${levelTable(ontology, { language })}
${[...ontology.domains.keys()].map((domain) => domainSection(ontology, domain, language))}`
  return {
    title: `${text.ontology} ${version}`,
    description: inLanguage(ontology.description, language).value,
    body,
  }
}

/** One domain with its skills. */
export function domainBody({ ontology }: Pick<Ports, 'ontology'>, id: string, language: Language): Body {
  const domain = ontology.domains.get(id)
  if (!domain) throw new Refusal('not_found', 'There is no such domain.')
  const title = inLanguage(domain.label, language).value
  return { title, body: html`<h1>${inPage(domain.label, language)}</h1>${skillList(ontology, id, language)}` }
}

/** One of the four levels. */
export function levelBody({ ontology }: Pick<Ports, 'ontology'>, id: string, language: Language): Body {
  const level = levels.find((one) => String(one) === id)
  if (level === undefined) throw new Refusal('not_found', 'There is no such level.')
  const { label, descriptor } = ontology.levels[level]
  const title = `${words[language].level} ${level}`
  return {
    title,
    body: html`<h1>${title}: ${inPage(label, language)}</h1><p class="lead">${inPage(descriptor, language)}</p>
${levelTable(ontology, { language })}`,
  }
}

/** A domain as a section of a longer page; nothing when none of its skills is shown. */
export function domainSection(
  ontology: Ontology,
  id: string,
  language: Language,
  shown: (skill: Skill) => boolean = () => true,
): Html {
  const label = ontology.domains.get(id)?.label
  const list = skillList(ontology, id, language, shown)
  if (!label || !list) return html``
  return html`<h2 id="${id}">${inPage(label, language)}</h2>${list}`
}

function skillList(
  ontology: Ontology,
  domain: string,
  language: Language,
  shown: (skill: Skill) => boolean = () => true,
): Html | undefined {
  const skills = [...ontology.skills.values()].filter((skill) => skill.domain === domain && shown(skill))
  const reader = { language, wanted: [language] }
  return bullets(skills.map(({ id }) => skillLink({ skill: id }, ontology, reader)))
}
