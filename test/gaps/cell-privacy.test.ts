import { describe, expect, test } from 'vitest'
import {
  type CellCounts,
  drawDown,
  mayShow,
  privacyRules,
  roundTo,
  type Steps,
  showHeads,
  shownHeight,
} from '#core/gaps/cell-privacy.ts'
import { employerVotes } from '#core/gaps/employer-votes.ts'
import { institutions } from './publish-facts.ts'

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

test('no step of nine learners is shown, and none above one that is hidden', () => {
  expect(shownHeight(even([9, 9, 0, 0]), 4, rules)).toBe(0)
  expect(shownHeight(even([63, 63, 60, 3]), 4, rules)).toBe(3)
  // One organisation dominates level 1 only; the levels above would bound it from below.
  const byInstitution = new Map(institutions.map((tenant, at) => [tenant, at === 0 ? [900, 40] : [40, 40]]))
  expect(shownHeight({ byInstitution, employersAllow: 4 }, 4, rules)).toBe(0)
})

test('employers hide a step as institutions do', () => {
  expect(shownHeight({ ...even([60, 60, 60, 60]), employersAllow: 2 }, 4, rules)).toBe(2)
})

describe('a whole with few people beyond a published part', () => {
  test('is told as the part', () => {
    expect(drawDown(63, [60], rules)).toBe(60)
    expect(drawDown(69, [60], rules)).toBe(60)
  })

  test('is told as it is when enough are beyond, or nobody', () => {
    expect(drawDown(70, [60], rules)).toBe(70)
    expect(drawDown(60, [60], rules)).toBe(60)
    expect(drawDown(63, [], rules)).toBe(63)
  })

  test('is never told as less than another part of it', () => {
    expect(drawDown(63, [55, 61, 20], rules)).toBe(61)
  })
})

describe('a vote on the employers of a cell', () => {
  const voted = (...employers: (string | undefined)[]) => {
    const votes = employerVotes(1)
    for (const employer of employers) {
      votes.begin(employer)
      votes.cast(0)
    }
    return votes.allow(0, employers.length, rules)
  }
  const times = (count: number, employer: string | undefined) => Array.from({ length: count }, () => employer)

  test('refuses one with more than 85 %, in whatever order its people come', () => {
    const [works, shop, school] = [times(18, 'works'), times(1, 'shop'), times(1, 'school')]
    expect(voted(...works, ...shop, ...school)).toBe(false)
    expect(voted(...shop, ...school, ...works)).toBe(false)
    expect(voted(...shop, ...works, ...school)).toBe(false)
  })

  test('refuses fewer than three', () => {
    expect(voted(...times(10, 'works'), ...times(10, 'shop'))).toBe(false)
    expect(voted(...times(10, 'works'), ...times(10, 'shop'), 'school')).toBe(true)
  })

  test('takes everybody who names none for one of their own', () => {
    expect(voted(...times(10, undefined))).toBe(true)
    expect(voted(...times(12, 'works'), ...times(8, undefined))).toBe(true)
    expect(voted(...times(18, 'works'), ...times(2, undefined))).toBe(false)
  })
})

/** The same totals from three organisations of about a third each. */
function even(totals: Steps): CellCounts {
  const part = (at: number) => totals.map((value) => Math.floor((value + at) / 3))
  return {
    byInstitution: new Map(institutions.map((tenant, at) => [tenant, part(at)])),
    employersAllow: totals.length,
  }
}
