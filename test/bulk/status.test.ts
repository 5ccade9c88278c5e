import { beforeEach, describe, expect, test } from 'vitest'
import type { Actor } from '#core/access/operations.ts'
import type { Award } from '#core/awards/award.ts'
import { changeAwardStatus } from '#core/awards/change-award-status.ts'
import { correctAward } from '#core/awards/correct-award.ts'
import type { AwardFilter, BulkRow } from '#core/bulk/bulk-job.ts'
import {
  orderBulkIssue,
  orderCorrections,
  orderOffers,
  orderStatusChange,
} from '#core/bulk/order-bulk-job.ts'
import { selectAwards } from '#core/bulk/select-awards.ts'
import {
  approveBulkJob,
  cancelBulkJob,
  refuseBulkJob,
  resumeBulkJob,
  startBulkJob,
} from '#core/bulk/steer-bulk-job.ts'
import { issueCredential } from '#core/credentials/issue-credential.ts'
import { deliverEvents } from '#core/deliver-events.ts'
import { changeInstitutionSettings } from '#core/institutions/institution-settings.ts'
import { verifyCredential } from '#core/verification/verify-credential.ts'
import { makeKeyPair } from '../verification/foreign-issuer.ts'
import { type BulkWorld, bulkWorld, csvOf, enrolAs } from './bulk-world.ts'

let w: BulkWorld
beforeEach(async () => {
  w = await bulkWorld()
})

const reason = 'The task was wrong.'
const change = (
  what: 'revoke' | 'suspend' | 'reinstate',
  where: AwardFilter,
  more: { dryRun?: boolean } = {},
) =>
  orderStatusChange(
    w.registrar,
    { requestId: w.requestId(), change: what, reason, where, dryRun: false, ...more },
    w,
  )
const steer = (jobId: Awaited<ReturnType<typeof change>>['id']) => ({ requestId: w.requestId(), jobId })
const stateOf = async ({ id }: Award) => (await w.store.findAward(id))?.status.state

