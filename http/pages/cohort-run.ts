import { type Context, Hono } from 'hono'
import { html } from 'hono/html'
import { authorise } from '#core/access/operations.ts'
import {
  decideOverride,
  overrideDecisions,
  overrideRun,
  zDecideOverride,
  zOverrideRun,
} from '#core/assessments/override-run.ts'
import { parse, zId } from '#core/parse.ts'
import type { Ports } from '#core/ports.ts'
import type { Attempt } from '#core/practicals/attempt.ts'
import { type Override, overrideReasons, waitingOverride } from '#core/practicals/override.ts'
import { Refusal } from '#core/refusal.ts'
import type { Module } from '#core/skills/ontology.ts'
import { sessionOf } from '../session.ts'
import { bullets, factList, note, table, tag } from './components.ts'
import { dateAndTime, shortNumber } from './dates.ts'
import { boardWords } from './i18n/cohort-board.ts'
import { cohortWords } from './i18n/cohorts.ts'
import { practicalWords } from './i18n/practical.ts'
import type { Language } from './language.ts'
import { type Html, sendPage } from './layout.ts'
import { judgedRows } from './practical-rubric.ts'
import { signInFirst } from './sign-in-first.ts'
import { hiddenFields, readSignedForm } from './signed-form.ts'

type RunPorts = Pick<Ports, 'store' | 'ontology' | 'practicals' | 'clock' | 'random' | 'signers' | 'settings'>
type Problem = 'wrong' | 'conflict' | 'awarded'

/** `/cohorts/{offering}/runs/{attempt}`: an assessor decides about a graded run; a second one confirms it. */
export function cohortRunRoutes(ports: RunPorts): Hono {
  const app = new Hono()
  const path = '/cohorts/:offering/runs/:attempt'

  app.get(path, async (c) => {
    if (!sessionOf(c)) return sendPage(c, (language) => signInFirst(language, c.req.path), { status: 401 })
    return runPage(c, ports)
  })

  app.post(path, async (c) => {
    const { actor, fields } = await readSignedForm(c)
    const { requestId, scorePercent, reasonCode, reason } = fields
    const attemptId = c.req.param('attempt')
    return done(c, ports, async () => {
      const decision = overrideDecisions.find((one) => one === fields['decision'])
      if (decision) {
        await decideOverride(actor, decision, parse(zDecideOverride, { requestId, attemptId }), ports)
        return
      }
      const score = typeof scorePercent === 'string' && scorePercent.trim() !== '' ? scorePercent : 'none'
      const input = { requestId, attemptId, scorePercent: Number(score), reasonCode, reason }
      await overrideRun(actor, parse(zOverrideRun, input), ports)
    })
  })
  return app
}

/** Back to the cohort; an expected no is said above the run. */
async function done(c: Context, ports: RunPorts, act: () => Promise<void>): Promise<Response> {
  try {
    await act()
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    if (error.code === 'invalid_input') return runPage(c, ports, { status: 400, problem: 'wrong' })
    if (error.code === 'already_awarded') return runPage(c, ports, { status: 409, problem: 'awarded' })
    if (!['state_conflict', 'four_eyes_required', 'not_enrolled'].includes(error.code)) throw error
    return runPage(c, ports, { status: 409, problem: 'conflict' })
  }
  return c.redirect(`/cohorts/${c.req.param('offering')}`, 303)
}

async function runPage(
  c: Context,
  ports: RunPorts,
  wrong?: { status: 400 | 409; problem: Problem },
): Promise<Response> {
  const actor = sessionOf(c)
  const id = zId('att').safeParse(c.req.param('attempt'))
  const attempt = id.success ? await ports.store.findAttempt(id.data) : undefined
  if (!attempt || attempt.offeringId !== c.req.param('offering'))
    throw new Refusal('not_found', 'There is no such record.')
  authorise(actor, 'overrideRun', { tenant: attempt.tenant })
  const person = (await ports.store.findLearner(attempt.learnerId))?.person
  const practical = ports.practicals.find(attempt.practical.id, attempt.practical.version)
  const module = ports.ontology.modules.get(attempt.moduleId)
  const hidden = hiddenFields(c, ports)
  const render = (language: Language) => {
    const words = boardWords[language]
    return {
      title: words.title,
      body: html`<h1>${words.title}</h1>
<p class="lead">${words.lead}</p>
${wrong ? note(words[wrong.problem], 'bad') : ''}
${factList([
  [words.learner, person ? `${person.givenName} ${person.familyName}` : cohortWords[language].erased],
  [practicalWords[language].practical, practical?.title[language] ?? attempt.practical.id],
  [practicalWords[language].site, `${attempt.site}, ${attempt.partition}`],
  ...gradedFacts(attempt, language),
])}
${attempt.state === 'graded' ? rubricTable(attempt, practical, language) : note(words.notGraded)}
${attempt.state === 'graded' ? decisionPart(attempt, module, actor.subject, hidden, language) : ''}
<p class="actions"><a class="button quiet" href="/practicals/${attempt.id}">${words.runPage}</a> <a class="button quiet" href="/cohorts/${attempt.offeringId}">${words.back}</a></p>`,
    }
  }
  return sendPage(c, render, { status: wrong?.status ?? 200 })
}

