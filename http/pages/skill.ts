import { html } from 'hono/html'
import type { ResolvedSkill } from '#core/ontology/resolve-skill.ts'
import type { Ports } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import { descriptionFor } from '#core/skills/label.ts'
import {
  type Level,
  levels,
  type Mapping,
  type Ontology,
  type Skill,
  skillIri,
} from '#core/skills/ontology.ts'
import { inLearningOrder, prerequisiteClosure } from '#core/skills/prerequisites.ts'
import { modulesTeaching, skillsRequiring } from '#core/skills/teaching.ts'
import { bullets, type Content, factList, note, table, tag } from './components.ts'
import { longDate } from './dates.ts'
import type { Html } from './layout.ts'
import { words } from './ontology-words.ts'
import { bestLabel, inPage, labelled, marked, type Reader } from './reader.ts'

/** What is made ready before a page of a skill is written. */
export interface SkillExtras {
  graph?: Html | undefined
  today?: SkillToday | undefined
}

/** What an older version's skill is today. */
interface SkillToday {
  resolved: ResolvedSkill
  inForce: Ontology
}

/**
 * The page of one skill: what it is, what comes before and after, who teaches it, and what others call it. For a
 * version that is not in force, `today` says what became of it.
 */
export function skillBody(
  { ontology, settings }: Pick<Ports, 'ontology' | 'settings'>,
  id: string,
  reader: Reader,
  { graph, today }: SkillExtras = {},
): { title: string; description?: string; body: Html } {
  const skill = ontology.skills.get(id)
  if (!skill) throw new Refusal('not_found', 'There is no such skill.')
  const text = words[reader.language]
  const description = descriptionFor(skill.description, reader.language)
  const domain = ontology.domains.get(skill.domain)
  const iri = skillIri(settings.publicUrl, ontology.version, id)
  const body = html`<h1>${labelled(skill, reader, ontology)}</h1>
${today ? becameOf(today, ontology.version, reader) : ''}
${description ? html`<p class="lead">${marked(description.value, description.language, reader.language)}</p>` : ''}
${skill.status === 'deprecated' ? deprecation(skill, ontology, reader) : ''}
<p>${skill.emerging ? tag(text.emerging) : ''} ${domain ? html`<a href="/skills?domain=${skill.domain}">${inPage(domain.label, reader.language)}</a>` : ''}</p>
<h2>${text.requires}</h2>
${before(skill, ontology, reader)}
${graph ?? ''}
${after(skill, ontology, reader)}
<h2>${text.taughtBy}</h2>
${teachers(skill, ontology, reader)}
${demand(skill, ontology, reader)}
<h2>${text.levels}</h2>
${levelTable(ontology, reader)}
${mappings(skill, ontology, reader)}
<h2>${text.permanentName}</h2>
${factList([
  [text.permanentName, html`<code class="break">${iri}</code>`],
  [text.version, ontology.version],
  [text.licence, ontology.licence],
  [
    text.download,
    html`<a href="/ontology/${ontology.version}/skill/${id}.ttl">Turtle</a>, <a href="/ontology/${ontology.version}/skill/${id}.jsonld">JSON-LD</a>`,
  ],
])}`
  const title = bestLabel(skill, reader.wanted, ontology).value
  return { title, body, ...(description ? { description: description.value } : {}) }
}

/** A skill as a link with its level in words. */
export function skillLink(
  { skill, level }: { skill: string; level?: Level },
  ontology: Ontology,
  reader: Reader,
): Html {
  const found = ontology.skills.get(skill)
  const name = found ? labelled(found, reader, ontology) : html`${skill}`
  return html`<a href="${reader.skillsAt ?? '/skills'}/${skill}">${name}</a>${level === undefined ? '' : html` <span class="soft">(${levelName(level, ontology, reader)})</span>`}`
}

/** As issued, now, and replaced by: what a credential of an older version means today. */
function becameOf({ resolved, inForce }: SkillToday, version: string, reader: Reader): Html {
  const text = words[reader.language]
  const { skillsAt: _old, ...current } = reader
  const { now, replacedBy } = resolved
  const link = (skill: Skill) => skillLink({ skill: skill.id }, inForce, current)
  return note(
    html`${text.olderVersion(version, inForce.version)} ${now ? html`${text.nowCalled} ${link(now)}.` : text.noLonger} ${replacedBy ? html`${text.replacedBy} ${link(replacedBy)}.` : ''}`,
    'wait',
  )
}

function levelName(level: Level, ontology: Ontology, { language }: Reader): Html {
  return html`${words[language].level.toLowerCase()} ${level}, ${inPage(ontology.levels[level].label, language)}`
}

function deprecation(skill: Skill, ontology: Ontology, reader: Reader): Html {
  const text = words[reader.language]
  const next = skill.replacedBy
  return note(
    html`${tag(text.deprecated, 'wait')} ${next === undefined ? html`${text.reason}: ${skill.deprecationReason ?? ''}` : html`${text.replacedBy} ${skillLink({ skill: next }, ontology, reader)}`}`,
    'wait',
  )
}

