import { type Context, Hono } from 'hono'
import { html } from 'hono/html'
import { type Actor, authorise, mayDo, notAllowed } from '#core/access/operations.ts'
import { recordAssessment, zRecordAssessment } from '#core/assessments/record-assessment.ts'
import { changeAwardStatus, statusChanges, zChangeAwardStatus } from '#core/awards/change-award-status.ts'
import type { Offering } from '#core/offerings/offering.ts'
import { parse, zId } from '#core/parse.ts'
import type { Ports } from '#core/ports.ts'
import { cohortBoard } from '#core/practicals/cohort-board.ts'
import { Refusal } from '#core/refusal.ts'
import type { Module } from '#core/skills/ontology.ts'
import { sessionOf } from '../session.ts'
import { type BoardParts, boardView, runsShown } from './cohort-board.ts'
import { type Participant, participantCard } from './cohort-participant.ts'
import { emptyState, note, table } from './components.ts'
import { longDate } from './dates.ts'
import { cohortWords } from './i18n/cohorts.ts'
import { supervisionWords } from './i18n/supervision.ts'
import type { Language } from './language.ts'
import { type Html, sendPage } from './layout.ts'
import { inPage } from './reader.ts'
import { signInFirst } from './sign-in-first.ts'
import { hiddenFields, readSignedForm } from './signed-form.ts'

type CohortPorts = Pick<
  Ports,
  'store' | 'ontology' | 'practicals' | 'sites' | 'clock' | 'random' | 'signers' | 'settings'
>

const perPage = 50

/** `/cohorts` and `/cohorts/{offering}`: assessors record results, registrars change the status of awards. */
export function cohortRoutes(ports: CohortPorts): Hono {
  const app = new Hono()

  app.get('/cohorts', async (c) => {
    const actor = sessionOf(c)
    if (!actor) return sendPage(c, (language) => signInFirst(language, '/cohorts'), { status: 401 })
    authorise(actor, 'readCohort', { tenant: actor.tenant })
    const { items, cursor } = await ports.store.listOfferings(actor.tenant, pageAsked(c))
    return sendPage(c, (language) => ({
      title: cohortWords[language].title,
      body: listView(items, cursor, language, ports),
    }))
  })

  app.get('/cohorts/:offering', async (c) => {
    if (!sessionOf(c)) return sendPage(c, (language) => signInFirst(language, c.req.path), { status: 401 })
    return cohortPage(c, ports)
  })

  app.post('/cohorts/:offering/results', async (c) => {
    const { actor, fields } = await readSignedForm(c)
    const { requestId, learnerId, scorePercent } = fields
    return done(c, ports, async () => {
      const asked = typeof scorePercent === 'string' && scorePercent.trim() !== '' ? scorePercent : 'none'
      const input = { requestId, learnerId, scorePercent: Number(asked), offeringId: c.req.param('offering') }
      await recordAssessment(actor, parse(zRecordAssessment, input), ports)
    })
  })

  app.post('/cohorts/:offering/status', async (c) => {
    const { actor, fields } = await readSignedForm(c)
    const { requestId, awardId, reason } = fields
    return done(c, ports, async () => {
      const change = statusChanges.find((one) => one === fields['change'])
      if (!change) throw new Refusal('invalid_input', 'change: is not one there is.', { field: 'change' })
      await changeAwardStatus(actor, change, parse(zChangeAwardStatus, { requestId, awardId, reason }), ports)
    })
  })
  return app
}

/** Back to the cohort; an expected no is said above it. */
async function done(c: Context, ports: CohortPorts, act: () => Promise<void>): Promise<Response> {
  try {
    await act()
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    if (error.code === 'invalid_input') return cohortPage(c, ports, { status: 400, problem: 'wrong' })
    const isConflict = ['state_conflict', 'already_awarded', 'not_enrolled'].includes(error.code)
    if (!isConflict) throw error
    return cohortPage(c, ports, { status: 409, problem: 'conflict' })
  }
  return c.redirect(`/cohorts/${c.req.param('offering')}`, 303)
}

function pageAsked(c: Context): { limit: number; cursor?: string } {
  const cursor = c.req.query('after')
  return { limit: perPage, ...(cursor ? { cursor } : {}) }
}

