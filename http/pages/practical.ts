import { type Context, Hono } from 'hono'
import { html, raw } from 'hono/html'
import { authorise } from '#core/access/operations.ts'
import { parse, zId, zRequestId } from '#core/parse.ts'
import type { Ports } from '#core/ports.ts'
import { type Attempt, type Graded, isLive } from '#core/practicals/attempt.ts'
import { nextStartOf } from '#core/practicals/attempts-of-day.ts'
import { cancelPractical } from '#core/practicals/cancel-practical.ts'
import { startPractical, zStartPractical } from '#core/practicals/dispatch-practical.ts'
import { estimatePractical, type PracticalEstimate } from '#core/practicals/estimate-practical.ts'
import { resultOf, standingOverride } from '#core/practicals/override.ts'
import type { Practical } from '#core/practicals/practical.ts'
import { Refusal } from '#core/refusal.ts'
import { readForm } from '../read-form.ts'
import { checkCsrf, csrfField, sessionOf } from '../session.ts'
import { factList, type Tone, table, verdictPanel } from './components.ts'
import { configurationField, configurationText, firstText, readConfiguration } from './configuration-input.ts'
import { dateAndTime, shortNumber } from './dates.ts'
import { boardWords } from './i18n/cohort-board.ts'
import { practicalWords } from './i18n/practical.ts'
import type { Language } from './language.ts'
import { type Html, sendPage } from './layout.ts'
import { estimateView, mayStart } from './practical-estimate.ts'
import { judgedRows, type RubricPlace, rubricRows } from './practical-rubric.ts'
import { logView, readLogTail } from './run-log.ts'
import { signInFirst } from './sign-in-first.ts'

type PagePorts = Pick<
  Ports,
  'store' | 'files' | 'ontology' | 'practicals' | 'sites' | 'signers' | 'clock' | 'random'
>

/**
 * `/practicals/start/{offering}` and `/practicals/{attempt}`: start a practical, see where it is, how it was
 * judged, why it failed and when to try again.
 */
export function practicalRoutes(ports: PagePorts): Hono {
  const app = new Hono()

  app.get('/practicals/start/:offering', async (c) => {
    if (!sessionOf(c)) return sendPage(c, (language) => signInFirst(language, c.req.path), { status: 401 })
    return startPage(c, ports)
  })

  app.post('/practicals/start/:offering', async (c) => {
    const actor = sessionOf(c)
    if (!actor) throw new Refusal('not_signed_in', 'Sign in first.')
    await checkCsrf(c)
    const form = await readForm(c)
    const practical = await practicalToStart(c, ports)
    const { text, ...read } = readConfiguration(practical, form['configuration'])
    if ('error' in read) return startPage(c, ports, { text, error: read.error })
    try {
      const input = { requestId: form['requestId'], offeringId: c.req.param('offering'), ...read }
      const attempt = await startPractical(actor, parse(zStartPractical, input), ports)
      return c.redirect(`/practicals/${attempt.id}`, 303)
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== 'invalid_input') throw error
      return startPage(c, ports, { text, error: error.message })
    }
  })

  app.get('/practicals/:attempt', async (c) => {
    if (!sessionOf(c)) return sendPage(c, (language) => signInFirst(language, c.req.path), { status: 401 })
    const attempt = await visibleAttempt(c, ports)
    const practical = ports.practicals.find(attempt.practical.id, attempt.practical.version)
    const next = practical && (await nextStartOf(attempt.learnerId, practical, ports))
    const log = await readLogTail(attempt, ports)
    const csrf = csrfField(c)
    return sendPage(c, (language) => attemptView({ attempt, practical, next, log, csrf }, language))
  })

  app.post('/practicals/:attempt/cancel', async (c) => {
    if (!sessionOf(c)) throw new Refusal('not_signed_in', 'Sign in first.')
    await checkCsrf(c)
    const attemptId = parse(zId('att'), c.req.param('attempt'))
    await cancelPractical(sessionOf(c), { attemptId }, ports)
    return c.redirect(`/practicals/${attemptId}`, 303)
  })
  return app
}

