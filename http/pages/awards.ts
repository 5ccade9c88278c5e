import { type Context, Hono } from 'hono'
import { html } from 'hono/html'
import { type AwardState, type ReasonCode, reasonCodes } from '#core/awards/award.ts'
import { reasonsOf, statusChanges } from '#core/awards/change-award-status.ts'
import {
  orderOffers,
  orderStatusChange,
  zOrderOffers,
  zOrderStatusChange,
} from '#core/bulk/order-bulk-job.ts'
import { type FoundAward, namedBy, searchAwards } from '#core/bulk/search-awards.ts'
import { parse } from '#core/parse.ts'
import type { Ports } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import { inLanguage } from '#core/text.ts'
import { sessionOf } from '../session.ts'
import {
  type AskedAwards,
  askedAwards,
  awardFilterForm,
  inQuery,
  offeringChoices,
  optionList,
} from './award-filter.ts'
import { emptyState, field, note, type Tone, table, tag } from './components.ts'
import { longDate } from './dates.ts'
import { awardWords } from './i18n/awards.ts'
import type { Language } from './language.ts'
import { type Html, sendPage } from './layout.ts'
import { signInFirst } from './sign-in-first.ts'
import { hiddenFields, readSignedForm } from './signed-form.ts'

type AwardsPorts = Pick<Ports, 'store' | 'ontology' | 'clock' | 'random' | 'settings'>

const perPage = 25

const codesOfChanges = reasonCodes.filter((code) =>
  statusChanges.some((change) => reasonsOf[change].includes(code)),
)

export const stateTones: Record<AwardState, Tone> = {
  valid: 'good',
  suspended: 'wait',
  revoked: 'bad',
  superseded: 'wait',
}

/** `/awards`: a registrar finds awards, and orders a change of many; the job's own page shows them first. */
export function awardsRoutes(ports: AwardsPorts): Hono {
  const app = new Hono()

  app.get('/awards', async (c) => {
    if (!sessionOf(c)) return sendPage(c, (language) => signInFirst(language, '/awards'), { status: 401 })
    return listPage(c, askedAwards(inQuery(c)), ports)
  })

  app.post('/awards', async (c) => {
    const { actor, fields } = await readSignedForm(c)
    const text = (name: string) => {
      const value = fields[name]
      return typeof value === 'string' ? value : undefined
    }
    const asked = askedAwards(text)
    // One box sends a text, several a list.
    const ticked = Object.entries(await c.req.parseBody({ all: true }))
      .filter(([name]) => name === 'awardId')
      .flatMap(([, value]) => [value].flat())
      .filter((value) => typeof value === 'string')
    const all = text('scope') === 'all'
    const named = all ? await namedBy(actor.tenant, asked.text, ports) : { awardIds: ticked }
    // A part of a name is no filter: which awards it finds depends on who looks and when.
    if (!named) return listPage(c, asked, ports, 'tickThem')
    const where = { ...(all ? asked.where : {}), ...named }
    const nothing = Object.keys(where).length === 0 || where.awardIds?.length === 0
    if (nothing) return listPage(c, asked, ports, 'nobody')
    const common = { requestId: text('requestId'), dryRun: true, where }
    const what = text('what') ?? ''
    try {
      const job =
        what === 'resend' || what === 'cancel'
          ? await orderOffers(actor, parse(zOrderOffers, { ...common, action: what }), ports)
          : await orderStatusChange(
              actor,
              parse(zOrderStatusChange, {
                ...common,
                change: what,
                reasonCode: text('reasonCode'),
                reason: text('reason'),
              }),
              ports,
            )
      return c.redirect(`/bulk/${job.id}`, 303)
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== 'invalid_input') throw error
      return listPage(c, asked, ports, problemOf(error))
    }
  })
  return app
}

type Problem = 'wrong' | 'nobody' | 'tickThem' | 'reasonMissing' | 'reasonOfOther'

function problemOf({ field: name }: Refusal): Problem {
  if (name === 'where') return 'nobody'
  if (name === 'reason') return 'reasonMissing'
  return name === 'reasonCode' ? 'reasonOfOther' : 'wrong'
}

