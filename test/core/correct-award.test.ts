import { beforeEach, expect, test } from 'vitest'
import type { Actor } from '#core/access/operations.ts'
import { brokenAuditLine } from '#core/audit/audit.ts'
import { changeAwardStatus } from '#core/awards/change-award-status.ts'
import { type CorrectAward, correctAward } from '#core/awards/correct-award.ts'
import { issueCredential } from '#core/credentials/issue-credential.ts'
import { deliverEvents } from '#core/deliver-events.ts'
import { verifyCredential } from '#core/verification/verify-credential.ts'
import { statusOf } from '#http/errors.ts'
import { type World, world } from '#test/support/world.ts'
import { makeKeyPair } from '../verification/foreign-issuer.ts'

let w: World
let awarded: Awaited<ReturnType<World['award']>>
beforeEach(async () => {
  w = await world()
  awarded = await w.award()
})

const correct = (more: Partial<CorrectAward>, actor = w.actor('registrar')) =>
  correctAward(
    actor,
    { requestId: w.requestId(), awardId: awarded.award.id, reason: 'Misspelt.', ...more },
    w,
  )

test('a corrected name replaces the award: the old one is superseded, the new one is offered with a mail', async () => {
  const { award: old, learner } = awarded
  await deliverEvents(w)
  const registrar = w.actor('registrar')
  const { award, offer } = await correct({ familyName: 'Exâmple', reasonCode: 'name' }, registrar)
  expect(award).toMatchObject({ supersedes: old.id, status: { state: 'valid' }, version: 1 })
  expect(await w.store.findAward(old.id)).toMatchObject({
    status: {
      state: 'superseded',
      replacedBy: award.id,
      reasonCode: 'name',
      reason: 'Misspelt.',
      by: registrar.subject,
    },
  })
  expect((await w.store.findLearner(learner.id))?.person).toMatchObject({
    givenName: 'Ada',
    familyName: 'Exâmple',
  })
  if (!offer) throw new Error('nobody has asked for a second registrar')
  expect(offer).toMatchObject({ awardId: award.id, state: 'open' })
  await deliverEvents(w)
  const mails = await (w.mail as unknown as { messages(t: string): Promise<{ text: string }[]> }).messages(
    old.tenant,
  )
  expect(mails.map(({ text }) => text.includes(offer.id))).toContain(true)
  const [firstOffer] = (await w.store.offersOf(learner.id)).filter(({ awardId }) => awardId === old.id)
  expect(firstOffer?.state).toBe('withdrawn')
})

test('every edition follows: what a wallet holds of the old one is superseded, the new one is valid', async () => {
  const { award: old } = awarded
  const holderKey = makeKeyPair().jwk
  const before = await Promise.all(
    (['dc+sd-jwt', 'jwt_vc_json'] as const).map((format) =>
      issueCredential({ awardId: old.id, format, holderKey }, w),
    ),
  )
  const { award } = await correct({ scorePercent: 97, reasonCode: 'result' })
  for (const { text } of before) {
    expect(await verifyCredential(text, {}, w)).toMatchObject({ outcome: 'superseded' })
  }
  await deliverEvents(w)
  const list = await w.store.readStatusList(before[0]?.status.list ?? ('' as never))
  const values = new Map(list?.entries.map(({ index, value }) => [index, value]))
  expect(before.map(({ status }) => values.get(status.index))).toEqual([1, 1])
  const after = await issueCredential({ awardId: award.id, format: 'dc+sd-jwt', holderKey }, w)
  expect(await verifyCredential(after.text, {}, w)).toMatchObject({ outcome: 'valid' })
  const refused = issueCredential({ awardId: old.id, format: 'dc+sd-jwt', holderKey }, w)
  await expect(refused).rejects.toMatchObject({ code: 'award_not_valid' })
})

test('a corrected result is a new assessment that names the one before; the old one stays', async () => {
  const { assessment: first, learner } = awarded
  const { award } = await correct({ scorePercent: 64 })
  const [one, two] = await w.store.assessmentsOf(learner.id)
  expect(one).toEqual(first)
  expect(two).toMatchObject({
    id: award.assessmentId,
    scorePercent: 64,
    supersedes: first.id,
    outcome: 'passed',
  })
  expect(award.scorePercent).toBe(64)
})

test('dates are corrected, and a corrected award can be corrected again', async () => {
  const { award: second } = await correct({ awardedOn: '2026-11-02', validUntil: '2030-01-01' })
  expect(second.awardedAt).toEqual(new Date('2026-11-02T00:00:00.000Z'))
  expect(second.validUntil).toEqual(new Date('2030-01-01T00:00:00.000Z'))
  const { award: third } = await correct({ awardId: second.id, scorePercent: 71 })
  expect(third).toMatchObject({ supersedes: second.id, awardedAt: second.awardedAt, scorePercent: 71 })
  expect((await w.store.findAward(second.id))?.status.state).toBe('superseded')
})

test('the learner still has one award in force: a second one is refused, and a revoked one frees the place', async () => {
  const { learner, offering } = awarded
  const { award } = await correct({ scorePercent: 90 })
  await expect(w.award({ learner, offering })).rejects.toMatchObject({ code: 'already_awarded' })
  const input = { requestId: w.requestId(), awardId: award.id, reason: 'Misconduct.' }
  await changeAwardStatus(w.actor('registrar'), 'revoke', input, w)
  expect((await w.award({ learner, offering })).award.status.state).toBe('valid')
})

