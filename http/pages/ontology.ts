import { html } from 'hono/html'
import type { OntologyVersion } from '#core/ontology/ontology-version.ts'
import type { Ports } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import { levels, type Ontology, type Skill } from '#core/skills/ontology.ts'
import { inLanguage } from '#core/text.ts'
import { bullets, factList, note } from './components.ts'
import { longDate } from './dates.ts'
import type { Language } from './language.ts'
import type { Html } from './layout.ts'
import { words } from './ontology-words.ts'
import { inPage, type Reader } from './reader.ts'
import { levelTable, skillLink } from './skill.ts'

export type Body = { title: string; description?: string; body: Html }

interface OntologyPage {
  ontology: Ontology
  inForce: Ontology
  /** All published versions, the latest first. */
  versions: readonly OntologyVersion[]
}

/** What one version of the ontology is: its facts, its licence, its domains with their skills, and the other versions. */
export function ontologyBody({ ontology, inForce, versions }: OntologyPage, language: Language): Body {
  const text = words[language]
  const { version, digest, licence, schemes } = ontology
  const own = versions.find((one) => one.version === version)
  const sources = Object.values(schemes).map(
    ({ title, acknowledgement, changes }) =>
      html`<span lang="en">${title}. ${acknowledgement} ${changes}</span>`,
  )
  const older = ontology === inForce ? undefined : text.olderVersion(version, inForce.version)
  const skillsAt = older === undefined ? {} : { skillsAt: `/ontology/${version}/skill` }
  const body = html`<h1>${text.ontology}</h1>
${older === undefined ? '' : note(html`${older} <a href="/ontology/${inForce.version}">${text.toInForce}</a>`, 'wait')}
<p class="lead">${inPage(ontology.description, language)}</p>
${factList([
  [text.version, version],
  [text.publishedOn, own && longDate(own.publishedAt.toISOString().slice(0, 10), language)],
  [
    text.changes,
    own?.previous && html`<a href="/ontology/${version}/changes">${text.changesSince(own.previous)}</a>`,
  ],
  [text.digest, html`<code class="break">${digest}</code>`],
  [text.licence, licence],
  [text.sources, bullets(sources)],
  [
    text.download,
    html`<a href="/ontology/${version}.ttl">Turtle</a>, <a href="/ontology/${version}.jsonld">JSON-LD</a>, <a href="/ontology/${version}/canonical.json">JSON</a>, <a href="/ontology/${version}/case.json">CASE 1.1</a>, <a href="/ontology/${version}/case-1.0.json">CASE 1.0</a>, <a href="/ontology/${version}/ctdl-asn.jsonld">CTDL-ASN</a>, CSV (<a href="/ontology/${version}/skills.csv">${text.skills}</a>, <a href="/ontology/${version}/requirements.csv">${text.requirements}</a>, <a href="/ontology/${version}/mappings.csv">${text.mappingsShort}</a>)`,
  ],
])}
<h2>${text.levels}</h2>
${levelTable(ontology, { language })}
${[...ontology.domains.keys()].map((domain) => domainSection(ontology, domain, { language, wanted: [language], ...skillsAt }))}
${versions.length < 2 ? '' : versionList(versions, ontology, language)}`
  return {
    title: `${text.ontology} ${version}`,
    description: inLanguage(ontology.description, language).value,
    body,
  }
}

function versionList(
  versions: readonly OntologyVersion[],
  { version: shown }: Ontology,
  language: Language,
): Html {
  const text = words[language]
  return html`<h2 id="versions">${text.versions}</h2>
${bullets(
  versions.map(({ version, publishedAt }) => {
    const day = longDate(publishedAt.toISOString().slice(0, 10), language)
    return version === shown
      ? html`<strong>${version}</strong> <span class="soft">(${day})</span>`
      : html`<a href="/ontology/${version}">${version}</a> <span class="soft">(${day})</span>`
  }),
)}`
}

/** One domain with its skills. */
export function domainBody({ ontology }: Pick<Ports, 'ontology'>, id: string, language: Language): Body {
  const domain = ontology.domains.get(id)
  if (!domain) throw new Refusal('not_found', 'There is no such domain.')
  const title = inLanguage(domain.label, language).value
  const list = skillList(ontology, id, { language, wanted: [language] })
  return { title, body: html`<h1>${inPage(domain.label, language)}</h1>${list}` }
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
  reader: Reader,
  shown: (skill: Skill) => boolean = () => true,
): Html {
  const label = ontology.domains.get(id)?.label
  const list = skillList(ontology, id, reader, shown)
  if (!label || !list) return html``
  return html`<h2 id="${id}">${inPage(label, reader.language)}</h2>${list}`
}

function skillList(
  ontology: Ontology,
  domain: string,
  reader: Reader,
  shown: (skill: Skill) => boolean = () => true,
): Html | undefined {
  const skills = [...ontology.skills.values()].filter((skill) => skill.domain === domain && shown(skill))
  return bullets(skills.map(({ id }) => skillLink({ skill: id }, ontology, reader)))
}