async function visibleAttempt(c: Context, { store }: Pick<Ports, 'store'>): Promise<Attempt> {
  const id = zId('att').safeParse(c.req.param('attempt'))
  const attempt = id.success ? await store.findAttempt(id.data) : undefined
  if (!attempt) throw new Refusal('not_found', 'There is no such record.')
  authorise(sessionOf(c), 'readPracticalRun', { tenant: attempt.tenant, learnerId: attempt.learnerId })
  return attempt
}

async function practicalToStart(c: Context, ports: PagePorts): Promise<Practical> {
  const id = zId('ofg').safeParse(c.req.param('offering'))
  const offering = id.success ? await ports.store.findOffering(id.data) : undefined
  if (!offering) throw new Refusal('not_found', 'There is no such record.')
  authorise(sessionOf(c), 'readOffering', { tenant: offering.tenant })
  const practicalId = ports.ontology.modules.get(offering.moduleId)?.practical?.id
  const practical = practicalId === undefined ? undefined : ports.practicals.find(practicalId)
  if (!practical) {
    throw new Refusal('module_has_no_practical', 'The module of this offering has no practical to run here.')
  }
  return practical
}

async function startPage(
  c: Context,
  ports: PagePorts,
  wrong?: { text: string; error: string },
): Promise<Response> {
  const practical = await practicalToStart(c, ports)
  const anew = c.req.query('anew') !== undefined
  const first = wrong ?? (await firstText(practical, sessionOf(c)?.learnerId, anew, ports))
  const estimate = await estimateFor(c, ports)
  const continued = 'continued' in first && first.continued
  const csrf = csrfField(c)
  const requestId = parse(zRequestId, Buffer.from(ports.random.bytes(18)).toString('base64url'))
  const render = (language: Language) => {
    const words = practicalWords[language]
    const title = practical.title[language]
    return {
      title,
      body: html`<h1>${title}</h1>
<p>${practical.description[language]}</p>
${practical.instructions?.[language].map((paragraph) => html`<p>${paragraph}</p>`) ?? ''}
${table(words.asked, [{ title: words.rule }, { title: words.needed }], rubricRows(practical, placeOf(estimate, ports), language))}
${estimate ? estimateView(estimate, practical.attemptsPerDay, language) : ''}
<form method="post" action="${c.req.path}">${csrf}<input type="hidden" name="requestId" value="${requestId}">
${continued ? html`<p class="soft">${words.continued} <a href="?anew">${words.anew}</a></p>` : ''}
${configurationField(practical, { text: first.text, error: wrong?.error }, language)}
${estimate && !mayStart(estimate) ? '' : html`<p class="actions"><button>${words.start}</button></p>`}</form>`,
    }
  }
  return sendPage(c, render, { status: wrong ? 400 : 200 })
}

/** Nothing to say to who could not start: staff who look at the page, or a learner who is not enrolled. */
async function estimateFor(c: Context, ports: PagePorts): Promise<PracticalEstimate | undefined> {
  const actor = sessionOf(c)
  if (actor?.learnerId === undefined) return undefined
  try {
    return await estimatePractical(actor, { offeringId: parse(zId('ofg'), c.req.param('offering')) }, ports)
  } catch (error) {
    if (error instanceof Refusal) return undefined
    throw error
  }
}

/** Where it would run; else the first place there is. */
function placeOf(
  estimate: PracticalEstimate | undefined,
  { sites }: Pick<Ports, 'sites'>,
): RubricPlace | undefined {
  if (estimate?.choice) return estimate.choice.option
  const [site] = sites.list()
  return site && { site: site.name, partition: site.partitions[0]?.name }
}

interface AttemptParts {
  attempt: Attempt
  practical: Practical | undefined
  /** When the next may start; `undefined` when it may now. */
  next: Date | undefined
  /** What the run printed last. */
  log: string | undefined
  csrf: ReturnType<typeof csrfField>
}

