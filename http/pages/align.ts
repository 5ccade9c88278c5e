import { type Context, Hono } from 'hono'
import { html, raw } from 'hono/html'
import { type Actor, authorise } from '#core/access/operations.ts'
import { platformTag } from '#core/ids.ts'
import { alignSkill, unalignSkill, zAlignSkill, zUnalignSkill } from '#core/ontology/align-skill.ts'
import type { OntologyDraft } from '#core/ontology/draft.ts'
import { parse, zId } from '#core/parse.ts'
import type { Ports } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import type { EscoHeader, EscoHit } from '#core/skills/esco/esco-catalogue.ts'
import { type MissingConcept, missingConcepts } from '#core/skills/esco/missing-concepts.ts'
import type { Mapping, Ontology, Skill } from '#core/skills/ontology.ts'
import { inLanguage } from '#core/text.ts'
import { sessionOf } from '../session.ts'
import { emptyState, field, note, table, tag } from './components.ts'
import { words } from './curate-words.ts'
import { filterValue, searchAsked } from './filter-form.ts'
import { type Language, languageOf } from './language.ts'
import { type Html, sendPage } from './layout.ts'
import { words as ontologyWords } from './ontology-words.ts'
import { readerOf } from './reader.ts'
import { hiddenFields, readSignedForm } from './signed-form.ts'
import { escoLabel } from './skills.ts'

type AlignPorts = Pick<Ports, 'store' | 'ontology' | 'ontologies' | 'esco' | 'clock' | 'random'>

const relations = ['exactMatch', 'closeMatch', 'broadMatch', 'narrowMatch'] as const
const hitsShown = 20

/** Curators match skills to ESCO and to the HPC Certification Forum in a draft. */
export function alignRoutes(ports: AlignPorts): Hono {
  const app = new Hono()
  app.get('/curate/:draft/align', (c) => alignPage(c, ports))
  const step = (path: string, take: (actor: Actor, fields: Record<string, unknown>) => Promise<unknown>) =>
    app.post(`/curate/:draft/${path}`, async (c) => {
      const { actor, fields } = await readSignedForm(c)
      const { csrf: _csrf, ...asked } = fields
      try {
        await take(actor, { ...asked, draftId: c.req.param('draft') })
      } catch (error) {
        if (!(error instanceof Refusal) || words.en.refused[error.code] === undefined) throw error
        return alignPage(c, ports, error)
      }
      const query = new URLSearchParams({ skill: filterValue(c, 'skill') }).toString()
      return c.redirect(`/curate/${c.req.param('draft')}/align?${query}`, 303)
    })
  step('align', (actor, asked) => alignSkill(actor, parse(zAlignSkill, asked), ports))
  step('unalign', (actor, asked) => unalignSkill(actor, parse(zUnalignSkill, asked), ports))
  return app
}

async function alignPage(c: Context, ports: AlignPorts, refusal?: Refusal): Promise<Response> {
  const actor = sessionOf(c)
  authorise(actor, 'curateOntology', { tenant: platformTag })
  const draft = await ports.store.findDraft(parse(zId('drf'), c.req.param('draft')))
  if (draft?.state !== 'draft') throw new Refusal('not_found', 'There is no such draft.')
  const files = (await ports.store.findDraftFiles(draft.id)) ?? new Map()
  // Mappings as the draft has them; as the version in force does while the draft cannot be read.
  const ontology = (await ports.ontologies.judge(files)).ontology ?? ports.ontology
  const skill = ontology.skills.get(filterValue(c, 'skill'))
  const asked = searchAsked(c)
  const text = asked.text || skill?.label.en || ''
  const header = await ports.esco.header()
  const hits =
    skill && header && !asked.refused
      ? await ports.esco.search({ text, language: languageOf(c), kind: 'skill', limit: hitsShown })
      : []
  const missing = skill ? await missingConcepts([skill], ports.esco) : []
  const hidden = hiddenFields(c, ports)
  const shown = {
    draft,
    ontology,
    skill,
    text,
    searchRefused: asked.refused,
    header,
    hits,
    missing,
    hidden,
    actor,
    refusal,
  }
  return sendPage(c, (language) => ({ title: words[language].align, body: alignView(shown, c, language) }), {
    status: refusal ? 409 : asked.refused ? 400 : 200,
  })
}

interface AlignView {
  draft: OntologyDraft
  ontology: Ontology
  skill: Skill | undefined
  text: string
  searchRefused: ((language: Language) => Html) | undefined
  header: EscoHeader | undefined
  hits: EscoHit[]
  /** Matches of the skill to concepts that the imported ESCO does not have. */
  missing: MissingConcept[]
  hidden: () => Html
  actor: Actor
  refusal: Refusal | undefined
}

function alignView(shown: AlignView, c: Context, language: Language): Html {
  const text = words[language]
  const { draft, ontology, skill, refusal } = shown
  const at = `/curate/${draft.id}/align`
  return html`<h1>${text.align}</h1>
<p class="lead">${text.alignLead}</p>
${refusal ? note(html`${text.refused[refusal.code] ?? ''} <span class="soft" lang="en">${refusal.message}</span>`, 'bad') : ''}
<form method="get" action="${at}">
${field({
  name: 'skill',
  label: text.alignSkill,
  control: (attributes) =>
    html`<select ${attributes} required><option value="">${text.alignChoose}</option>${[
      ...ontology.skills.values(),
    ]
      .toSorted((a, b) => (a.label.en < b.label.en ? -1 : 1))
      .map(
        (one) =>
          html`<option value="${one.id}"${one === skill ? raw(' selected') : ''}>${inLanguage(one.label, language).value}</option>`,
      )}</select>`,
})}
${field({
  name: 'q',
  label: text.alignSearch,
  hint: text.alignSearchHint,
  control: (attributes) => html`<input type="search" maxlength="100" value="${shown.text}" ${attributes}>`,
})}
<p class="actions"><button class="quiet">${text.alignFind}</button></p>
</form>
${skill ? html`${mappingsView(shown, skill, language)}${escoForm(shown, skill, c, language)}${hpccfForm(shown, skill, language)}` : ''}
<p class="actions"><a class="button quiet" href="/curate/${draft.id}">${text.backToDraft}</a></p>`
}

