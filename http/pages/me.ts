import { type Context, Hono } from 'hono'
import { html, raw } from 'hono/html'
import { type Actor, mayEver } from '#core/access/operations.ts'
import type { Award } from '#core/awards/award.ts'
import type { CredentialOffer } from '#core/credentials/offer.ts'
import { offerCredential, zOfferCredential } from '#core/credentials/offer-credential.ts'
import { editionNames, editions } from '#core/editions/editions.ts'
import { objectToStatistics } from '#core/gaps/object-to-statistics.ts'
import type { LearnerId } from '#core/ids.ts'
import type { Offering } from '#core/offerings/offering.ts'
import { parse, zId, zRequestId } from '#core/parse.ts'
import type { Ports } from '#core/ports.ts'
import type { Attempt } from '#core/practicals/attempt.ts'
import { wantsOwnAccount } from '#core/practicals/site-options.ts'
import { Refusal } from '#core/refusal.ts'
import { shareAward, withdrawShareLink, zShareAward } from '#core/share/share-award.ts'
import { type ShareLink, shareLifetimeDays, shareParts } from '#core/share/share-link.ts'
import { inLanguage } from '#core/text.ts'
import { readForm } from '../read-form.ts'
import { checkCsrf, csrfField, sessionOf } from '../session.ts'
import { attemptState } from './cohort-participant.ts'
import { bullets, emptyState, field, table, tag } from './components.ts'
import { dateAndTime, longDate } from './dates.ts'
import { meWords } from './i18n/me.ts'
import { siteAccountWords } from './i18n/site-accounts.ts'
import { verificationWords } from './i18n/verification.ts'
import type { Language } from './language.ts'
import { type Html, sendPage } from './layout.ts'
import { statisticsSection } from './my-statistics.ts'
import { inPage } from './reader.ts'
import { signInFirst } from './sign-in-first.ts'
import { skillSince } from './skill-since.ts'

type MePorts = Pick<
  Ports,
  'sites' | 'store' | 'ontology' | 'practicals' | 'clock' | 'random' | 'signers' | 'settings'
>

/** `/me`: what the signed-in learner was awarded, may collect, has shared and has run. */
export function meRoutes(ports: MePorts): Hono {
  const app = new Hono()

  app.get('/me', async (c) => {
    const actor = sessionOf(c)
    if (!actor) return sendPage(c, (language) => signInFirst(language, '/me'), { status: 401 })
    const forms = formParts(c, ports)
    const mine = actor.learnerId && (await readMine(actor.learnerId, ports))
    return sendPage(c, (language) => ({
      title: meWords[language].title,
      body: mine ? learnerView(mine, forms, language, ports) : otherView(actor, forms, language),
    }))
  })

  app.post('/me/offers', async (c) => {
    const fields = await readFields(c)
    const input = parse(zOfferCredential, { requestId: fields['requestId'], awardId: fields['awardId'] })
    const offer = await offerCredential(sessionOf(c), input, ports)
    return c.redirect(`/claim/${offer.id}`, 303)
  })

  app.post('/me/links', async (c) => {
    const fields = await readFields(c)
    const input = parse(zShareAward, {
      requestId: fields['requestId'],
      awardId: fields['awardId'],
      lifetimeDays: Number(fields['lifetimeDays']),
      show: shareParts.filter((part) => fields[`show-${part}`] === 'on'),
    })
    const { url, link } = await shareAward(sessionOf(c), input, ports)
    // Answered here and not after a redirect: the link is a secret that only this answer holds.
    return sendPage(c, (language) => madeView(url, link, language))
  })

  app.post('/me/links/withdraw', async (c) => {
    const fields = await readFields(c)
    const requestId = parse(zRequestId, fields['requestId'])
    await withdrawShareLink(sessionOf(c), { requestId, id: parse(zId('lnk'), fields['link']) }, ports)
    return c.redirect('/me', 303)
  })

  app.post('/me/statistics', async (c) => {
    const fields = await readFields(c)
    const requestId = parse(zRequestId, fields['requestId'])
    const actor = sessionOf(c)
    const learnerId = parse(zId('lrn'), actor?.learnerId)
    await objectToStatistics(actor, { requestId, learnerId, objects: fields['objects'] !== 'no' }, ports)
    return c.redirect('/me#statistics', 303)
  })
  return app
}