type GradedAttempt = Extract<Attempt, { state: 'graded' }>

function gradedFacts(attempt: Attempt, language: Language): [string, string][] {
  if (attempt.state !== 'graded') return []
  const words = boardWords[language]
  const { outcome, scorePercent, evidence } = attempt.graded
  const score = outcome === 'needs-review' ? '' : `, ${words.score(shortNumber(scorePercent, language))}`
  return [
    [words.grader, `${words.outcomes[outcome]}${score}`],
    [words.assurance, words.level(evidence.assurance, evidence.level)],
  ]
}

function rubricTable(
  { graded }: GradedAttempt,
  practical: Parameters<typeof judgedRows>[1],
  language: Language,
): Html {
  const words = practicalWords[language]
  const columns = [{ title: words.rule }, { title: words.needed }, { title: words.result }]
  return table(words.rubric, columns, judgedRows(graded, practical, language))
}

function decisionPart(
  attempt: GradedAttempt,
  module: Module | undefined,
  reader: string,
  hidden: () => Html,
  language: Language,
): Html {
  const words = boardWords[language]
  const over = (attempt.overrides ?? []).filter(({ state }) => state !== 'waiting')
  const waiting = waitingOverride(attempt)
  return html`${waiting ? waitingForm(waiting, reader, hidden, language) : decisionForm(module, hidden, language)}
${over.length === 0 ? '' : html`<h2>${words.history}</h2>${bullets(over.map((one) => html`${tag(words.states[one.state], one.state === 'done' ? 'good' : undefined)} ${historyText(one, language)}`))}`}`
}

function waitingForm(
  { scorePercent, reasonCode, reason, by }: Override,
  reader: string,
  hidden: () => Html,
  language: Language,
): Html {
  const words = boardWords[language]
  const button = (decision: string, label: string, quiet = true) =>
    html`<button name="decision" value="${decision}"${quiet ? html` class="quiet"` : ''}>${label}</button> `
  const own = by === reader
  return html`<h2>${words.waiting}</h2>
<p>${words.waitingText(shortNumber(scorePercent, language), words.reasons[reasonCode], by)}</p>
<p>${reason}</p>
<p class="soft">${own ? words.yours : words.notYours}</p>
<form method="post">${hidden()}<p class="actions">${own ? button('withdraw', words.withdraw) : html`${button('confirm', words.confirm, false)}${button('refuse', words.refuse)}`}</p></form>`
}

function decisionForm(module: Module | undefined, hidden: () => Html, language: Language): Html {
  const words = boardWords[language]
  return html`<h2>${words.title}</h2>
<p>${words.passMark(module?.passMarkPercent ?? 100)} ${module?.secondAssessor ? words.secondNeeded : words.oneIsEnough}</p>
<form method="post">${hidden()}
<div class="field"><label for="scorePercent">${words.scorePercent}</label>
<input id="scorePercent" name="scorePercent" type="number" min="0" max="100" step="any" inputmode="decimal" required></div>
<div class="field"><label for="reasonCode">${words.reasonCode}</label>
<select id="reasonCode" name="reasonCode">${overrideReasons.map((one) => html`<option value="${one}">${words.reasons[one]}</option>`)}</select></div>
<div class="field"><label for="reason">${words.reason}</label><p class="hint" id="reason-hint">${words.reasonHint}</p>
<textarea id="reason" name="reason" rows="3" minlength="3" maxlength="500" aria-describedby="reason-hint" required></textarea></div>
<p class="actions"><button>${words.send}</button></p></form>`
}

function historyText(override: Override, language: Language): string {
  const words = boardWords[language]
  const second =
    override.state === 'done'
      ? (override.confirmedBy ?? '')
      : override.state === 'waiting'
        ? ''
        : override.decidedBy
  return words.historyLine(
    dateAndTime(override.at, language),
    shortNumber(override.scorePercent, language),
    words.reasons[override.reasonCode],
    override.reason,
    override.by,
    second,
  )
}
