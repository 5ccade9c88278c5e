import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sqliteRecords } from '#adapters/sqlite/records.ts'
import type { Records } from '#core/records.ts'
import { batchedRecords } from '#functions/seed/batched-records.ts'
import { contractTime } from '#test/contracts/records.ts'
import { expectSameAnswers, histories } from '#test/contracts/records-differential.ts'

const now = () => new Date(contractTime)

test('batched writes answer every history as plain ones do, while no time passes', async () => {
  let run = 0
  const history = fc.integer().chain(() => histories(`T#batched#${++run}`, now().getTime() / 1000 + 60))
  const [plain, below] = [sqliteRecords(':memory:', now), sqliteRecords(':memory:', now)]
  const batched = batchedRecords(below)
  await fc.assert(
    fc.asyncProperty(history, async (steps) => {
      await expectSameAnswers(steps, plain, batched, () => {})
    }),
    { numRuns: 150 },
  )
  plain.close()
  below.close()
})

test('a query of another partition does not send the batch on', async () => {
  const below = sqliteRecords(':memory:', now)
  let transactions = 0
  const counted: Records = {
    ...below,
    transact: (writes) => {
      transactions++
      return below.transact(writes)
    },
  }
  const batched = batchedRecords(counted)
  await batched.transact([{ put: { pk: 'T#a', sk: 'A', version: 1, data: {} }, if: 'absent' }])
  await batched.query({ pk: 'T#b', limit: 10 })
  await batched.query({ index: 'gsi1', pk: 'T#a', limit: 10 })
  expect(transactions).toBe(0)
  expect((await batched.query({ pk: 'T#a', limit: 10 })).items).toHaveLength(1)
  expect(transactions).toBe(1)
  below.close()
})
