import { describe, expect, test } from 'vitest'
import type { Actor } from '#core/access/operations.ts'
import {
  decideOverride,
  type OverrideDecision,
  type OverrideRun,
  overrideRun,
} from '#core/assessments/override-run.ts'
import { recordAssessment } from '#core/assessments/record-assessment.ts'
import { changeAwardStatus } from '#core/awards/change-award-status.ts'
import type { Attempt } from '#core/practicals/attempt.ts'
import { cohortBoard } from '#core/practicals/cohort-board.ts'
import type { MetricRule } from '#core/practicals/practical.ts'
import { paperSite } from './paper-site.ts'
import { type SitesWorld, sitesWorld } from './sites-world.ts'

const unknown = {}
const missed = { '*': { pass: 5, full: 9, bound: 60 } }

/** A graded run of a fresh learner; the paper grader measures 2. `second`: in a module that wants two assessors. */
async function graded(at: Record<string, MetricRule>, { second = false } = {}) {
  const w = await sitesWorld((clock) => [paperSite('one', clock)])
  for (const metric of w.practical.rubric.metrics) metric.at = at
  Object.assign(w, { practicals: { find: () => w.practical } })
  const cohort = second ? await w.offering({ moduleId: 'm-distributed-training' }) : w.cohort
  const { learner, actor, start } = await w.enrolled(cohort)
  const attempt = await w.finish((await start()).id)
  return { w, cohort, learner, actor, start, attempt, grace: w.actor('assessor'), alan: w.actor('assessor') }
}

const override = (
  w: SitesWorld,
  actor: Actor | undefined,
  { id }: Attempt,
  more: Partial<OverrideRun> = {},
) =>
  overrideRun(
    actor,
    {
      requestId: w.requestId(),
      attemptId: id,
      scorePercent: 80,
      reasonCode: 'site-disturbed',
      reason: 'The site was slow that day',
      ...more,
    },
    w,
  )
const decide = (w: SitesWorld, actor: Actor, decision: OverrideDecision, { id }: Attempt) =>
  decideOverride(actor, decision, { requestId: w.requestId(), attemptId: id }, w)
const awards = async (w: SitesWorld, { learnerId }: Attempt) =>
  (await w.store.awardsOf(learnerId)).map(({ scorePercent, status }) => [scorePercent, status.state])
const log = async (w: SitesWorld, { tenant }: Attempt) =>
  (await w.store.auditTrail(tenant, { limit: 10 })).items.map(({ action }) => action)

