import { type Context, Hono } from 'hono'
import { html, raw } from 'hono/html'
import { authorise } from '#core/access/operations.ts'
import { correctionReasons } from '#core/awards/correct-award.ts'
import type { BulkJob, FileKind } from '#core/bulk/bulk-job.ts'
import {
  orderBulkIssue,
  orderCorrections,
  zOrderBulkIssue,
  zOrderCorrections,
} from '#core/bulk/order-bulk-job.ts'
import { uploadRows } from '#core/bulk/upload-rows.ts'
import type { UploadId } from '#core/ids.ts'
import { type Offering, targetGroups } from '#core/offerings/offering.ts'
import { parse } from '#core/parse.ts'
import type { Ports } from '#core/ports.ts'
import { Refusal, type RefusalCode } from '#core/refusal.ts'
import { inLanguage, type Text } from '#core/text.ts'
import { sessionOf } from '../session.ts'
import { offeringChoices, offeringName, optionList } from './award-filter.ts'
import { reasonFields } from './awards.ts'
import { field, note } from './components.ts'
import { bulkWords } from './i18n/bulk.ts'
import type { Language } from './language.ts'
import { type Html, sendPage } from './layout.ts'
import { signInFirst } from './sign-in-first.ts'
import { hiddenFields, readSignedForm } from './signed-form.ts'

type OrderPagePorts = Pick<Ports, 'store' | 'ontology' | 'clock' | 'random' | 'settings'>

/** What was wrong with the form: the words of a refusal about the file say more than the page could. */
interface Wrong {
  text?: string
  code: string
  /** The offering that was chosen. */
  offeringId?: string
}

/** `/bulk/new` and `/bulk/corrections`: forms that order a job; every row is checked before anything is done. */
export function bulkOrderRoutes(ports: OrderPagePorts): Hono {
  const app = new Hono()

  app.get('/bulk/new', async (c) => {
    if (!sessionOf(c)) return sendPage(c, (language) => signInFirst(language, '/bulk/new'), { status: 401 })
    return formPage(c, issueForm, ports)
  })

  app.post('/bulk/new', async (c) => {
    const { actor, fields } = await readSignedForm(c)
    const { requestId, offeringId, source, enrol, targetGroup, sector, scorePercent } = fields
    const order = (rows: object) => {
      const score = source === 'without-result' ? { scorePercent: Number(scorePercent || 'none') } : {}
      const enrolAs = enrol === 'on' ? { enrolAs: { targetGroup, sector } } : {}
      const input = { requestId, offeringId, dryRun: true, ...rows, ...score, ...enrolAs }
      return orderBulkIssue(actor, parse(zOrderBulkIssue, input), ports)
    }
    const chosen = typeof offeringId === 'string' ? offeringId : undefined
    const ordering =
      source === 'passed' || source === 'without-result'
        ? () => order({ participants: source })
        : () => withFile(c, 'issue', fields['file'], ports, (upload) => order({ upload }))
    return ordered(c, issueForm, ports, ordering, chosen)
  })

  app.get('/bulk/corrections', async (c) => {
    if (!sessionOf(c))
      return sendPage(c, (language) => signInFirst(language, '/bulk/corrections'), { status: 401 })
    return formPage(c, correctForm, ports)
  })

  app.post('/bulk/corrections', async (c) => {
    const { actor, fields } = await readSignedForm(c)
    return ordered(c, correctForm, ports, async () => {
      const { requestId, reasonCode, reason, offeringId } = fields
      const named = offeringId ? { offeringId } : {}
      return withFile(c, 'correct', fields['file'], ports, (upload) => {
        const input = { requestId, reasonCode, reason, upload, dryRun: true, ...named }
        return orderCorrections(actor, parse(zOrderCorrections, input), ports)
      })
    })
  })
  return app
}

/** An order of a file's rows; what nobody ordered anything of is not kept. */
async function withFile(
  c: Context,
  kind: FileKind,
  file: unknown,
  ports: OrderPagePorts,
  order: (upload: UploadId) => Promise<BulkJob>,
): Promise<BulkJob> {
  if (!(file instanceof File) || file.size === 0) {
    throw new Refusal('invalid_input', 'file: is missing.', { field: 'file' })
  }
  const bytes = new Uint8Array(await file.arrayBuffer())
  const { upload } = await uploadRows(sessionOf(c), { kind, name: file.name, bytes }, ports)
  try {
    return await order(upload)
  } catch (error) {
    if (error instanceof Refusal) await ports.store.deleteUpload(upload)
    throw error
  }
}

type Form = (
  offerings: readonly Offering[],
  hidden: Html,
  language: Language,
  ports: OrderPagePorts,
  chosen: string | undefined,
) => Html

const toldAboveTheForm: readonly RefusalCode[] = [
  'invalid_input',
  'too_large',
  'quota_exceeded',
  'not_found',
  'four_eyes_required',
]

/** To the job's own page; an expected no is said above the form. */
async function ordered(
  c: Context,
  form: Form,
  ports: OrderPagePorts,
  order: () => Promise<{ id: string }>,
  offeringId?: string,
): Promise<Response> {
  try {
    const { id } = await order()
    return c.redirect(`/bulk/${id}`, 303)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    if (!toldAboveTheForm.includes(error.code)) throw error
    const aboutFile = error.field === 'file' && error.message !== 'file: is missing.'
    return formPage(c, form, ports, {
      code: error.message === 'file: is missing.' ? 'no-file' : error.code,
      ...(aboutFile ? { text: error.message } : {}),
      ...(offeringId === undefined ? {} : { offeringId }),
    })
  }
}

