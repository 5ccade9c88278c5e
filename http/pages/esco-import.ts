import { type Context, Hono } from 'hono'
import { html } from 'hono/html'
import { authorise } from '#core/access/operations.ts'
import { platformTag } from '#core/ids.ts'
import { startEscoImport } from '#core/ontology/align-skill.ts'
import type { Ports } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import type { EscoHeader, EscoImportState } from '#core/skills/esco/esco-catalogue.ts'
import { escoOddities } from '#core/skills/esco/esco-graph.ts'
import { type MissingConcept, missingConcepts } from '#core/skills/esco/missing-concepts.ts'
import { sessionOf } from '../session.ts'
import { emptyState, factList, note, table } from './components.ts'
import { words } from './curate-words.ts'
import { dateAndTime, shortNumber } from './dates.ts'
import type { Language } from './language.ts'
import { type Html, sendPage } from './layout.ts'
import { hiddenFields, readSignedForm } from './signed-form.ts'

type EscoPorts = Pick<Ports, 'ontology' | 'esco' | 'random'>

/** `/curate/esco`: what of ESCO is here, how its last import went, which matches it leaves alone, and a new import. */
export function escoImportRoutes(ports: EscoPorts): Hono {
  const app = new Hono()
  app.get('/curate/esco', async (c) => {
    authorise(sessionOf(c), 'curateOntology', { tenant: platformTag })
    return escoPage(c, ports)
  })
  app.post('/curate/esco', async (c) => {
    const { actor } = await readSignedForm(c)
    try {
      await startEscoImport(actor, ports)
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== 'state_conflict') throw error
      return escoPage(c, ports, error.message)
    }
    return c.redirect('/curate/esco', 303)
  })
  return app
}

async function escoPage(c: Context, ports: EscoPorts, refused?: string): Promise<Response> {
  const { esco, ontology, random } = ports
  const isHere = esco.broughtBy === 'server'
  const [header, last] = await Promise.all([esco.header(), esco.lastImport()])
  const missing = await missingConcepts([...ontology.skills.values(), ...ontology.roles.values()], esco)
  const hidden = hiddenFields(c, { random })
  return sendPage(
    c,
    (language) => ({
      title: words[language].escoTitle,
      body: escoView({ header, last, missing, hidden, refused, isHere }, language),
    }),
    { status: refused === undefined ? 200 : 409 },
  )
}

interface EscoView {
  header: EscoHeader | undefined
  last: EscoImportState | undefined
  missing: MissingConcept[]
  hidden: () => Html
  refused: string | undefined
  /** Whether whoever is at the server imports it; else an operator brings it. */
  isHere: boolean
}

function escoView({ header, last, missing, hidden, refused, isHere }: EscoView, language: Language): Html {
  const text = words[language]
  const n = (value: number) => shortNumber(value, language)
  return html`<h1>${text.escoTitle}</h1>
<p class="lead">${text.escoLead}</p>
${refused === undefined ? '' : note(html`<span lang="en">${refused}</span>`, 'bad')}
${last ? note(importState(last, language), last.state === 'failed' ? 'bad' : last.state === 'running' ? 'wait' : undefined) : ''}
${
  header
    ? html`${factList([
        [text.escoVersion, header.version],
        [text.escoImported, dateAndTime(header.importedAt, language)],
        [text.escoLanguages, header.languages.join(', ')],
        [text.escoSkills, n(header.report.skills)],
        [text.escoOccupations, n(header.report.occupations)],
        ['SHA-256', html`<code class="break">${header.digest}</code>`],
      ])}
${missingView(missing, language)}
${oddities(header, language)}
<p class="soft small" lang="en">${header.acknowledgement} ${header.changes}</p>`
    : emptyState(text.escoMissing)
}
<h2>${text.escoStart}</h2>
${
  isHere
    ? html`<p>${text.escoCommand} <code>npm run ontology -- import esco FOLDER</code></p>
<form method="post" action="/curate/esco">${hidden()}<p class="actions"><button>${text.escoButton}</button></p></form>`
    : html`<p>${text.escoByOperator}</p>
<pre tabindex="0"><code>npm run ontology -- import esco FOLDER
npm run ops -- esco --deployment NAME</code></pre>`
}
<p class="actions"><a class="button quiet" href="/curate">${text.back}</a></p>`
}

/** Matches that this import leaves without a concept; each has to be looked at by a curator. */
function missingView(missing: MissingConcept[], language: Language): Html {
  if (missing.length === 0) return html``
  const text = words[language]
  const rows = missing.map(({ id, mapping }) => [
    html`<code>${id}</code>`,
    html`<span lang="en">${mapping.label ?? ''}</span> <code class="break">${mapping.uri}</code>`,
  ])
  return html`<details><summary>${text.escoMissingMatches(shortNumber(missing.length, language))}</summary>
<p>${text.escoMissingHint}</p>
${table(text.alignNow, [{ title: text.alignSkill }, { title: text.alignConcept }], rows)}</details>`
}

function importState(state: EscoImportState, language: Language): string {
  const text = words[language]
  const at = dateAndTime(state.startedAt, language)
  if (state.state === 'running') return text.escoRunning(at, String(state.filesDone), String(state.files))
  if (state.state === 'failed') return text.escoFailed(at, state.message)
  return state.written ? text.escoDone(at) : text.escoSame(at)
}

function oddities({ report }: EscoHeader, language: Language): Html {
  const text = words[language]
  const rows = Object.entries(report.oddities).map(([name, { count, first }]) => [
    html`<span lang="en">${escoOddities[name as keyof typeof escoOddities]}</span>`,
    shortNumber(count, language),
    html`<code class="break">${first}</code>`,
  ])
  if (rows.length === 0) return html``
  return table(
    text.escoOdd,
    [{ title: text.escoWhat }, { title: text.escoCount, number: true }, { title: text.escoFirst }],
    rows,
  )
}
