import { expect, test } from 'vitest'
import { requestErasure } from '#core/learners/request-erasure.ts'
import { driveAttempts } from '#core/practicals/drive-attempts.ts'
import { attemptWorld } from './attempt-world.ts'

test.each(['pass', 'slow'])(
  'a learner who is erased while a practical runs (%s) gets nothing more, and nobody else is held up',
  async (mode) => {
    const w = await attemptWorld()
    const { id } = await w.start(mode)
    await w.drive(id, ({ state }) => state === 'grading')
    const { learner } = w.enrolled
    await requestErasure(
      w.learnerActor,
      { requestId: w.requestId(), learnerId: learner.id, revokeAwards: false },
      w,
    )
    const attempt = await w.drive(id)
    expect(attempt).toMatchObject({ state: 'graded' })
    expect(await w.store.awardsOf(learner.id)).toEqual([])
    w.clock.advance({ minutes: 5 })
    expect(await driveAttempts(w)).toBe(0)
  },
)
