import { html } from 'hono/html'
import {
  compareOntologies,
  type EntryChange,
  type FieldChange,
  type OntologyChanges,
} from '#core/ontology/compare-ontologies.ts'
import type { OntologyVersion } from '#core/ontology/ontology-version.ts'
import { type Bump, type BumpReason, leastBump } from '#core/ontology/version-rules.ts'
import type { Ontology } from '#core/skills/ontology.ts'
import { bullets, emptyState, factList, tag } from './components.ts'
import { longDate } from './dates.ts'
import { inBoth } from './i18n/words.ts'
import type { Language } from './language.ts'
import type { Html } from './layout.ts'
import { inPage } from './reader.ts'

/** What a version changed against the one before, entry by entry. */
export function changesBody(
  ontology: Ontology,
  before: Ontology | undefined,
  header: OntologyVersion | undefined,
  language: Language,
): { title: string; body: Html } {
  const text = words[language]
  const title = text.title(ontology.version)
  if (!before) return { title, body: html`<h1>${title}</h1>${emptyState(text.first)}` }
  const changes = compareOntologies(before, ontology)
  const origin = header?.origin
  const body = html`<h1>${title}</h1>
<p class="lead">${text.since(before.version)}</p>
${factList([
  [text.published, header && longDate(header.publishedAt.toISOString().slice(0, 10), language)],
  [text.purpose, origin?.kind === 'draft' ? origin.title : undefined],
  [text.authors, origin?.kind === 'draft' ? origin.authors.join(', ') : undefined],
  [text.publisher, origin?.kind === 'draft' ? origin.publishedBy : undefined],
  [text.weight, text.bumps[leastBump(changes).bump]],
])}
${changesView(changes, language)}
<p class="actions"><a class="button quiet" href="/ontology/${ontology.version}">${text.toVersion(ontology.version)}</a></p>`
  return { title, body }
}

/** Changes grouped by what happened, each with its fields; words for nothing where nothing did. */
export function changesView({ entries, head }: OntologyChanges, language: Language): Html {
  const text = words[language]
  if (entries.length === 0 && head.length === 0) return emptyState(text.nothing)
  const groups = (['added', 'deprecated', 'reinstated', 'removed', 'changed'] as const).flatMap((change) => {
    const some = entries.filter((entry) => entry.change === change)
    if (some.length === 0) return []
    return [
      html`<h3>${text.groups[change]} (${some.length})</h3>${bullets(some.map((entry) => entryLine(entry, language)))}`,
    ]
  })
  const ofHead =
    head.length === 0 ? '' : html`<h3>${text.head} (${head.length})</h3>${fieldList(head, language)}`
  return html`${groups}${ofHead}`
}

function entryLine({ kind, id, label, replacedBy, fields }: EntryChange, language: Language): Html {
  const text = words[language]
  const name = html`<strong>${inPage(label, language)}</strong> <span class="soft">${text.kinds[kind]} <code>${id}</code></span>`
  const next = replacedBy === undefined ? '' : html` → <code>${replacedBy}</code>`
  if (fields.length === 0) return html`${name}${next}`
  return html`<details class="inline"><summary>${name}${next}</summary>${fieldList(fields, language)}</details>`
}

function fieldList(fields: readonly FieldChange[], language: Language): Html {
  const text = words[language]
  return html`<dl class="changes">${fields.map(
    ({ path, before, after }) => html`<div><dt><code>${path}</code></dt>
<dd>${before === undefined ? '' : html`<del><span class="hidden">${text.before}: </span>${before}</del>`}
${after === undefined ? '' : html`<ins><span class="hidden">${text.after}: </span>${after}</ins>`}</dd></div>`,
  )}</dl>`
}

/** Why a version must rise as it does, the weightiest reasons first; not more than fit a screen. */
export function reasonList(reasons: readonly BumpReason[], language: Language): Html {
  const text = words[language]
  const shown = reasons.slice(0, mostReasons)
  const more = reasons.length - shown.length
  return html`${bullets([
    ...shown.map(
      ({ bump, kind, id, why }) =>
        html`${tag(text.bumps[bump], tones[bump])} ${kind === 'head' ? text.head : html`${text.kinds[kind]} <code>${id}</code>`}: ${text.whys[why]}`,
    ),
    ...(more > 0 ? [html`${text.more(String(more))}`] : []),
  ])}`
}

const mostReasons = 12
const tones = { major: 'bad', minor: 'wait', patch: 'good', none: undefined } as const

export const bumpName = (bump: Bump, language: Language): string => words[language].bumps[bump]

const words = inBoth(
  {
    title: (version: string) => `What version ${version} changed`,
    first: 'This is the first version that is kept here.',
    since: (version: string) => `Against version ${version}, entry by entry.`,
    published: 'Published',
    purpose: 'Purpose',
    authors: 'Drafted by',
    publisher: 'Published by',
    weight: 'Weight',
    toVersion: (version: string) => `To version ${version}`,
    nothing: 'Nothing is different.',
    head: 'Head and code lists',
    before: 'before',
    after: 'after',
    more: (n: string) => `and ${n} more`,
    groups: {
      added: 'Added',
      deprecated: 'No longer used',
      reinstated: 'In use again',
      removed: 'Removed',
      changed: 'Changed',
    },
    kinds: {
      skill: 'skill',
      module: 'module',
      role: 'role',
      sector: 'sector',
      domain: 'domain',
      programme: 'pathway',
    },
    bumps: { none: 'no change', patch: 'patch', minor: 'minor', major: 'major' },
    whys: {
      removed: 'it was removed',
      retired: 'it was retired with nothing in its place',
      'meaning-declared': 'a curator says that it means something else now',
      'meaning-by-match': 'what it was the same as elsewhere is no longer the same',
      added: 'it is new',
      replaced: 'it was replaced',
      reinstated: 'it is in use again',
      relations: 'it is related otherwise',
      texts: 'only words changed',
    },
  },
  {
    title: (version: string) => `Ce que la version ${version} a changé`,
    first: 'C’est la première version conservée ici.',
    since: (version: string) => `Par rapport à la version ${version}, entrée par entrée.`,
    published: 'Publiée',
    purpose: 'Objet',
    authors: 'Rédigée par',
    publisher: 'Publiée par',
    weight: 'Poids',
    toVersion: (version: string) => `Vers la version ${version}`,
    nothing: 'Rien n’est différent.',
    head: 'En-tête et listes de codes',
    before: 'avant',
    after: 'après',
    more: (n: string) => `et ${n} de plus`,
    groups: {
      added: 'Ajoutées',
      deprecated: 'Plus utilisées',
      reinstated: 'De nouveau utilisées',
      removed: 'Supprimées',
      changed: 'Modifiées',
    },
    kinds: {
      skill: 'compétence',
      module: 'module',
      role: 'métier',
      sector: 'secteur',
      domain: 'domaine',
      programme: 'parcours',
    },
    bumps: { none: 'aucun changement', patch: 'correctif', minor: 'mineur', major: 'majeur' },
    whys: {
      removed: 'elle a été supprimée',
      retired: 'elle a été retirée sans remplaçante',
      'meaning-declared': 'une conservatrice ou un conservateur dit que son sens a changé',
      'meaning-by-match': 'ce qui lui était identique ailleurs ne l’est plus',
      added: 'elle est nouvelle',
      replaced: 'elle a été remplacée',
      reinstated: 'elle est de nouveau utilisée',
      relations: 'ses relations ont changé',
      texts: 'seuls des mots ont changé',
    },
  },
)
