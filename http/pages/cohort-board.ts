import { html } from 'hono/html'
import type { LearnerId } from '#core/ids.ts'
import type { Person } from '#core/learners/learner.ts'
import type { Attempt } from '#core/practicals/attempt.ts'
import {
  type CohortBoard,
  type CohortRun,
  type RunStanding,
  runStandings,
} from '#core/practicals/cohort-board.ts'
import type { ComputeSeconds } from '#core/practicals/compute.ts'
import { standingOverride } from '#core/practicals/override.ts'
import type { Practical } from '#core/practicals/practical.ts'
import { bullets, type Content, emptyState, factList, note, type Tone, table, tag } from './components.ts'
import { dateAndTime, shortNumber } from './dates.ts'
import { boardWords } from './i18n/cohort-board.ts'
import { cohortWords } from './i18n/cohorts.ts'
import { practicalWords } from './i18n/practical.ts'
import type { Language } from './language.ts'
import type { Html } from './layout.ts'

/** Most runs on one page; the exceptions are among the first. */
export const runsShown = 100

export interface BoardParts {
  board: CohortBoard
  practical: Practical | undefined
  /** Of the learners whose runs are shown; who was erased has none. */
  people: ReadonlyMap<LearnerId, Person>
  mayDecide: boolean
}

/** The runs of a cohort: how many stand where, what is left of the share, then each run, exceptions first. */
export function boardView({ board, ...parts }: BoardParts, language: Language): Html {
  const words = boardWords[language]
  const { runs, counts, quota, cut } = board
  const urgent = runs.filter(({ attention }) => attention !== undefined).length
  const shown = runs.slice(0, runsShown)
  const columns = [words.learner, words.state, words.why, words.where, words.act].map((title) => ({ title }))
  return html`<section aria-labelledby="runs"><h2 id="runs">${words.runs}</h2>
<dl class="figures">${runStandings
    .filter((standing) => always.has(standing) || counts[standing] > 0)
    .map(
      (standing) => html`<div><dt>${words.standings[standing]}</dt><dd>${counts[standing]}</dd></div>`,
    )}</dl>
${factList([[words.quota, quota.length === 0 ? words.noQuota : bullets(quota.map((one) => quotaLine(one, language)))]])}
${urgent === 0 ? '' : note(words.exceptions(urgent), 'wait')}
${
  runs.length === 0
    ? emptyState(words.none)
    : table(
        words.runs,
        columns,
        shown.map((run) => runRow(run, parts, language)),
      )
}
${runs.length > shown.length ? html`<p class="soft">${words.more(runs.length - shown.length)}</p>` : ''}
${cut ? html`<p class="soft">${words.cut}</p>` : ''}</section>`
}

const always = new Set<RunStanding>(['queued', 'running', 'passed', 'failed'])

const tones: Record<RunStanding, Tone | undefined> = {
  queued: undefined,
  running: undefined,
  passed: 'good',
  failed: 'bad',
  review: 'wait',
  void: 'wait',
  cancelled: undefined,
}

function runRow(
  { attempt, standing, attention }: CohortRun,
  { practical, people, mayDecide }: Omit<BoardParts, 'board'>,
  language: Language,
): Content[] {
  const words = boardWords[language]
  const person = people.get(attempt.learnerId)
  const name = person ? `${person.givenName} ${person.familyName}` : cohortWords[language].erased
  const decide =
    mayDecide && attempt.state === 'graded'
      ? html`, <a href="/cohorts/${attempt.offeringId}/runs/${attempt.id}" aria-label="${words.decideOn(name)}">${words.decide}</a>`
      : ''
  return [
    name,
    tag(words.stands[standing], tones[standing]),
    html`${attention ? html`<strong>${words.attentions[attention]}</strong>. ` : ''}${outcomeText(attempt, practical, language)}`,
    html`${attempt.site}, ${attempt.partition}, ${dateAndTime(attempt.createdAt, language)}`,
    html`<a href="/practicals/${attempt.id}" aria-label="${words.lookAt(name)}">${words.look}</a>${decide}`,
  ]
}

/** What came out, or why it failed. */
function outcomeText(attempt: Attempt, practical: Practical | undefined, language: Language): Content {
  const words = boardWords[language]
  switch (attempt.state) {
    case 'graded': {
      const override = standingOverride(attempt)
      if (override)
        return `${words.score(shortNumber(override.scorePercent, language))}, ${words.byAssessor}: ${words.reasons[override.reasonCode]}`
      const { sanity, outcome, scorePercent } = attempt.graded
      const broken = sanity.filter(({ held }) => !held).map(({ name }) => labelOf(name, practical, language))
      if (broken.length > 0) return broken.join('; ')
      return outcome === 'needs-review' ? '' : words.score(shortNumber(scorePercent, language))
    }
    case 'failed':
      return practicalWords[language].reasons[attempt.reason]
    case 'void':
      return html`<code>${attempt.reason}</code>`
    case 'cancelled':
      return ''
    default:
      return practicalWords[language].phaseNames[attempt.phases.at(-1)?.phase ?? 'created']
  }
}

const labelOf = (name: string, practical: Practical | undefined, language: Language) =>
  practical?.rubric.sanity.find((rule) => rule.name === name)?.label[language] ?? name

function quotaLine({ site, cap, left }: CohortBoard['quota'][number], language: Language): string {
  const words = boardWords[language]
  const minutes = (seconds: number) => shortNumber(Math.floor(seconds / 60), language)
  const units = (['gpu', 'core'] as const).filter((unit) => cap[`${unit}Seconds`] > 0)
  const text = (of: ComputeSeconds, unit: 'gpu' | 'core') =>
    words[`${unit}Minutes`](minutes(of[`${unit}Seconds`]))
  return units.map((unit) => words.quotaLine(site, text(left, unit), text(cap, unit))).join('; ')
}