describe('by query', () => {
  test('a dry run says how many and which; started, every one of them changes, in every edition', async () => {
    const here = [await w.award({ offering: w.course }), await w.award({ offering: w.course })]
    const elsewhere = await w.award()
    const text = (
      await issueCredential(
        { awardId: here[0]?.award.id ?? ('' as never), format: 'dc+sd-jwt', holderKey: makeKeyPair().jwk },
        w,
      )
    ).text
    const job = await change('revoke', { offeringId: w.course.id }, { dryRun: true })
    await w.work()
    expect(await w.job(job.id)).toMatchObject({ state: 'checked', rows: 2, counts: { ready: 2 } })
    const { items } = await w.store.listBulkRows(job.id, { limit: 10 })
    expect(new Set(items.map(({ about }) => about.awardId))).toEqual(
      new Set(here.map(({ award }) => award.id)),
    )
    expect(await Promise.all(here.map(({ award }) => stateOf(award)))).toEqual(['valid', 'valid'])
    await startBulkJob(w.registrar, steer(job.id), w)
    await w.work()
    expect(await w.job(job.id)).toMatchObject({ state: 'done', counts: { done: 2, ready: 0 } })
    expect(await Promise.all(here.map(({ award }) => stateOf(award)))).toEqual(['revoked', 'revoked'])
    expect(await stateOf(elsewhere.award)).toBe('valid')
    expect(await verifyCredential(text, {}, w)).toMatchObject({ outcome: 'revoked' })
    const [, last] = await w.store.awardHistory(here[0]?.award ?? elsewhere.award)
    expect(last).toMatchObject({ reason, reasonCode: 'other', by: w.registrar.subject, bulkJob: job.id })
  })

  test('what is in that state already, or cannot get there, is left out and named', async () => {
    const [one, two] = [await w.award({ offering: w.course }), await w.award({ offering: w.course })]
    await change('suspend', { awardIds: [one.award.id] })
    await w.work()
    const job = await change('reinstate', { offeringId: w.course.id })
    await w.work()
    expect(await w.job(job.id)).toMatchObject({ counts: { done: 1, skipped: 1 } })
    const { items } = await w.store.listBulkRows(job.id, { limit: 10 })
    const left = items.find(({ about }) => about.awardId === two.award.id)
    expect(left).toMatchObject({
      state: 'skipped',
      problems: [{ code: 'state_conflict', message: 'The award is valid: it cannot be reinstated.' }],
    })
  })

  test('the registrar’s own award is left out of a reinstatement, and that is what the row says', async () => {
    const own = await w.learner()
    const { award } = await w.award({ learner: own.learner, offering: w.course })
    await change('suspend', { awardIds: [award.id] })
    await w.work()
    const registrar = { ...w.registrar, subject: own.actor.subject }
    const order = { change: 'reinstate' as const, reason, where: { awardIds: [award.id] }, dryRun: true }
    const job = await orderStatusChange(registrar, { requestId: w.requestId(), ...order }, w)
    await w.work()
    const rows = () => w.store.bulkRows(job.id, 1, 1)
    expect(await rows()).toMatchObject([{ state: 'skipped', problems: [{ code: 'own_award' }] }])
    // What was ready by then is looked at again when it is done.
    await w.store.saveBulkRows(job.id, [{ ...(await rows())[0], state: 'ready', problems: [] } as BulkRow])
    const found = await w.job(job.id)
    const ready = { ...found, counts: { ...found.counts, ready: 1, skipped: 0 }, version: found.version + 1 }
    await w.store.saveBulkJob(ready)
    await startBulkJob(registrar, { requestId: w.requestId(), jobId: job.id }, w)
    await w.work()
    expect(await rows()).toMatchObject([{ state: 'failed', problems: [{ code: 'own_award' }] }])
    expect((await w.store.findAward(award.id))?.status.state).toBe('suspended')
  })

  test('a filter takes the awards that fit every part of it, and no others', async () => {
    const first = await w.award({ offering: w.course, scorePercent: 70 })
    w.clock.advance({ days: 10 })
    const second = await w.award({ offering: w.course })
    const third = await w.award()
    const foreign = await w.award({ offering: await w.offering({ tenant: w.institutions.mittelberg.tag }) })
    await issueCredential({ awardId: first.award.id, format: 'dc+sd-jwt', holderKey: makeKeyPair().jwk }, w)
    const select = async (where: AwardFilter) => {
      const found: string[] = []
      let cursor: string | undefined
      do {
        const page = await selectAwards(
          w.registrar.tenant,
          where,
          { limit: 1, ...(cursor ? { cursor } : {}) },
          w,
        )
        found.push(...page.items.map(({ id }) => id))
        cursor = page.cursor
      } while (cursor !== undefined)
      return new Set(found)
    }
    const ids = (...of: { award: Award }[]) => new Set(of.map(({ award }) => award.id))
    expect(await select({ offeringId: w.course.id })).toEqual(ids(first, second))
    expect(await select({ awardedTo: '2026-11-25' })).toEqual(ids(first))
    expect(await select({ awardedFrom: '2026-11-25' })).toEqual(ids(second, third))
    expect(await select({ learnerIds: [third.learner.id, foreign.learner.id] })).toEqual(ids(third))
    expect(await select({ awardIds: [foreign.award.id, second.award.id] })).toEqual(ids(second))
    expect(await select({ moduleId: first.award.moduleId })).toEqual(ids(first, second, third))
    expect(await select({ moduleId: 'm-llm-inference' })).toEqual(ids())
    expect(await select({ offeringId: w.course.id, awardedFrom: '2026-11-25' })).toEqual(ids(second))
    expect(await select({ offeringId: foreign.offering.id })).toEqual(ids())
    expect(await select({ state: 'suspended' })).toEqual(ids())
    expect(await select({ collected: true })).toEqual(ids())
  })

  test('nobody is meant by a filter that names nothing', async () => {
    await expect(change('revoke', {})).rejects.toMatchObject({ code: 'invalid_input', field: 'where' })
  })
})

