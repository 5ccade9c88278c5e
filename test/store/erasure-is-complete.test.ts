import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { sqliteRecords } from '#adapters/sqlite/records.ts'
import type { Actor } from '#core/access/operations.ts'
import { decideOverride, overrideRun } from '#core/assessments/override-run.ts'
import type { Award } from '#core/awards/award.ts'
import { changeAwardStatus, type StatusChange } from '#core/awards/change-award-status.ts'
import { correctAward } from '#core/awards/correct-award.ts'
import { orderBulkIssue, orderCorrections, orderStatusChange } from '#core/bulk/order-bulk-job.ts'
import { approveBulkJob, refuseBulkJob } from '#core/bulk/steer-bulk-job.ts'
import { stepBulkJobs } from '#core/bulk/step-bulk-jobs.ts'
import { uploadRows } from '#core/bulk/upload-rows.ts'
import { issueCredential } from '#core/credentials/issue-credential.ts'
import { deliverEvents } from '#core/deliver-events.ts'
import type { BulkJobId } from '#core/ids.ts'
import { changeInstitutionSettings } from '#core/institutions/institution-settings.ts'
import { requestErasure } from '#core/learners/request-erasure.ts'
import { startPractical } from '#core/practicals/dispatch-practical.ts'
import { confirmSiteAccount, stateSiteAccount } from '#core/practicals/name-site-account.ts'
import { superviseLearner } from '#core/practicals/supervise-learner.ts'
import type { RecordKey, Records } from '#core/records.ts'
import { shareAward } from '#core/share/share-award.ts'
import { oneAssessorIn } from '#test/support/world.ts'
import { type OpenEngine, otherEngine, worldsOn } from '#test/support/world-engine.ts'
import { paperSite } from '../practicals/paper-site.ts'
import { type SitesWorld, sitesWorld } from '../practicals/sites-world.ts'
import { makeKeyPair } from '../verification/foreign-issuer.ts'

/** The academy with one site that wants own accounts, and all that is stored of it, whatever the engine. */
async function openWorld(): Promise<{ w: SitesWorld; everything: () => Promise<string> }> {
  const other = otherEngine()
  const folder = mkdtempSync(join(tmpdir(), 'academy-erasure-'))
  const onDisk: OpenEngine = async (clock) => {
    const records = sqliteRecords(join(folder, 'academy.db'), () => clock.now())
    return { records, close: () => records.close() }
  }
  const keys = new Map<string, RecordKey>()
  worldsOn(async (clock) => {
    const opened = await (other ?? onDisk)(clock)
    const { records } = opened
    const noted: Records = {
      get: (key) => records.get(key),
      query: (query) => records.query(query),
      transact(writes) {
        for (const write of writes) {
          if (!('put' in write)) continue
          const { table = 'records', pk, sk } = write.put
          keys.set(JSON.stringify([table, pk, sk]), { table, pk, sk })
        }
        return records.transact(writes)
      },
    }
    const closeAll = async () => {
      await opened.close()
      rmSync(folder, { recursive: true, force: true })
    }
    return { records: noted, close: closeAll }
  })
  const w = await sitesWorld((clock) => [
    paperSite('one', clock, { accountModel: 'individual', accountPage: 'https://docs.example.org' }),
  ])
  worldsOn(other)
  for (const metric of w.practical.rubric.metrics) metric.at = { '*': { pass: 5, full: 9, bound: 60 } }
  Object.assign(w, { practicals: { find: () => w.practical } })
  return {
    w,
    async everything() {
      const items = await Promise.all([...keys.values()].map((key) => w.records.get(key)))
      // SQLite's files to the last byte: what was written over or deleted must not stay in them.
      return [...items.map((item) => JSON.stringify(item ?? null)), textOf(w.folder), textOf(folder)].join(
        '\n',
      )
    },
  }
}

function textOf(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
    .join('\n')
}