async function readFields(c: Context): Promise<Record<string, unknown>> {
  if (!sessionOf(c)) throw new Refusal('not_signed_in', 'Sign in first.')
  await checkCsrf(c)
  return readForm(c)
}

/** Hidden fields of each form: the browser's own token, and a fresh request id, so that sending twice has one effect. */
interface FormParts {
  csrf: ReturnType<typeof csrfField>
  requestId: () => string
}

function formParts(c: Context, { random }: Pick<Ports, 'random'>): FormParts {
  return { csrf: csrfField(c), requestId: () => Buffer.from(random.bytes(18)).toString('base64url') }
}

interface Mine {
  name: string
  awards: { award: Award; offer: CredentialOffer | undefined; collected: boolean }[]
  links: ShareLink[]
  attempts: Attempt[]
  /** Offerings the learner is enrolled in, newest enrolment first. */
  offerings: Offering[]
  statistics: { consented: boolean; objects: boolean }
  now: Date
}

async function readMine(learnerId: LearnerId, { store, clock }: MePorts): Promise<Mine> {
  const [learner, awards, offers, links, attempts, enrolments, objects] = await Promise.all([
    store.findLearner(learnerId),
    store.awardsOf(learnerId),
    store.offersOf(learnerId),
    store.shareLinksOf(learnerId),
    store.attemptsOf(learnerId),
    store.enrolmentsOf(learnerId),
    store.objects(learnerId),
  ])
  const newest = enrolments.sort((a, b) => b.enrolledAt.getTime() - a.enrolledAt.getTime())
  const offerings = await Promise.all(newest.map(({ offeringId }) => store.findOffering(offeringId)))
  const now = clock.now()
  const isOpen = ({ state, expiresAt }: CredentialOffer) =>
    (state === 'open' || state === 'presented' || state === 'redeemed') && expiresAt > now
  return {
    name: learner?.person?.givenName ?? '',
    awards: await Promise.all(
      awards.map(async (award) => ({
        award,
        offer: offers.find((offer) => offer.awardId === award.id && isOpen(offer)),
        collected: (await store.credentialsOfAward(award.id)).some(({ format }) => format === 'dc+sd-jwt'),
      })),
    ),
    links,
    attempts,
    offerings: offerings.filter((offering) => offering !== undefined),
    statistics: { consented: enrolments.some(({ analyticsConsent }) => analyticsConsent), objects },
    now,
  }
}

function otherView(actor: Actor, forms: FormParts, language: Language): Html {
  const words = meWords[language]
  const tasks = [
    ...(mayEver(actor, 'readCohort') ? ([['cohorts', '/cohorts']] as const) : []),
    ...(mayEver(actor, 'operateSites') ? ([['sites', '/sites']] as const) : []),
    ...(mayEver(actor, 'readTrainingHours') ? ([['trainingHours', '/sites/report']] as const) : []),
    ...(mayEver(actor, 'listAwards')
      ? ([
          ['awards', '/awards'],
          ['bulk', '/bulk'],
          ['approvals', '/approvals'],
        ] as const)
      : []),
    ...(mayEver(actor, 'curateOntology') ? ([['curate', '/curate']] as const) : []),
    ...(mayEver(actor, 'readSeals') ? ([['seals', '/seals']] as const) : []),
    ...(mayEver(actor, 'readSkillsGap') ? ([['gaps', '/gaps']] as const) : []),
    ['verify', '/verify'],
  ] as const
  return html`<h1>${words.title}</h1>
<p>${words.signedInAs(actor.roles.map((role) => words.roles[role]).join(', '))} ${words.noLearner}</p>
<p class="actions">${tasks.map(([name, href], place) => html`<a class="${place === 0 ? 'button' : 'button quiet'}" href="${href}">${words.tasks[name]}</a>`)}</p>
${signOutForm(forms, language)}`
}

