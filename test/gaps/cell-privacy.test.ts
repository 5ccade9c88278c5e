import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  complementaryCells,
  givesAwayTheRest,
  mayShow,
  privacyRules,
  roundTo,
  showHeads,
  showStairs,
} from '#core/gaps/cell-privacy.ts'
import type { Staircase } from '#core/gaps/staircase.ts'

const rules = privacyRules(10)

test.each([0, 1, 4, -1, 7.5, Number.NaN])('a threshold of %s is refused', (threshold) => {
  expect(() => privacyRules(threshold)).toThrow(/at least 5/)
})

test.each([
  { why: 'nine learners', contributions: [3, 3, 3], shown: false },
  { why: 'ten learners of three organisations', contributions: [4, 3, 3], shown: true },
  { why: 'two organisations', contributions: [50, 50], shown: false },
  { why: 'an organisation without learners does not contribute', contributions: [50, 50, 0], shown: false },
  { why: 'one organisation at 86 %', contributions: [86, 7, 7], shown: false },
  { why: 'one organisation at 85 %', contributions: [85, 8, 7], shown: true },
  { why: 'nobody', contributions: [], shown: false },
])('$why: shown is $shown', ({ contributions, shown }) => {
  expect(mayShow(contributions, rules)).toBe(shown)
})

test.each([
  [10, 10],
  [12, 10],
  [13, 15],
  [17, 15],
  [18, 20],
])('%i is published as %i', (value, published) => {
  expect(roundTo(value, rules.rounding)).toBe(published)
})

test('a denominator under the threshold is hidden like a numerator', () => {
  expect(showHeads(9, rules)).toBeNull()
  expect(showHeads(0, rules)).toBeNull()
  expect(showHeads(11, rules)).toBe(10)
})

test('zero learners and nine learners show alike', () => {
  expect(showStairs([], rules)).toEqual(showStairs(even([9, 9, 0, 0]), rules))
})

test('a level with few more learners than the next shows only as many as the next', () => {
  expect(givesAwayTheRest(63, 60, rules)).toBe(true)
  expect(showStairs(even([63, 63, 60, 0]), rules)).toEqual([60, 60, 60, null])
  expect(showStairs(even([75, 60, 60, 3]), rules)).toEqual([75, 60, 60, null])
})

test('a level above a hidden one is hidden', () => {
  // One organisation dominates level 1 only; the levels above would bound it from below.
  const steps: Staircase[] = [
    [900, 40, 0, 0],
    [40, 40, 0, 0],
    [40, 40, 0, 0],
  ]
  expect(showStairs(steps, rules)).toEqual([null, null, null, null])
})

test('a row with exactly one hidden cell hides its smallest other cell', () => {
  const shown = tableOf({ a: { x: 20, y: 15 }, b: { x: 30, y: 40, z: 50 }, c: {}, d: {} })
  expect(complementaryCells(shown, ['x', 'y', 'z'])).toEqual([{ row: 'a', column: 'y' }])
})

test('a column with exactly one hidden cell hides its smallest other cell', () => {
  const shown = tableOf({ a: { x: 20 }, b: { x: 10 }, c: {} })
  expect(complementaryCells(shown, ['x', 'y', 'z'])).toEqual([{ row: 'b', column: 'x' }])
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
      for (const { row, column } of complementaryCells(shown, columns)) {
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

/** The same totals from three organisations of about a third each. */
function even(totals: Staircase): Staircase[] {
  const part = (value: number, at: number) => Math.floor((value + at) / 3)
  return [0, 1, 2].map((at) => [
    part(totals[0], at),
    part(totals[1], at),
    part(totals[2], at),
    part(totals[3], at),
  ])
}

function tableOf(rows: Record<string, Record<string, number>>) {
  return new Map(Object.entries(rows).map(([row, cells]) => [row, new Map(Object.entries(cells))]))
}
