import { type Context, Hono } from 'hono'
import { html } from 'hono/html'
import { type Actor, authorise } from '#core/access/operations.ts'
import type { Award, AwardStatus } from '#core/awards/award.ts'
import {
  changeAwardStatus,
  changesFrom,
  reasonsOf,
  statusChanges,
  zChangeAwardStatus,
} from '#core/awards/change-award-status.ts'
import type { Credential } from '#core/credentials/credential.ts'
import type { CredentialOffer, OfferLogEntry } from '#core/credentials/offer.ts'
import {
  isLive,
  offerCredential,
  withdrawLiveOffers,
  zOfferCredential,
} from '#core/credentials/offer-credential.ts'
import type { BulkJobId } from '#core/ids.ts'
import type { Person } from '#core/learners/learner.ts'
import { parse, zId } from '#core/parse.ts'
import type { Ports } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import { sessionOf } from '../session.ts'
import { reasonFields, stateTones } from './awards.ts'
import { bullets, type Content, factList, note, table, tag } from './components.ts'
import { dateAndTime, longDate, shortNumber } from './dates.ts'
import { awardWords } from './i18n/awards.ts'
import type { Language } from './language.ts'
import { type Html, sendPage } from './layout.ts'
import { inPage } from './reader.ts'
import { signInFirst } from './sign-in-first.ts'
import { hiddenFields, readSignedForm } from './signed-form.ts'

type ManagePorts = Pick<Ports, 'store' | 'clock' | 'random' | 'signers' | 'settings'>

/** `/awards/{award}/manage`: one award with its history, its offers, and what a registrar can do with it. */
export function manageAwardRoutes(ports: ManagePorts): Hono {
  const app = new Hono()

  app.get('/awards/:award/manage', async (c) => {
    if (!sessionOf(c)) return sendPage(c, (language) => signInFirst(language, c.req.path), { status: 401 })
    return awardPage(c, ports, c.req.query('corrected') === undefined ? undefined : { corrected: true })
  })

  app.post('/awards/:award/status', async (c) => {
    const { actor, fields } = await readSignedForm(c)
    return done(c, ports, async () => {
      const change = statusChanges.find((one) => one === fields['change'])
      if (!change) throw new Refusal('invalid_input', 'change: is not one there is.', { field: 'change' })
      const { requestId, reasonCode, reason } = fields
      const input = { requestId, awardId: c.req.param('award'), reasonCode, reason }
      await changeAwardStatus(actor, change, parse(zChangeAwardStatus, input), ports)
    })
  })

  app.post('/awards/:award/offers', async (c) => {
    const { actor, fields } = await readSignedForm(c)
    return done(c, ports, async () => {
      const input = parse(zOfferCredential, { requestId: fields['requestId'], awardId: c.req.param('award') })
      const award = await readAward(actor, input.awardId, ports)
      if (fields['what'] === 'cancel') {
        await withdrawLiveOffers(award, ports)
        return
      }
      const offer = await offerCredential(actor, input, ports)
      await withdrawLiveOffers(award, ports, offer.id)
    })
  })
  return app
}

/** Back to the award; an expected no is said above it. */
async function done(c: Context, ports: ManagePorts, act: () => Promise<void>): Promise<Response> {
  try {
    await act()
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    if (error.code === 'invalid_input') return awardPage(c, ports, { problem: 'wrong' })
    if (error.code !== 'state_conflict' && error.code !== 'award_not_valid') throw error
    return awardPage(c, ports, { problem: 'conflict' })
  }
  return c.redirect(`/awards/${c.req.param('award')}/manage`, 303)
}

export async function readAward(
  actor: Actor | undefined,
  asked: unknown,
  { store }: Pick<Ports, 'store'>,
): Promise<Award> {
  const id = zId('awd').safeParse(asked)
  const award = id.success ? await store.findAward(id.data) : undefined
  if (!award) throw new Refusal('not_found', 'There is no such record.')
  authorise(actor, 'changeAwardStatus', { tenant: award.tenant })
  return award
}

interface Seen {
  award: Award
  person: Person | undefined
  history: AwardStatus[]
  offers: { offer: CredentialOffer; log: OfferLogEntry[] }[]
  credentials: Credential[]
  waiting: BulkJobId | undefined
  now: Date
}

async function readSeen(award: Award, { store, clock }: ManagePorts): Promise<Seen> {
  const [learner, history, offers, credentials, waiting] = await Promise.all([
    store.findLearner(award.learnerId),
    store.awardHistory(award),
    store.offersOf(award.learnerId),
    store.credentialsOfAward(award.id),
    store.waitingJobOfAward(award.id),
  ])
  const own = offers.filter(({ awardId }) => awardId === award.id)
  return {
    award,
    person: learner?.person,
    history,
    offers: await Promise.all(own.map(async (offer) => ({ offer, log: await store.offerLog(offer.id, 20) }))),
    credentials,
    waiting,
    now: clock.now(),
  }
}

