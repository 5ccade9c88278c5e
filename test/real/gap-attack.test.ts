import { describe, expect, test } from 'vitest'
import { privacyRules } from '#core/gaps/cell-privacy.ts'
import { isTooTight, tellsOfOthers } from '#test/gaps/attacker/attack.ts'
import type { Size } from '#test/gaps/attacker/generate.ts'
import { attackStory, storyFromInside } from '#test/gaps/attacker/story.ts'

/** The attacker of `test/gaps/attack.test.ts` on larger academies; exact, and slow for that. */
const rules = privacyRules(10)

const academies: { of: string; size: Size; people: number; snapshots: number; seeds: number[] }[] = [
  {
    of: 'five sectors and four skills in three snapshots',
    size: { sectors: 5, skills: 4, countries: 2, regions: 0, targetGroups: 2, modules: 2 },
    people: 260,
    snapshots: 3,
    seeds: [1, 2],
  },
  {
    of: 'four skills taught by three modules that overlap',
    size: { sectors: 3, skills: 4, countries: 2, regions: 0, targetGroups: 1, modules: 3 },
    people: 90,
    snapshots: 1,
    seeds: [11, 12, 13],
  },
  {
    of: 'regions within countries',
    size: { sectors: 2, skills: 3, countries: 2, regions: 2, targetGroups: 2, modules: 2 },
    people: 150,
    snapshots: 1,
    seeds: [21, 22, 23],
  },
  {
    of: 'few places and many people, where nearly everything is shown',
    size: { sectors: 2, skills: 2, countries: 2, regions: 0, targetGroups: 2, modules: 1 },
    people: 170,
    snapshots: 3,
    seeds: Array.from({ length: 30 }, (_, at) => 100 + at),
  },
]

describe.each(academies)('in an academy of $of', ({ size, people, snapshots, seeds }) => {
  test.each(seeds)('nobody narrows a hidden number below the threshold (%i)', async (seed) => {
    const findings = await attackStory({ size, people, snapshots }, seed, rules)
    expect(findings.filter((one) => isTooTight(one, rules))).toEqual([])
  })
})

describe.each([30, 60, 75])('an institution that has at least %i % of the learners', (percentOfFirst) => {
  const size = { sectors: 2, skills: 2, countries: 2, regions: 0, targetGroups: 2, modules: 1 }
  test.each([1, 6])('learns of no other one what it has (%i)', async (seed) => {
    const findings = await storyFromInside({ size, people: 140, percentOfFirst }, seed, rules)
    expect(findings.filter((one) => tellsOfOthers(one, rules))).toEqual([])
  })
})
