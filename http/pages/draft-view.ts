import { html, raw } from 'hono/html'
import type { Actor } from '#core/access/operations.ts'
import type { OntologyDraft } from '#core/ontology/draft.ts'
import type { Finding } from '#core/ontology/finding.ts'
import type { DraftReport } from '#core/ontology/judge-draft.ts'
import type { OntologyFiles } from '#core/ontology/ontology-files.ts'
import type { Ontology } from '#core/skills/ontology.ts'
import { inLanguage } from '#core/text.ts'
import { bullets, factList, field, note, table, tag } from './components.ts'
import { words } from './curate-words.ts'
import { dateAndTime, shortNumber } from './dates.ts'
import type { Language } from './language.ts'
import type { Html } from './layout.ts'
import { bumpName, changesView, reasonList } from './ontology-changes.ts'
import { inPage } from './reader.ts'

export interface DraftPage {
  draft: OntologyDraft
  files: OntologyFiles
  /** Those of the version it changes. */
  baseFiles: OntologyFiles
  report: DraftReport
  inForce: Ontology
  actor: Actor
  /** Hidden fields of a form. */
  hidden: () => Html
  /** What was refused just now, in the reader's words, and the API's. */
  refused?: { text: string; message: string } | undefined
}

export const stateTones = {
  draft: undefined,
  'in-review': 'wait',
  published: 'good',
  withdrawn: 'bad',
} as const

/** One draft: what may be done with it, what the rules say, what would change, its files, its history. */
export function draftView(page: DraftPage, language: Language): Html {
  const text = words[language]
  const { draft, report, refused } = page
  return html`<h1>${draft.title}</h1>
<p>${tag(text.states[draft.state], stateTones[draft.state])}</p>
${refused ? note(html`${refused.text} <span class="soft" lang="en">${refused.message}</span>`, 'bad') : ''}
${factList([
  [text.base, html`<a href="/ontology/${draft.base}">${draft.base}</a>`],
  [
    text.willBe,
    'version' in draft
      ? draft.version
      : report.proposal?.bump === 'none'
        ? undefined
        : report.proposal?.version,
  ],
  [text.authors, draft.authors.join(', ')],
  [text.begun, dateAndTime(draft.createdAt, language)],
])}
${actions(page, language)}
${draft.state === 'published' ? '' : html`${rulesView(report, language)}${proposalView(page, language)}`}
${filesView(page, language)}
${draft.state === 'draft' ? html`<p class="actions"><a class="button quiet" href="/curate/${draft.id}/align">${text.align}</a></p>${importForm(page, language)}` : ''}
<h2>${text.history}</h2>
${bullets(
  draft.history
    .toReversed()
    .map(
      ({ at, by, what, note: words }) =>
        html`${dateAndTime(at, language)}: <strong>${by}</strong> ${text.steps[what]} ${words ?? ''}`,
    ),
)}
${isOpen(draft) ? html`<h2>${text.withdraw}</h2><p class="soft">${text.withdrawHint}</p><form method="post" action="/curate/${draft.id}/withdraw">${page.hidden()}<button class="danger">${text.withdraw}</button></form>` : ''}
<p class="actions"><a class="button quiet" href="/curate">${text.back}</a></p>`
}

const isOpen = ({ state }: OntologyDraft) => state === 'draft' || state === 'in-review'

function actions({ draft, report, inForce, actor, hidden }: DraftPage, language: Language): Html {
  const text = words[language]
  const at = `/curate/${draft.id}`
  const button = (step: string, label: string, hint: string) =>
    html`<form method="post" action="${at}/${step}">${hidden()}<p class="soft small">${hint}</p><button>${label}</button></form>`
  if (draft.state === 'published') {
    return html`<p class="actions"><a class="button" href="/ontology/${draft.version}/changes">${text.seePublished(draft.version)}</a></p>`
  }
  if (draft.state === 'withdrawn') return html``
  if (draft.state === 'draft') {
    const outdated = draft.base !== inForce.version
    const ready = report.proposal !== undefined && report.proposal.bump !== 'none' && !outdated
    return html`<div class="steps-row">${outdated ? button('renew', text.renew, text.renewHint(inForce.version)) : ''}
${ready ? button('submit', text.hand, text.handHint) : ''}</div>`
  }
  const mine = draft.authors.includes(actor.subject)
  return html`${mine ? note(text.own, 'wait') : ''}
<div class="steps-row">${mine ? '' : button('publish', text.publish, text.publishHint)}
<form method="post" action="${at}/return">${hidden()}
${field({
  name: 'reason',
  label: text.reason,
  control: (attributes) => html`<input ${attributes} required minlength="3" maxlength="1000">`,
})}
<button class="quiet">${text.giveBack}</button></form></div>`
}