function learnerView(mine: Mine, forms: FormParts, language: Language, ports: MePorts): Html {
  const words = meWords[language]
  return html`<h1>${words.hello(mine.name)}</h1>
<h2>${words.awards}</h2>
${
  mine.awards.length === 0
    ? emptyState(words.noAwards, { href: '/modules', label: words.browse })
    : html`<ul class="cards wide">${mine.awards.map((one) => awardCard(one, forms, language, ports))}</ul>`
}
<h2>${words.enrolments}</h2>
${
  mine.offerings.length === 0
    ? emptyState(words.noEnrolments, { href: '/path', label: words.findPath })
    : html`<ul class="checks">${mine.offerings.map((offering) => enrolmentLine(offering, language, ports))}</ul>`
}
<h2>${words.links}</h2>
${mine.links.length === 0 ? emptyState(words.noLinks) : html`<ul class="checks">${mine.links.map((link) => linkLine(link, mine, forms, language))}</ul>`}
<h2>${words.attempts}</h2>
${mine.attempts.length === 0 ? emptyState(words.noAttempts) : attemptTable(mine.attempts, language, ports)}
${ports.sites.list().some(wantsOwnAccount) ? html`<p class="actions"><a class="button quiet" href="/me/site-accounts">${siteAccountWords[language].mine}</a></p>` : ''}
${statisticsSection(mine.statistics, html`${forms.csrf}<input type="hidden" name="requestId" value="${forms.requestId()}">`, language)}
${signOutForm(forms, language)}`
}

function enrolmentLine(offering: Offering, language: Language, { ontology, practicals }: MePorts): Html {
  const words = meWords[language]
  const module = ontology.modules.get(offering.moduleId)
  const practical = module?.practical?.id
  return html`<li><div><a href="/modules/${offering.moduleId}">${module ? inPage(module.title, language) : offering.moduleId}</a>
<p class="soft">${longDate(offering.startsOn, language)} – ${longDate(offering.endsOn, language)}</p></div>
${practical !== undefined && practicals.find(practical) ? html`<p><a href="/practicals/start/${offering.id}">${words.startPractical}</a></p>` : ''}</li>`
}

function awardCard(
  { award, offer, collected }: Mine['awards'][number],
  forms: FormParts,
  language: Language,
  ports: MePorts,
): Html {
  const words = meWords[language]
  const title = inLanguage(award.title, language)
  const { state } = award.status
  const tone = state === 'valid' ? 'good' : state === 'revoked' ? 'bad' : 'wait'
  const collect = offer
    ? html`<p class="actions"><a class="button" href="/claim/${offer.id}">${words.collect}</a></p>`
    : html`<form method="post" action="/me/offers">${hidden(forms, award)}<p class="actions"><button class="quiet">${words.another}</button></p></form>`
  return html`<li class="card"><h3 lang="${title.language}">${title.value}</h3>
<p>${words.awardedOn(longDate(award.awardedAt, language))} ${tag(words.states[state], tone)}</p>
${awardedSkills(award, language, ports)}
${state === 'valid' ? collect : ''}
${state === 'valid' ? downloads(award, language) : ''}
${state === 'valid' ? (collected ? shareForm(award, forms, language) : html`<p class="soft">${words.notCollected}</p>`) : ''}</li>`
}

/** The skills as they were awarded, and what became of them in the ontology since. */
function awardedSkills({ skills, ontology: { version } }: Award, language: Language, ports: MePorts): Html {
  const words = verificationWords[language]
  const lines = skills.map(({ skill, level, label }) => {
    const name = inLanguage(label, language)
    return html`<span lang="${name.language}">${name.value}</span> <span class="soft">(${words.level(String(level), words.levels[level])})</span>${skillSince({ version, skill, name: name.value }, language, ports)}`
  })
  return html`<details><summary>${meWords[language].skills} (${skills.length})</summary>${bullets(lines)}</details>`
}

