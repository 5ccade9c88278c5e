import { describe, expect, test } from 'vitest'
import { type PrivacyRules, privacyRules } from '#core/gaps/cell-privacy.ts'
import type { LearnerFacts } from '#core/gaps/learner-facts.ts'
import type { TenantTag } from '#core/ids.ts'
import { tellsOfOthers } from './attacker/attack.ts'
import { caughtByMedian } from './attacker/days.ts'
import { seeded, smallWorld } from './attacker/generate.ts'
import { storyFromInside } from './attacker/story.ts'

// The attacker is an institution: it takes its own learners away from every number.
const rules = privacyRules(10)
const few = { sectors: 3, skills: 1, countries: 2, regions: 0, targetGroups: 0, modules: 1 }
const trainings = { sectors: 1, skills: 4, countries: 1, regions: 0, targetGroups: 1, modules: 2 }

test.each([
  { seed: 2, size: trainings, people: 60, percentOfFirst: 75 },
  { seed: 5, size: few, people: 60, percentOfFirst: 75 },
  { seed: 8, size: few, people: 60, percentOfFirst: 50 },
])(
  'an institution that takes its own learners away learns of no other one what it has ($seed)',
  async ({ seed, ...story }) => {
    const findings = await storyFromInside(story, seed, rules)
    expect(findings.filter(({ shown, own }) => shown && own > 0).length).toBeGreaterThan(1)
    expect(findings.filter((found) => tellsOfOthers(found, rules))).toEqual([])
  },
)

test.each<{ rule: string; without: Partial<PrivacyRules>; seed: number; size: typeof few }>([
  { rule: 'three institutions', without: { organisations: 1 }, seed: 5, size: few },
  { rule: 'dominance', without: { dominance: 1 }, seed: 2, size: trainings },
  { rule: 'rounding', without: { rounding: 1 }, seed: 2, size: trainings },
])('without the rule of $rule it does', async ({ without, seed, size }) => {
  const story = { size, people: 60, percentOfFirst: 75 }
  const findings = await storyFromInside(story, seed, { ...rules, ...without })
  expect(findings.filter((found) => tellsOfOthers(found, rules))).not.toEqual([])
})

describe('the median of days to an award', () => {
  const layout = smallWorld(
    { sectors: 1, skills: 1, countries: 1, regions: 0, targetGroups: 0, modules: 1 },
    seeded(1),
  )
  const took = (tenant: string, ...days: number[]): LearnerFacts[] =>
    days.map((daysToAward) => ({
      tenant: tenant as TenantTag,
      places: { sector: 's1' },
      modules: [
        { module: 'm1', stage: 4, daysToAward, awards: [{ skills: [...(layout.teaches.get('m1') ?? [])] }] },
      ],
    }))
  const own = (...days: number[]) => took('aaaaaaaa', ...days)
  const attacked = (facts: LearnerFacts[], without: Partial<PrivacyRules> = {}) =>
    caughtByMedian('aaaaaaaa' as TenantTag, 'm1', facts, layout, { ...rules, ...without })

  // Half of the attacker's own were quicker than everybody else and half slower, so that the median is another's.
  const around = own(1, 2, 3, 4, 91, 92, 93, 94)

  test.each([
    { others: 'one of each of two others', facts: [...took('bbbbbbbb', 40), ...took('cccccccc', 41)] },
    { others: 'who took equally long', facts: [...took('bbbbbbbb', 40), ...took('cccccccc', 40)] },
    { others: 'far from each other', facts: [...took('bbbbbbbb', 20), ...took('cccccccc', 70)] },
    {
      others: 'two of one and one of another',
      facts: [...took('bbbbbbbb', 30, 50), ...took('cccccccc', 40)],
    },
    {
      others: 'of three others',
      facts: [...took('bbbbbbbb', 40), ...took('cccccccc', 40), ...took('dddddddd', 40)],
    },
  ])(
    'tells nobody who knows all other days how long a learner of one institution took: $others',
    async ({ facts }) => {
      expect(await attacked([...around, ...facts])).toEqual([])
    },
  )

  test('is hidden where one institution has all others beside the attacker, and would tell of it', async () => {
    const facts = [...around, ...own(95), ...took('bbbbbbbb', 40)]
    expect(await attacked(facts)).toEqual([])
    expect(await attacked(facts, { organisations: 1, dominance: 1 })).toEqual(['bbbbbbbb'])
  })
})
