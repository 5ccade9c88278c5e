import { expect, test } from 'vitest'
import { writeAboutLearner } from '#adapters/store/learner-events.ts'
import { masterKey } from '#adapters/store/master-key.ts'
import { findAnswer, writeOnce } from '#adapters/store/once.ts'
import type { RecordWrite } from '#core/records.ts'
import { world } from '#test/support/world.ts'

const zeroKey = masterKey(new Uint8Array(32))

test('a list is walked with cursors that nobody can read or make', async () => {
  const w = await world()
  const tenant = w.institutions.northLake.tag
  const made = new Set<string>()
  for (let n = 0; n < 7; n++) made.add((await w.offering({ startsOn: `2026-10-0${n + 1}` })).id)
  const seen: string[] = []
  let cursor: string | undefined
  do {
    const page = await w.store.listOfferings(tenant, { limit: 3, ...(cursor ? { cursor } : {}) })
    seen.push(...page.items.map(({ id }) => id))
    cursor = page.cursor
    if (cursor) expect(Buffer.from(cursor, 'base64url').toString('latin1')).not.toContain(tenant)
  } while (cursor)
  expect(new Set(seen)).toEqual(made)
  expect(seen).toHaveLength(7)
})

test('awards of an institution come newest first, page by page', async () => {
  const w = await world()
  const ids: string[] = []
  for (let n = 0; n < 5; n++) {
    ids.push((await w.award()).award.id)
    w.clock.advance({ minutes: 1 })
  }
  const tenant = w.institutions.northLake.tag
  const first = await w.store.listAwards(tenant, { limit: 3 })
  const rest = await w.store.listAwards(tenant, {
    limit: 3,
    ...(first.cursor ? { cursor: first.cursor } : {}),
  })
  expect([...first.items, ...rest.items].map(({ id }) => id)).toEqual(ids.toReversed())
  expect((await w.store.listAwards(w.institutions.mittelberg.tag, { limit: 3 })).items).toEqual([])
})

test('a cursor of another tenant, of another list, changed or made up is refused', async () => {
  const w = await world()
  const { northLake, mittelberg } = w.institutions
  for (let n = 0; n < 3; n++) {
    await w.offering()
    await w.offering({ tenant: mittelberg.tag })
    await w.award()
  }
  const { cursor } = await w.store.listOfferings(northLake.tag, { limit: 1 })
  if (!cursor) throw new Error('unreachable')
  const refused = expect.objectContaining({ code: 'invalid_input', field: 'after' })
  const changed = (cursor.startsWith('A') ? 'B' : 'A') + cursor.slice(1)
  await expect(w.store.listOfferings(mittelberg.tag, { limit: 1, cursor })).rejects.toEqual(refused)
  await expect(w.store.listAwards(northLake.tag, { limit: 1, cursor })).rejects.toEqual(refused)
  for (const bad of [changed, '', 'x', '["a","b","c"]', cursor.slice(0, -4), '../../etc']) {
    await expect(w.store.listOfferings(northLake.tag, { limit: 1, cursor: bad })).rejects.toEqual(refused)
  }
})

test.each([0, -1, 1001, 1.5, Number.NaN])('a page of %d items is refused', async (limit) => {
  const w = await world()
  const listing = w.store.listOfferings(w.institutions.northLake.tag, { limit })
  await expect(listing).rejects.toMatchObject({ code: 'invalid_input' })
})

test('two institutions cannot share a slug, and the same one may be saved again', async () => {
  const w = await world()
  const { northLake } = w.institutions
  await w.store.saveInstitutionOnce(northLake)
  const thief = { ...northLake, tag: 'zzzzzzzz' as never }
  await expect(w.store.saveInstitutionOnce(thief)).rejects.toMatchObject({ code: 'state_conflict' })
  expect(await w.store.findInstitutionBySlug('north-lake')).toEqual(northLake)
  for (const slug of ['', 'North-Lake', '../x', 'x'.repeat(5000), 'a\0b']) {
    expect(await w.store.findInstitutionBySlug(slug)).toBeUndefined()
  }
})

