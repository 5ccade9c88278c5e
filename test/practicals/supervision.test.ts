import { describe, expect, test } from 'vitest'
import { cancelPractical } from '#core/practicals/cancel-practical.ts'
import { startPractical } from '#core/practicals/dispatch-practical.ts'
import { gradeAttempt } from '#core/practicals/grade-attempt.ts'
import type { Run } from '#core/practicals/run.ts'
import { superviseLearner } from '#core/practicals/supervise-learner.ts'
import { loadPracticals } from '#practicals/load-practicals.ts'
import { world } from '#test/support/world.ts'

async function inACohort() {
  const w = await world()
  const { learner, actor } = await w.learner()
  const offering = await w.offering({ moduleId: 'm-llm-inference' })
  await w.enrolment(learner.id, offering)
  const assessor = w.actor('assessor')
  const word = {
    learnerId: learner.id,
    offeringId: offering.id,
    identity: 'document',
    presence: 'on-site',
  } as const
  return {
    w,
    learner,
    say: (minutes: number, more: object = {}, by = assessor) =>
      superviseLearner(by, { requestId: w.requestId(), ...word, minutes, ...more }, w),
    start: async () => {
      const configuration = loadPracticals().find('inference-throughput')?.exampleFor(0) ?? null
      const input = { requestId: w.requestId(), offeringId: offering.id, configuration }
      const attempt = await startPractical(actor, input, w)
      // Stopped, so that the next one may begin.
      await cancelPractical(actor, { attemptId: attempt.id }, w)
      return attempt
    },
    offering,
  }
}

describe('an assessor’s word', () => {
  test('counts for what is started while it holds, and for nothing before, after, or once it was ended', async () => {
    const { w, say, start } = await inACohort()
    expect((await start()).supervision).toBeUndefined()
    await say(60)
    expect((await start()).supervision).toEqual({ identity: 'document', presence: 'on-site' })
    w.clock.advance({ minutes: 61 })
    expect((await start()).supervision).toBeUndefined()
    await say(60, { presence: 'online' })
    w.clock.advance({ minutes: 5 })
    await say(0)
    expect((await start()).supervision).toBeUndefined()
  })

  test('is kept in the log of the institution, said twice counts once', async () => {
    const { w, learner, offering, say } = await inACohort()
    const requestId = w.requestId()
    const first = await say(60, { requestId })
    w.clock.advance({ minutes: 1 })
    expect(await say(60, { requestId })).toEqual(first)
    expect(await w.store.supervisionsOf(learner.id, offering.id)).toHaveLength(1)
    const { items } = await w.store.auditTrail(learner.tenant, { limit: 10 })
    expect(items).toMatchObject([
      {
        action: 'practical.supervise',
        about: offering.id,
        learnerId: learner.id,
        detail: { identity: 'document', presence: 'on-site', minutes: 60 },
      },
    ])
  })

  test('about oneself, about somebody not enrolled, or by somebody else is refused', async () => {
    const { w, learner, say } = await inACohort()
    const other = await w.learner()
    await expect(say(60, { learnerId: other.learner.id })).rejects.toMatchObject({ code: 'not_enrolled' })
    const self = w.actor('assessor', { learnerId: learner.id })
    await expect(say(60, {}, self)).rejects.toMatchObject({ code: 'not_allowed' })
    await expect(say(60, {}, w.actor('registrar'))).rejects.toMatchObject({ code: 'not_allowed' })
  })
})

describe('the level of a run', () => {
  const practical = loadPracticals().find('inference-throughput')
  const run = {
    state: 'DONE',
    stage: 'grade',
    nonce: 'n',
    endedAt: new Date(0),
    delivery: { verdict: 'valid', sha256: 'x', claims: { sanity: [], metrics: [] } },
  } as unknown as Extract<Run, { state: 'DONE' }>
  test.each([
    [false, false, 1, 'unsupervised-run'],
    [false, true, 1, 'unsupervised-run'],
    [true, false, 2, 'graded-separately'],
    [true, true, 3, 'supervised'],
  ] as const)(
    'with two accounts %s and watched %s is %i, %s',
    (separateAccounts, supervised, level, assurance) => {
      if (!practical) throw new Error('the shipped practical is gone')
      const site = { name: 'a', environment: 'site', separateAccounts, partitions: [] } as const
      const { evidence } = gradeAttempt(practical, run, { site, partition: 'p', supervised }, 60)
      expect(evidence).toMatchObject({ level, assurance })
    },
  )
})