/** Words nobody writes by chance: each says which field it was put into. */
const word = (field: string) => `Kestrel${field}Quillwort`

/** A learner about whom somebody wrote something wherever the academy lets them. */
async function wholeLife(w: SitesWorld) {
  const tenant = w.institutions.northLake.tag
  const [grace, alan, registrar, second] = [
    w.actor('assessor'),
    w.actor('assessor'),
    w.actor('registrar'),
    w.actor('registrar'),
  ]
  const requestId = () => w.requestId()
  const work = async () => {
    while ((await stepBulkJobs(w, { name: 'worker', slices: 5 })) > 0);
  }
  const account = word('Account')
  const learner = await w.store.saveLearnerOnce(account, {
    id: w.random.id(tenant, 'lrn'),
    tenant,
    rev: 0,
    person: {
      givenName: word('GivenName'),
      familyName: word('FamilyName'),
      email: `${word('Mail')}@example.org`,
    },
    recognisedSkills: [],
  })
  const actor: Actor = { subject: account, tenant, roles: ['learner'], learnerId: learner.id }

  // A practical under the learner's own account, and what two assessors said of it.
  const offering = await w.offering({ moduleId: 'm-distributed-training' })
  await w.enrolment(learner.id, offering, { organisation: word('Organisation'), nuts1: 'LU0' })
  await superviseLearner(
    grace,
    {
      requestId: requestId(),
      learnerId: learner.id,
      offeringId: offering.id,
      identity: 'document',
      presence: 'on-site',
      minutes: 60,
    },
    w,
  )
  const user = word('SiteUser').toLowerCase()
  await stateSiteAccount(actor, { requestId: requestId(), site: 'one', user, consent: true }, w)
  const named = { requestId: requestId(), learnerId: learner.id, site: 'one', userName: user }
  await confirmSiteAccount(w.actor('site-operator'), named, w)
  const configuration = { text: word('Configuration') }
  const start = { requestId: requestId(), offeringId: offering.id, configuration }
  const attempt = await w.finish((await startPractical(actor, start, w)).id)
  const override = (reason: string) =>
    overrideRun(
      grace,
      { requestId: requestId(), attemptId: attempt.id, scorePercent: 80, reasonCode: 'other', reason },
      w,
    )
  const decide = (decision: 'confirm' | 'refuse') =>
    decideOverride(alan, decision, { requestId: requestId(), attemptId: attempt.id }, w)
  await override(word('OverrideRefused'))
  await decide('refuse')
  await override(word('OverrideConfirmed'))
  await decide('confirm')

  // The award, collected, shared, and changed with words each time.
  const newest = async (): Promise<Award> => {
    const found = (await w.store.awardsOf(learner.id)).find(({ status }) =>
      ['valid', 'suspended'].includes(status.state),
    )
    if (!found) throw new Error('the learner has no award')
    return found
  }
  const first = await newest()
  await issueCredential({ awardId: first.id, format: 'dc+sd-jwt', holderKey: makeKeyPair().jwk }, w)
  const shared = await shareAward(
    actor,
    { requestId: requestId(), awardId: first.id, show: ['name'], lifetimeDays: 90 },
    w,
  )
  const change = async (what: StatusChange, reason: string) =>
    changeAwardStatus(registrar, what, { requestId: requestId(), awardId: (await newest()).id, reason }, w)
  await change('suspend', word('Suspension'))
  await change('reinstate', word('Reinstatement'))
  const { id: awardId } = await newest()
  const correction = { awardId, reason: word('Correction'), givenName: word('CorrectedName') }
  await correctAward(registrar, { requestId: requestId(), ...correction }, w)

  // Where two registrars decide, an order waits with its words.
  await changeInstitutionSettings(registrar, { requestId: requestId(), fourEyes: true }, w)
  const waiting = async () => {
    const id = await w.store.waitingJobOfAward((await newest()).id)
    if (!id) throw new Error('nothing waits')
    return { requestId: requestId(), jobId: id }
  }
  await change('suspend', word('OrderRefused'))
  await refuseBulkJob(second, { ...(await waiting()), note: word('Note') }, w)
  await change('suspend', word('OrderApproved'))
  await approveBulkJob(second, await waiting(), w)
  await work()
  const approve = async (jobId: BulkJobId) => {
    await work()
    await approveBulkJob(second, { requestId: requestId(), jobId }, w)
    await work()
  }
  const where = { learnerIds: [learner.id] }
  const reinstate = { change: 'reinstate' as const, reason: word('BulkReason'), where, dryRun: false }
  await approve((await orderStatusChange(registrar, { requestId: requestId(), ...reinstate }, w)).id)

  const nothing = {
    ...reinstate,
    reason: word('FitsNothing'),
    where: { ...where, state: 'suspended' as const },
  }
  await orderStatusChange(registrar, { requestId: requestId(), ...nothing }, w)
  await work()

  // Files of rows: one row is done, one can never be, one has another name for the same account.
  const upload = async (kind: 'correct' | 'issue', lines: string[]) => {
    const name = `${word(`${kind}FileName`)}.csv`
    return (await uploadRows(registrar, { kind, name, bytes: Buffer.from(lines.join('\n')) }, w)).upload
  }
  const corrections = await upload('correct', [
    'award_id,family_name',
    `${(await newest()).id},${word('CellOfDoneRow')}`,
    `${first.id},${word('CellOfInvalidRow')}`,
  ])
  const order = { reason: word('BulkCorrection'), upload: corrections, dryRun: false }
  await approve((await orderCorrections(registrar, { requestId: requestId(), ...order }, w)).id)
  const results = await upload('issue', [
    'account,given_name,family_name,score_percent',
    `${account},${word('CellOfAnotherName')},,80`,
  ])
  const issue = { offeringId: (await w.offering()).id, upload: results, dryRun: false }
  const { id: issued } = await orderBulkIssue(registrar, { requestId: requestId(), ...issue }, w)
  await work()
  await correctAward(
    registrar,
    {
      requestId: requestId(),
      awardId: (await newest()).id,
      reason: word('OrderLeftWaiting'),
      familyName: word('CellThatWaits'),
    },
    w,
  )
  await deliverEvents(w)
  return {
    learner,
    actor,
    offering,
    attempt,
    shared,
    registrar,
    second,
    grace,
    issued,
    newest,
    waiting,
    change,
  }
}