describe('four eyes', () => {
  const second = () => w.actor('registrar')
  const ask = (fourEyes: boolean, by: Actor = w.registrar) =>
    changeInstitutionSettings(by, { requestId: w.requestId(), fourEyes }, w)
  const revoke = (award: Award, requestId = w.requestId()) =>
    changeAwardStatus(w.registrar, 'revoke', { requestId, awardId: award.id, reason }, w)

  test('a change waits for a second registrar, and is done when they agree', async () => {
    await ask(true)
    const { award } = await w.award()
    expect((await revoke(award)).status.state).toBe('valid')
    const waiting = await w.store.waitingJobOfAward(award.id)
    if (!waiting) throw new Error('the change waits')
    await w.work()
    expect(await stateOf(award)).toBe('valid')
    await expect(approveBulkJob(w.registrar, steer(waiting), w)).rejects.toMatchObject({
      code: 'not_allowed',
    })
    const other = second()
    await approveBulkJob(other, steer(waiting), w)
    await w.work()
    expect(await w.store.findAward(award.id)).toMatchObject({
      status: { state: 'revoked', by: w.registrar.subject, approvedBy: other.subject, reason },
    })
    expect(await w.store.waitingJobOfAward(award.id)).toBeUndefined()
    expect((await w.store.waitingBulkJobs(award.tenant, { limit: 10 })).items).toEqual([])
  })

  test('refused, nothing happens, and the reason is kept', async () => {
    await ask(true)
    const { award } = await w.award()
    await revoke(award)
    const waiting = await w.store.waitingJobOfAward(award.id)
    if (!waiting) throw new Error('the change waits')
    await refuseBulkJob(second(), { ...steer(waiting), note: 'Look at the appeal first.' }, w)
    await w.work()
    expect(await stateOf(award)).toBe('valid')
    expect(await w.job(waiting)).toMatchObject({ state: 'cancelled', note: 'Look at the appeal first.' })
    expect(await w.store.waitingJobOfAward(award.id)).toBeUndefined()
    await revoke(award)
    expect(await w.store.waitingJobOfAward(award.id)).toBeDefined()
  })

  test('one change of an award waits at a time, and a repeated request is no second one', async () => {
    await ask(true)
    const { award } = await w.award()
    const requestId = w.requestId()
    await revoke(award, requestId)
    const waiting = await w.store.waitingJobOfAward(award.id)
    await revoke(award, requestId)
    expect(await w.store.waitingJobOfAward(award.id)).toBe(waiting)
    await expect(revoke(award)).rejects.toMatchObject({ code: 'state_conflict' })
    if (waiting) await cancelBulkJob(w.registrar, steer(waiting), w)
    expect(await w.store.waitingJobOfAward(award.id)).toBeUndefined()
  })

  test('a correction waits, too, with what it says sealed', async () => {
    await ask(true)
    const { award, learner } = await w.award()
    const asked = {
      requestId: w.requestId(),
      awardId: award.id,
      reason,
      familyName: '=Éxample',
      scorePercent: 99,
    }
    const answer = await correctAward(w.registrar, asked, w)
    expect(answer.award).toEqual(award)
    expect(answer.waiting).toMatchObject({ state: 'waiting', order: { kind: 'correct' } })
    expect((await correctAward(w.registrar, asked, w)).waiting?.id).toBe(answer.waiting?.id)
    const { items } = await w.records.query({ pk: `T#${award.tenant}#BULK#${answer.waiting?.id}`, limit: 10 })
    expect(JSON.stringify(items)).not.toContain('xample')
    await approveBulkJob(second(), steer(answer.waiting?.id ?? ('' as never)), w)
    await w.work()
    const [, newer] = (await w.store.awardsOf(learner.id)).sort((a) => (a.id === award.id ? -1 : 1))
    expect(newer).toMatchObject({ supersedes: award.id, scorePercent: 99 })
    expect((await w.store.findLearner(learner.id))?.person?.familyName).toBe('=Éxample')
  })

  test('a query waits after it was checked; issuing does not', async () => {
    await ask(true)
    await w.award({ offering: w.course })
    const job = await change('suspend', { offeringId: w.course.id })
    await w.work()
    expect(await w.job(job.id)).toMatchObject({ state: 'waiting', counts: { ready: 1 } })
    const dry = await change('suspend', { offeringId: w.course.id }, { dryRun: true })
    await w.work()
    await startBulkJob(w.registrar, steer(dry.id), w)
    expect((await w.job(dry.id)).state).toBe('waiting')
    await expect(resumeBulkJob(w.registrar, steer(dry.id), w)).rejects.toMatchObject({
      code: 'state_conflict',
    })
    await approveBulkJob(second(), steer(job.id), w)
    const issue = { requestId: w.requestId(), offeringId: w.course.id, dryRun: false, enrolAs, csv: csvOf(2) }
    const issued = await orderBulkIssue(w.registrar, issue, w)
    await w.work()
    expect((await w.job(issued.id)).state).toBe('done')
    expect(await w.job(job.id)).toMatchObject({ state: 'done', counts: { done: 1 } })
  })

  test('asked for after a job was ordered, it holds for what is started from then on', async () => {
    const { award } = await w.award({ offering: w.course })
    const job = await change('revoke', { offeringId: w.course.id }, { dryRun: true })
    await w.work()
    await ask(true, second())
    expect((await startBulkJob(w.registrar, steer(job.id), w)).state).toBe('waiting')
    await w.work()
    expect(await stateOf(award)).toBe('valid')
    await approveBulkJob(second(), steer(job.id), w)
    await w.work()
    expect(await stateOf(award)).toBe('revoked')
  })

  test('asked for while a job that starts by itself is read, the job waits; one that issues does not', async () => {
    const { award } = await w.award({ offering: w.course })
    const job = await change('revoke', { awardIds: [award.id] })
    const issue = { requestId: w.requestId(), offeringId: w.course.id, dryRun: false, enrolAs, csv: csvOf(2) }
    const issued = await orderBulkIssue(w.registrar, issue, w)
    await ask(true, second())
    await w.work()
    expect(await w.job(job.id)).toMatchObject({ state: 'waiting', needsApproval: true, counts: { ready: 1 } })
    expect((await w.job(issued.id)).state).toBe('done')
    expect(await stateOf(award)).toBe('valid')
    await expect(approveBulkJob(w.registrar, steer(job.id), w)).rejects.toMatchObject({ code: 'not_allowed' })
    await approveBulkJob(second(), steer(job.id), w)
    await w.work()
    expect(await stateOf(award)).toBe('revoked')
  })

  test('one registrar can ask for it; two must ask before it ends', async () => {
    expect(await ask(true)).toMatchObject({ fourEyes: true })
    expect(await ask(false)).toMatchObject({ fourEyes: true, endAskedBy: w.registrar.subject })
    expect(await ask(false)).toMatchObject({ fourEyes: true })
    expect(await ask(true)).toEqual({ fourEyes: true, version: 3 })
    await ask(false)
    expect(await ask(false, second())).toEqual({ fourEyes: false, version: 5 })
    const { award } = await w.award()
    expect((await revoke(award)).status.state).toBe('revoked')
  })

  test('a registrar of another institution approves nothing here', async () => {
    await ask(true)
    const { award } = await w.award()
    await revoke(award)
    const waiting = (await w.store.waitingJobOfAward(award.id)) ?? ('' as never)
    const foreign = w.actor('registrar', { tenant: w.institutions.mittelberg.tag })
    await expect(approveBulkJob(foreign, steer(waiting), w)).rejects.toMatchObject({ code: 'not_found' })
    await expect(approveBulkJob(w.actor('assessor'), steer(waiting), w)).rejects.toMatchObject({
      code: 'not_allowed',
    })
  })
})