test('events of one learner are numbered without a gap, whoever writes and however often they meet', async () => {
  const w = await world()
  const { learner } = await w.learner()
  const parts = { records: w.records, clock: w.clock, random: w.random, masterKey: zeroKey }
  const awardId = w.random.id(learner.tenant, 'awd')
  const event = { type: 'award.status-changed', awardId, learnerId: learner.id, state: 'valid' } as const
  await Promise.all(
    Array.from({ length: 15 }, () =>
      writeAboutLearner(parts, {
        request: w.request('test'),
        learnerId: learner.id,
        result: null,
        writes: [],
        events: [event, event],
      }),
    ),
  )
  const events = await w.store.pendingEvents(learner.tenant, 100)
  expect(events.map(({ seq }) => seq)).toEqual(Array.from({ length: 30 }, (_, n) => n + 1))
  expect((await w.store.findLearner(learner.id))?.rev).toBe(30)
})

test('a clock that runs backwards does not reorder the events of a learner', async () => {
  const w = await world()
  const { learner } = await w.award()
  w.clock.advance({ hours: -5 })
  await w.award({ learner })
  const events = await w.store.pendingEvents(learner.tenant, 10)
  expect(events.map(({ seq }) => seq)).toEqual([1, 2, 3, 4])
})

test('acknowledged events are gone, the others wait', async () => {
  const w = await world()
  for (let n = 0; n < 60; n++) await w.award()
  const tenant = w.institutions.northLake.tag
  const first = await w.store.pendingEvents(tenant, 110)
  await w.store.acknowledgeEvents(first)
  await w.store.acknowledgeEvents(first)
  const rest = await w.store.pendingEvents(tenant, 1000)
  expect([first.length, rest.length]).toEqual([110, 10])
  expect(new Set([...first, ...rest].map(({ id }) => id)).size).toBe(120)
})

test('a request is answered once: same input repeats, other input is refused, after a failure it is free', async () => {
  const w = await world()
  const request = w.request('test')
  const write: RecordWrite = { put: { pk: 'T#test', sk: 'A', version: 1, data: {} }, if: 'absent' }
  const impossible: RecordWrite = { check: { pk: 'T#test', sk: 'B' }, if: 'present' }
  const send = (writes: RecordWrite[], result = 'one') =>
    writeOnce(w.records, w.clock.now(), request, result, writes)
  expect(await send([write, impossible])).toEqual({ outcome: 'failed', failed: 1 })
  expect(await findAnswer(w.records, request)).toBeUndefined()
  expect(await send([write])).toEqual({ outcome: 'written' })
  expect(await send([write, impossible], 'two')).toEqual({ outcome: 'repeated', result: 'one' })
  expect(await findAnswer(w.records, request)).toEqual({ result: 'one' })
  const other = { ...request, inputHash: 'other' }
  const conflict = writeOnce(w.records, w.clock.now(), other, 'x', [write])
  await expect(conflict).rejects.toMatchObject({ code: 'request_conflict' })
  await expect(findAnswer(w.records, other)).rejects.toMatchObject({ code: 'request_conflict' })
  w.clock.advance({ days: 30 })
  expect(await findAnswer(w.records, request)).toBeUndefined()
})

test('a damaged item is a defect named by its kind and place, never by its value', async () => {
  const w = await world()
  const { award } = await w.award()
  const item = (await w.records.query({ pk: `T#${award.tenant}#AWD#${award.id}`, limit: 1 })).items[0]
  if (!item) throw new Error('unreachable')
  await w.records.transact([{ put: { ...item, data: { ...item.data, ects: 'secret value' } } }])
  await expect(w.store.findAward(award.id)).rejects.toThrow(
    'a stored award does not have its shape at "ects"',
  )
})

test('an account has no more streams than it may, however many processes are asked at once; what is let go of or over is free', async () => {
  const w = await world()
  const account = { tenant: w.institutions.northLake.tag, subject: 'grace' }
  const take = (thing: string, subject = 'grace') =>
    w.store.takeStreamPlace({ ...account, subject }, thing, { most: 2, seconds: 300 })
  const asked = await Promise.all(['a', 'b', 'c', 'd'].map((thing) => take(thing)))
  const places = asked.flatMap((place) => place ?? [])
  expect(places).toHaveLength(2)
  expect(await take('e')).toBeUndefined()
  expect(await take('e', 'another')).toBeDefined()

  await places[0]?.release()
  const again = await take('e')
  expect(await take('f')).toBeUndefined()
  // The same thing, followed from elsewhere: the former one is told so, and cannot let go for the other.
  const over = await take('e')
  expect([await again?.held(), await over?.held()]).toEqual([false, true])
  await again?.release()
  expect(await take('f')).toBeUndefined()

  w.clock.advance({ seconds: 300 })
  expect(await over?.held()).toBe(false)
  expect((await Promise.all([take('g'), take('h')])).filter(Boolean)).toHaveLength(2)
})
