import { expect, test } from 'vitest'
import { cancelPractical } from '#core/practicals/cancel-practical.ts'
import { driveAttempts } from '#core/practicals/drive-attempts.ts'
import { programOf as shippedProgram } from '#practicals/load-practicals.ts'
import { type AttemptWorld, attemptWorld, programOf } from './attempt-world.ts'

/** A deployment with another version of the practical, on the same records. */
function upgraded(w: AttemptWorld): AttemptWorld {
  const practical = { ...w.practical, version: w.practical.version + 1, specHash: 'f'.repeat(64) }
  return Object.assign(w.restarted(), {
    practicals: {
      find: (_id: string, version = practical.version) =>
        version === practical.version ? practical : undefined,
    },
  })
}

test.each(['working', 'grading'] as const)(
  'an attempt whose practical has changed while it was %s is void, and its learner may start anew',
  async (state) => {
    const before = await attemptWorld()
    const { id } = await before.start('pass')
    await before.drive(id, (attempt) => attempt.state === state && attempt.version > 1)
    const w = upgraded(before)
    expect(await w.drive(id)).toMatchObject({ state: 'void', reason: 'practical-changed' })
    expect(await driveAttempts(w)).toBe(0)
    expect((await w.start('pass')).state).toBe('working')
  },
)

test.each([1, 2])('a learner may stop an attempt whose practical is gone: after step %i', async (steps) => {
  const before = await attemptWorld()
  const { id } = await before.start('pass')
  if (steps > 1) await before.drive(id, ({ version }) => version >= steps)
  const w = upgraded(before)
  const stopped = await cancelPractical(w.learnerActor, { attemptId: id }, w)
  expect(stopped.state).toMatch(/^(stopping|cancelled)$/)
  expect((await w.drive(id)).state).toMatch(/^(void|cancelled)$/)
})

test('an attempt whose grader has changed while it was working is void too', async () => {
  const before = await attemptWorld()
  const { id } = await before.start('pass')
  const practical = { ...before.practical, graderSha256: 'f'.repeat(64) }
  const w = Object.assign(before.restarted(), { practicals: { find: () => practical } })
  expect(await w.drive(id)).toMatchObject({ state: 'void', reason: 'practical-changed' })
})

test('a site that was not given this release’s grader measures nothing, and the learner does not pay for it', async () => {
  const w = await attemptWorld({
    perDay: 1,
    // The real grader, which finds that it is not made of what the academy pins.
    program: (practical, stage) =>
      stage === 'grade' ? shippedProgram(practical, stage) : programOf(practical, stage),
  })
  const stale = { ...w.practical, graderSha256: 'f'.repeat(64) }
  const site = Object.assign(w, { practicals: { find: () => stale } })
  const { id } = await site.start('pass')
  expect(await site.drive(id)).toMatchObject({ state: 'void', reason: 'grader: failed' })
})