/** Every edition as a file, in words of what one does with it. */
function downloads({ id }: Award, language: Language): Html {
  const words = meWords[language]
  return html`<details><summary>${words.download}</summary>
<ul class="downloads">${editionNames.map((edition) => {
    const { title, hint } = words.editions[edition]
    return html`<li><a href="/awards/${id}/${editions[edition].path}" download>${title}</a> <span class="soft">${hint}</span></li>`
  })}</ul></details>`
}

function shareForm(award: Award, forms: FormParts, language: Language): Html {
  const words = meWords[language]
  const suffix = award.id.slice(-8)
  return html`<details><summary>${words.share}</summary>
<form method="post" action="/me/links">${hidden(forms, award)}
<fieldset><legend>${words.share}</legend><p class="soft">${words.shareHint}</p>
${shareParts.map(
  (part) =>
    html`<label class="choice"><input type="checkbox" name="show-${part}"${part === 'grade' ? '' : raw(' checked')}>${words.parts[part]}</label>`,
)}
</fieldset>
${field({
  name: `lifetimeDays-${suffix}`,
  label: words.days,
  control: () =>
    html`<input id="lifetimeDays-${suffix}" name="lifetimeDays" type="number" inputmode="numeric" min="${shareLifetimeDays.least}" max="${shareLifetimeDays.most}" value="${shareLifetimeDays.usual}" required>`,
})}
<p class="actions"><button>${words.make}</button></p></form></details>`
}

function hidden({ csrf, requestId }: FormParts, award: Award): Html {
  return html`${csrf}<input type="hidden" name="requestId" value="${requestId()}"><input type="hidden" name="awardId" value="${award.id}">`
}

function linkLine(link: ShareLink, { awards }: Mine, forms: FormParts, language: Language): Html {
  const words = meWords[language]
  const award = awards.find((one) => one.award.id === link.awardId)?.award
  const parts = link.show.map((part) => words.parts[part]).join(', ')
  return html`<li><span>${award ? inLanguage(award.title, language).value : ''} <span class="soft">${words.until(longDate(link.expiresAt, language))}</span></span>
<form method="post" action="/me/links/withdraw">${forms.csrf}<input type="hidden" name="requestId" value="${forms.requestId()}"><input type="hidden" name="link" value="${link.id}"><button class="danger">${words.withdraw}</button></form>
${parts ? html`<p>${parts}</p>` : ''}</li>`
}

function attemptTable(attempts: readonly Attempt[], language: Language, { practicals }: MePorts): Html {
  const words = meWords[language]
  const columns = [{ title: words.practical }, { title: words.started }, { title: words.result }]
  return table(
    words.attempts,
    columns,
    attempts.map((attempt) => [
      html`<a href="/practicals/${attempt.id}">${practicals.find(attempt.practical.id, attempt.practical.version)?.title[language] ?? attempt.practical.id}</a>`,
      dateAndTime(attempt.createdAt, language),
      attemptState(attempt, language),
    ]),
  )
}

function madeView(url: string, link: ShareLink, language: Language): { title: string; body: Html } {
  const words = meWords[language]
  return {
    title: words.made,
    body: html`<h1>${words.made}</h1>
<p>${words.madeText}</p>
<div class="note"><p><a class="break" href="${url}">${url}</a></p><p class="soft">${words.until(longDate(link.expiresAt, language))}</p></div>
<p class="actions"><a class="button quiet" href="/me">${words.back}</a></p>`,
  }
}

function signOutForm({ csrf }: FormParts, language: Language): Html {
  return html`<form class="actions" method="post" action="/sign-out">${csrf}<button class="quiet">${meWords[language].signOut}</button></form>`
}