describe('a module where one assessor is enough', () => {
  test('a run that failed is passed by an assessor: assessment, award with its evidence, and a line in the log', async () => {
    const { w, attempt, grace } = await graded(missed)
    expect(attempt).toMatchObject({ graded: { outcome: 'failed' } })
    const decided = await override(w, grace, attempt)
    expect(decided).toMatchObject({
      recorded: 'assessment',
      graded: { outcome: 'failed' },
      overrides: [{ state: 'done', outcome: 'passed', by: grace.subject, reasonCode: 'site-disturbed' }],
    })
    expect(await w.attempt(attempt.id)).toEqual(decided)
    const results = await w.store.assessmentsOf(attempt.learnerId)
    const machine = results.find(({ gradedRunId }) => gradedRunId === attempt.runId)
    const person = results.find(({ override: by }) => by?.runId === attempt.runId)
    expect(person).toMatchObject({
      outcome: 'passed',
      decidedBy: grace.subject,
      supersedes: machine?.id,
      override: { runId: attempt.runId, reasonCode: 'site-disturbed' },
    })
    expect(person?.gradedRunId).toBeUndefined()
    expect(await awards(w, attempt)).toEqual([[80, 'valid']])
    const [award] = await w.store.awardsOf(attempt.learnerId)
    expect(award?.evidence).toMatchObject([{ site: 'one', metrics: [{ value: 2, threshold: 5 }] }])
    expect(await log(w, attempt)).toEqual(['practical.override'])
    const trail = await w.store.auditTrail(attempt.tenant, { limit: 1 })
    expect(JSON.stringify(trail)).not.toContain('slow that day')
  })

  test('a run without a reference waits for a person, and is decided the same way', async () => {
    const { w, cohort, attempt, grace } = await graded(unknown)
    expect((await cohortBoard(grace, cohort.id, w)).runs).toMatchObject([
      { standing: 'review', attention: 'review' },
    ])
    await override(w, grace, attempt, { reasonCode: 'no-reference', scorePercent: 20 })
    const board = await cohortBoard(grace, cohort.id, w)
    expect(board).toMatchObject({ counts: { failed: 1, review: 0 }, runs: [{ standing: 'failed' }] })
    expect(board.runs[0]?.attention).toBeUndefined()
    expect(await awards(w, attempt)).toEqual([])
    // What was decided can be decided anew, as long as nothing was awarded.
    await override(w, grace, attempt, { scorePercent: 90 })
    expect(await awards(w, attempt)).toEqual([[90, 'valid']])
  })

  test('the same request again changes nothing; another decision is refused while an award stands, not once it is revoked', async () => {
    const { w, attempt, grace } = await graded(missed)
    const requestId = w.requestId()
    const first = await override(w, grace, attempt, { requestId })
    expect(await override(w, grace, attempt, { requestId })).toEqual(first)
    await expect(override(w, grace, attempt, { requestId, scorePercent: 1 })).rejects.toMatchObject({
      code: 'request_conflict',
    })
    await expect(override(w, grace, attempt)).rejects.toMatchObject({ code: 'already_awarded' })
    const [award] = await w.store.awardsOf(attempt.learnerId)
    if (!award) throw new Error('nothing was awarded')
    const revoke = { requestId: w.requestId(), awardId: award.id, reason: 'Decided in error' }
    await changeAwardStatus(w.actor('registrar'), 'revoke', revoke, w)
    await override(w, grace, attempt, { scorePercent: 10, reasonCode: 'misconduct' })
    expect(await awards(w, attempt)).toEqual([[80, 'revoked']])
  })

  test('a run that passes after a revocation waits for an assessor, whose word makes the award', async () => {
    const { w, cohort, start, attempt, grace } = await graded({ '*': { pass: 1.3, full: 3, bound: 60 } })
    const [award] = await w.store.awardsOf(attempt.learnerId)
    if (!award) throw new Error('nothing was awarded')
    const revoke = { requestId: w.requestId(), awardId: award.id, reason: 'Somebody else ran it' }
    await changeAwardStatus(w.actor('registrar'), 'revoke', { ...revoke, reasonCode: 'misconduct' }, w)
    const again = await w.finish((await start()).id)
    expect(again).toMatchObject({ recorded: 'after-revocation', graded: { outcome: 'passed' } })
    expect((await awards(w, again)).map(([, state]) => state)).toEqual(['revoked'])
    const newest = async () =>
      (await cohortBoard(grace, cohort.id, w)).runs.find((run) => run.attempt.id === again.id)
    expect(await newest()).toMatchObject({ standing: 'passed', attention: 'after-revocation' })
    await override(w, grace, again, { scorePercent: 75 })
    expect(new Set((await awards(w, again)).map(([, state]) => state))).toEqual(new Set(['revoked', 'valid']))
    expect((await newest())?.attention).toBeUndefined()
    expect(await w.finish((await start()).id)).toMatchObject({ recorded: 'not-credited' })
  })

  test('two assessors at once: one decision is written', async () => {
    const { w, attempt, grace, alan } = await graded(missed)
    const outcomes = await Promise.allSettled([override(w, grace, attempt), override(w, alan, attempt)])
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect((await awards(w, attempt)).length).toBe(1)
  })

  test.each<[string, (made: Awaited<ReturnType<typeof graded>>) => Actor | undefined, string]>([
    ['nobody', () => undefined, 'not_signed_in'],
    ['the learner', ({ actor }) => actor, 'not_allowed'],
    ['a registrar', ({ w }) => w.actor('registrar'), 'not_allowed'],
    [
      'an assessor of another institution',
      ({ w }) => w.actor('assessor', { tenant: w.institutions.mittelberg.tag }),
      'not_found',
    ],
    [
      'an assessor about their own run',
      ({ w, learner }) => w.actor('assessor', { learnerId: learner.id }),
      'not_allowed',
    ],
    [
      'an assessor about their own run, with a token that does not say that they learn here',
      ({ w, actor }) => w.actor('assessor', { subject: actor.subject }),
      'not_allowed',
    ],
  ])('%s cannot decide', async (_title, who, code) => {
    const made = await graded(missed)
    await expect(override(made.w, who(made), made.attempt)).rejects.toMatchObject({ code })
    expect((await made.w.attempt(made.attempt.id)).version).toBe(made.attempt.version)
  })

  test('a run that is under way, failed or was broken by its site is nothing to decide about', async () => {
    const { w, start, grace } = await graded(missed)
    const live = await start()
    await expect(override(w, grace, live)).rejects.toMatchObject({ code: 'state_conflict' })
  })
})

