import { type Context, Hono } from 'hono'
import { html } from 'hono/html'
import { authorise, notAllowed } from '#core/access/operations.ts'
import type { LearnerId } from '#core/ids.ts'
import type { Offering } from '#core/offerings/offering.ts'
import { parse, zId } from '#core/parse.ts'
import type { Ports } from '#core/ports.ts'
import { superviseLearner, zSuperviseLearner } from '#core/practicals/supervise-learner.ts'
import { identityChecks, presences, type Supervision, supervisionAt } from '#core/practicals/supervision.ts'
import { Refusal } from '#core/refusal.ts'
import { sessionOf } from '../session.ts'
import { emptyState, note } from './components.ts'
import { dateAndTime } from './dates.ts'
import { cohortWords } from './i18n/cohorts.ts'
import { supervisionWords } from './i18n/supervision.ts'
import type { Language } from './language.ts'
import { type Html, sendPage } from './layout.ts'
import { signInFirst } from './sign-in-first.ts'
import { hiddenFields, readSignedForm } from './signed-form.ts'

type SupervisionPorts = Pick<Ports, 'store' | 'clock' | 'random'>

const perPage = 50

/** `/cohorts/{offering}/supervision`: an assessor states who is watched from now on. */
export function supervisionRoutes(ports: SupervisionPorts): Hono {
  const app = new Hono()

  app.get('/cohorts/:offering/supervision', async (c) => {
    if (!sessionOf(c)) return sendPage(c, (language) => signInFirst(language, c.req.path), { status: 401 })
    return supervisionPage(c, ports)
  })

  app.post('/cohorts/:offering/supervision', async (c) => {
    const { actor, fields } = await readSignedForm(c)
    const { requestId, learnerId, identity, presence, minutes } = fields
    try {
      const asked = typeof minutes === 'string' && /^\d{1,3}$/.test(minutes) ? Number(minutes) : undefined
      const input = {
        requestId,
        learnerId,
        offeringId: c.req.param('offering'),
        identity,
        presence,
        minutes: asked,
      }
      await superviseLearner(actor, parse(zSuperviseLearner, input), ports)
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== 'invalid_input') throw error
      return supervisionPage(c, ports, true)
    }
    return c.redirect(c.req.path, 303)
  })
  return app
}

interface Row {
  learnerId: LearnerId
  name: string | undefined
  now: Supervision | undefined
}

async function supervisionPage(c: Context, ports: SupervisionPorts, wrong = false): Promise<Response> {
  const actor = sessionOf(c)
  const id = zId('ofg').safeParse(c.req.param('offering'))
  const offering = id.success ? await ports.store.findOffering(id.data) : undefined
  if (!offering)
    throw actor ? new Refusal('not_found', 'There is no such record.') : notAllowed('superviseLearner')
  authorise(actor, 'superviseLearner', { tenant: offering.tenant })
  const after = c.req.query('after')
  const page = { limit: perPage, ...(after ? { cursor: after } : {}) }
  const { items, cursor } = await ports.store.participantsOf(offering.id, page)
  const rows = await Promise.all(items.map(({ learnerId }) => readRow(learnerId, offering, ports)))
  const hidden = hiddenFields(c, ports)
  const render = (language: Language) => {
    const words = supervisionWords[language]
    const more = cursor && `?${new URLSearchParams({ after: cursor }).toString()}`
    return {
      title: words.title,
      body: html`<h1>${words.title}</h1>
<p class="lead">${words.lead}</p>
<p>${words.honest}</p>
${wrong ? note(words.wrong, 'bad') : ''}
${rows.length === 0 ? emptyState(words.noParticipants) : html`<ul class="cards wide">${rows.map((row) => card(row, hidden, language))}</ul>`}
${more ? html`<p class="actions"><a class="button quiet" href="${more}">${cohortWords[language].more}</a></p>` : ''}
<p class="actions"><a class="button quiet" href="/cohorts/${offering.id}">${words.back}</a></p>`,
    }
  }
  return sendPage(c, render, { status: wrong ? 400 : 200 })
}

async function readRow(
  learnerId: LearnerId,
  offering: Offering,
  { store, clock }: SupervisionPorts,
): Promise<Row> {
  const person = (await store.findLearner(learnerId))?.person
  const statements = await store.supervisionsOf(learnerId, offering.id)
  return {
    learnerId,
    name: person && `${person.givenName} ${person.familyName}`,
    now: supervisionAt(statements, clock.now()),
  }
}

function card({ learnerId, name, now }: Row, hidden: () => Html, language: Language): Html {
  const words = supervisionWords[language]
  if (name === undefined) return html`<li class="card"><h2>${cohortWords[language].erased}</h2></li>`
  const state = now ? html`<p>${words.until(dateAndTime(now.until, language))}</p>` : ''
  const select = (field: 'identity' | 'presence', label: string, options: readonly [string, string][]) =>
    html`<div class="field"><label for="${field}-${learnerId}">${label}</label>
<select id="${field}-${learnerId}" name="${field}">${options.map(([value, text]) => html`<option value="${value}">${text}</option>`)}</select></div>`
  const form = now
    ? html`<input type="hidden" name="identity" value="${now.identity}"><input type="hidden" name="presence" value="${now.presence}"><input type="hidden" name="minutes" value="0">
<p class="actions"><button class="quiet">${words.end}</button></p>`
    : html`${select(
        'identity',
        words.identity,
        identityChecks.map((one) => [one, words.identities[one]]),
      )}
${select(
  'presence',
  words.presence,
  presences.map((one) => [one, words.presences[one]]),
)}
<div class="field"><label for="minutes-${learnerId}">${words.minutes}</label>
<select id="minutes-${learnerId}" name="minutes">${[1, 2, 4, 8].map((hours) => html`<option value="${hours * 60}">${words.hours(hours)}</option>`)}</select></div>
<p class="actions"><button>${words.state}</button></p>`
  return html`<li class="card"><h2>${name}</h2>${state}
<form method="post">${hidden()}<input type="hidden" name="learnerId" value="${learnerId}">${form}</form></li>`
}