async function cohortPage(
  c: Context,
  ports: CohortPorts,
  wrong?: { status: 400 | 409; problem: 'wrong' | 'conflict' },
): Promise<Response> {
  const actor = sessionOf(c)
  const id = zId('ofg').safeParse(c.req.param('offering'))
  const offering = id.success ? await ports.store.findOffering(id.data) : undefined
  if (!offering) throw actor ? new Refusal('not_found', 'There is no such record.') : notAllowed('readCohort')
  const target = { tenant: offering.tenant }
  authorise(actor, 'readCohort', target)
  const { items, cursor } = await ports.store.participantsOf(offering.id, pageAsked(c))
  const everyone = await Promise.all(items.map((one) => readParticipant(one, offering, ports)))
  // Those with something left to decide come first.
  const participants = everyone.sort((a, b) => a.awards.length - b.awards.length)
  const module = ports.ontology.modules.get(offering.moduleId)
  const parts = module?.practical ? await readBoard(actor, offering, module, ports) : undefined
  const may = {
    record: mayDo(actor, 'recordAssessment', target) && !module?.secondAssessor,
    change: mayDo(actor, 'changeAwardStatus', target),
  }
  const hidden = hiddenFields(c, ports)
  const render = (language: Language) => {
    const words = cohortWords[language]
    return {
      title: words.title,
      body: html`<h1>${module ? inPage(module.title, language) : offering.moduleId}</h1>
<p class="lead">${datesOf(offering, language)}</p>
${wrong ? note(words[wrong.problem], 'bad') : ''}
${parts ? boardView(parts, language) : ''}
<h2>${words.participants}</h2>
${may.record && module ? html`<p>${words.passMark(module.passMarkPercent)} ${words.recordHint}</p>` : ''}
${
  participants.length === 0
    ? emptyState(words.noParticipants)
    : html`<ul class="cards wide">${participants.map((one) => participantCard(one, offering, may, hidden, language))}</ul>`
}
${more(`/cohorts/${offering.id}`, cursor, language)}
<p class="actions">${module?.practical && mayDo(actor, 'superviseLearner', target) ? html`<a class="button quiet" href="/cohorts/${offering.id}/supervision">${supervisionWords[language].link}</a> ` : ''}<a class="button quiet" href="/cohorts">${words.back}</a></p>`,
    }
  }
  return sendPage(c, render, { status: wrong?.status ?? 200 })
}

async function readBoard(
  actor: Actor,
  { id, tenant }: Offering,
  { practical }: Module,
  ports: CohortPorts,
): Promise<BoardParts> {
  const board = await cohortBoard(actor, id, ports)
  const learners = new Set(board.runs.slice(0, runsShown).map(({ attempt }) => attempt.learnerId))
  const found = await Promise.all([...learners].map((learnerId) => ports.store.findLearner(learnerId)))
  return {
    board,
    practical: practical?.id === undefined ? undefined : ports.practicals.find(practical.id),
    people: new Map(found.flatMap((one) => (one?.person ? [[one.id, one.person] as const] : []))),
    mayDecide: mayDo(actor, 'overrideRun', { tenant }),
  }
}

async function readParticipant(
  enrolment: Participant['enrolment'],
  offering: Offering,
  { store }: CohortPorts,
): Promise<Participant> {
  const { learnerId } = enrolment
  const [learner, attempts, assessments, awards] = await Promise.all([
    store.findLearner(learnerId),
    store.attemptsOf(learnerId),
    store.assessmentsOf(learnerId),
    store.awardsOf(learnerId),
  ])
  const ofThis = ({ offeringId }: { offeringId: string }) => offeringId === offering.id
  return {
    enrolment,
    person: learner?.person,
    attempts: attempts.filter(ofThis),
    assessments: assessments.filter(ofThis),
    awards: awards.filter(ofThis),
  }
}

function datesOf({ startsOn, endsOn }: Offering, language: Language): string {
  return cohortWords[language].from(longDate(startsOn, language), longDate(endsOn, language))
}

function more(path: string, cursor: string | undefined, language: Language): Html | string {
  if (cursor === undefined) return ''
  const query = new URLSearchParams({ after: cursor }).toString()
  return html`<p class="actions"><a class="button quiet" href="${path}?${query}">${cohortWords[language].more}</a></p>`
}

function listView(
  offerings: Offering[],
  cursor: string | undefined,
  language: Language,
  { ontology }: CohortPorts,
): Html {
  const words = cohortWords[language]
  const rows = offerings.map((offering) => {
    const module = ontology.modules.get(offering.moduleId)
    const title = module ? inPage(module.title, language) : offering.moduleId
    return [html`<a href="/cohorts/${offering.id}">${title}</a>`, datesOf(offering, language)]
  })
  return html`<h1>${words.title}</h1>
<p class="lead">${words.lead}</p>
${rows.length === 0 ? emptyState(words.none) : table(words.title, [{ title: words.module }, { title: words.dates }], rows)}
${more('/cohorts', cursor, language)}`
}