describe('a module that asks for a second assessor', () => {
  test('nothing follows until a second one confirms; the first cannot', async () => {
    const { w, cohort, attempt, grace, alan } = await graded(missed, { second: true })
    expect(await override(w, grace, attempt)).toMatchObject({ overrides: [{ state: 'waiting' }] })
    expect(await awards(w, attempt)).toEqual([])
    expect((await cohortBoard(alan, cohort.id, w)).runs).toMatchObject([
      { standing: 'failed', attention: 'second-assessor' },
    ])
    await expect(override(w, alan, attempt)).rejects.toMatchObject({ code: 'state_conflict' })
    await expect(decide(w, grace, 'confirm', attempt)).rejects.toMatchObject({ code: 'four_eyes_required' })
    await expect(decide(w, alan, 'withdraw', attempt)).rejects.toMatchObject({ code: 'not_allowed' })
    const confirmed = await decide(w, alan, 'confirm', attempt)
    expect(confirmed).toMatchObject({
      overrides: [{ state: 'done', outcome: 'passed', by: grace.subject, confirmedBy: alan.subject }],
    })
    expect(await w.attempt(attempt.id)).toEqual(confirmed)
    expect(await awards(w, attempt)).toEqual([[80, 'valid']])
    const results = await w.store.assessmentsOf(attempt.learnerId)
    expect(results.find(({ override: by }) => by)).toMatchObject({
      decidedBy: grace.subject,
      override: { confirmedBy: alan.subject },
    })
    expect(await log(w, attempt)).toEqual(['practical.override.confirm', 'practical.override'])
  })

  test('the first takes it back, the second refuses it: no award, and it can be decided again', async () => {
    const { w, attempt, grace, alan } = await graded(missed, { second: true })
    await override(w, grace, attempt)
    expect(await decide(w, grace, 'withdraw', attempt)).toMatchObject({ overrides: [{ state: 'withdrawn' }] })
    await expect(decide(w, alan, 'confirm', attempt)).rejects.toMatchObject({ code: 'state_conflict' })
    await override(w, grace, attempt)
    await decide(w, alan, 'refuse', attempt)
    expect(await w.attempt(attempt.id)).toMatchObject({
      overrides: [{ state: 'withdrawn' }, { state: 'refused', decidedBy: alan.subject }],
    })
    expect(await awards(w, attempt)).toEqual([])
    await override(w, alan, attempt)
    await decide(w, grace, 'confirm', attempt)
    expect(await awards(w, attempt)).toEqual([[80, 'valid']])
    expect((await log(w, attempt)).length).toBe(6)
  })

  test('there is no way around it: a result cannot be recorded without a run', async () => {
    const { w, cohort, learner, grace } = await graded(missed, { second: true })
    const result = {
      requestId: w.requestId(),
      learnerId: learner.id,
      offeringId: cohort.id,
      scorePercent: 99,
    }
    await expect(recordAssessment(grace, result, w)).rejects.toMatchObject({ code: 'four_eyes_required' })
  })
})

test('what was said about an erased learner is gone; that it was decided stays', async () => {
  const { w, attempt, grace } = await graded(missed)
  await override(w, grace, attempt)
  await w.store.forgetConfiguration(attempt.id)
  expect(await w.attempt(attempt.id)).toMatchObject({
    configuration: null,
    overrides: [{ reason: '', reasonCode: 'site-disturbed', state: 'done' }],
  })
})
