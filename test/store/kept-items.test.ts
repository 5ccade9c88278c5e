import { beforeEach, expect, test } from 'vitest'
import { sqliteRecords } from '#adapters/sqlite/records.ts'

const key = { pk: 'T#aaaaaaaa#X', sk: 'META' }
const item = (version: number, text: string) => ({ ...key, version, data: { text } })
let now = 0
let records: ReturnType<typeof sqliteRecords>

beforeEach(async () => {
  now = 1_800_000_000
  records = sqliteRecords(':memory:', () => new Date(now * 1000))
  await records.transact([{ put: item(1, 'first') }])
  expect(await records.get(key)).toEqual(item(1, 'first'))
  return () => records.close()
})

test('the read that follows a write sees it, whatever was read before', async () => {
  await records.transact([{ put: item(2, 'second'), if: { version: 1 } }])
  expect(await records.get(key)).toEqual(item(2, 'second'))
  await records.transact([{ delete: key }])
  expect(await records.get(key)).toBeUndefined()
})

test('a write that is rolled back leaves nothing of itself in what is read', async () => {
  const refused = await records.transact([
    { put: item(2, 'second') },
    { check: { pk: key.pk, sk: 'OTHER' }, if: 'present' },
  ])
  expect(refused).toEqual({ ok: false, failed: 1 })
  expect(await records.get(key)).toEqual(item(1, 'first'))
})

test('an item that was read before is gone when its time is over', async () => {
  await records.transact([{ put: { ...item(2, 'short'), ttl: now + 10 } }])
  expect(await records.get(key)).toMatchObject({ version: 2 })
  now += 10
  expect(await records.get(key)).toBeUndefined()
})

test('nobody can change what others read', async () => {
  const read = await records.get(key)
  expect(() => {
    if (read) read.data['text'] = 'changed'
  }).toThrow(TypeError)
  expect(await records.get(key)).toEqual(item(1, 'first'))
})

test('keys that differ only in where they are divided are different keys', async () => {
  const other = { pk: 'T#aaaaaaaa#X META', sk: 'META' }
  await records.transact([{ put: { ...other, version: 1, data: { text: 'other' } } }])
  expect(await records.get({ pk: 'T#aaaaaaaa#X', sk: 'META META' })).toBeUndefined()
  expect(await records.get(other)).toMatchObject({ data: { text: 'other' } })
  expect(await records.get({ pk: 'T#aaaaaaaa#X', sk: 'META META' })).toBeUndefined()
})
