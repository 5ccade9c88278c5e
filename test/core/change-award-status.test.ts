import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { AwardState } from '#core/awards/award.ts'
import {
  changeAwardStatus,
  type StatusChange,
  statusChanges,
  zChangeAwardStatus,
} from '#core/awards/change-award-status.ts'
import { parse } from '#core/parse.ts'
import { type World, world } from '#test/support/world.ts'

const input = (w: World, awardId: string) =>
  parse(zChangeAwardStatus, { requestId: w.requestId(), awardId, reason: 'Plagiarism found.' })

test('a revocation is one write on the award with its event, numbered after the others', async () => {
  const w = await world()
  const { award, learner } = await w.award()
  const registrar = w.actor('registrar')
  const revoked = await changeAwardStatus(registrar, 'revoke', input(w, award.id), w)
  expect(revoked.status).toEqual({
    state: 'revoked',
    since: w.clock.now(),
    reasonCode: 'other',
    reason: 'Plagiarism found.',
    by: registrar.subject,
  })
  expect(await w.store.findAward(award.id)).toEqual(revoked)
  const events = await w.store.pendingEvents(learner.tenant, 10)
  expect(events.map(({ type, seq }) => [type, seq])).toEqual([
    ['award.made', 1],
    ['offer.opened', 2],
    ['award.status-changed', 3],
  ])
})

/** What each change makes of each state; `undefined` is refused. Written out apart from the code on purpose. */
const expected: Record<AwardState, Record<StatusChange, AwardState | undefined>> = {
  valid: { suspend: 'suspended', reinstate: undefined, revoke: 'revoked' },
  suspended: { suspend: undefined, reinstate: 'valid', revoke: 'revoked' },
  revoked: { suspend: undefined, reinstate: undefined, revoke: undefined },
  superseded: { suspend: undefined, reinstate: undefined, revoke: undefined },
}

test('any sequence of changes follows the table, and a refused one changes nothing', async () => {
  const w = await world()
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...statusChanges), { maxLength: 6 }), async (changes) => {
      const { award } = await w.award()
      let state: AwardState = 'valid'
      for (const change of changes) {
        const next: AwardState | undefined = expected[state][change]
        const attempt = changeAwardStatus(w.actor('registrar'), change, input(w, award.id), w)
        if (next) {
          expect((await attempt).status.state).toBe(next)
          state = next
        } else {
          await expect(attempt).rejects.toMatchObject({ code: 'state_conflict' })
        }
        expect((await w.store.findAward(award.id))?.status.state).toBe(state)
      }
    }),
    { numRuns: 25 },
  )
})

test('a repeated revocation is answered as the first time, not refused', async () => {
  const w = await world()
  const { award } = await w.award()
  const registrar = w.actor('registrar')
  const asked = input(w, award.id)
  const first = await changeAwardStatus(registrar, 'revoke', asked, w)
  w.clock.advance({ hours: 1 })
  expect(await changeAwardStatus(registrar, 'revoke', asked, w)).toEqual(first)
})

test('a repeat is answered with the status of its own time, whatever happened since', async () => {
  const w = await world()
  const { award } = await w.award()
  const registrar = w.actor('registrar')
  const asked = input(w, award.id)
  const suspended = await changeAwardStatus(registrar, 'suspend', asked, w)
  await changeAwardStatus(registrar, 'reinstate', input(w, award.id), w)
  expect(await changeAwardStatus(registrar, 'suspend', asked, w)).toEqual(suspended)
  expect((await w.store.findAward(award.id))?.status.state).toBe('valid')
})

test('two registrars at once: one change wins, the other is told of the conflict', async () => {
  const w = await world()
  const { award } = await w.award()
  const outcomes = await Promise.allSettled(
    statusChanges
      .filter((change) => change !== 'reinstate')
      .map((change) => changeAwardStatus(w.actor('registrar'), change, input(w, award.id), w)),
  )
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
})

test('after a revocation the learner may be assessed again', async () => {
  const w = await world()
  const { award, learner, offering } = await w.award()
  await expect(w.award({ learner, offering })).rejects.toMatchObject({ code: 'already_awarded' })
  await changeAwardStatus(w.actor('registrar'), 'suspend', input(w, award.id), w)
  await expect(w.award({ learner, offering })).rejects.toMatchObject({ code: 'already_awarded' })
  await changeAwardStatus(w.actor('registrar'), 'revoke', input(w, award.id), w)
  expect((await w.award({ learner, offering })).award.status.state).toBe('valid')
})

test.each([
  ['a registrar of another institution', 'registrar', 'not_found'],
  ['an assessor', 'assessor', 'not_allowed'],
  ['the platform operator', 'platform-operator', 'not_allowed'],
] as const)('%s cannot revoke', async (_title, role, code) => {
  const w = await world()
  const { award } = await w.award()
  const tenant = role === 'registrar' ? { tenant: w.institutions.mittelberg.tag } : {}
  const attempt = changeAwardStatus(w.actor(role, tenant), 'revoke', input(w, award.id), w)
  await expect(attempt).rejects.toMatchObject({ code })
  expect((await w.store.findAward(award.id))?.status.state).toBe('valid')
})

test.each([
  ['no reason', ''],
  ['blanks', '    '],
  ['a line break', 'first\nsecond'],
  ['a NUL', 'bad\0reason'],
  ['too much', 'x'.repeat(501)],
])('%s is no reason', (_title, reason) => {
  const awardId = 'k3vq7m2a-awd-aaaaaaaaaaaaaaaaaaaaaaaaaa'
  expect(() => parse(zChangeAwardStatus, { requestId: 'request-1', awardId, reason })).toThrow(
    expect.objectContaining({ code: 'invalid_input', field: 'reason' }),
  )
})