async function listPage(
  c: Context,
  asked: AskedAwards,
  ports: AwardsPorts,
  problem?: Problem,
): Promise<Response> {
  const actor = sessionOf(c)
  const after = c.req.query('after')
  const found = await searchAwards(
    actor,
    asked,
    { limit: perPage, ...(after ? { cursor: after } : {}) },
    ports,
  )
  const offerings = actor ? await offeringChoices(actor.tenant, ports) : []
  const hidden = hiddenFields(c, ports)
  return sendPage(
    c,
    (language) => {
      const words = awardWords[language]
      return {
        title: words.title,
        body: html`<h1>${words.title}</h1>
<p class="lead">${words.lead}</p>
${problem ? note(words[problem], 'bad') : ''}
${awardFilterForm(asked, offerings, language, ports)}
${
  found.items.length === 0
    ? emptyState(words.none, { href: '/awards', label: words.noneAction })
    : manyForm(asked, found.items, hidden, language)
}
${moreLink(asked, found.cursor, language)}`,
      }
    },
    { status: problem ? 400 : 200 },
  )
}

function moreLink(
  { parameters }: AskedAwards,
  cursor: string | undefined,
  language: Language,
): Html | string {
  if (cursor === undefined) return ''
  const next = new URLSearchParams(parameters)
  next.set('after', cursor)
  return html`<p class="actions"><a class="button quiet" href="/awards?${next.toString()}">${awardWords[language].more}</a></p>`
}

function manyForm(
  { parameters }: AskedAwards,
  found: readonly FoundAward[],
  hidden: () => Html,
  language: Language,
): Html {
  const words = awardWords[language]
  const columns = [words.learner, words.module, words.awarded, words.state, words.collected]
  const rows = found.map((one) => rowOf(one, language))
  return html`<form method="post" action="/awards">${hidden()}
${[...parameters].map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
${table(
  words.title,
  columns.map((title) => ({ title })),
  rows,
)}
<details class="card"><summary>${words.many}</summary>
<p class="soft">${words.manyLead}</p>
<fieldset><legend>${words.scope}</legend>
<label class="choice"><input type="radio" name="scope" value="ticked" checked> ${words.scopeTicked}</label>
<label class="choice"><input type="radio" name="scope" value="all"> ${words.scopeAll}</label></fieldset>
<div class="side-by-side">
${field({
  name: 'what',
  label: words.what,
  control: (attributes) =>
    html`<select ${attributes}>${optionList(
      [
        ...statusChanges.map((change) => [change, words.changes[change]] as const),
        ['resend', words.resend],
        ['cancel', words.cancel],
      ],
      'revoke',
    )}</select>`,
})}
${reasonFields(codesOfChanges, language, { required: false })}
</div>
<p class="actions"><button>${words.look}</button></p></details>
</form>`
}

/** The coded reason and the words beside it. */
export function reasonFields(
  codes: readonly ReasonCode[],
  language: Language,
  { required }: { required: boolean },
): Html {
  const words = awardWords[language]
  return html`${field({
    name: 'reasonCode',
    label: words.reasonCode,
    control: (attributes) =>
      html`<select ${attributes}>${optionList(
        codes.map((code) => [code, words.reasons[code]] as const),
        'other',
      )}</select>`,
  })}
${field({
  name: 'reason',
  label: words.reason,
  hint: required ? words.reasonKept : `${words.reasonKept} ${words.reasonNotForOffers}`,
  control: (attributes) =>
    html`<input ${attributes} minlength="3" maxlength="500"${required ? html` required` : ''}>`,
})}`
}

function rowOf({ award, person, collected }: FoundAward, language: Language) {
  const words = awardWords[language]
  const name = person ? `${person.givenName} ${person.familyName}` : words.erased
  const title = inLanguage(award.title, language)
  const id = `pick-${award.id}`
  return [
    html`<span class="pick"><input type="checkbox" id="${id}" name="awardId" value="${award.id}" aria-label="${words.choose(name)}"><a href="/awards/${award.id}/manage">${name}</a></span>`,
    html`<span lang="${title.language}">${title.value}</span>`,
    longDate(award.awardedAt, language),
    tag(words.states[award.status.state], stateTones[award.status.state]),
    collected ? words.collectedYes : words.collectedNo,
  ]
}
