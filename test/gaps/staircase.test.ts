import { expect, test } from 'vitest'
import { addStairs, compareStairs, emptyStaircase, stairs } from '#core/gaps/staircase.ts'

test('the worked example: a gap of 80 person-levels and 69.2 % coverage', () => {
  const demand = addStairs(stairs(2, 100), stairs(3, 20))
  const supply = addStairs(addStairs(stairs(1, 90), stairs(2, 50)), stairs(3, 5))
  expect(demand).toEqual([120, 120, 20, 0])
  expect(supply).toEqual([145, 55, 5, 0])
  const { gap, met, coverage } = compareStairs(demand, supply)
  expect(gap).toBe(80)
  expect(met).toBe(180)
  expect(((coverage ?? 0) * 100).toFixed(1)).toBe('69.2')
})

test('four beginners never replace one expert', () => {
  expect(compareStairs(stairs(4, 1), stairs(1, 4))).toEqual({ gap: 3, met: 1, coverage: 0.25 })
})

test('nothing demanded has no coverage and no gap', () => {
  expect(compareStairs(emptyStaircase, stairs(4, 7))).toEqual({ gap: 0, met: 0, coverage: undefined })
})
