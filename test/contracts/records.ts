import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RecordItem, type Records, type RecordWrite, recordLimits } from '#core/records.ts'
import { type SettableClock, settableClock } from '#test/support/fixed-ports.ts'

export interface RecordsEngine {
  records: Records
  close(): Promise<void> | void
}

/** Far ahead, so that an engine which removes expired items by the real time never meets one of ours. */
export const contractTime = '2100-01-01T00:00:00.000Z'

/** What every engine behind `Records` must do, to the letter. */
export function recordsContract(
  engineName: string,
  makeEngine: (clock: SettableClock) => Promise<RecordsEngine>,
) {
  describe(`Records on ${engineName}`, () => {
    const clock = settableClock(contractTime)
    let engine: RecordsEngine
    let records: Records
    beforeAll(async () => {
      engine = await makeEngine(clock)
      records = engine.records
    })
    afterAll(() => engine?.close())

    let partitions = 0
    /** A partition no other test touches. */
    const fresh = () => `T#contract#${engineName}#${++partitions}`
    const nowSeconds = () => Math.floor(clock.now().getTime() / 1000)
    const item = (pk: string, sk: string, more: Partial<RecordItem> = {}): RecordItem => ({
      pk,
      sk,
      version: 1,
      data: { sk },
      ...more,
    })
    const put = async (...items: RecordItem[]) => {
      for (let start = 0; start < items.length; start += 100) {
        const writes = items.slice(start, start + 100).map((one) => ({ put: one }))
        expect(await records.transact(writes)).toEqual({ ok: true })
      }
    }
    const sortKeys = async (query: Omit<Parameters<Records['query']>[0], 'limit'>, limit = 1000) =>
      (await records.query({ ...query, limit })).items.map(({ sk }) => sk)

    describe('get', () => {
      test('answers nothing for a key that is not there', async () => {
        expect(await records.get({ pk: fresh(), sk: 'A' })).toBeUndefined()
      })

      test('answers the item exactly as it was put', async () => {
        const pk = fresh()
        const whole = item(pk, 'A', {
          version: 7,
          gsi1: { pk: `${pk}#one`, sk: 'x' },
          gsi2: { pk: `${pk}#two`, sk: 'y' },
          ttl: nowSeconds() + 60,
          data: {
            text: 'Zoë \u{1F393} "quoted" \\ \u0000 \ud800',
            empty: '',
            list: [],
            object: {},
            null: null,
            true: true,
            numbers: [0, -1, 0.1, 1e-7, 2 ** 53, -(2 ** 53), 1.7976931348623157e308, 5e-324],
            deep: [[[[[{ a: [{ b: null }] }]]]]],
            '': 'a name may be empty',
            __proto__x: 1,
          },
        })
        await put(whole)
        expect(await records.get({ pk, sk: 'A' })).toEqual(whole)
      })

      test('keeps the two tables apart', async () => {
        const pk = fresh()
        const secret: RecordItem = { ...item(pk, 'A', { data: { of: 'keys' } }), table: 'keys' }
        await put(secret)
        expect(await records.get({ pk, sk: 'A' })).toBeUndefined()
        expect(await records.get({ table: 'keys', pk, sk: 'A' })).toEqual(secret)
        expect(await records.query({ table: 'keys', pk, limit: 10 })).toEqual({ items: [secret] })
      })
    })

    describe('transact', () => {
      test('writes all of it', async () => {
        const pk = fresh()
        await put(item(pk, 'gone'))
        const answer = await records.transact([
          { put: item(pk, 'A') },
          { delete: { pk, sk: 'gone' } },
          { check: { pk, sk: 'none' }, if: 'absent' },
        ])
        expect(answer).toEqual({ ok: true })
        expect(await sortKeys({ pk })).toEqual(['A'])
      })

      test('puts over what was there, indexes and ttl with it', async () => {
        const pk = fresh()
        await put(item(pk, 'A', { gsi1: { pk: `${pk}#i`, sk: 'x' }, ttl: nowSeconds() + 60 }))
        await put(item(pk, 'A', { version: 2, data: {} }))
        expect(await records.get({ pk, sk: 'A' })).toEqual(item(pk, 'A', { version: 2, data: {} }))
        expect(await sortKeys({ index: 'gsi1', pk: `${pk}#i` })).toEqual([])
      })

      test('deleting what is not there is no failure', async () => {
        expect(await records.transact([{ delete: { pk: fresh(), sk: 'A' } }])).toEqual({ ok: true })
      })

      const there = 'item'
      test.each<[string, (pk: string) => RecordWrite, boolean]>([
        ['put if absent, absent', (pk) => ({ put: item(pk, 'none'), if: 'absent' }), true],
        ['put if absent, present', (pk) => ({ put: item(pk, there), if: 'absent' }), false],
        ['put if present, absent', (pk) => ({ put: item(pk, 'none'), if: 'present' }), false],
        ['put if present, present', (pk) => ({ put: item(pk, there), if: 'present' }), true],
        ['put if version, equal', (pk) => ({ put: item(pk, there), if: { version: 3 } }), true],
        ['put if version, lower', (pk) => ({ put: item(pk, there), if: { version: 2 } }), false],
        ['put if version, higher', (pk) => ({ put: item(pk, there), if: { version: 4 } }), false],
        ['put if version, absent', (pk) => ({ put: item(pk, 'none'), if: { version: 3 } }), false],
        ['delete if absent, present', (pk) => ({ delete: { pk, sk: there }, if: 'absent' }), false],
        ['delete if present, absent', (pk) => ({ delete: { pk, sk: 'none' }, if: 'present' }), false],
        ['delete if present, present', (pk) => ({ delete: { pk, sk: there }, if: 'present' }), true],
        ['delete if version, equal', (pk) => ({ delete: { pk, sk: there }, if: { version: 3 } }), true],
        ['delete if version, other', (pk) => ({ delete: { pk, sk: there }, if: { version: 9 } }), false],
        ['check absent, absent', (pk) => ({ check: { pk, sk: 'none' }, if: 'absent' }), true],
        ['check absent, present', (pk) => ({ check: { pk, sk: there }, if: 'absent' }), false],
        ['check present, absent', (pk) => ({ check: { pk, sk: 'none' }, if: 'present' }), false],
        ['check version, equal', (pk) => ({ check: { pk, sk: there }, if: { version: 3 } }), true],
        ['check version, other', (pk) => ({ check: { pk, sk: there }, if: { version: 2 } }), false],
      ])('%s', async (_title, write, holds) => {
        const pk = fresh()
        const stored = item(pk, there, { version: 3, data: { secret: [1, 'é'] } })
        await put(stored)
        const tested = write(pk)
        const isAbout =
          'put' in tested ? tested.put.sk : 'delete' in tested ? tested.delete.sk : tested.check.sk
        const found = isAbout === there ? { found: stored } : {}
        expect(await records.transact([{ put: item(pk, 'with it') }, tested])).toEqual(
          holds ? { ok: true } : { ok: false, failed: 1, ...found },
        )
        expect(await records.get({ pk, sk: 'with it' })).toEqual(holds ? item(pk, 'with it') : undefined)
        if (!holds) expect(await records.get({ pk, sk: there })).toEqual(stored)
      })

      test('names the first condition that failed, with the item that was there', async () => {
        const pk = fresh()
        const stored = item(pk, 'B', { version: 5 })
        await put(stored, item(pk, 'C'))
        const answer = await records.transact([
          { put: item(pk, 'A'), if: 'absent' },
          { check: { pk, sk: 'B' }, if: { version: 4 } },
          { put: item(pk, 'C'), if: 'absent' },
          { delete: { pk, sk: 'D' }, if: 'present' },
        ])
        expect(answer).toEqual({ ok: false, failed: 1, found: stored })
        expect(await sortKeys({ pk })).toEqual(['B', 'C'])
      })

      test('is all or nothing over both tables and a hundred items', async () => {
        const pk = fresh()
        await put(item(pk, '099'))
        const writes: RecordWrite[] = Array.from({ length: 100 }, (_, position) => {
          const one = item(pk, String(position).padStart(3, '0'))
          return { put: position % 2 === 0 ? { ...one, table: 'keys' as const } : one, if: 'absent' as const }
        })
        expect(await records.transact(writes)).toEqual({ ok: false, failed: 99, found: item(pk, '099') })
        expect(await sortKeys({ pk })).toEqual(['099'])
        expect(await sortKeys({ table: 'keys', pk })).toEqual([])
        expect(await records.transact(writes.slice(0, 99))).toEqual({ ok: true })
      })

      test('transactions sent at once stand or fall each alone, and later ones see earlier ones', async () => {
        const pk = fresh()
        const answers = await Promise.all(
          Array.from({ length: 40 }, (_, n) =>
            records.transact([
              { put: item(pk, `own ${n}`) },
              { put: item(pk, `shared ${n % 10}`, { data: { by: n } }), if: 'absent' },
            ]),
          ),
        )
        expect(answers.filter(({ ok }) => ok)).toHaveLength(10)
        for (const [n, answer] of answers.entries()) {
          const own = await records.get({ pk, sk: `own ${n}` })
          const shared = await records.get({ pk, sk: `shared ${n % 10}` })
          expect(own !== undefined).toBe(answer.ok)
          if (answer.ok) expect(shared?.data).toEqual({ by: n })
          else expect(answer).toEqual({ ok: false, failed: 1, found: shared })
        }
      })

      test('two writers of one version: one wins', async () => {
        const pk = fresh()
        await put(item(pk, 'A'))
        const answers = await Promise.all(
          Array.from({ length: 12 }, (_, writer) =>
            records.transact([{ put: item(pk, 'A', { version: 2, data: { writer } }), if: { version: 1 } }]),
          ),
        )
        expect(answers.filter(({ ok }) => ok)).toHaveLength(1)
        const winner = answers.findIndex(({ ok }) => ok)
        expect(await records.get({ pk, sk: 'A' })).toMatchObject({ version: 2, data: { writer: winner } })
      })

      test.each<[string, (pk: string) => RecordWrite[]]>([
        ['no write', () => []],
        ['more than 100 writes', (pk) => Array.from({ length: 101 }, (_, n) => ({ put: item(pk, `${n}`) }))],
        [
          'two writes of one item',
          (pk) => [{ put: item(pk, 'A') }, { check: { pk, sk: 'A' }, if: 'absent' }],
        ],
        ['a partition without a tenant', () => [{ put: item('anything', 'A') }]],
        ['an empty sort key', (pk) => [{ put: item(pk, '') }]],
        ['a sort key of 1,025 bytes', (pk) => [{ put: item(pk, `${'é'.repeat(512)}x`) }]],
        ['a partition key of 2,049 bytes', () => [{ put: item(`T#${'x'.repeat(2047)}`, 'A') }]],
        ['half a surrogate pair in a key', (pk) => [{ put: item(pk, 'a\ud83d') }]],
        ['a NUL in a key', (pk) => [{ put: item(pk, 'a\0b') }]],
        ['an empty key of an index', (pk) => [{ put: item(pk, 'A', { gsi1: { pk, sk: '' } }) }]],
        ['an index without a tenant', (pk) => [{ put: item(pk, 'A', { gsi2: { pk: 'x', sk: 'y' } }) }]],
        [
          'an index in the table of keys',
          (pk) => [{ put: { ...item(pk, 'A', { gsi1: { pk, sk: 'x' } }), table: 'keys' as const } }],
        ],
        ['a version of half', (pk) => [{ put: item(pk, 'A', { version: 0.5 }) }]],
        ['a version of zero', (pk) => [{ put: item(pk, 'A', { version: 0 }) }]],
        ['a ttl of no number', (pk) => [{ put: item(pk, 'A', { ttl: Number.NaN }) }]],
        ['an item that is too large', (pk) => [{ put: sized(pk, 'A', recordLimits.bytesPerItem + 1) }]],
        [
          'a transaction that is too large',
          (pk) =>
            Array.from({ length: 11 }, (_, n) => ({ put: sized(pk, `${n}`, recordLimits.bytesPerItem) })),
        ],
      ])('%s is refused as a mistake, and nothing is written', async (_title, writes) => {
        const pk = fresh()
        await expect(records.transact(writes(pk))).rejects.toThrow(Error)
        expect(await sortKeys({ pk })).toEqual([])
      })

      /** An item of exactly so many bytes as DynamoDB counts them. */
      const sized = (pk: string, sk: string, bytes: number): RecordItem => {
        const empty =
          'pk'.length + 'sk'.length + 'version'.length + 'data'.length + 21 + pk.length + sk.length
        return item(pk, sk, { data: { x: 'y'.repeat(bytes - empty - '{"x":""}'.length) } })
      }

      test('takes an item of the greatest size, and ten of them at once', async () => {
        const pk = fresh()
        const items = Array.from({ length: 10 }, (_, n) => sized(pk, `${n}`, recordLimits.bytesPerItem))
        await put(...items)
        expect(await records.get({ pk, sk: '9' })).toEqual(items[9])
        // More than DynamoDB answers at once: the adapter goes on by itself.
        expect((await records.query({ pk, limit: 10 })).items).toEqual(items)
      })

      test('takes keys of the greatest length', async () => {
        const pk = `T#${fresh()}`.padEnd(2048, 'p')
        const longest = item(pk, 'é'.repeat(512))
        await put(longest)
        expect(await records.get(longest)).toEqual(longest)
      })
    })

    describe('ttl', () => {
      test('hides an item from the second it names, everywhere', async () => {
        const pk = fresh()
        const dying = item(pk, 'A', { ttl: nowSeconds() + 10, gsi1: { pk: `${pk}#i`, sk: 'x' } })
        await put(dying, item(pk, 'B'))
        clock.advance({ seconds: 9 })
        expect(await records.get(dying)).toEqual(dying)
        clock.advance({ seconds: 1 })
        expect(await records.get(dying)).toBeUndefined()
        expect(await sortKeys({ pk })).toEqual(['B'])
        expect(await sortKeys({ index: 'gsi1', pk: `${pk}#i` })).toEqual([])
      })

      test('an expired item is absent to every condition, and never answered', async () => {
        const pk = fresh()
        const expired = item(pk, 'A', { ttl: nowSeconds() })
        await put(expired)
        const fail = { ok: false, failed: 0 }
        expect(await records.transact([{ check: expired, if: 'present' }])).toEqual(fail)
        expect(await records.transact([{ check: expired, if: { version: 1 } }])).toEqual(fail)
        expect(await records.transact([{ delete: expired, if: 'present' }])).toEqual(fail)
        const next = item(pk, 'A', { version: 9 })
        expect(await records.transact([{ put: next, if: 'absent' }])).toEqual({ ok: true })
        expect(await records.get(expired)).toEqual(next)
      })

      test('expired items do not shorten a page', async () => {
        const pk = fresh()
        await put(
          ...Array.from({ length: 30 }, (_, n) =>
            item(pk, String(n).padStart(2, '0'), n % 3 === 0 ? {} : { ttl: nowSeconds() - 1 }),
          ),
        )
        const first = await records.query({ pk, limit: 4 })
        expect(first.items.map(({ sk }) => sk)).toEqual(['00', '03', '06', '09'])
        const rest = await records.query({
          pk,
          limit: 100,
          ...(first.cursor ? { cursor: first.cursor } : {}),
        })
        expect(rest.items.map(({ sk }) => sk)).toEqual(['12', '15', '18', '21', '24', '27'])
        expect(rest.cursor).toBeUndefined()
      })
    })

    describe('query', () => {
      // In order of their UTF-8 bytes, which is neither UTF-16's order (the last two) nor any language's.
      const ordered = [
        '!',
        '#',
        '%',
        '*',
        '0',
        '10',
        '2',
        'A',
        'B',
        'Z',
        '[',
        '_',
        'a',
        'aa',
        'b',
        'e\u0301',
        '~',
        'é',
        'ß',
        'Ā',
        '中',
        '\ue000',
        '\uffee',
        '\u{1F393}',
        '\u{10FFFF}',
      ]

      test('sorts keys by their UTF-8 bytes, both ways', async () => {
        const pk = fresh()
        await put(...ordered.toReversed().map((sk) => item(pk, sk)))
        const byBytes = ordered.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
        expect(await sortKeys({ pk })).toEqual(byBytes)
        expect(await sortKeys({ pk, descending: true })).toEqual(byBytes.toReversed())
      })

      test('an index sorts the same way', async () => {
        const pk = fresh()
        await put(...ordered.map((sk, n) => item(pk, String(n), { gsi2: { pk: `${pk}#i`, sk } })))
        const { items } = await records.query({ index: 'gsi2', pk: `${pk}#i`, limit: 100 })
        const byBytes = ordered.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
        expect(items.map(({ gsi2 }) => gsi2?.sk)).toEqual(byBytes)
      })

      test.each([
        ['a plain prefix', 'AB#', ['AB#', 'AB#1', 'AB#\u{1F393}']],
        [
          'no prefix at all',
          '',
          [
            'AB',
            'AB#',
            'AB#1',
            'AB#\u{1F393}',
            'AC',
            'a%',
            'a%b',
            'ab',
            'é',
            'éa',
            '\ud7ff!',
            '\ue000',
            '\u{10FFFF}',
            '\u{10FFFF}x',
          ],
        ],
        ['a wildcard of SQL', 'a%', ['a%', 'a%b']],
        ['an underscore', 'a_', []],
        ['letters beyond ASCII', 'é', ['é', 'éa']],
        ['the last character before the surrogates', '\ud7ff', ['\ud7ff!']],
        ['the last character there is', '\u{10FFFF}', ['\u{10FFFF}', '\u{10FFFF}x']],
        ['longer than every key', 'AB#1234567890', []],
      ])('beginsWith takes %s', async (_title, beginsWith, expected) => {
        const pk = fresh()
        const all = [
          'AB',
          'AB#',
          'AB#1',
          'AB#\u{1F393}',
          'AC',
          'a%',
          'a%b',
          'ab',
          'é',
          'éa',
          '\ud7ff!',
          '\ue000',
          '\u{10FFFF}',
          '\u{10FFFF}x',
        ]
        await put(...all.map((sk) => item(pk, sk)))
        expect(await sortKeys({ pk, sk: { beginsWith } })).toEqual(expected)
        expect(await sortKeys({ pk, sk: { beginsWith }, descending: true })).toEqual(expected.toReversed())
      })

      test.each([
        ['both ends included', 'B', 'D', ['B', 'C', 'D']],
        ['one key', 'C', 'C', ['C']],
        ['ends that are no keys', 'Aa', 'Cz', ['B', 'C']],
        ['nothing between', 'Ba', 'Bz', []],
        ['an end before its start', 'D', 'B', []],
      ])('a range takes %s', async (_title, from, to, expected) => {
        const pk = fresh()
        await put(...['A', 'B', 'C', 'D', 'E'].map((sk) => item(pk, sk)))
        expect(await sortKeys({ pk, sk: { from, to } })).toEqual(expected)
      })

      test('pages with cursors see every item once, both ways, and the last page has no cursor', async () => {
        const pk = fresh()
        const all = Array.from({ length: 23 }, (_, n) => String(n).padStart(2, '0'))
        await put(...all.map((sk) => item(pk, sk)))
        for (const descending of [false, true]) {
          for (const limit of [1, 5, 23, 24]) {
            const seen: string[] = []
            let cursor: string | undefined
            let pages = 0
            do {
              const page = await records.query({ pk, limit, descending, ...(cursor ? { cursor } : {}) })
              expect(page.items.length).toBeLessThanOrEqual(limit)
              seen.push(...page.items.map(({ sk }) => sk))
              cursor = page.cursor
              pages++
            } while (cursor)
            expect(seen).toEqual(descending ? all.toReversed() : all)
            expect(pages).toBe(Math.ceil(all.length / limit))
          }
        }
      })

      test('items that share the sort key of an index are all seen once over pages', async () => {
        const pk = fresh()
        const all = Array.from({ length: 20 }, (_, n) =>
          item(`${pk}#${n % 4}`, String(n).padStart(2, '0'), { gsi1: { pk: `${pk}#i`, sk: `same${n % 2}` } }),
        )
        await put(...all)
        const seen: string[] = []
        let cursor: string | undefined
        do {
          const page = await records.query({
            index: 'gsi1',
            pk: `${pk}#i`,
            limit: 3,
            ...(cursor ? { cursor } : {}),
          })
          seen.push(...page.items.map(({ sk }) => sk))
          cursor = page.cursor
        } while (cursor)
        expect(seen.toSorted()).toEqual(all.map(({ sk }) => sk))
        const even = all.filter((_, n) => n % 2 === 0).map(({ sk }) => sk)
        expect(seen.slice(0, 10).toSorted()).toEqual(even)
      })

      test('an item without a key of the index is not in it', async () => {
        const pk = fresh()
        await put(item(pk, 'A'), item(pk, 'B', { gsi1: { pk, sk: 'x' } }))
        expect(await sortKeys({ index: 'gsi1', pk })).toEqual(['B'])
        expect(await sortKeys({ index: 'gsi2', pk })).toEqual([])
      })

      test.each([
        ['limit 0', { limit: 0 }],
        ['limit 1,001', { limit: 1001 }],
        ['a limit of half', { limit: 1.5 }],
        ['a partition without a tenant', { pk: 'x' }],
        ['an index of the keys', { table: 'keys' as const, index: 'gsi1' as const }],
        ['an empty end of a range', { sk: { from: 'a', to: '' } }],
      ])('%s is refused as a mistake', async (_title, change) => {
        await expect(records.query({ pk: fresh(), limit: 10, ...change })).rejects.toThrow(Error)
      })
    })
  })
}
