import fc from 'fast-check'
import { expect } from 'vitest'
import type { Json, RecordItem, RecordQuery, Records, RecordWrite } from '#core/records.ts'

/** Few keys, so that writes meet; odd characters, so that encodings show. */
const sks = ['A', 'A#1', 'A#é', 'B', '\u{1F393}', '\uffee']
const prefixes = ['', 'A', 'A#', 'A#é', 'B', '\u{1F393}', '\uffee', 'zz']

export interface Step {
  transact: RecordWrite[]
  advanceSeconds: number
  query: Omit<RecordQuery, 'cursor'>
}

/** Random histories of one tenant: transactions, time passing, queries. Partition names begin with `pk`. */
export function histories(pk: string, nowSeconds: number): fc.Arbitrary<Step[]> {
  const partition = fc.constantFrom(`${pk}#1`, `${pk}#2`)
  const key = fc.record({ pk: partition, sk: fc.constantFrom(...sks) })
  const condition = fc.constantFrom(
    undefined,
    'absent' as const,
    'present' as const,
    { version: 1 },
    { version: 2 },
  )
  const data = fc
    .dictionary(fc.string({ maxLength: 6, unit: 'binary' }), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 4 })
    .map((value) => JSON.parse(JSON.stringify(value)) as { [name: string]: Json })
  const item = fc
    .record({
      key,
      version: fc.constantFrom(1, 2),
      data,
      ttl: fc.option(fc.integer({ min: nowSeconds - 5, max: nowSeconds + 30 })),
      index: fc.option(fc.constantFrom('gsi1' as const, 'gsi2' as const)),
      order: fc.integer({ min: 0, max: 3 }),
    })
    .map(
      ({ key: at, version, data: body, ttl, index, order }): RecordItem => ({
        ...at,
        version,
        data: body,
        ...(ttl === null ? {} : { ttl }),
        // The item's own key follows, so that no two have the same place and both engines order them alike.
        ...(index === null ? {} : { [index]: { pk: `${pk}#i`, sk: `${order}#${at.pk}#${at.sk}` } }),
      }),
    )
  const write = fc.oneof(
    { weight: 3, arbitrary: fc.tuple(item, condition).map(([put, holds]) => withCondition({ put }, holds)) },
    fc.tuple(key, condition).map(([gone, holds]) => withCondition({ delete: gone }, holds)),
    fc.tuple(key, condition).map(([check, holds]): RecordWrite => ({ check, if: holds ?? 'present' })),
  )
  const range = fc.oneof(
    fc.constant(undefined),
    fc.constantFrom(...prefixes).map((beginsWith) => ({ beginsWith })),
    fc.tuple(fc.constantFrom(...sks), fc.constantFrom(...sks)).map(([from, to]) => ({ from, to })),
  )
  const query = fc
    .record({
      where: fc.oneof(
        partition.map((name) => ({ pk: name })),
        fc.constantFrom('gsi1' as const, 'gsi2' as const).map((index) => ({ index, pk: `${pk}#i` })),
      ),
      range,
      limit: fc.integer({ min: 1, max: 7 }),
      descending: fc.boolean(),
    })
    .map(({ where, range: sk, limit, descending }) => ({
      ...where,
      ...(sk ? { sk } : {}),
      limit,
      descending,
    }))
  return fc.array(
    fc.record({
      transact: fc.uniqueArray(write, { minLength: 1, maxLength: 6, selector: nameOf }),
      advanceSeconds: fc.integer({ min: 0, max: 10 }),
      query,
    }),
    { minLength: 1, maxLength: 8 },
  )
}

/** Sends one history to both engines and expects the same answer to every step, and the same end. */
export async function expectSameAnswers(
  history: Step[],
  one: Records,
  other: Records,
  advance: (seconds: number) => void,
): Promise<void> {
  for (const { transact, advanceSeconds, query } of history) {
    expect(await other.transact(transact)).toEqual(await one.transact(transact))
    advance(advanceSeconds)
    expect(await allPages(other, query)).toEqual(await allPages(one, query))
  }
  for (const write of history.flatMap((step) => step.transact)) {
    const key = 'put' in write ? write.put : 'delete' in write ? write.delete : write.check
    expect(await other.get(key)).toEqual(await one.get(key))
  }
}

/** The pages of a query with the number of items of each: paging must be the same too. */
async function allPages(records: Records, query: Omit<RecordQuery, 'cursor'>): Promise<RecordItem[][]> {
  const pages: RecordItem[][] = []
  let cursor: string | undefined
  do {
    const page = await records.query({ ...query, ...(cursor === undefined ? {} : { cursor }) })
    pages.push(page.items)
    cursor = page.cursor
  } while (cursor !== undefined)
  return pages
}

function withCondition<W extends RecordWrite>(write: W, holds: RecordWrite['if']): RecordWrite {
  return holds === undefined ? write : { ...write, if: holds }
}

function nameOf(write: RecordWrite): string {
  const { pk, sk } = 'put' in write ? write.put : 'delete' in write ? write.delete : write.check
  return JSON.stringify([pk, sk])
}