async function awardPage(
  c: Context,
  ports: ManagePorts,
  more: { problem?: 'wrong' | 'conflict'; corrected?: boolean } = {},
): Promise<Response> {
  const award = await readAward(sessionOf(c), c.req.param('award'), ports)
  const seen = await readSeen(award, ports)
  const hidden = hiddenFields(c, ports)
  const { problem, corrected } = more
  return sendPage(
    c,
    (language) => {
      const words = awardWords[language]
      const name = seen.person ? `${seen.person.givenName} ${seen.person.familyName}` : words.erased
      return {
        title: `${words.one}: ${name}`,
        body: html`<h1>${name}</h1>
<p class="lead">${inPage(award.title, language)}</p>
${problem ? note(words[problem], 'bad') : ''}
${corrected ? note(words.corrected) : ''}
${seen.waiting ? note(html`${words.waiting} <a href="/bulk/${seen.waiting}">${words.seeWaiting}</a>`, 'wait') : ''}
${facts(seen, language)}
${actions(seen, hidden, language)}
${historyTable(seen.history, language)}
<p class="actions"><a class="button quiet" href="/awards">${words.back}</a></p>`,
      }
    },
    { status: problem === 'wrong' ? 400 : problem === 'conflict' ? 409 : 200 },
  )
}

function facts({ award, person, offers, credentials, now }: Seen, language: Language): Html {
  const words = awardWords[language]
  const { status, supersedes } = award
  const other = (id: string | undefined): Content | undefined =>
    id && html`<a href="/awards/${id}/manage">${words.openIt}</a>`
  return factList([
    [words.state, tag(words.states[status.state], stateTones[status.state])],
    [words.replacedBy, other(status.replacedBy)],
    [words.supersedes, other(supersedes)],
    [words.awarded, longDate(award.awardedAt, language)],
    [words.validUntil, award.validUntil && longDate(award.validUntil, language)],
    [words.score, `${shortNumber(award.scorePercent, language)} %`],
    [words.email, person?.email],
    [words.offers, bullets(offers.map((one) => offerLine(one, now, language)))],
    [
      words.editions,
      bullets(credentials.map(({ format, issuedAt }) => `${format}, ${longDate(issuedAt, language)}`)),
    ],
    [words.id, html`<code>${award.id}</code>`],
  ])
}

function offerLine({ offer, log }: Seen['offers'][number], now: Date, language: Language): Content {
  const words = awardWords[language]
  const ended = (offer.state === 'open' || offer.state === 'presented') && offer.expiresAt <= now
  const line = words.offerLine(
    longDate(offer.createdAt, language),
    words.offerStates[ended ? 'expired' : offer.state],
  )
  const refused = log.some(({ what }) => what === 'mail-refused')
  return html`<a href="/claim/${offer.id}">${line}</a>${refused ? html`; ${words.mailRefused}` : ''}`
}

function actions(
  { award, offers, now, person, waiting }: Seen,
  hidden: () => Html,
  language: Language,
): Html | string {
  const words = awardWords[language]
  const changes = changesFrom(award.status.state)
  if (changes.length === 0 || waiting) return ''
  const valid = award.status.state === 'valid' && person !== undefined
  const live = offers.some(({ offer }) => isLive(offer, now))
  const codes = [...new Set(changes.flatMap((change) => reasonsOf[change]))]
  return html`<div class="actions">
${valid ? html`<a class="button" href="/awards/${award.id}/correct">${words.correct}</a>` : ''}
${
  valid || live
    ? html`<form method="post" action="/awards/${award.id}/offers" class="inline">${hidden()}
${valid ? html`<button name="what" value="resend" class="quiet">${words.resendOne}</button>` : ''}
${live ? html`<button name="what" value="cancel" class="quiet">${words.cancelOne}</button>` : ''}</form>`
    : ''
}</div>
<details class="card"><summary>${words.change}</summary>
<p class="soft">${words.changeHint}</p>
<form method="post" action="/awards/${award.id}/status">${hidden()}
${reasonFields(codes, language, { required: true })}
<p class="actions">${changes.map(
    (one) =>
      html`<button name="change" value="${one}" class="${one === 'revoke' ? 'danger' : 'quiet'}">${words.changes[one]}</button> `,
  )}</p></form></details>`
}

function historyTable(history: readonly AwardStatus[], language: Language): Html {
  const words = awardWords[language]
  const rows = history
    .toReversed()
    .map(({ state, since, by, approvedBy, reasonCode, reason }) => [
      dateAndTime(since, language),
      tag(words.states[state], stateTones[state]),
      [reasonCode && words.reasons[reasonCode], reason].filter(Boolean).join(': '),
      [by, approvedBy && words.approvedBy(approvedBy)].filter(Boolean).join(' '),
    ])
  const columns = [words.when, words.state, words.reasonCode, words.by].map((title) => ({ title }))
  return html`<h2>${words.history}</h2>${table(words.history, columns, rows)}`
}