test('a repeated request answers the first correction', async () => {
  const registrar = w.actor('registrar')
  const asked = { requestId: w.requestId(), scorePercent: 90 }
  const first = await correct(asked, registrar)
  expect(await correct(asked, registrar)).toEqual(first)
  await expect(correct({ ...asked, scorePercent: 91 }, registrar)).rejects.toMatchObject({
    code: 'request_conflict',
  })
})

test('of two corrections at once one wins', async () => {
  const outcomes = await Promise.allSettled([correct({ scorePercent: 90 }), correct({ familyName: 'Other' })])
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  expect(await w.store.awardsOf(awarded.learner.id)).toHaveLength(2)
})

test.each<[string, Partial<CorrectAward>, string, string | undefined]>([
  ['nothing', {}, 'invalid_input', undefined],
  ['what it says already', { scorePercent: 80 }, 'invalid_input', undefined],
  ['a score below the pass mark', { scorePercent: 10 }, 'invalid_input', 'scorePercent'],
  ['a date in the future', { awardedOn: '2031-01-01' }, 'invalid_input', 'awardedOn'],
  ['an end before its beginning', { validUntil: '2020-01-01' }, 'invalid_input', 'validUntil'],
  [
    'a reason of another change',
    { scorePercent: 90, reasonCode: 'misconduct' },
    'invalid_input',
    'reasonCode',
  ],
])('a correction to %s is refused and changes nothing', async (_what, more, code, field) => {
  await expect(correct(more)).rejects.toMatchObject({ code, field })
  expect(await w.store.awardsOf(awarded.learner.id)).toEqual([awarded.award])
})

test.each(['suspend', 'revoke'] as const)(
  'an award is corrected only while it is valid (%s)',
  async (change) => {
    const input = { requestId: w.requestId(), awardId: awarded.award.id, reason: 'Looked into.' }
    await changeAwardStatus(w.actor('registrar'), change, input, w)
    await expect(correct({ scorePercent: 90 })).rejects.toMatchObject({ code: 'state_conflict' })
  },
)

test.each([
  ['a learner', 'learner', 'not_allowed'],
  ['an assessor', 'assessor', 'not_allowed'],
  ['a registrar elsewhere', 'registrar', 'not_found'],
] as const)('%s corrects nothing', async (_who, role, code) => {
  const more = role === 'registrar' ? { tenant: w.institutions.mittelberg.tag } : {}
  await expect(correct({ scorePercent: 90 }, w.actor(role, more))).rejects.toMatchObject({ code })
})

test('an erased learner’s award is not corrected', async () => {
  await w.store.eraseLearnerOnce(w.request('erase'), awarded.learner.id)
  await expect(correct({ scorePercent: 90 })).rejects.toMatchObject({ code: 'award_not_valid' })
  expect(statusOf.award_not_valid).toBe(409)
})

test('the history of an award and the institution’s log tell every decision, in a chain nobody can edit', async () => {
  const registrar = w.actor('registrar')
  const change = (what: 'suspend' | 'reinstate', reasonCode: 'investigation' | 'cleared') =>
    changeAwardStatus(
      registrar,
      what,
      { requestId: w.requestId(), awardId: awarded.award.id, reason: 'Looked into.', reasonCode },
      w,
    )
  await change('suspend', 'investigation')
  await change('reinstate', 'cleared')
  const { award } = await correct({ scorePercent: 90 }, registrar)
  const history = await w.store.awardHistory(awarded.award)
  expect(history.map(({ state }) => state)).toEqual(['valid', 'suspended', 'valid', 'superseded'])
  const { items } = await w.store.auditTrail(awarded.award.tenant, { limit: 10 })
  expect(items.map(({ seq, action, by, detail }) => [seq, action, by, detail['reasonCode']])).toEqual([
    [3, 'award.correct', registrar.subject, 'other'],
    [2, 'award.reinstate', registrar.subject, 'cleared'],
    [1, 'award.suspend', registrar.subject, 'investigation'],
  ])
  expect(items[0]?.detail['replacedBy']).toBe(award.id)
  expect(JSON.stringify(items)).not.toContain('Looked into')
  expect(brokenAuditLine(items)).toBeUndefined()
  const [newest, ...older] = items
  if (!newest) throw new Error('unreachable')
  expect(brokenAuditLine([{ ...newest, by: 'somebody-else' }, ...older])).toBe(3)
  expect(brokenAuditLine([newest, ...older.slice(1)])).toBe(3)
})

test('nobody corrects the score or the dates of their own award; somebody else does', async () => {
  const { learner, actor } = await w.learner()
  awarded = await w.award({ learner })
  const own = w.actor('registrar', { subject: actor.subject })
  await expect(correct({ scorePercent: 99 }, own)).rejects.toMatchObject({ code: 'not_allowed' })
  await expect(correct({ validUntil: '2050-01-01' }, own)).rejects.toMatchObject({ code: 'not_allowed' })
  expect((await correct({ scorePercent: 99 })).award).toMatchObject({ scorePercent: 99 })
})

test('nobody makes their own award valid again', async () => {
  const { learner, actor } = await w.learner()
  const { award } = await w.award({ learner })
  const change = (what: 'suspend' | 'reinstate', by: Actor) =>
    changeAwardStatus(by, what, { requestId: w.requestId(), awardId: award.id, reason: 'Looked at.' }, w)
  await change('suspend', w.actor('registrar'))
  const own = w.actor('registrar', { subject: actor.subject })
  await expect(change('reinstate', own)).rejects.toMatchObject({ code: 'not_allowed' })
  expect((await change('reinstate', w.actor('registrar'))).status.state).toBe('valid')
})
