import { html } from 'hono/html'
import type { ComputeSeconds } from '#core/practicals/compute.ts'
import type { PracticalEstimate } from '#core/practicals/estimate-practical.ts'
import type { Exclusion, SiteOption } from '#core/practicals/site-options.ts'
import { type Content, factList, note, table } from './components.ts'
import { dateAndTime, shortNumber } from './dates.ts'
import { duration } from './duration.ts'
import { estimateWords } from './i18n/practical-estimate.ts'
import type { Language } from './language.ts'
import type { Html } from './layout.ts'

/** What a learner sees before starting: where it would run and why, how long it may wait, what it takes, what is left. */
export function estimateView(estimate: PracticalEstimate, attemptsPerDay: number, language: Language): Html {
  const words = estimateWords[language]
  const { choice, left } = estimate
  const facts: (readonly [string, Content | undefined])[] = choice
    ? [
        [words.site, placeText(choice.option, language)],
        [words.why, words.reasons[choice.why]],
        [words.wait, waitText(choice.option, language)],
        [words.takes, reserveText(choice.option, language)],
        [words.left, left && computeText(left.learner, choice.option, language)],
        [words.cohortLeft, left && computeText(left.cohort, choice.option, language)],
      ]
    : []
  return html`<section aria-labelledby="where"><h2 id="where">${words.title}</h2>
${choice ? '' : note(html`${words.none} ${words.waits}`, 'wait')}
${factList([...facts, [words.attempts, words.attemptsOf(estimate.attemptsLeft, attemptsPerDay)]])}
${hindrance(estimate, language)}
${placesTable(estimate, language)}
<p class="soft small">${words.promise}</p></section>`
}

/** Whether the form's button makes sense now. */
export const mayStart = ({ choice, underWay, nextStartAt }: PracticalEstimate): boolean =>
  choice !== undefined && !underWay && nextStartAt === undefined

function hindrance({ underWay, nextStartAt }: PracticalEstimate, language: Language): Html | string {
  const words = estimateWords[language]
  if (underWay) return note(words.underWay, 'wait')
  return nextStartAt ? note(words.next(dateAndTime(nextStartAt, language)), 'wait') : ''
}

function placesTable({ options, choice }: PracticalEstimate, language: Language): Html | string {
  const words = estimateWords[language]
  // One place that fits is already said above.
  if (options.length === 0 || (options.length === 1 && choice)) return ''
  const rows = options.map((option) => [
    `${option.site}, ${option.partition}`,
    option === choice?.option
      ? words.chosen
      : option.excluded
        ? exclusionText(option.excluded, language)
        : words.fits,
    ...(choice
      ? [
          option.excluded ? '' : waitText(option, language),
          option.excluded ? '' : shortNumber(option.cost, language),
        ]
      : []),
  ])
  // Where nothing fits there is nothing to compare.
  const compared = choice ? [{ title: words.wait }, { title: words.cost, number: true }] : []
  const columns = [{ title: words.place }, { title: words.verdict }, ...compared]
  return choice
    ? html`<details><summary>${words.places}</summary>${table(words.places, columns, rows)}</details>`
    : table(words.places, columns, rows)
}

function placeText({ site, environment, partition, aiFactory }: SiteOption, language: Language): Content {
  const words = estimateWords[language]
  if (environment === 'local') return words.local
  return html`<strong>${site}</strong>, ${words.at(partition, aiFactory)}`
}

function waitText({ expectedWaitSeconds, reserved }: SiteOption, language: Language): string {
  const words = estimateWords[language]
  if (reserved) return words.kept
  return expectedWaitSeconds === undefined ? words.noWait : duration(expectedWaitSeconds, language)
}

function reserveText({ reserve: { work, grade } }: SiteOption, language: Language): string {
  return estimateWords[language].both(minutesText(work, language), minutesText(grade, language))
}

/** In the units the practical uses: a share of GPUs is nothing to a run without. */
function computeText(left: ComputeSeconds, { reserve: { work, grade } }: SiteOption, language: Language) {
  const words = estimateWords[language]
  const usesGpus = work.gpuSeconds + grade.gpuSeconds > 0
  const usesCores = work.coreSeconds + grade.coreSeconds > 0
  return [
    usesGpus ? words.gpuMinutes(minutes(left.gpuSeconds, language)) : '',
    usesCores ? words.coreMinutes(minutes(left.coreSeconds, language)) : '',
  ]
    .filter(Boolean)
    .join(', ')
}

function minutesText({ gpuSeconds, coreSeconds }: ComputeSeconds, language: Language): string {
  const words = estimateWords[language]
  if (gpuSeconds > 0) return words.gpuMinutes(minutes(gpuSeconds, language))
  return coreSeconds > 0 ? words.coreMinutes(minutes(coreSeconds, language)) : words.nothing
}

const minutes = (seconds: number, language: Language) => shortNumber(Math.floor(seconds / 6) / 10, language)

function exclusionText(excluded: Exclusion, language: Language): Content {
  const words = estimateWords[language]
  switch (excluded.why) {
    case 'budget':
      return words.usedUp[excluded.scope]
    case 'account':
      return accountText(excluded, language)
    case 'closed':
      return words.closedUntil(excluded.reason, dateAndTime(excluded.until, language))
    case 'paused':
    case 'draining':
    case 'stopped':
      return words.said(words.excluded[excluded.why], excluded.reason)
    default:
      return words.excluded[excluded.why]
  }
}

/** What keeps a learner from a site that wants an account of their own, with the way out. */
function accountText({ state, page }: Extract<Exclusion, { why: 'account' }>, language: Language): Content {
  const words = estimateWords[language]
  if (state === 'stated') return words.accountWaits
  const how = page === undefined ? '' : html`<a href="${page}" rel="noopener">${words.accountHow}</a>, `
  return html`${words.excluded.account}: ${how}<a href="/me/site-accounts">${words.accountName}</a>`
}
