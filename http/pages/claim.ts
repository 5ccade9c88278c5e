import { Hono } from 'hono'
import { html, raw } from 'hono/html'
import type { CredentialOffer, OfferLogEntry } from '#core/credentials/offer.ts'
import { type PresentedOffer, presentOffer } from '#core/credentials/present-offer.ts'
import { isId, type OfferId } from '#core/ids.ts'
import type { Ports } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import { inLanguage, type Text } from '#core/text.ts'
import { sessionOf } from '../session.ts'
import { note } from './components.ts'
import { dateAndTime, longDate } from './dates.ts'
import { claimWords } from './i18n/claim.ts'
import type { Language } from './language.ts'
import { type Html, sendPage } from './layout.ts'

type ClaimPorts = Pick<Ports, 'store' | 'clock' | 'signers' | 'settings'>

/** Where the mail of a trial server can be read; absent where mail is really sent. */
export interface ClaimOptions {
  outboxHref?: string
}

const shownLogEntries = 12

/** `/claim/{offer}`: the offer as QR code and link for any wallet, and why the wallet refused last. Names nobody. */
export function claimRoutes(ports: ClaimPorts, options: ClaimOptions = {}): Hono {
  const app = new Hono()
  app.get('/claim/:offer', async (c) => {
    const id = c.req.param('offer')
    if (!isId(id, 'ofr')) throw notFound()
    const signedInAs = sessionOf(c)?.learnerId
    const presented = await presentOrEnd(id, signedInAs, ports)
    const about = await readAbout(presented.offer, ports)
    const log = await ports.store.offerLog(id, shownLogEntries)
    const qr = presented.state === 'presented' ? await qrCode(presented.uri) : undefined
    return sendPage(c, (language) => ({
      title: claimWords[language].title,
      body: html`<h1>${claimWords[language].title}</h1>
<p class="lead">${inLanguage(about.title, language).value}<br>${claimWords[language].from(inLanguage(about.institution, language).value)}</p>
${lastRefusal(log, language)}
${
  presented.state === 'presented'
    ? offerView(presented, qr ?? '', signedInAs === presented.offer.learnerId, language, options)
    : presented.state === 'collecting'
      ? collectingView(presented.until, id, language)
      : endedView(presented.why, language)
}
${logView(log, language)}`,
    }))
  })
  return app
}

type ClaimView = PresentedOffer | { state: 'ended'; offer: CredentialOffer; why: EndedReason }
type EndedReason = keyof (typeof claimWords)['en']['ended']

async function presentOrEnd(
  id: OfferId,
  signedInAs: Parameters<typeof presentOffer>[1]['signedInAs'],
  ports: ClaimPorts,
): Promise<ClaimView> {
  try {
    return await presentOffer(id, { signedInAs }, ports)
  } catch (cause) {
    const told =
      cause instanceof Refusal && (cause.code === 'offer_not_open' || cause.code === 'award_not_valid')
    const offer = told ? await ports.store.findOffer(id) : undefined
    if (!told || !offer) throw cause
    return { state: 'ended', offer, why: endedReason(offer, cause, ports.clock.now()) }
  }
}

function endedReason(offer: CredentialOffer, { code }: Refusal, now: Date): EndedReason {
  if (code === 'award_not_valid') return 'award-not-valid'
  const { state } = offer
  if (state === 'issued' || state === 'locked' || state === 'withdrawn') return state
  return offer.expiresAt <= now ? 'expired' : 'open'
}

async function readAbout(
  offer: CredentialOffer,
  { store }: ClaimPorts,
): Promise<{ title: Text; institution: Text }> {
  const [award, institution] = await Promise.all([
    store.findAward(offer.awardId),
    store.findInstitution(offer.tenant),
  ])
  if (!award || !institution) throw new Error('an offer without its award or institution')
  return { title: award.title, institution: institution.name }
}

