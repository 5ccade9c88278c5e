import { html } from 'hono/html'
import type { Actor } from '#core/access/operations.ts'
import {
  type BulkJob,
  type BulkRow,
  type BulkState,
  fileOf,
  isOver,
  type RowProblem,
  type RowState,
} from '#core/bulk/bulk-job.ts'
import type { LearnerId } from '#core/ids.ts'
import type { Person } from '#core/learners/learner.ts'
import type { Ports } from '#core/ports.ts'
import type { Page } from '#core/store.ts'
import { inLanguage } from '#core/text.ts'
import { bullets, type Content, emptyState, factList, note, type Tone, table, tag } from './components.ts'
import { dateAndTime } from './dates.ts'
import { awardWords } from './i18n/awards.ts'
import { bulkWords } from './i18n/bulk.ts'
import type { Language } from './language.ts'
import type { Html } from './layout.ts'

type ViewPorts = Pick<Ports, 'ontology'>

const stateTones: Partial<Record<BulkState, Tone>> = {
  reading: 'wait',
  checked: 'wait',
  waiting: 'wait',
  paused: 'wait',
  done: 'good',
  failed: 'bad',
}

const rowTones: Partial<Record<RowState, Tone>> = { done: 'good', invalid: 'bad', failed: 'bad' }

/** What stands between a label and its value: French sets a space before it. */
const colon = (language: Language) => (language === 'fr' ? '\u00a0: ' : ': ')

/** Rows of a page with the names of those they are about. */
export interface SeenRows extends Page<BulkRow> {
  people: ReadonlyMap<LearnerId, Person>
}

export async function readRows(
  { id }: BulkJob,
  asked: { limit: number; cursor?: string; problems: boolean },
  { store }: Pick<Ports, 'store'>,
): Promise<SeenRows> {
  const page = await store.listBulkRows(id, asked)
  const learners = [...new Set(page.items.flatMap(({ about }) => (about.learnerId ? [about.learnerId] : [])))]
  const people = new Map<LearnerId, Person>()
  for (const learner of await Promise.all(learners.map((one) => store.findLearner(one)))) {
    if (learner?.person) people.set(learner.id, learner.person)
  }
  return { ...page, people }
}

export function stateTag({ state }: BulkJob, language: Language): Html {
  return tag(bulkWords[language].states[state], stateTones[state])
}

/** `Issue awards: Serving language models`. */
export function jobTitle({ order }: BulkJob, language: Language, { ontology }: ViewPorts): string {
  const { kinds, issueOf } = bulkWords[language]
  if (order.kind === 'status') return kinds[order.change]
  if (order.kind === 'offers') return kinds[order.action]
  if (order.kind === 'correct') return kinds.correct
  const module = order.moduleId === undefined ? undefined : ontology.modules.get(order.moduleId)
  return module ? issueOf(inLanguage(module.title, language).value) : kinds.issue
}

/** One job: how far it has come, what can be done with it, and its rows. */
export function bulkJobView(
  seen: {
    job: BulkJob
    rows: SeenRows
    /** Whether only the rows to fix are shown. */
    problems: boolean
    conflict: boolean
    actor: Actor | undefined
    hidden: () => Html
  },
  language: Language,
  ports: ViewPorts,
): Html {
  const { job, conflict, actor, hidden } = seen
  const words = bulkWords[language]
  return html`<h1>${jobTitle(job, language, ports)}</h1>
<p class="lead">${stateTag(job, language)} ${words.stateText[job.state]}</p>
${conflict ? note(words.conflict, 'bad') : ''}
${progress(job, language)}
${controls(job, actor, hidden, language)}
${factsOf(job, language, ports)}
${downloads(job, language)}
${rowsView(seen, language)}
<p class="actions"><a class="button quiet" href="/bulk">${words.back}</a></p>`
}