async function formPage(c: Context, form: Form, ports: OrderPagePorts, wrong?: Wrong): Promise<Response> {
  const actor = sessionOf(c)
  const tenant = actor?.tenant
  if (!tenant) throw new Refusal('not_signed_in', 'Sign in first.')
  authorise(actor, form === issueForm ? 'bulkIssue' : 'changeAwardStatus', { tenant })
  const offerings = await offeringChoices(tenant, ports)
  const hidden = hiddenFields(c, ports)()
  return sendPage(
    c,
    (language) => {
      const words = bulkWords[language]
      return {
        title: form === issueForm ? words.newIssue : words.newCorrection,
        body: html`<h1>${form === issueForm ? words.newIssue : words.newCorrection}</h1>
<p class="lead">${form === issueForm ? words.newLead : words.correctLead}</p>
${wrong ? problemNote(wrong, language) : ''}
${form(offerings, hidden, language, ports, wrong?.offeringId)}
<p class="actions"><a class="button quiet" href="/bulk">${words.back}</a></p>`,
      }
    },
    { status: wrong ? 400 : 200 },
  )
}

function problemNote({ code, text, offeringId }: Wrong, language: Language): Html {
  const words = bulkWords[language]
  if (code === 'four_eyes_required') {
    const { secondAssessor } = words
    return note(
      html`${secondAssessor.text} <a href="/cohorts/${offeringId}">${secondAssessor.cohort}</a>`,
      'bad',
    )
  }
  const told = code === 'no-file' ? words.chooseFile : code === 'quota_exceeded' ? words.quota : words.wrong
  return html`${note(told, 'bad')}${text === undefined ? '' : html`<p lang="en"><code>${text}</code></p>`}`
}

function offeringSelect(
  offerings: readonly Offering[],
  label: string,
  first: string | undefined,
  language: Language,
  ports: OrderPagePorts,
  chosen?: string,
): Html {
  const options = offerings.map((one) => [one.id, offeringName(one, language, ports)] as const)
  return field({
    name: 'offeringId',
    label,
    control: (attributes) =>
      html`<select ${attributes}${first === undefined ? raw(' required') : ''}>${optionList(
        first === undefined ? options : [['', first], ...options],
        chosen,
      )}</select>`,
  })
}

function fileField(label: string, hint: string): Html {
  return field({
    name: 'file',
    label,
    hint,
    control: (attributes) => html`<input ${attributes} type="file" accept=".csv,.txt,text/csv,text/plain">`,
  })
}

const issueExample = `account;given_name;family_name;email;score_percent
s-1042;Zoë;Lefèvre;zoe@example.org;87,5
s-1043;Ελένη;Παππά;eleni@example.org;91`

const issueForm: Form = (offerings, hidden, language, ports, chosen) => {
  const words = bulkWords[language]
  const { ontology, settings } = ports
  const sources = [
    ['file', words.fromFile],
    ['passed', words.fromPassed],
    ['without-result', words.fromWithout],
  ] as const
  const label = (list: ReadonlyMap<string, { label: Text }>, id: string) => {
    const found = list.get(id)
    return found ? inLanguage(found.label, language).value : id
  }
  const groups = targetGroups.map((id) => [id, label(ontology.targetGroups, id)] as const)
  const sectors = [...ontology.sectors.keys()].map((id) => [id, label(ontology.sectors, id)] as const)
  return html`<form method="post" action="/bulk/new" enctype="multipart/form-data">${hidden}
${offeringSelect(offerings, words.offering, undefined, language, ports, chosen)}
<fieldset><legend>${words.source}</legend>
${sources.map(
  ([value, text], place) =>
    html`<label class="choice"><input type="radio" name="source" value="${value}"${place === 0 ? raw(' checked') : ''}> ${text}</label>`,
)}
${fileField(words.csv, words.csvHint(new Intl.NumberFormat(language).format(settings.bulkRows)))}
<details><summary>${words.example}</summary><pre>${issueExample}</pre></details>
${field({
  name: 'scorePercent',
  label: words.score,
  control: (attributes) =>
    html`<input ${attributes} type="number" min="0" max="100" step="any" inputmode="decimal">`,
})}</fieldset>
<fieldset><legend>${words.enrolment}</legend>
<label class="choice"><input type="checkbox" name="enrol" checked aria-describedby="enrol-hint"> ${words.enrol}</label>
<p class="hint" id="enrol-hint">${words.enrolHint}</p>
<div class="side-by-side">
${field({ name: 'targetGroup', label: words.group, control: (attributes) => html`<select ${attributes}>${optionList(groups, 'professionals')}</select>` })}
${field({ name: 'sector', label: words.sector, control: (attributes) => html`<select ${attributes}>${optionList(sectors, undefined)}</select>` })}
</div></fieldset>
<p class="actions"><button>${words.check}</button></p></form>`
}

const correctExample = `award_id;family_name;score_percent
k3vq7m2a-awd-…;Lefèvre;
k3vq7m2a-awd-…;;91`

const correctForm: Form = (offerings, hidden, language, ports) => {
  const words = bulkWords[language]
  return html`<form method="post" action="/bulk/corrections" enctype="multipart/form-data">${hidden}
${fileField(words.csvCorrect, words.csvCorrectHint)}
<details><summary>${words.example}</summary><pre>${correctExample}</pre></details>
${offeringSelect(offerings, words.offeringForAccounts, words.noOffering, language, ports)}
${reasonFields(correctionReasons, language, { required: true })}
<p class="actions"><button>${words.check}</button></p></form>`
}
