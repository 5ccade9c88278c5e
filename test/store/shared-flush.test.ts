import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { sqliteRecords } from '#adapters/sqlite/records.ts'

function onDisk(mostBytes?: number) {
  const folder = mkdtempSync(join(tmpdir(), 'academy-flush-'))
  const file = join(folder, 'records.sqlite')
  const records = sqliteRecords(file, () => new Date(), mostBytes === undefined ? {} : { mostBytes })
  onTestFinished(() => {
    records.close()
    rmSync(folder, { recursive: true, force: true })
  })
  return records
}

const put = (sk: string, bytes = 10) => [
  { put: { pk: 'T#flush', sk, version: 1, data: { x: 'y'.repeat(bytes) } } },
]

test('five hundred writers at once all get their answer', async () => {
  const records = onDisk()
  const answers = await Promise.all(Array.from({ length: 500 }, (_, n) => records.transact(put(`${n}`))))
  expect(answers.every(({ ok }) => ok)).toBe(true)
  expect((await records.query({ pk: 'T#flush', limit: 1000 })).items).toHaveLength(500)
})

test('one write the storage has no room for does not take the others down', async () => {
  const records = onDisk(300_000)
  const outcomes = await Promise.allSettled([
    records.transact(put('before')),
    records.transact(put('large', 390_000)),
    records.transact(put('after')),
  ])
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(outcomes[1]).toMatchObject({ reason: { code: 'storage_full' } })
  const { items } = await records.query({ pk: 'T#flush', limit: 10 })
  expect(items.map(({ sk }) => sk)).toEqual(['after', 'before'])
})

test('what is waiting when the records are closed is still written and answered', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'academy-flush-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'records.sqlite')
  const records = sqliteRecords(file, () => new Date())
  const answer = records.transact(put('last'))
  records.close()
  expect(await answer).toEqual({ ok: true })
  const again = sqliteRecords(file, () => new Date())
  expect(await again.get({ pk: 'T#flush', sk: 'last' })).toBeDefined()
  again.close()
})