function progress({ counts, rows, order, reading, startedAt }: BulkJob, language: Language): Html {
  const words = bulkWords[language]
  const number = new Intl.NumberFormat(language)
  const finished = rows - counts.ready
  const shown: RowState[] = ['done', 'ready', 'invalid', 'failed', 'skipped']
  const figures = shown
    .filter((state) => counts[state] > 0 || state === 'done' || state === 'ready')
    .map((state) => {
      const label = state === 'done' && order.kind === 'issue' ? words.countsOfIssue : words.counts[state]
      return html`<div><dt>${label}</dt><dd>${number.format(counts[state])}</dd></div>`
    })
  // Before it starts there is nothing to be ahead with: what was looked at stands in the figures.
  const bar =
    startedAt && reading.finished
      ? html`<p><label>${words.progress}${colon(language)}${words.progressOf(number.format(finished), number.format(rows))}
<progress class="bar" max="${Math.max(rows, 1)}" value="${finished}"></progress></label></p>`
      : html`<p><strong>${words.rowsSeen(number.format(rows))}</strong></p>`
  return html`${bar}
<dl class="figures">${figures}</dl>`
}

function controls(job: BulkJob, actor: Actor | undefined, hidden: () => Html, language: Language): Html {
  const words = bulkWords[language]
  const { id, state, counts, order } = job
  const count = new Intl.NumberFormat(language).format(counts.ready)
  const button = (action: string, label: string, kind = '') =>
    html`<form method="post" action="/bulk/${id}/${action}" class="inline">${hidden()}<button class="${kind}">${label}</button></form>`
  const parts: Html[] = []
  if (state === 'checked' && counts.ready > 0) {
    parts.push(button('start', order.kind === 'issue' ? words.startIssue(count) : words.startChange(count)))
  }
  if (state === 'waiting') parts.push(decision(job, actor, hidden, language))
  if (state === 'reading' || state === 'running') parts.push(button('pause', words.pause, 'quiet'))
  if (state === 'paused') parts.push(button('resume', words.resume))
  if (!isOver(job)) {
    if (state !== 'checked' && state !== 'paused') {
      parts.push(html`<a class="button quiet" href="/bulk/${id}">${words.refresh}</a>`)
    }
    parts.push(button('cancel', words.cancel, 'danger'))
  }
  return html`<div class="actions">${parts}</div>`
}

/** Agree or refuse, for whoever did not order it. */
export function decision(
  { id, createdBy }: BulkJob,
  actor: Actor | undefined,
  hidden: () => Html,
  language: Language,
): Html {
  const words = bulkWords[language]
  if (actor?.subject === createdBy) return html`<p class="soft">${words.ownOrder}</p>`
  const noteId = `note-${id}`
  return html`<form method="post" action="/approvals/${id}/approve" class="inline">${hidden()}<button>${words.approve}</button></form>
<details><summary>${words.refuse}</summary><form method="post" action="/approvals/${id}/refuse">${hidden()}
<div class="field"><label for="${noteId}">${words.refuseNote}</label>
<input id="${noteId}" name="note" minlength="3" maxlength="500"></div>
<p class="actions"><button class="danger">${words.refuse}</button></p></form></details>`
}

/** What was ordered, by whom, and how a file was read. */
export function factsOf(job: BulkJob, language: Language, { ontology }: ViewPorts): Html {
  const words = bulkWords[language]
  const { order } = job
  const file = fileOf(order)
  const where = order.kind === 'status' || order.kind === 'offers' ? order.where : undefined
  const reason =
    order.kind === 'status' || order.kind === 'correct'
      ? [awardWords[language].reasons[order.reasonCode], order.reason].filter(Boolean).join(colon(language))
      : undefined
  return factList([
    [words.ordered, words.orderedBy(job.createdBy, dateAndTime(job.createdAt, language))],
    [words.reason, reason],
    [words.filter, where && bullets(filterLines(where, language, ontology))],
    [words.file, file?.name === '' ? undefined : file?.name],
    [words.encoding, file && words.encodings[file.encoding]],
    [words.delimiter, file && (file.delimiter === '\t' ? words.tab : html`<code>${file.delimiter}</code>`)],
    [words.ignored, file && file.ignored.length > 0 ? file.ignored.join(', ') : undefined],
    [words.started, job.startedAt && dateAndTime(job.startedAt, language)],
    [words.decidedBy, job.decidedBy],
    [words.note, job.note],
    [words.finished, job.finishedAt && dateAndTime(job.finishedAt, language)],
  ])
}