function before(skill: Skill, ontology: Ontology, reader: Reader): Html {
  const text = words[reader.language]
  if (skill.requires.length === 0) return html`<p>${text.requiresNothing}</p>`
  const closure = prerequisiteClosure(skill.requires, ontology.skills)
  const direct = bullets(skill.requires.map((one) => skillLink(one, ontology, reader)))
  if (closure.size === skill.requires.length) return html`${direct}`
  const way = inLearningOrder(closure.keys(), ontology.skills).map((id) =>
    skillLink({ skill: id, level: closure.get(id) ?? 1 }, ontology, reader),
  )
  return html`${direct}
<details><summary>${text.wholeWay} (${closure.size})</summary>
<ol>${way.map((step) => html`<li>${step}</li>`)}</ol></details>`
}

function after(skill: Skill, ontology: Ontology, reader: Reader): Html {
  const next = skillsRequiring(ontology, skill.id)
  if (next.length === 0) return html``
  const links = next.map((one) => skillLink({ skill: one.skill }, ontology, reader))
  return html`<h2>${words[reader.language].neededFor}</h2>
${bullets(links)}`
}

function teachers(skill: Skill, ontology: Ontology, reader: Reader): Html {
  const text = words[reader.language]
  const found = modulesTeaching(ontology, skill.id)
  if (found.length === 0) return html`<p>${text.taughtByNone}</p>`
  const rows = found.map(({ module, level }): Content[] => [
    html`<a href="/modules/${module.id}">${inPage(module.title, reader.language)}</a>`,
    level,
    module.workloadHours,
    module.ects,
  ])
  return table(
    text.taughtByCaption,
    [
      { title: text.module },
      { title: text.level, number: true },
      { title: text.hours, number: true },
      { title: 'ECTS', number: true },
    ],
    rows,
  )
}

function demand(skill: Skill, ontology: Ontology, reader: Reader): Html {
  const text = words[reader.language]
  const rows = [...ontology.roles.values()].flatMap((role): Content[][] => {
    const wanted = role.skills.find((one) => one.skill === skill.id)
    return wanted ? [[labelled(role, reader, ontology), wanted.level, text[wanted.importance]]] : []
  })
  if (rows.length === 0) return html``
  return html`<h2>${text.demandedBy}</h2>
${table(text.demandedByCaption, [{ title: text.role }, { title: text.level, number: true }, { title: text.importance }], rows)}`
}

/** The four levels with what each means. */
export function levelTable(ontology: Ontology, { language }: Pick<Reader, 'language'>): Html {
  const text = words[language]
  return table(
    text.levelsCaption,
    [{ title: text.level }, { title: text.meaning }],
    levels.map((level) => [
      html`${level} ${inPage(ontology.levels[level].label, language)}`,
      inPage(ontology.levels[level].descriptor, language),
    ]),
  )
}

function mappings(skill: Skill, ontology: Ontology, reader: Reader): Html {
  if (skill.mappings.length === 0) return html``
  const text = words[reader.language]
  const used = [...new Set(skill.mappings.map(({ scheme }) => scheme))]
  return html`<h2>${text.mappings}</h2>
${table(
  text.mappingsCaption,
  [{ title: text.concept }, { title: text.relation }, { title: text.scheme }, { title: text.approved }],
  skill.mappings.map((mapping) => [
    concept(mapping, ontology, reader),
    text[mapping.relation],
    `${ontology.schemes[mapping.scheme].title}${mapping.scheme === 'esco' ? ` ${ontology.schemes.esco.version}` : ''}`,
    approval(mapping, reader),
  ]),
)}
${used.map((scheme) => {
  const { acknowledgement, changes } = ontology.schemes[scheme]
  return html`<p class="soft small" lang="en">${acknowledgement} ${changes}</p>`
})}`
}

function approval({ approvedBy, approvedOn }: Mapping, { language }: Reader): Html {
  if (approvedBy === undefined || approvedOn === undefined) return html`–`
  return html`${approvedBy}<br><span class="soft">${longDate(approvedOn, language)}</span>`
}

// ESCO's addresses are http and stay so: they are names before they are links.
function concept({ uri, notation, label }: Mapping, ontology: Ontology, { wanted, language }: Reader): Html {
  if (uri === undefined) return html`<code>${notation ?? ''}</code>`
  const known = ontology.escoLabels.get(uri) ?? {}
  for (const asked of wanted) {
    for (const one of [asked, asked.split('-')[0] ?? asked]) {
      if (Object.hasOwn(known, one))
        return html`<a href="${uri}">${marked(known[one] ?? '', one, language)}</a>`
    }
  }
  return html`<a href="${uri}">${marked(label ?? uri, 'en', language)}</a>`
}
