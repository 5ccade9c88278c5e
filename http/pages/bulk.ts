import { type Context, Hono } from 'hono'
import { html } from 'hono/html'
import { authorise } from '#core/access/operations.ts'
import type { BulkJob } from '#core/bulk/bulk-job.ts'
import { readBulkJob } from '#core/bulk/receipt.ts'
import {
  cancelBulkJob,
  pauseBulkJob,
  resumeBulkJob,
  startBulkJob,
  zSteerBulkJob,
} from '#core/bulk/steer-bulk-job.ts'
import { parse, zId } from '#core/parse.ts'
import type { Ports } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import { sessionOf } from '../session.ts'
import { bulkJobView, jobTitle, readRows, stateTag } from './bulk-job-view.ts'
import { emptyState, table } from './components.ts'
import { dateAndTime } from './dates.ts'
import { bulkWords } from './i18n/bulk.ts'
import type { Language } from './language.ts'
import { type Html, sendPage } from './layout.ts'
import { signInFirst } from './sign-in-first.ts'
import { hiddenFields, readSignedForm } from './signed-form.ts'

type BulkPagePorts = Pick<Ports, 'store' | 'ontology' | 'clock' | 'random' | 'settings'>

const perPage = 25

const steering = {
  start: startBulkJob,
  pause: pauseBulkJob,
  resume: resumeBulkJob,
  cancel: cancelBulkJob,
} as const
type Steering = keyof typeof steering

/** `/bulk` and `/bulk/{job}`: the jobs of an institution, how far each has come, and what can be done with it. */
export function bulkRoutes(ports: BulkPagePorts): Hono {
  const app = new Hono()

  app.get('/bulk', async (c) => {
    const actor = sessionOf(c)
    if (!actor) return sendPage(c, (language) => signInFirst(language, '/bulk'), { status: 401 })
    authorise(actor, 'bulkIssue', { tenant: actor.tenant })
    const { items, cursor } = await ports.store.listBulkJobs(actor.tenant, pageAsked(c))
    return sendPage(c, (language) => ({
      title: bulkWords[language].title,
      body: listView(items, cursor, language, ports),
    }))
  })

  // A job's address has one part more than the forms beside it, and the form of an id.
  app.get('/bulk/:job{[a-z2-7]{8}-blk-[a-z2-7]{26}}', async (c) => {
    if (!sessionOf(c)) return sendPage(c, (language) => signInFirst(language, c.req.path), { status: 401 })
    return jobPage(c, ports)
  })

  for (const name of Object.keys(steering) as Steering[]) {
    app.post(`/bulk/:job/${name}`, async (c) => {
      const { actor, fields } = await readSignedForm(c)
      const input = parse(zSteerBulkJob, { requestId: fields['requestId'], jobId: c.req.param('job') })
      try {
        await steering[name](actor, input, ports)
      } catch (error) {
        if (!(error instanceof Refusal) || error.code !== 'state_conflict') throw error
        return jobPage(c, ports, true)
      }
      return c.redirect(`/bulk/${input.jobId}`, 303)
    })
  }
  return app
}

function pageAsked(c: Context): { limit: number; cursor?: string } {
  const cursor = c.req.query('after')
  return { limit: perPage, ...(cursor ? { cursor } : {}) }
}

async function jobPage(c: Context, ports: BulkPagePorts, conflict = false): Promise<Response> {
  const actor = sessionOf(c)
  const job = await readBulkJob(actor, parse(zId('blk'), c.req.param('job')), ports)
  // Rows of a file are looked at for their problems, rows of a query for whom they are about.
  const asked = c.req.query('rows')
  const problems = asked === undefined ? hasFile(job) : asked === 'problems'
  const rows = await readRows(job, { ...pageAsked(c), problems }, ports)
  const hidden = hiddenFields(c, ports)
  return sendPage(
    c,
    (language) => ({
      title: jobTitle(job, language, ports),
      body: bulkJobView({ job, rows, problems, conflict, actor, hidden }, language, ports),
    }),
    { status: conflict ? 409 : 200 },
  )
}

const hasFile = ({ order }: BulkJob) =>
  order.kind === 'correct' ? order.file !== undefined : order.kind === 'issue' && order.rows.from === 'file'

function listView(
  jobs: readonly BulkJob[],
  cursor: string | undefined,
  language: Language,
  ports: BulkPagePorts,
): Html {
  const words = bulkWords[language]
  const number = new Intl.NumberFormat(language)
  const rows = jobs.map((job) => [
    html`<a href="/bulk/${job.id}">${jobTitle(job, language, ports)}</a>`,
    stateTag(job, language),
    words.progressOf(number.format(job.rows - job.counts.ready), number.format(job.rows)),
    words.orderedBy(job.createdBy, dateAndTime(job.createdAt, language)),
  ])
  const columns = [words.job, words.state, words.rows, words.ordered].map((title) => ({ title }))
  const next = cursor && new URLSearchParams({ after: cursor }).toString()
  return html`<h1>${words.title}</h1>
<p class="lead">${words.lead}</p>
<p class="actions"><a class="button" href="/bulk/new">${words.newIssue}</a>
<a class="button quiet" href="/bulk/corrections">${words.newCorrection}</a>
<a class="button quiet" href="/awards">${words.chooseAwards}</a>
<a class="button quiet" href="/approvals">${words.approvals}</a></p>
${rows.length === 0 ? emptyState(words.none, { href: '/bulk/new', label: words.newIssue }) : table(words.title, columns, rows)}
${next ? html`<p class="actions"><a class="button quiet" href="/bulk?${next}">${words.more}</a></p>` : ''}`
}