describe('corrections by file', () => {
  const correct = (csv: string, more: object = {}) =>
    orderCorrections(w.registrar, { requestId: w.requestId(), reason, dryRun: false, csv, ...more }, w)

  test('each row supersedes one award; what cannot be corrected is named', async () => {
    const [one, two, three] = [
      await w.award({ offering: w.course }),
      await w.award({ offering: w.course }),
      await w.award({ offering: w.course }),
    ]
    const foreign = await w.award({ offering: await w.offering({ tenant: w.institutions.mittelberg.tag }) })
    const job = await correct(
      [
        'award_id,family_name,score_percent',
        `${one.award.id},Nováková,`,
        `${two.award.id},,91`,
        `${two.award.id},,92`,
        `${three.award.id},,80`,
        `${three.award.id.replace(/.{3}$/, 'zzz')},,90`,
        `${foreign.award.id},,90`,
        `${three.award.id},,12`,
      ].join('\n'),
    )
    await w.work()
    expect(await w.job(job.id)).toMatchObject({ state: 'done', counts: { done: 2, invalid: 5 } })
    const { items } = await w.store.listBulkRows(job.id, { limit: 10, problems: true })
    expect(items.map(({ line, problems }) => [line, ...problems.map(({ code }) => code)])).toEqual([
      [4, 'twice'],
      [5, 'nothing_changed'],
      [6, 'award_unknown'],
      [7, 'award_unknown'],
      [8, 'out_of_range', 'twice'],
    ])
    expect(await stateOf(one.award)).toBe('superseded')
    expect((await w.store.findLearner(one.learner.id))?.person?.familyName).toBe('Nováková')
    expect(await stateOf(three.award)).toBe('valid')
  })

  test('a row may name its learner by account, where the offering is known', async () => {
    const { learner, actor } = await w.learner()
    const { award } = await w.award({ learner, offering: w.course })
    const job = await correct(`compte;note\n${actor.subject};77`, { offeringId: w.course.id })
    await w.work()
    expect(await w.job(job.id)).toMatchObject({ counts: { done: 1 } })
    expect(await stateOf(award)).toBe('superseded')
  })
})

