import { beforeEach, describe, expect, test } from 'vitest'
import type { BulkJob } from '#core/bulk/bulk-job.ts'
import { orderBulkIssue } from '#core/bulk/order-bulk-job.ts'
import { cancelBulkJob, pauseBulkJob, resumeBulkJob, startBulkJob } from '#core/bulk/steer-bulk-job.ts'
import { stepBulkJobs } from '#core/bulk/step-bulk-jobs.ts'
import { uploadRows } from '#core/bulk/upload-rows.ts'
import type { Store } from '#core/store.ts'
import { type BulkWorld, bulkWorld, csvOf, enrolAs } from './bulk-world.ts'

let w: BulkWorld
beforeEach(async () => {
  w = await bulkWorld()
})

type Order = Parameters<typeof orderBulkIssue>[1]
const order = (more: Partial<Order> = {}) =>
  orderBulkIssue(
    w.registrar,
    { requestId: w.requestId(), offeringId: w.course.id, dryRun: false, enrolAs, ...more },
    w,
  )
const steer = (job: BulkJob) => ({ requestId: w.requestId(), jobId: job.id })
const awardsOf = async (account: string) => {
  const learner = await w.store.findLearnerBySubject(w.registrar.tenant, account)
  return learner ? w.store.awardsOf(learner.id) : []
}
const allAwards = async () => (await w.store.listAwards(w.registrar.tenant, { limit: 1000 })).items
const problems = async (job: BulkJob) => {
  const { items } = await w.store.listBulkRows(job.id, { limit: 1000, problems: true })
  return items.map(({ line, problems: all }) => [
    line,
    ...all.map(({ code, column }) => `${code} ${column ?? ''}`.trim()),
  ])
}

