import { beforeEach, expect, test } from 'vitest'
import { keys } from '#adapters/store/keys.ts'
import { orderBulkIssue, orderCorrections } from '#core/bulk/order-bulk-job.ts'
import { cancelBulkJob, pauseBulkJob, refuseBulkJob, resumeBulkJob } from '#core/bulk/steer-bulk-job.ts'
import { stepBulkJobs } from '#core/bulk/step-bulk-jobs.ts'
import { uploadRows } from '#core/bulk/upload-rows.ts'
import type { BulkJobId, UploadId } from '#core/ids.ts'
import { changeInstitutionSettings } from '#core/institutions/institution-settings.ts'
import { type BulkWorld, bulkWorld, csvOf, enrolAs } from './bulk-world.ts'

let w: BulkWorld
beforeEach(async () => {
  w = await bulkWorld()
})

async function ordered(csv: string, dryRun: boolean) {
  const file = { kind: 'issue' as const, name: 'results.csv', bytes: Buffer.from(csv) }
  const { upload } = await uploadRows(w.registrar, file, w)
  const order = { offeringId: w.course.id, upload, enrolAs, dryRun }
  const { id } = await orderBulkIssue(w.registrar, { requestId: w.requestId(), ...order }, w)
  return { upload, id, steer: { requestId: w.requestId(), jobId: id } }
}
const partsOf = async (id: UploadId) =>
  (await w.records.query({ pk: keys.upload(id).pk, limit: 10 })).items.length
const cellsOf = async (id: BulkJobId) =>
  (await w.store.bulkRows(id, 1, 300)).filter(({ cells }) => cells).length
const hasKey = async (id: BulkJobId) => (await w.records.get(keys.bulkKey(id))) !== undefined

test('a file is there until its job has read all of it, across a pause, and no longer', async () => {
  const { upload, id, steer } = await ordered(csvOf(250), true)
  await stepBulkJobs(w, { name: 'worker-1', slices: 1 })
  await pauseBulkJob(w.registrar, steer, w)
  expect(await partsOf(upload)).toBe(2)
  await resumeBulkJob(w.registrar, steer, w)
  await w.work()
  expect(await w.job(id)).toMatchObject({ state: 'checked', rows: 250 })
  expect(await partsOf(upload)).toBe(0)
  expect(await cellsOf(id)).toBe(250)
  const again = { requestId: w.requestId(), offeringId: w.course.id, upload, dryRun: true }
  await expect(orderBulkIssue(w.registrar, again, w)).rejects.toMatchObject({
    code: 'not_found',
    field: 'upload',
  })
})

test('of a cancelled job neither the file nor what it said of anybody is left', async () => {
  const before = await ordered(csvOf(3), true)
  await cancelBulkJob(w.registrar, before.steer, w)
  expect(await partsOf(before.upload)).toBe(0)

  const checked = await ordered(`${csvOf(3)}\nbad,Belle,,x,50`, true)
  await w.work()
  expect([await cellsOf(checked.id), await hasKey(checked.id)]).toEqual([4, true])
  await cancelBulkJob(w.registrar, checked.steer, w)
  expect([await cellsOf(checked.id), await hasKey(checked.id)]).toEqual([0, false])
  expect((await w.store.bulkRows(checked.id, 4, 1))[0]).toMatchObject({ state: 'invalid', line: 5 })
})

test('a job that is done keeps only the rows that are to be put right', async () => {
  const whole = await ordered(csvOf(2), false)
  const some = await ordered(`${csvOf(2, { from: 10 })}\nbad,Belle,,x,50`, false)
  await w.work()
  expect([await cellsOf(whole.id), await hasKey(whole.id)]).toEqual([0, false])
  expect([await cellsOf(some.id), await hasKey(some.id)]).toEqual([1, true])
})

test('what a second registrar refuses, and a file that cannot be read, leave nothing either', async () => {
  const { award } = await w.award()
  await changeInstitutionSettings(w.registrar, { requestId: w.requestId(), fourEyes: true }, w)
  const csv = `award_id,family_name\n${award.id},Otherwise`
  const order = { requestId: w.requestId(), csv, reason: 'Her name.', dryRun: false }
  const { id } = await orderCorrections(w.registrar, order, w)
  await w.work()
  expect([(await w.job(id)).state, await cellsOf(id)]).toEqual(['waiting', 1])
  await refuseBulkJob(w.actor('registrar'), { requestId: w.requestId(), jobId: id }, w)
  expect([await cellsOf(id), await hasKey(id)]).toEqual([0, false])

  const gone = await ordered(csvOf(2), false)
  await w.store.deleteUpload(gone.upload)
  await w.work()
  expect(await w.job(gone.id)).toMatchObject({ state: 'failed', problem: { code: 'upload_gone' } })
  expect(await hasKey(gone.id)).toBe(false)
})