describe('offers', () => {
  const offers = (action: 'resend' | 'cancel', where: AwardFilter) =>
    orderOffers(w.registrar, { requestId: w.requestId(), action, where, dryRun: false }, w)
  const live = async ({ learner }: { learner: { id: Award['learnerId'] } }) =>
    (await w.store.offersOf(learner.id)).filter(({ state }) => state === 'open').map(({ id }) => id)

  test('what nobody collected is offered again by mail, with one live offer each', async () => {
    const [one, two] = [await w.award({ offering: w.course }), await w.award({ offering: w.course })]
    await deliverEvents(w)
    w.clock.advance({ days: 8 })
    const job = await offers('resend', { offeringId: w.course.id })
    await w.work()
    expect(await w.job(job.id)).toMatchObject({ state: 'done', counts: { done: 2 } })
    for (const each of [one, two]) {
      const fresh = (await live(each)).filter((id) => id !== each.offer.id)
      expect(fresh).toHaveLength(1)
    }
    expect(await deliverEvents(w)).toBe(2)
  })

  test('unclaimed offers end; those that were collected are left alone', async () => {
    const { learner, offer } = await w.award({ offering: w.course })
    const job = await offers('cancel', { learnerIds: [learner.id] })
    await w.work()
    expect(await w.job(job.id)).toMatchObject({ counts: { done: 1 } })
    expect((await w.store.findOffer(offer.id))?.state).toBe('withdrawn')
    const again = await offers('cancel', { learnerIds: [learner.id] })
    await w.work()
    expect(await w.job(again.id)).toMatchObject({ counts: { done: 0, skipped: 1 } })
  })

  test('the awards of a bulk job can be named by the job', async () => {
    const issue = { requestId: w.requestId(), offeringId: w.course.id, dryRun: false, enrolAs, csv: csvOf(3) }
    const { id: bulkJobId } = await orderBulkIssue(w.registrar, issue, w)
    await w.work()
    const job = await offers('cancel', { bulkJobId })
    await w.work()
    expect(await w.job(job.id)).toMatchObject({ rows: 3, counts: { done: 3 } })
  })
})