/** What is read in the clear before the erasure; the rest is sealed, and its key is what goes. */
const inTheClear = [
  'Mail',
  'Organisation',
  'Configuration',
  'OverrideRefused',
  'OverrideConfirmed',
  'Suspension',
  'Reinstatement',
  'Correction',
  'OrderRefused',
  'Note',
  'OrderApproved',
  'BulkReason',
  'FitsNothing',
  'BulkCorrection',
  'correctFileName',
  'issueFileName',
  'OrderLeftWaiting',
]

test('after an erasure no record and no file holds a word of or about the learner', async () => {
  const { w, everything } = await openWorld()
  const life = await wholeLife(w)
  const { learner, actor, offering, registrar, second } = life
  const before = await everything()
  for (const field of inTheClear) expect(before, field).toContain(word(field))
  const cells = async () => (await w.store.bulkRows(life.issued, 1, 1))[0]?.cells
  expect(await cells()).toMatchObject({ given_name: word('CellOfAnotherName') })
  expect(await w.store.findLearner(learner.id)).toMatchObject({
    person: { givenName: word('CorrectedName'), familyName: word('CellOfDoneRow') },
  })

  await requestErasure(actor, { requestId: w.requestId(), learnerId: learner.id, revokeAwards: false }, w)
  await deliverEvents(w)
  const after = await everything()
  expect(after).toContain(learner.id)
  expect(after.match(/Kestrel\w+Quillwort/gi) ?? []).toEqual([])
  expect(await cells()).toBeUndefined()
  expect(await w.store.findShareLink(life.shared.link.id)).toBeUndefined()
  expect(await w.store.findEnrolment(learner.id, offering.id)).toEqual({
    learnerId: learner.id,
    offeringId: offering.id,
    enrolledAt: expect.any(Date),
    purpose: 'skills-gap-statistics',
    analyticsConsent: false,
  })

  // What stays: that it was awarded, what became of it by which code, and who decided.
  const award = await life.newest()
  const history = await w.store.awardHistory(award)
  expect(history.map(({ state }) => state)).toEqual(['valid'])
  const replaced = (await w.store.awardsOf(learner.id)).flatMap(({ status }) =>
    status.state === 'superseded' ? [status] : [],
  )
  expect(replaced.length).toBe(2)
  for (const status of replaced) expect(status).toMatchObject({ by: registrar.subject, reasonCode: 'other' })

  // What waits can still be refused or approved, and what is said now is not kept either.
  await refuseBulkJob(second, { ...(await life.waiting()) }, w)
  await life.change('revoke', word('SaidAfterwards'))
  await approveBulkJob(second, await life.waiting(), w)
  while ((await stepBulkJobs(w, { name: 'worker', slices: 5 })) > 0);
  expect((await w.store.findAward(award.id))?.status).toMatchObject({
    state: 'revoked',
    approvedBy: second.subject,
  })
  // With a second assessor it would wait with its words, with one alone a fail makes no award that would refuse it.
  for (const [ontology, scorePercent] of [
    [w.ontology, 90],
    [oneAssessorIn(w.ontology, offering.moduleId), 0],
  ] as const) {
    const said = { attemptId: life.attempt.id, scorePercent, reasonCode: 'other' as const }
    const override = { ...said, requestId: w.requestId(), reason: word('OverrideAfterwards') }
    const refused = overrideRun(life.grace, override, { ...w, ontology })
    await expect(refused).rejects.toMatchObject({ code: 'not_found' })
  }
  await deliverEvents(w)
  expect((await everything()).match(/Kestrel\w+Quillwort/gi) ?? []).toEqual([])
})