function rulesView({ findings }: DraftReport, language: Language): Html {
  const text = words[language]
  const errors = findings.filter(({ severity }) => severity === 'error')
  const warnings = findings.filter(({ severity }) => severity === 'warning')
  return html`<h2 id="report">${text.report}</h2>
${errors.length === 0 ? html`<p>${tag(text.sound, 'good')}</p>` : html`<p><strong>${text.errors(errors.length)}</strong></p>${findingList(errors, language)}`}
${warnings.length === 0 ? '' : html`<details><summary>${text.warnings(warnings.length)}</summary>${findingList(warnings, language)}</details>`}`
}

const mostFindings = 100

function findingList(findings: readonly Finding[], language: Language): Html {
  const text = words[language]
  return html`<ul class="findings">${findings.slice(0, mostFindings).map(
    ({
      file,
      line,
      path,
      message,
      rule,
    }) => html`<li><code>${file}</code>${line === undefined ? '' : html`, ${text.line(line)}`}
${path.length === 0 ? '' : html`<br><code class="break">${path.join('.')}</code>`}
<br><span lang="en">${message}</span> <span class="soft">(${text.rule(rule)})</span></li>`,
  )}</ul>`
}

function proposalView({ draft, report, hidden }: DraftPage, language: Language): Html {
  const text = words[language]
  const { proposal } = report
  if (!proposal) return html``
  if (proposal.bump === 'none') return html`<h2>${text.changes}</h2><p>${text.noChange}</p>`
  const changed = proposal.changes.entries.filter(
    ({ kind, change }) => kind === 'skill' && change === 'changed',
  )
  const meaning =
    draft.state !== 'draft' || changed.length === 0
      ? ''
      : html`<form method="post" action="/curate/${draft.id}/meaning">${hidden()}
<fieldset><legend>${text.meaning}</legend><p class="hint soft">${text.meaningHint}</p>
${changed.map(
  ({ id, label }) =>
    html`<label class="choice"><input type="checkbox" name="meaning-${id}"${draft.meaningChanged.includes(id) ? raw(' checked') : ''}><span>${inPage(label, language)} <code>${id}</code></span></label>`,
)}
<p class="actions"><button class="quiet">${text.meaningSave}</button></p></fieldset></form>`
  return html`<h2 id="changes">${text.changes}</h2>
<p>${text.weight(bumpName(proposal.bump, language), proposal.version)}</p>
${reasonList(proposal.reasons, language)}
${changesView(proposal.changes, language)}
${meaning}`
}

function filesView({ draft, files, baseFiles }: DraftPage, language: Language): Html {
  const text = words[language]
  const at = (name: string) => `/curate/${draft.id}/file?${new URLSearchParams({ name }).toString()}`
  const rows = [...files]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, content]) => [
      html`<code>${name}</code> ${content === baseFiles.get(name) ? '' : tag(text.touched, 'wait')}`,
      text.kilobytes(shortNumber(Math.ceil(content.length / 1000), language)),
      html`${draft.state === 'draft' ? html`<a href="${at(name)}">${text.edit}<span class="hidden"> ${name}</span></a> · ` : ''}<a href="${at(name)}&amp;raw=yes">${text.raw}<span class="hidden"> ${name}</span></a>`,
    ])
  return html`<h2 id="files">${text.files}</h2>
<p class="soft">${text.filesHint}</p>
${table(text.files, [{ title: text.file }, { title: text.size, number: true }, { title: text.edit }], rows)}`
}

function importForm({ draft, inForce, actor, hidden }: DraftPage, language: Language): Html {
  const text = words[language]
  return html`<h2 id="import">${text.importTitle}</h2>
<p class="soft">${text.importHint}</p>
<form method="post" action="/curate/${draft.id}/import" enctype="multipart/form-data">${hidden()}
${field({
  name: 'format',
  label: text.importFormat,
  control: (attributes) =>
    html`<select ${attributes}><option value="case">${text.importCase}</option><option value="csv">${text.importCsv}</option></select>`,
})}
${field({
  name: 'file',
  label: text.importFile,
  control: (attributes) =>
    html`<input ${attributes} type="file" required multiple accept=".json,.csv,application/json,text/csv">`,
})}
${field({
  name: 'domain',
  label: text.importDomain,
  control: (attributes) => html`<select ${attributes}><option value="">${text.importNoDomain}</option>
${[...inForce.domains].map(([id, { label }]) => html`<option value="${id}">${inLanguage(label, language).value}</option>`)}</select>`,
})}
${field({
  name: 'approvedBy',
  label: text.approvedBy,
  hint: text.approvedByHint,
  control: (attributes) => html`<input ${attributes} maxlength="200" value="${actor.subject}">`,
})}
<p class="actions"><button>${text.importButton}</button></p>
</form>`
}
