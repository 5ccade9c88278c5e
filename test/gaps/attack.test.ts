import { expect, test } from 'vitest'
import { type PrivacyRules, privacyRules } from '#core/gaps/cell-privacy.ts'
import { isTooTight } from './attacker/attack.ts'
import { attackStory } from './attacker/story.ts'

const rules = privacyRules(10)
const places = { sectors: 2, skills: 2, countries: 2, regions: 0, targetGroups: 2, modules: 1 }
const trainings = { sectors: 1, skills: 4, countries: 1, regions: 0, targetGroups: 1, modules: 3 }

// Larger academies are attacked in test/real/gap-attack.test.ts.
test.each([
  { seed: 8, size: places, people: 140, snapshots: 1 },
  { seed: 12, size: places, people: 140, snapshots: 3 },
  { seed: 2, size: trainings, people: 50, snapshots: 3 },
])(
  'from all that is published nobody narrows a hidden number below the threshold ($seed)',
  async ({ seed, ...story }) => {
    const findings = await attackStory(story, seed, rules)
    expect(findings.length).toBeGreaterThan(10)
    expect(findings.filter((one) => isTooTight(one, rules))).toEqual([])
  },
)

// The same attacker on the same academies, published without one of the rules.
test.each<{
  rule: string
  without: Partial<PrivacyRules>
  seed: number
  size: typeof places
  people: number
}>([
  {
    rule: 'the threshold',
    without: { threshold: 5, group: 5, remainder: 5 },
    seed: 1,
    size: places,
    people: 140,
  },
  { rule: 'wholes drawn down to their parts', without: { remainder: 0 }, seed: 8, size: places, people: 140 },
  { rule: 'rounding', without: { rounding: 1 }, seed: 28, size: places, people: 140 },
  {
    rule: 'small groups kept out of larger ones',
    without: { group: 1 },
    seed: 2,
    size: trainings,
    people: 50,
  },
])('without $rule the attacker succeeds', async ({ without, seed, ...story }) => {
  const findings = await attackStory({ ...story, snapshots: 1 }, seed, { ...rules, ...without })
  expect(findings.filter((one) => isTooTight(one, rules))).not.toEqual([])
})