// Its address is what a link is for; spelled out it would fill a phone's screen.
const conceptOf = ({ uri, notation, label }: Mapping) =>
  uri === undefined
    ? html`<code>${notation ?? ''}</code>`
    : html`<a href="${uri}" lang="en">${label ?? uri}</a>`

const targetOf = ({ uri, notation }: Mapping) => uri ?? notation ?? ''

function mappingsView({ draft, missing, hidden }: AlignView, skill: Skill, language: Language): Html {
  const [text, named] = [words[language], ontologyWords[language]]
  if (skill.mappings.length === 0) return emptyState(text.alignNone)
  const gone = new Set(missing.map(({ mapping }) => mapping.uri))
  const rows = skill.mappings.map((mapping) => [
    html`${conceptOf(mapping)}${gone.has(mapping.uri ?? '') ? html` ${tag(text.escoGone, 'wait')}` : ''}`,
    named[mapping.relation],
    html`${mapping.approvedBy ?? '–'} <span class="soft">${mapping.approvedOn ?? ''}</span>
<form method="post" action="/curate/${draft.id}/unalign?skill=${skill.id}">${hidden()}<input type="hidden" name="skill" value="${skill.id}"><input type="hidden" name="scheme" value="${mapping.scheme}"><input type="hidden" name="target" value="${targetOf(mapping)}"><button class="danger">${text.alignRemove}<span class="hidden"> ${mapping.label ?? targetOf(mapping)}</span></button></form>`,
  ])
  const columns = [named.concept, named.relation, named.approved].map((title) => ({ title }))
  return html`<h2>${text.alignNow}</h2>${table(text.alignNow, columns, rows)}`
}

function commonFields(
  { hidden, actor }: AlignView,
  skill: Skill,
  scheme: Mapping['scheme'],
  language: Language,
): Html {
  const [text, named] = [words[language], ontologyWords[language]]
  return html`${hidden()}<input type="hidden" name="skill" value="${skill.id}"><input type="hidden" name="scheme" value="${scheme}">
<div class="field"><label for="relation-${scheme}">${text.alignRelation}</label>
<select id="relation-${scheme}" name="relation">${relations.map((one) => html`<option value="${one}">${named[one]}</option>`)}</select></div>
<div class="field"><label for="by-${scheme}">${text.approvedBy}</label><p class="hint" id="by-${scheme}-hint">${text.approvedByHint}</p>
<input id="by-${scheme}" name="approvedBy" required minlength="2" maxlength="200" value="${actor.subject}" aria-describedby="by-${scheme}-hint"></div>`
}

function escoForm(shown: AlignView, skill: Skill, c: Context, language: Language): Html {
  const text = words[language]
  const { draft, header, hits } = shown
  if (!header)
    return html`<h2>ESCO</h2>${emptyState(text.escoMissing, { href: '/curate/esco', label: text.escoTitle })}`
  const reader = readerOf(c, language)
  const acknowledgement = html`<p class="soft small" lang="en">${header.acknowledgement} ${header.changes}</p>`
  if (shown.searchRefused) return html`<h2>ESCO</h2>${shown.searchRefused(language)}${acknowledgement}`
  if (hits.length === 0) return html`<h2>ESCO</h2>${emptyState(text.alignNoHit)}${acknowledgement}`
  return html`<h2>ESCO</h2>
<form method="post" action="/curate/${draft.id}/align?skill=${skill.id}">
<fieldset><legend>${text.alignConcept}</legend>
${hits.map(
  (one, place) =>
    html`<label class="choice"><input type="radio" name="target" value="${one.uri}" required${place === 0 ? raw(' checked') : ''}><span>${escoLabel(one, reader)}<br><a class="small" href="${one.uri}">${text.alignSee}<span class="hidden"> ${escoLabel(one, reader)}</span></a></span></label>`,
)}
</fieldset>
${commonFields(shown, skill, 'esco', language)}
<p class="actions"><button>${text.alignButton}</button></p>
</form>
${acknowledgement}`
}

function hpccfForm(shown: AlignView, skill: Skill, language: Language): Html {
  const text = words[language]
  const { title, acknowledgement, iri } = shown.ontology.schemes.hpccf
  return html`<h2>${title}</h2>
<form method="post" action="/curate/${shown.draft.id}/align?skill=${skill.id}">
${field({
  name: 'target',
  label: text.alignCode,
  hint: text.alignCodeHint,
  control: (attributes) =>
    html`<input ${attributes} required maxlength="30" pattern="[A-Z]{1,5}[0-9]+(\\.[0-9]+)*(-b)?">`,
})}
${commonFields(shown, skill, 'hpccf', language)}
<p class="actions"><button>${text.alignButton}</button></p>
</form>
<p class="soft small" lang="en">${acknowledgement}. <a href="${iri}">${iri}</a></p>`
}
