import { type Context, Hono } from 'hono'
import { html } from 'hono/html'
import { type Actor, authorise } from '#core/access/operations.ts'
import type { BulkJob } from '#core/bulk/bulk-job.ts'
import { approveBulkJob, refuseBulkJob, zRefuseBulkJob, zSteerBulkJob } from '#core/bulk/steer-bulk-job.ts'
import {
  changeInstitutionSettings,
  type InstitutionSettings,
  zChangeInstitutionSettings,
} from '#core/institutions/institution-settings.ts'
import { parse } from '#core/parse.ts'
import type { Ports } from '#core/ports.ts'
import { sessionOf } from '../session.ts'
import { decision, factsOf, jobTitle } from './bulk-job-view.ts'
import { emptyState, note } from './components.ts'
import { bulkWords } from './i18n/bulk.ts'
import type { Language } from './language.ts'
import { type Html, sendPage } from './layout.ts'
import { signInFirst } from './sign-in-first.ts'
import { hiddenFields, readSignedForm } from './signed-form.ts'

type ApprovalPorts = Pick<Ports, 'store' | 'ontology' | 'clock' | 'random'>

const shownJobs = 50

/** `/approvals`: what waits for a second registrar, and whether the institution wants one. */
export function approvalRoutes(ports: ApprovalPorts): Hono {
  const app = new Hono()

  app.get('/approvals', async (c) => {
    const actor = sessionOf(c)
    if (!actor) return sendPage(c, (language) => signInFirst(language, '/approvals'), { status: 401 })
    return queuePage(c, actor, ports)
  })

  app.post('/approvals/settings', async (c) => {
    const { actor, fields } = await readSignedForm(c)
    const input = { requestId: fields['requestId'], fourEyes: fields['fourEyes'] === 'on' }
    await changeInstitutionSettings(actor, parse(zChangeInstitutionSettings, input), ports)
    return c.redirect('/approvals', 303)
  })

  app.post('/approvals/:job/approve', async (c) => {
    const { actor, fields } = await readSignedForm(c)
    const input = parse(zSteerBulkJob, { requestId: fields['requestId'], jobId: c.req.param('job') })
    await approveBulkJob(actor, input, ports)
    return c.redirect(`/bulk/${input.jobId}`, 303)
  })

  app.post('/approvals/:job/refuse', async (c) => {
    const { actor, fields } = await readSignedForm(c)
    const said =
      typeof fields['note'] === 'string' && fields['note'].trim() !== '' ? { note: fields['note'] } : {}
    const input = { requestId: fields['requestId'], jobId: c.req.param('job'), ...said }
    await refuseBulkJob(actor, parse(zRefuseBulkJob, input), ports)
    return c.redirect('/approvals', 303)
  })
  return app
}

async function queuePage(c: Context, actor: Actor, ports: ApprovalPorts): Promise<Response> {
  const { tenant } = actor
  authorise(actor, 'approveChange', { tenant })
  const [{ items }, settings] = await Promise.all([
    ports.store.waitingBulkJobs(tenant, { limit: shownJobs }),
    ports.store.institutionSettings(tenant),
  ])
  const hidden = hiddenFields(c, ports)
  return sendPage(c, (language) => {
    const words = bulkWords[language]
    return {
      title: words.approvals,
      body: html`<h1>${words.approvals}</h1>
<p class="lead">${words.approvalsLead}</p>
${
  items.length === 0
    ? emptyState(words.nothingWaits)
    : html`<ul class="cards wide">${items.map((job) => jobCard(job, actor, hidden, language, ports))}</ul>`
}
${settingsView(settings, actor, hidden, language)}
<p class="actions"><a class="button quiet" href="/bulk">${words.back}</a></p>`,
    }
  })
}

function jobCard(
  job: BulkJob,
  actor: Actor,
  hidden: () => Html,
  language: Language,
  ports: ApprovalPorts,
): Html {
  const words = bulkWords[language]
  const rows = new Intl.NumberFormat(language).format(job.counts.ready)
  return html`<li class="card"><h2>${jobTitle(job, language, ports)} (${rows})</h2>
${factsOf(job, language, ports)}
<p><a href="/bulk/${job.id}?rows=all">${words.look}</a></p>
<div class="actions">${decision(job, actor, hidden, language)}</div></li>`
}

function settingsView(
  { fourEyes, endAskedBy }: InstitutionSettings,
  { subject }: Actor,
  hidden: () => Html,
  language: Language,
): Html {
  const words = bulkWords[language]
  const button = (on: boolean, label: string, kind: string) =>
    html`<form method="post" action="/approvals/settings" class="inline">${hidden()}
<input type="hidden" name="fourEyes" value="${on ? 'on' : 'off'}"><button class="${kind}">${label}</button></form>`
  const buttons = !fourEyes
    ? button(true, words.turnOn, '')
    : endAskedBy === undefined
      ? button(false, words.turnOff, 'quiet')
      : html`${endAskedBy === subject ? '' : button(false, words.turnOffToo, 'danger')} ${button(true, words.keep, 'quiet')}`
  return html`<h2>${words.fourEyes}</h2>
<p>${fourEyes ? words.fourEyesOn : words.fourEyesOff}</p>
${endAskedBy === undefined ? '' : note(words.endAsked(endAskedBy), 'wait')}
<div class="actions">${buttons}</div>`
}