function offerView(
  { offer, uri, codeExpiresAt, txCodeLength }: Extract<PresentedOffer, { state: 'presented' }>,
  qr: string,
  signedIn: boolean,
  language: Language,
  { outboxHref }: ClaimOptions,
): Html {
  const words = claimWords[language]
  const txCode =
    txCodeLength === undefined
      ? signedIn
        ? words.noTxCode
        : undefined
      : offer.txCode?.byMail
        ? words.txCode(txCodeLength)
        : words.txCodeGiven(txCodeLength)
  const outbox =
    txCodeLength !== undefined && offer.txCode?.byMail && outboxHref
      ? html` <a href="${outboxHref}">${words.outbox}</a>`
      : ''
  return html`<div class="split"><div>
<h2>${words.scan}</h2>
<div class="qr" role="img" aria-label="${words.qr}">${raw(qr)}</div>
</div><div>
<h2>${words.open}</h2>
<p>${words.openHint}</p>
<p class="actions"><a class="button" href="${uri}">${words.open}</a><a href="${eudiUri(uri)}">${words.eudi}</a></p>
${txCode ? note(html`${txCode}${outbox}`) : ''}
<p class="soft">${words.until(timeOf(codeExpiresAt, language))} ${words.days(longDate(offer.expiresAt, language))}</p>
<details><summary>${words.details}</summary><p class="soft">${words.detailsHint}</p><p><code class="break">${uri}</code></p></details>
</div></div>`
}

/** The same offer under the issuer identifier for wallets that demand a key attestation. */
function eudiUri(uri: string): string {
  return uri
    .replace(/%2Foffers%2F/i, '%2Feudi%2Foffers%2F')
    .replace('openid-credential-offer://', 'haip-vci://')
}

function collectingView(until: Date, id: OfferId, language: Language): Html {
  const words = claimWords[language]
  return html`<h2>${words.collecting}</h2>
<p>${words.collectingText(timeOf(until, language))}</p>
<p class="actions"><a class="button quiet" href="/claim/${id}">${words.reload}</a></p>`
}

function endedView(why: EndedReason, language: Language): Html {
  const words = claimWords[language]
  const { title, text } = words.ended[why]
  return html`<div class="note wait"><p><strong>${title}.</strong> ${text}</p></div>
<p class="actions"><a class="button quiet" href="/me">${words.me}</a></p>`
}

/** Only when nothing went well since: an old refusal would worry without need. */
function lastRefusal([newest, ...older]: readonly OfferLogEntry[], language: Language): Html | '' {
  const words = claimWords[language]
  const last = newest?.what === 'presented' ? older[0] : newest
  if (!last || (last.what !== 'token-refused' && last.what !== 'credential-refused')) return ''
  const known = last.code === undefined ? undefined : words.why[last.code]
  const reason = known ?? (last.reason && html`<span lang="en">${last.reason}</span>`) ?? ''
  return html`<div class="note wait"><p><strong>${words.refused}.</strong> ${reason} ${last.code ? html`<code>${last.code}</code>` : ''}</p></div>`
}

function logView(log: readonly OfferLogEntry[], language: Language): Html | '' {
  if (log.length === 0) return ''
  const words = claimWords[language]
  return html`<details><summary>${words.log}</summary><ul class="checks">
${log.map(
  ({
    at,
    what,
    code,
    reason,
  }) => html`<li><span>${words.what[what]}</span><span class="soft small">${dateAndTime(at, language)}</span>
${reason ? html`<p lang="en">${reason}${code ? html` <code>${code}</code>` : ''}</p>` : ''}</li>`,
)}
</ul></details>`
}

function timeOf(date: Date, language: Language): string {
  const locale = language === 'fr' ? 'fr-FR' : 'en-GB'
  return new Intl.DateTimeFormat(locale, { timeStyle: 'short', timeZone: 'UTC' }).format(date)
}

function notFound(): Refusal {
  return new Refusal('not_found', 'There is no such offer.')
}

/** The library is loaded with the first offer that is shown. */
async function qrCode(uri: string): Promise<string> {
  const { default: qr } = await import('qrcode')
  return qr.toString(uri, { type: 'svg', margin: 0 })
}