describe('a file of results', () => {
  test('makes learners, enrols them, and gives each one award with an offer', async () => {
    const job = await order({ csv: csvOf(30) })
    expect(job).toMatchObject({ state: 'reading', rows: 0 })
    await w.work()
    const done = await w.job(job.id)
    expect(done).toMatchObject({ state: 'done', rows: 30, counts: { ready: 0, done: 30, failed: 0 } })
    const [award] = await awardsOf('s-7')
    expect(award).toMatchObject({ scorePercent: 67, offeringId: w.course.id, status: { state: 'valid' } })
    const learner = award && (await w.store.findLearner(award.learnerId))
    expect(learner?.person).toEqual({ givenName: 'Given7', familyName: 'Family7', email: 's-7@example.org' })
    expect(await w.store.findEnrolment(award?.learnerId ?? ('' as never), w.course.id)).toMatchObject({
      analyticsConsent: false,
      country: 'LU',
      sector: 'manufacturing',
    })
    expect((await w.store.offersOf(award?.learnerId ?? ('' as never))).map(({ state }) => state)).toEqual([
      'open',
    ])
  })

  test('a dry run checks every row and does nothing to anybody; the checked job can be started', async () => {
    const job = await order({ csv: csvOf(5), dryRun: true })
    await w.work()
    expect(await w.job(job.id)).toMatchObject({ state: 'checked', rows: 5, counts: { ready: 5 } })
    expect(await allAwards()).toEqual([])
    expect(await w.store.findLearnerBySubject(w.registrar.tenant, 's-1')).toBeUndefined()
    await startBulkJob(w.registrar, steer(job), w)
    await w.work()
    expect(await w.job(job.id)).toMatchObject({ state: 'done', counts: { done: 5 } })
  })

  test('people the academy knows are found by their account; their names need not be written again', async () => {
    const { learner, actor } = await w.learner()
    await w.enrolment(learner.id, w.course)
    const job = await order({ csv: `account;score_percent;awarded_on\n${actor.subject};"87,5 %";01.11.2026` })
    await w.work()
    expect(await w.job(job.id)).toMatchObject({ state: 'done', counts: { done: 1 } })
    const [award] = await w.store.awardsOf(learner.id)
    expect(award).toMatchObject({ scorePercent: 87.5, awardedAt: new Date('2026-11-01T00:00:00.000Z') })
  })

  test('each bad row says what is wrong in which column, and the others are issued', async () => {
    const { learner: known, actor } = await w.learner()
    const gone = await w.learner()
    await w.store.eraseLearnerOnce(w.request('erase'), gone.learner.id)
    const { award, learner: awarded } = await w.award({ offering: w.course })
    const rows = [
      'account,learner_id,given_name,family_name,email,score_percent,awarded_on,valid_until',
      'ok-1,,Ada,One,ada@example.org,90,,',
      ',,Ada,Two,ada@example.org,90,,',
      'b-3,,,,,90,,',
      'b-4,,Ada,Four,no-address,90,,',
      'b-5,,Ada,Five,ada@example.org,ninety,,',
      'b-6,,Ada,Six,ada@example.org,120,,',
      'b-7,,=cmd|calc,Seven,ada@example.org,90,,',
      'ok-1,,Ada,One,ada@example.org,95,,',
      `,${known.id}x,,,,90,,`,
      `,${known.id.replace(/.{3}$/, 'zzz')},,,,90,,`,
      `b-11,${known.id},,,,90,,`,
      `${actor.subject},,Somebody,Else,,90,,`,
      `,${gone.learner.id},,,,90,,`,
      'b-14,,Ada,Fourteen,ada@example.org,90,2031-01-01,',
      'b-15,,Ada,Fifteen,ada@example.org,90,2026-11-01,2026-10-01',
      'b-16,,Ada,"Six"teen,ada@example.org,90,,',
      'b-17,,Ada,Seventeen,ada@example.org',
      'low,,Ada,Low,ada@example.org,12,,',
      `,${awarded.id},,,,90,,`,
      "ok-2,,王小明,'=Formula-like,wang@example.org,91,,",
    ]
    const job = await order({ csv: rows.join('\n') })
    await w.work()
    expect(await problems(job)).toEqual([
      [3, 'missing account'],
      [4, 'missing given_name', 'missing family_name', 'missing email'],
      [5, 'wrong_form email'],
      [6, 'wrong_form score_percent'],
      [7, 'out_of_range score_percent'],
      [8, 'formula given_name'],
      [9, 'twice'],
      [10, 'wrong_form learner_id'],
      [11, 'learner_unknown learner_id'],
      [12, 'learner_differs learner_id'],
      [13, 'name_differs given_name', 'name_differs family_name'],
      [14, 'learner_erased learner_id'],
      [15, 'out_of_range awarded_on', 'email_shared email'],
      [16, 'out_of_range valid_until', 'email_shared email'],
      [17, 'broken_quote'],
      [18, 'wrong_number_of_cells'],
    ])
    expect(await w.job(job.id)).toMatchObject({
      state: 'done',
      rows: 20,
      counts: { ready: 0, done: 2, invalid: 16, skipped: 2, failed: 0 },
    })
    const { items } = await w.store.listBulkRows(job.id, { limit: 100 })
    expect(items[17]).toMatchObject({ state: 'skipped', problems: [{ code: 'below_pass_mark' }] })
    expect(items[18]).toMatchObject({ state: 'skipped', result: { awardId: award.id } })
    const [formula] = await awardsOf('ok-2')
    const person = formula && (await w.store.findLearner(formula.learnerId))?.person
    expect(person).toMatchObject({ givenName: '王小明', familyName: '=Formula-like' })
  })

  test('one address for two accounts is ambiguous: in the file, beside whom the academy knows, whatever its case', async () => {
    const { learner: known, actor } = await w.learner({
      person: { givenName: 'Bea', familyName: 'Known', email: 'shared@example.org' },
    })
    const csv = [
      'account,given_name,family_name,email,score_percent',
      'new-1,Ada,One,ada@example.org,90',
      'new-2,Ada,Two,Ada@Example.org,90',
      'new-3,Bea,Three,SHARED@example.org,90',
      'new-4,Cy,Four,cy@example.org,90',
      `${actor.subject},,,shared@example.org,90`,
    ].join('\n')
    const job = await order({ csv })
    await w.work()
    expect(await problems(job)).toEqual([
      [3, 'email_shared email'],
      [4, 'email_shared email'],
    ])
    const { items } = await w.store.listBulkRows(job.id, { limit: 10, problems: true })
    expect(items[0]?.problems).toMatchObject([{ line: 2, column: 'email' }])
    expect(JSON.stringify(items.map((row) => row.problems))).not.toMatch(/example\.org/i)
    expect(await w.job(job.id)).toMatchObject({ counts: { done: 3, invalid: 2 } })
    expect(await w.store.awardsOf(known.id)).toHaveLength(1)
  })

  test('an account that came after the check is found when it is the turn of the row', async () => {
    const job = await order({ csv: csvOf(2), dryRun: true })
    await w.work()
    const [{ cells } = {}] = await w.store.bulkRows(job.id, 1, 1)
    await w.learner({
      person: { givenName: 'Somebody', familyName: 'Else', email: cells?.['email'] ?? '' },
    })
    await startBulkJob(w.registrar, steer(job), w)
    await w.work()
    expect(await problems(job)).toEqual([[2, 'email_shared email']])
    expect(await w.job(job.id)).toMatchObject({ counts: { done: 1, failed: 1 } })
  })

  test('what a row says of somebody is sealed at rest, and gone once it is done', async () => {
    const job = await order({ csv: `${csvOf(2)}\nbad,Belle,,x,50`, dryRun: true })
    await w.work()
    const stored = async () => {
      const { items } = await w.records.query({ pk: `T#${job.tenant}#BULK#${job.id}`, limit: 100 })
      return items
    }
    expect(JSON.stringify(await stored())).not.toMatch(/Given0|Family0|"Belle|example\.org/)
    const before = await w.store.bulkRows(job.id, 1, 10)
    expect(before.map(({ cells }) => cells?.['given_name'])).toEqual(['Given0', 'Given1', 'Belle'])
    await startBulkJob(w.registrar, steer(job), w)
    await w.work()
    const after = await w.store.bulkRows(job.id, 1, 10)
    expect(after.map(({ cells }) => cells?.['given_name'])).toEqual([undefined, undefined, 'Belle'])
    w.clock.advance({ days: 31 })
    expect((await w.store.bulkRows(job.id, 1, 10)).map(({ cells }) => cells)).toEqual([
      undefined,
      undefined,
      undefined,
    ])
  })

  test('nobody issues to their own account, known to the institution or not yet', async () => {
    const own = w.registrar.subject
    const csv = `account,given_name,family_name,email,score_percent\n${own},Reg,Istrar,reg@example.org,99`
    const job = await order({ csv })
    await w.work()
    expect((await w.job(job.id)).counts).toMatchObject({ invalid: 1, done: 0 })
    expect(await awardsOf(own)).toEqual([])
  })

  test('a module that asks for a second assessor takes no results from a file', async () => {
    const course = await w.offering({ moduleId: 'm-distributed-training' })
    const csv = 'account,score_percent\nsomebody,95'
    await expect(order({ offeringId: course.id, csv })).rejects.toMatchObject({
      code: 'four_eyes_required',
      field: 'participants',
    })
    await order({ offeringId: course.id, participants: 'passed' })
  })

  test('without a word on enrolling, who is not enrolled is a problem', async () => {
    const { enrolAs: _without, ...asked } = {
      requestId: w.requestId(),
      offeringId: w.course.id,
      dryRun: false,
      enrolAs,
    }
    const job = await orderBulkIssue(w.registrar, { ...asked, csv: csvOf(1) }, w)
    await w.work()
    expect(await problems(job)).toEqual([[2, 'not_enrolled']])
  })

  test('a module with entry skills asks for them', async () => {
    const course = await w.offering({ moduleId: 'm-llm-inference' })
    const job = await order({ offeringId: course.id, csv: csvOf(1) })
    await w.work()
    expect(await problems(job)).toEqual([[2, 'entry_skills_missing']])
  })

  test('when no seat is left the row says so, and those before it have their award', async () => {
    const small = await w.offering({ seats: 3 })
    const job = await order({ offeringId: small.id, csv: csvOf(5) })
    await w.work()
    expect(await w.job(job.id)).toMatchObject({ state: 'done', counts: { done: 3, failed: 2 } })
    expect(await problems(job)).toEqual([
      [5, 'offering_full'],
      [6, 'offering_full'],
    ])
  })

  test('the file with its bad rows put right is simply sent again: nobody gets a second award', async () => {
    await order({ csv: csvOf(10) })
    await w.work()
    const again = await order({ csv: csvOf(12) })
    await w.work()
    expect(await w.job(again.id)).toMatchObject({ counts: { done: 2, skipped: 10 } })
    expect(await allAwards()).toHaveLength(12)
  })
})

describe('participants as rows', () => {
  test('all without a result get the same one', async () => {
    const [one, two] = [await w.learner(), await w.learner()]
    for (const { learner } of [one, two]) await w.enrolment(learner.id, w.course)
    await w.award({ offering: w.course })
    const job = await order({ participants: 'without-result', scorePercent: 75 })
    await w.work()
    expect(await w.job(job.id)).toMatchObject({ state: 'done', rows: 2, counts: { done: 2 } })
    expect((await w.store.awardsOf(one.learner.id))[0]?.scorePercent).toBe(75)
  })

  test('those who passed and have no award in force get one', async () => {
    const { award, learner } = await w.award({ offering: w.course, scorePercent: 88 })
    await w.award({ offering: w.course })
    await w.store.saveAwardStatusOnce(w.request('revoke'), {
      awardId: award.id,
      version: award.version,
      status: { state: 'revoked', since: w.clock.now() },
    })
    const job = await order({ participants: 'passed' })
    await w.work()
    expect(await w.job(job.id)).toMatchObject({ state: 'done', rows: 1, counts: { done: 1 } })
    const states = (await w.store.awardsOf(learner.id)).map(({ status, scorePercent }) => [
      status.state,
      scorePercent,
    ])
    expect(states.sort(([a = ''], [b = '']) => String(a).localeCompare(String(b)))).toEqual([
      ['revoked', 88],
      ['valid', 88],
    ])
  })
})

describe('steering', () => {
  test('a paused job stands still and goes on where it stopped; nothing is done twice', async () => {
    const job = await order({ csv: csvOf(450) })
    // Reading takes three slices; then one of three is done.
    await stepBulkJobs(w, { name: 'worker-1', slices: 4 })
    const paused = await pauseBulkJob(w.registrar, steer(job), w)
    expect(paused).toMatchObject({ state: 'paused', resumesTo: 'running', counts: { done: 200, ready: 250 } })
    expect(await stepBulkJobs(w, { name: 'worker-1', slices: 5 })).toBe(0)
    expect(await allAwards()).toHaveLength(200)
    await resumeBulkJob(w.registrar, steer(job), w)
    await w.work('worker-of-another-process')
    expect(await w.job(job.id)).toMatchObject({ state: 'done', counts: { done: 450, ready: 0 } })
    expect(await allAwards()).toHaveLength(450)
  })

  test('a pause in the middle of a slice keeps what the slice has done', async () => {
    const job = await order({ csv: csvOf(250) })
    await stepBulkJobs(w, { name: 'worker-1', slices: 2 })
    const store = {
      ...w.store,
      async saveBulkRows(...args: Parameters<typeof w.store.saveBulkRows>) {
        await w.store.saveBulkRows(...args)
        await pauseBulkJob(w.registrar, steer(job), w)
      },
    }
    await stepBulkJobs({ ...w, store }, { name: 'worker-1', slices: 1 })
    expect(await w.job(job.id)).toMatchObject({
      state: 'paused',
      position: 201,
      counts: { done: 200, ready: 50 },
    })
    await resumeBulkJob(w.registrar, steer(job), w)
    await w.work()
    expect(await w.job(job.id)).toMatchObject({ state: 'done', counts: { done: 250 } })
  })

  test('a pause while the last rows are read leads to the checked job all the same', async () => {
    const job = await order({ csv: csvOf(3), dryRun: true })
    await pauseBulkJob(w.registrar, steer(job), w)
    expect(await stepBulkJobs(w, { name: 'worker-1', slices: 5 })).toBe(0)
    await resumeBulkJob(w.registrar, steer(job), w)
    await w.work()
    expect(await w.job(job.id)).toMatchObject({ state: 'checked' })
  })

  test('a cancelled job keeps what it did and does no more', async () => {
    const job = await order({ csv: csvOf(250) })
    await stepBulkJobs(w, { name: 'worker-1', slices: 3 })
    await cancelBulkJob(w.registrar, steer(job), w)
    await w.work()
    expect(await w.job(job.id)).toMatchObject({ state: 'cancelled', counts: { done: 200, ready: 50 } })
    expect(await allAwards()).toHaveLength(200)
    await expect(resumeBulkJob(w.registrar, steer(job), w)).rejects.toMatchObject({ code: 'state_conflict' })
    await expect(startBulkJob(w.registrar, steer(job), w)).rejects.toMatchObject({ code: 'state_conflict' })
  })

  test('two small jobs and a large one take turns', async () => {
    const large = await order({ csv: csvOf(900) })
    const small = await order({ csv: csvOf(5, { from: 2000 }) })
    for (let turn = 0; turn < 4; turn++) await stepBulkJobs(w, { name: 'worker-1', slices: 1 })
    await stepBulkJobs(w, { name: 'worker-1', slices: 4 })
    expect((await w.job(small.id)).state).toBe('done')
    expect((await w.job(large.id)).state).not.toBe('done')
  })

  test('the same request again is the same job; another input under its id is refused', async () => {
    const asked = { requestId: w.requestId(), csv: csvOf(2) }
    const first = await order(asked)
    expect((await order(asked)).id).toBe(first.id)
    await expect(order({ ...asked, csv: csvOf(3) })).rejects.toMatchObject({ code: 'request_conflict' })
  })
})

describe('after a crash', () => {
  /** A store whose writes end with the process after so many of them. */
  function dying(after: number) {
    let left = after
    const cut =
      <A extends unknown[], R>(write: (...args: A) => Promise<R>) =>
      async (...args: A) => {
        if (left-- <= 0) throw new Error('killed')
        return write(...args)
      }
    const { store } = w
    return {
      ...w,
      store: {
        ...store,
        saveLearnerOnce: cut((...of: Parameters<Store['saveLearnerOnce']>) => store.saveLearnerOnce(...of)),
        saveEnrolments: cut((...of: Parameters<Store['saveEnrolments']>) => store.saveEnrolments(...of)),
        saveAssessmentOnce: cut((...of: Parameters<Store['saveAssessmentOnce']>) =>
          store.saveAssessmentOnce(...of),
        ),
        saveBulkRows: cut((...of: Parameters<Store['saveBulkRows']>) => store.saveBulkRows(...of)),
        saveBulkJob: cut((...of: Parameters<Store['saveBulkJob']>) => store.saveBulkJob(...of)),
        claimMarks: cut((...of: Parameters<Store['claimMarks']>) => store.claimMarks(...of)),
      },
    }
  }

  test.each([0, 1, 2, 3, 5, 20, 41, 60, 81, 82, 83, 84])(
    'at write %i nothing is issued twice, nothing is lost, and the counts are right',
    async (writes) => {
      const job = await order({ csv: `${csvOf(40)}\nbad,,,,50` })
      const killed = stepBulkJobs(dying(writes), { name: 'worker-1', slices: 10 })
      await killed.catch((error: Error) => expect(error.message).toBe('killed'))
      // Another process takes over once the dead one's lease has run out.
      w.clock.advance({ minutes: 2 })
      await w.work('worker-2')
      expect(await w.job(job.id)).toMatchObject({
        state: 'done',
        rows: 41,
        counts: { ready: 0, done: 40, invalid: 1, skipped: 0, failed: 0 },
      })
      const awards = await allAwards()
      expect(awards).toHaveLength(40)
      expect(new Set(awards.map(({ learnerId }) => learnerId)).size).toBe(40)
      const rows = await w.store.bulkRows(job.id, 1, 100)
      const receipts = rows.flatMap(({ result }) => (result?.awardId ? [result.awardId] : []))
      expect(new Set(receipts)).toEqual(new Set(awards.map(({ id }) => id)))
    },
  )

  test('while a worker lives, another one leaves its job alone', async () => {
    const job = await order({ csv: csvOf(300) })
    await stepBulkJobs(w, { name: 'worker-1', slices: 1 })
    expect(await stepBulkJobs(w, { name: 'worker-2', slices: 1 })).toBe(0)
    w.clock.advance({ minutes: 2 })
    expect(await stepBulkJobs(w, { name: 'worker-2', slices: 1 })).toBe(1)
    expect((await w.job(job.id)).lease?.worker).toBe('worker-2')
  })
})

describe('what is refused at the door', () => {
  const upload = (bytes: Uint8Array | string, more: { name?: string } = {}) =>
    uploadRows(w.registrar, { kind: 'issue', name: more.name ?? 'results.csv', bytes: Buffer.from(bytes) }, w)

  test('an uploaded file says how it was read, and is read by the job that names it', async () => {
    const text = csvOf(3).replaceAll(',', ';').replace('Given1', 'Zoë')
    const file = await upload(Buffer.from(text, 'latin1'), { name: 'C:\\temp\\r\u202e\u0007ésultats.csv' })
    expect(file).toMatchObject({
      name: 'résultats.csv',
      encoding: 'windows-1252',
      delimiter: ';',
      ignored: [],
    })
    const job = await order({ upload: file.upload })
    await w.work()
    expect(await w.job(job.id)).toMatchObject({ state: 'done', counts: { done: 3 } })
    const [award] = await awardsOf('s-1')
    expect((await w.store.findLearner(award?.learnerId ?? ('' as never)))?.person?.givenName).toBe('Zoë')
  })

  test.each([
    ['wrong columns', 'name,grade\nx,1', 'invalid_input'],
    ['nothing', '', 'invalid_input'],
    ['a program', Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0, 1, 2, 3]), 'invalid_input'],
    ['200,000 rows', csvOf(200_000), 'too_large'],
    ['17 MiB', new Uint8Array(17 * 1024 * 1024).fill(0x61), 'too_large'],
  ])('%s', async (_what, bytes, code) => {
    await expect(upload(bytes as string)).rejects.toMatchObject({ code, field: 'file' })
  })

  test.each<[string, Partial<Order>, string]>([
    ['no rows', {}, 'upload'],
    ['rows from two places', { csv: 'a', participants: 'passed' }, 'upload'],
    ['a score for a file', { csv: csvOf(1), scorePercent: 90 }, 'scorePercent'],
    ['no score for all', { participants: 'without-result' }, 'scorePercent'],
    ['a score that does not pass', { participants: 'without-result', scorePercent: 5 }, 'scorePercent'],
    [
      'a sector nobody knows',
      { csv: csvOf(1), enrolAs: { ...enrolAs, sector: 'alchemy' } },
      'enrolAs.sector',
    ],
  ])('an order with %s', async (_what, more, field) => {
    await expect(order(more)).rejects.toMatchObject({ code: 'invalid_input', field })
  })

  test('another institution’s offering and upload are like none', async () => {
    const { mittelberg } = w.institutions
    const foreign = await w.offering({ tenant: mittelberg.tag })
    await expect(order({ offeringId: foreign.id, csv: csvOf(1) })).rejects.toMatchObject({
      code: 'not_found',
    })
    const file = await uploadRows(
      w.actor('registrar', { tenant: mittelberg.tag }),
      { kind: 'issue', name: 'x.csv', bytes: Buffer.from(csvOf(1)) },
      w,
    )
    await expect(order({ upload: file.upload })).rejects.toMatchObject({ code: 'not_found', field: 'upload' })
  })

  test.each(['learner', 'assessor', 'platform-operator'] as const)('a %s orders nothing', async (role) => {
    const asked = { requestId: w.requestId(), offeringId: w.course.id, dryRun: false, csv: csvOf(1) }
    await expect(orderBulkIssue(w.actor(role), asked, w)).rejects.toMatchObject({ code: 'not_allowed' })
  })

  test('more than twenty open jobs', async () => {
    for (let n = 0; n < 20; n++) await order({ csv: csvOf(1), dryRun: true })
    await expect(order({ csv: csvOf(1) })).rejects.toMatchObject({ code: 'quota_exceeded' })
  })
})