test('an order about many keeps its words until the last of them is erased', async () => {
  const { w, everything } = await openWorld()
  const [one, two] = [await w.learner(), await w.learner()]
  const awards = [await w.award({ learner: one.learner }), await w.award({ learner: two.learner })] as const
  const registrar = w.actor('registrar')
  const where = { awardIds: awards.map(({ award }) => award.id) }
  const order = { change: 'suspend' as const, reason: word('Both'), where, dryRun: false }
  const { id } = await orderStatusChange(registrar, { requestId: w.requestId(), ...order }, w)
  while ((await stepBulkJobs(w, { name: 'worker', slices: 5 })) > 0);
  const erased = async ({ actor, learner }: typeof one) => {
    await requestErasure(actor, { requestId: w.requestId(), learnerId: learner.id, revokeAwards: false }, w)
    await deliverEvents(w)
    const reasons = await Promise.all(
      awards.map(async ({ award }) => (await w.store.findAward(award.id))?.status.reason),
    )
    const job = await w.store.findBulkJob(id)
    return [...reasons, job?.order.kind === 'status' ? job.order.reason : undefined]
  }
  expect(await erased(one)).toEqual([undefined, word('Both'), word('Both')])
  expect(await erased(two)).toEqual([undefined, undefined, ''])
  const [{ award }] = awards
  const revocation = { requestId: w.requestId(), awardId: award.id, reason: word('Afterwards') }
  const revoked = await changeAwardStatus(registrar, 'revoke', revocation, w)
  expect(revoked.status).toMatchObject({ state: 'revoked', by: registrar.subject })
  expect(await changeAwardStatus(registrar, 'revoke', revocation, w)).toEqual(revoked)
  expect((await everything()).match(/Kestrel\w+Quillwort/gi) ?? []).toEqual([])
})