function filterLines(
  where: Extract<BulkJob['order'], { kind: 'status' }>['where'],
  language: Language,
  ontology: Ports['ontology'],
): Content[] {
  const words = awardWords[language]
  const many = new Intl.NumberFormat(language)
  const module = where.moduleId === undefined ? undefined : ontology.modules.get(where.moduleId)
  const lines: (string | undefined)[] = [
    where.awardIds && `${words.title}${colon(language)}${many.format(where.awardIds.length)}`,
    where.learnerIds && `${words.learner}${colon(language)}${many.format(where.learnerIds.length)}`,
    where.offeringId && `${words.offering}${colon(language)}${where.offeringId}`,
    where.moduleId &&
      `${words.module}${colon(language)}${module ? inLanguage(module.title, language).value : where.moduleId}`,
    where.awardedFrom && `${words.from} ${where.awardedFrom}`,
    where.awardedTo && `${words.to} ${where.awardedTo}`,
    where.state && `${words.state}${colon(language)}${words.states[where.state]}`,
    where.collected === undefined ? undefined : where.collected ? words.collectedYes : words.collectedNo,
    where.bulkJobId && `${bulkWords[language].job}${colon(language)}${where.bulkJobId}`,
  ]
  return lines.filter((line) => line !== undefined)
}

function downloads({ id, counts, state }: BulkJob, language: Language): Html | string {
  const words = bulkWords[language]
  if (state === 'reading') return ''
  const toFix = counts.invalid + counts.failed
  return html`${
    toFix === 0
      ? ''
      : html`<h2>${words.fix}</h2><p>${words.fixText} <span class="soft">${words.fixGone}</span></p>
<p class="actions"><a class="button" href="/bulk/${id}/rows-to-fix.csv" download>${words.fixCsv}</a></p>`
  }
<h2>${words.receipt}</h2><p>${words.receiptText}</p>
<p class="actions"><a class="button quiet" href="/bulk/${id}/receipt.csv" download>${words.receiptCsv}</a>
<a class="button quiet" href="/bulk/${id}/receipt.json" download>${words.receiptJson}</a></p>`
}

function rowsView(
  { job, rows, problems }: { job: BulkJob; rows: SeenRows; problems: boolean },
  language: Language,
): Html {
  const words = bulkWords[language]
  const title = problems ? words.onlyProblems : words.allRows
  const other = problems ? ['all', words.allRows] : ['problems', words.onlyProblems]
  const next =
    rows.cursor && new URLSearchParams({ rows: problems ? 'problems' : 'all', after: rows.cursor }).toString()
  const columns = [words.row, words.learner, words.wrongWith, words.outcome, words.award].map((one) => ({
    title: one,
  }))
  return html`<h2>${title}</h2>
${
  rows.items.length === 0
    ? emptyState(problems ? words.noProblems : words.noRows)
    : table(
        title,
        columns,
        rows.items.map((row) => rowCells(row, rows.people, language)),
      )
}
<p class="actions">${next ? html`<a class="button quiet" href="/bulk/${job.id}?${next}">${words.more}</a>` : ''}
<a href="/bulk/${job.id}?rows=${other[0]}">${other[1]}</a></p>`
}

function rowCells(row: BulkRow, people: SeenRows['people'], language: Language): Content[] {
  const words = bulkWords[language]
  const { about, cells = {}, result } = row
  const person = about.learnerId && people.get(about.learnerId)
  const inFile = [cells['given_name'], cells['family_name']].filter(Boolean).join(' ')
  const problems = row.problems.map((problem) => problemLine(problem, language))
  const awardId = result?.awardId ?? about.awardId
  return [
    row.line,
    person ? `${person.givenName} ${person.familyName}` : inFile || (cells['account'] ?? ''),
    problems.length > 1 ? (bullets(problems) ?? '') : (problems[0] ?? ''),
    tag(words.rowStates[row.state], rowTones[row.state]),
    awardId ? html`<a href="/awards/${awardId}/manage">${words.open}</a>` : '',
  ]
}

function problemLine({ column, code, line }: RowProblem, language: Language): Html {
  const words = bulkWords[language]
  return html`${column ? html`<code>${column}</code> ` : ''}${words.problems[code]}${line === undefined ? '' : ` ${words.seeRow(line)}`}`
}
