import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { privacyRules } from '#core/gaps/cell-privacy.ts'
import { complementaryCells } from '#core/gaps/complementary.ts'
import { holder, holders, publishFacts, smallLayout } from './publish-facts.ts'

const rules = privacyRules(10)

test('a row with exactly one hidden cell hides its smallest other cell', () => {
  const shown = tableOf({ a: { x: 20, y: 15 }, b: { x: 30, y: 40, z: 50 }, c: {}, d: {} })
  expect(complementaryCells(shown, ['x', 'y', 'z'], rules)).toEqual([{ row: 'a', column: 'y' }])
})

test('a column with exactly one hidden cell hides its smallest other cell', () => {
  const shown = tableOf({ a: { x: 20 }, b: { x: 10 }, c: {} })
  expect(complementaryCells(shown, ['x', 'y', 'z'], rules)).toEqual([{ row: 'b', column: 'x' }])
})

test('after complementary suppression no row and no column has exactly one hidden cell', () => {
  const columns = ['p', 'q', 'r', 's']
  const row = fc.array(fc.option(fc.integer({ min: 2, max: 9 }), { freq: 3 }), { minLength: 4, maxLength: 4 })
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 6 }), (rows) => {
      const shown = new Map(
        rows.map((values, index) => [
          `row${index}`,
          new Map(columns.flatMap((column, at) => (values[at] == null ? [] : [[column, values[at] * 5]]))),
        ]),
      )
      for (const { row, column } of complementaryCells(shown, columns, rules)) {
        expect(shown.get(row)?.delete(column)).toBe(true)
      }
      for (const cells of shown.values())
        expect(cells.size === 0 || columns.length - cells.size !== 1).toBe(true)
      for (const column of columns) {
        const cells = [...shown.values()].filter((values) => values.has(column)).length
        expect(cells === 0 || shown.size - cells !== 1).toBe(true)
      }
    }),
  )
})

describe('in a snapshot', () => {
  // One module in three sectors, one of them too small; a second one, so that no column has one alone.
  const crowd = [
    ...holders(40, { sector: 'energy' }, 'm-containers', 'm-sql'),
    ...holders(20, { sector: 'mobility' }, 'm-containers', 'm-sql'),
    ...holders(6, { sector: 'robotics' }, 'm-containers', 'm-sql'),
  ]

  test('the sector that would give a small one away is hidden in module, skills and totals alike', async () => {
    const { tables } = await publishFacts(crowd, smallLayout, rules)
    expect(Object.keys(tables.sector)).toEqual(['energy'])
    expect(tables.sector['energy']).toMatchObject({
      any: [40, 40],
      skills: { containers: [40, 40], sql: [40] },
    })
  })

  test('without the rule it stands there', async () => {
    const { tables } = await publishFacts(crowd, smallLayout, { ...rules, hiddenTogether: 1 })
    expect(Object.keys(tables.sector)).toEqual(['energy', 'mobility'])
  })
})

describe('a group under the threshold', () => {
  const places = { sector: 'energy' }
  // Six hold only m-mlops; it teaches containers too, which sixty others hold.
  const crowd = [...holders(60, places, 'm-containers'), ...holders(6, places, 'm-mlops')]

  test('counts in no larger group of its place, so that no sum of numbers tells of it', async () => {
    const withThem = await publishFacts(crowd, smallLayout, rules)
    const without = await publishFacts(crowd.slice(0, 60), smallLayout, rules)
    expect(withThem.tables).toEqual(without.tables)
    expect(withThem.tables.sector['energy']?.any).toEqual([60, 60])
  })

  test('counts with one more module as long as that is a group', async () => {
    const more = [...crowd, ...holders(4, places, 'm-mlops')]
    const { tables } = await publishFacts(more, smallLayout, rules)
    expect(tables.sector['energy']?.skills).toEqual({ containers: [70, 60], mlops: [10, 10, 10] })
  })
})

describe('tables that tell of the same people', () => {
  const places = (n: number) => ({
    sector: 'energy',
    country: 'FR',
    targetGroup: n < 20 ? 'graduate' : 'sme-staff',
  })
  const crowd = Array.from({ length: 47 }, (_, n) => holder(n, places(n), 'm-containers'))
  const strangers = holders(5, { sector: 'energy', country: 'PL', targetGroup: 'graduate' }, 'm-containers')

  test('a sector with few people outside its shown countries is told as those countries', async () => {
    const { tables } = await publishFacts([...crowd, ...strangers], smallLayout, rules)
    expect(tables.pairs['sector+country']).toEqual({ 'energy+FR': [45, 45] })
    // 52 would be told as 50: with five in Poland it looks as with none.
    expect(tables.sector['energy']?.any).toEqual([45, 45])
    const alone = await publishFacts(crowd, smallLayout, rules)
    expect(alone.tables.sector['energy']?.any).toEqual([45, 45])
  })

  test('without the rule the five in Poland can be counted', async () => {
    const { tables } = await publishFacts([...crowd, ...strangers], smallLayout, { ...rules, remainder: 0 })
    expect(tables.sector['energy']?.any).toEqual([50, 50])
  })

  test('a region that has nearly all of its country is not shown beside it', async () => {
    const inParis = holders(40, { country: 'FR', nuts1: 'FR1' }, 'm-containers')
    const few = holders(9, { country: 'FR', nuts1: 'FR1' }, 'm-containers', 'm-sql')
    const elsewhere = holders(2, { country: 'FR' }, 'm-containers', 'm-sql')
    const { tables } = await publishFacts([...inParis, ...few, ...elsewhere], smallLayout, rules)
    expect(tables.country['FR']?.skills['sql']).toEqual([10])
    expect(tables.nuts1).toEqual({})
    const usual = await publishFacts(
      [...inParis, ...holders(20, { country: 'FR' }, 'm-containers')],
      smallLayout,
      rules,
    )
    expect(usual.tables.nuts1['FR1']?.skills['containers']).toEqual([40, 40])
  })
})

function tableOf(rows: Record<string, Record<string, number>>) {
  return new Map(Object.entries(rows).map(([row, cells]) => [row, new Map(Object.entries(cells))]))
}
