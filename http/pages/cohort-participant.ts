import { html } from 'hono/html'
import type { Assessment } from '#core/assessments/assessment.ts'
import type { Award } from '#core/awards/award.ts'
import { changesFrom } from '#core/awards/change-award-status.ts'
import type { Person } from '#core/learners/learner.ts'
import type { Enrolment, Offering } from '#core/offerings/offering.ts'
import type { Attempt } from '#core/practicals/attempt.ts'
import { resultOf } from '#core/practicals/override.ts'
import { bullets, factList, tag } from './components.ts'
import { longDate, shortNumber } from './dates.ts'
import { cohortWords } from './i18n/cohorts.ts'
import { meWords } from './i18n/me.ts'
import type { Language } from './language.ts'
import type { Html } from './layout.ts'

/** What a cohort's page shows of one learner: only what belongs to this offering. */
export interface Participant {
  enrolment: Enrolment
  /** Absent when the learner's data were erased. */
  person: Person | undefined
  attempts: Attempt[]
  assessments: Assessment[]
  awards: Award[]
}

/** One learner of a cohort, with the forms the reader's role has. */
export function participantCard(
  { enrolment, person, attempts, assessments, awards }: Participant,
  offering: Offering,
  may: { record: boolean; change: boolean },
  hidden: () => Html,
  language: Language,
): Html {
  const words = cohortWords[language]
  const standing = awards.find(({ status }) => status.state !== 'revoked')
  const name = person ? `${person.givenName} ${person.familyName}` : words.erased
  return html`<li class="card"><h2>${name}</h2>
<p class="soft">${words.enrolledOn(longDate(enrolment.enrolledAt, language))}</p>
${factList([
  [words.practical, bullets(attempts.map((attempt) => attemptLine(attempt, language)))],
  [
    words.results,
    bullets(
      assessments.map(({ scorePercent, outcome }) =>
        words.result(shortNumber(scorePercent, language), outcome === 'passed'),
      ),
    ),
  ],
  [words.award, bullets(awards.map((award) => awardLine(award, language)))],
])}
${may.record && !standing && person ? recordForm(enrolment, offering, hidden, language) : ''}
${may.change && standing && changesFrom(standing.status.state).length > 0 ? changeForm(standing, offering, hidden, language) : ''}</li>`
}

function attemptLine(attempt: Attempt, language: Language): Html {
  return html`<a href="/practicals/${attempt.id}">${longDate(attempt.createdAt, language)}</a>: ${attemptState(attempt, language)}`
}

/** How an attempt stands, in a few words. */
export function attemptState(attempt: Attempt, language: Language): string {
  const words = meWords[language]
  if (attempt.state !== 'graded') return words.attemptStates[attempt.state]
  const { outcome, scorePercent } = resultOf(attempt)
  return outcome === 'needs-review' ? words.review : words.score(shortNumber(scorePercent, language))
}

function awardLine({ awardedAt, status }: Award, language: Language): Html {
  const words = cohortWords[language]
  const tone = status.state === 'valid' ? 'good' : status.state === 'revoked' ? 'bad' : 'wait'
  const why = status.reason === undefined ? '' : ` ${words.reason}: ${status.reason}`
  return html`${words.awardedOn(longDate(awardedAt, language))} ${tag(words.states[status.state], tone)}${why}`
}

function recordForm(
  { learnerId }: Enrolment,
  offering: Offering,
  hidden: () => Html,
  language: Language,
): Html {
  const words = cohortWords[language]
  const id = `score-${learnerId}`
  return html`<form method="post" action="/cohorts/${offering.id}/results">${hidden()}
<input type="hidden" name="learnerId" value="${learnerId}">
<div class="field"><label for="${id}">${words.score}</label>
<input id="${id}" name="scorePercent" type="number" min="0" max="100" step="any" inputmode="decimal" required></div>
<p class="actions"><button>${words.record}</button></p></form>`
}

function changeForm(award: Award, offering: Offering, hidden: () => Html, language: Language): Html {
  const words = cohortWords[language]
  const id = `reason-${award.id}`
  const changes = changesFrom(award.status.state)
  return html`<details><summary>${words.change}</summary>
<form method="post" action="/cohorts/${offering.id}/status">${hidden()}
<input type="hidden" name="awardId" value="${award.id}">
<div class="field"><label for="${id}">${words.reason}</label><p class="hint" id="${id}-hint">${words.changeHint}</p>
<input id="${id}" name="reason" minlength="3" maxlength="500" aria-describedby="${id}-hint" required></div>
<p class="actions">${changes.map((one) => html`<button name="change" value="${one}" class="quiet">${words.changes[one]}</button> `)}</p></form></details>`
}