function attemptView(
  { attempt, practical, next, log, csrf }: AttemptParts,
  language: Language,
): { title: string; body: Html } {
  const words = practicalWords[language]
  const title = practical?.title[language] ?? attempt.practical.id
  const graded = 'graded' in attempt ? attempt.graded : undefined
  return {
    title,
    body: html`${verdictPanel(verdictOf(attempt, language))}
${isLive(attempt) ? liveActions(attempt, csrf, language) : againText(attempt, next, language)}
<h2>${title}</h2>
${factList([
  [
    words.practical,
    html`<span lang="en">${attempt.practical.id}</span>, ${words.version(attempt.practical.version)}`,
  ],
  [words.site, attempt.site === 'local' ? words.local : `${attempt.site}, ${attempt.partition}`],
  [words.started, dateAndTime(attempt.createdAt, language)],
  [
    words.handedIn,
    html`<details><summary>${words.show}</summary><pre class="handed-in">${configurationText(practical, attempt.configuration)}</pre></details>`,
  ],
  [words.hardware, graded && machineOf(graded, language)],
])}
${graded ? table(words.rubric, [{ title: words.rule }, { title: words.needed }, { title: words.result }], judgedRows(graded, practical, language)) : ''}
${table(
  words.phases,
  [{ title: words.phase }, { title: words.at }],
  attempt.phases.map(({ phase, at }) => [
    words.phaseNames[phase],
    html`<time datetime="${at.toISOString()}">${dateAndTime(at, language)}${raw(':')}${String(at.getUTCSeconds()).padStart(2, '0')}</time>`,
  ]),
)}
${logView(log, language)}
<p class="actions"><a class="button quiet" href="/me">${words.back}</a></p>`,
  }
}

function liveActions(attempt: Attempt, csrf: ReturnType<typeof csrfField>, language: Language): Html {
  const words = practicalWords[language]
  const stop =
    attempt.state === 'working' || attempt.state === 'grading'
      ? html`<form method="post" action="/practicals/${attempt.id}/cancel">${csrf}<p class="soft">${words.stopHint}</p><button class="quiet">${words.stop}</button></form>`
      : ''
  return html`<p class="actions"><a class="button" href="/practicals/${attempt.id}">${words.refresh}</a></p>${stop}`
}

function againText(attempt: Attempt, next: Date | undefined, language: Language): Html | string {
  const words = practicalWords[language]
  if (attempt.state === 'graded' && resultOf(attempt).outcome !== 'failed') return ''
  if (next) return html`<p>${words.from(dateAndTime(next, language))}</p>`
  return html`<p>${words.now}</p><p class="actions"><a class="button" href="/practicals/start/${attempt.offeringId}">${words.again}</a></p>`
}

function verdictOf(attempt: Attempt, language: Language): { tone: Tone; title: string; text: string } {
  const words = practicalWords[language]
  switch (attempt.state) {
    case 'graded': {
      const { outcome, scorePercent } = resultOf(attempt)
      const override = standingOverride(attempt)
      const score = words.score(shortNumber(scorePercent, language))
      const followed =
        attempt.recorded === 'assessment' && outcome === 'failed'
          ? words.recorded.failedAssessment
          : words.recorded[attempt.recorded]
      if (outcome === 'needs-review')
        return { tone: 'wait', title: words.needsReview, text: words.noReference }
      const why = override ? ` ${words.overridden(boardWords[language].reasons[override.reasonCode])}` : ''
      const text = `${score}.${why} ${followed}`
      return outcome === 'passed'
        ? { tone: 'good', title: words.passed, text }
        : { tone: 'bad', title: words.notPassed, text }
    }
    case 'failed':
      return { tone: 'bad', title: words.states.failed, text: words.reasons[attempt.reason] }
    case 'void':
      return { tone: 'wait', title: words.states.void, text: words.voidText }
    case 'cancelled':
      return {
        tone: 'wait',
        title: words.states.cancelled,
        text: attempt.atSite ? words.stoppedAtSite : words.stopHint,
      }
    default:
      return { tone: 'wait', title: words.states[attempt.state], text: '' }
  }
}

function machineOf({ evidence: { hardware } }: Graded, language: Language): string {
  const words = practicalWords[language]
  const machine = words.machine(hardware.cpu, hardware.cores, hardware.memoryGiB)
  return hardware.limits === 'watched' ? `${machine}; ${words.watched}` : machine
}
