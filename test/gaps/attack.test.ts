import { expect, test } from 'vitest'
import { type PrivacyRules, privacyRules } from '#core/gaps/cell-privacy.ts'
import type { LearnerFacts } from '#core/gaps/learner-facts.ts'
import type { Layout } from '#core/gaps/places.ts'
import type { TenantTag } from '#core/ids.ts'
import { attack, isTooTight } from './attacker/attack.ts'
import { seeded, smallCrowd, smallWorld } from './attacker/generate.ts'
import { learnHow } from './attacker/learn-how.ts'
import { attackStory } from './attacker/story.ts'
import { institutions, publishFacts } from './publish-facts.ts'

const rules = privacyRules(10)
const places = { sectors: 2, skills: 2, countries: 2, regions: 0, targetGroups: 2, modules: 1 }
const trainings = { sectors: 1, skills: 4, countries: 1, regions: 0, targetGroups: 1, modules: 3 }

// Larger academies are attacked in test/real/gap-attack.test.ts.
test.each([
  { seed: 1, size: places, people: 140, snapshots: 1 },
  { seed: 8, size: places, people: 140, snapshots: 1 },
  { seed: 28, size: places, people: 140, snapshots: 1 },
  { seed: 12, size: places, people: 140, snapshots: 3 },
  { seed: 2, size: trainings, people: 50, snapshots: 3 },
])(
  'from all that is published nobody narrows a hidden number below the threshold ($seed)',
  async ({ seed, ...story }) => {
    const findings = await attackStory(story, seed, rules)
    expect(findings.length).toBeGreaterThan(10)
    expect(findings.filter((found) => isTooTight(found, rules))).toEqual([])
  },
)

// Somebody who read elsewhere how many took each module in all: the only hidden number of a row would be theirs.
const rows = [
  {
    seed: 7,
    size: { sectors: 3, skills: 1, countries: 0, regions: 0, targetGroups: 0, modules: 1 },
    people: 60,
    snapshots: 1,
    alsoKnows: 'totals',
  },
  {
    seed: 1,
    size: { sectors: 3, skills: 2, countries: 1, regions: 0, targetGroups: 1, modules: 2 },
    people: 90,
    snapshots: 1,
    alsoKnows: 'totals',
  },
] as const

test.each(rows)(
  'nor does a total read elsewhere give away the only small number of a row ($seed)',
  async ({ seed, ...story }) => {
    const findings = await attackStory(story, seed, rules)
    expect(findings.filter((found) => isTooTight(found, rules))).toEqual([])
  },
)

test.each(rows)('without complementary suppression it does ($seed)', async ({ seed, ...story }) => {
  const findings = await attackStory(story, seed, { ...rules, hiddenTogether: 1 })
  expect(findings.filter((found) => isTooTight(found, rules))).not.toEqual([])
})

// Made so that roundings fall the attacker's way: 88 and 18 of 97 have nine in common, and nobody may know it.
const one: Layout = {
  ...smallWorld({ sectors: 1, skills: 2, countries: 3, regions: 1, targetGroups: 3, modules: 2 }, seeded(1)),
  teaches: new Map([
    ['m1', [{ skill: 'k1', level: 1 }]],
    ['m2', [{ skill: 'k2', level: 1 }]],
  ]),
}
const some = (
  count: number,
  places: LearnerFacts['places'],
  { stage = 4, modules = ['m1'] }: { stage?: number; modules?: string[] } = {},
): LearnerFacts[] =>
  Array.from({ length: count }, (_, n) => ({
    tenant: institutions[n % institutions.length] as TenantTag,
    places,
    modules: modules.map((module) => ({
      module,
      stage,
      awards: stage < 4 ? [] : [{ skills: [...(one.teaches.get(module) ?? [])] }],
    })),
  }))
const sector = 's1'

test.each([
  {
    what: 'two groups of a sector imply of a third',
    crowd: [
      ...some(79, { sector, country: 'c1' }),
      ...some(9, { sector, country: 'c1', targetGroup: 'g1' }),
      ...some(9, { sector, country: 'c2', targetGroup: 'g1' }),
    ],
  },
  {
    what: 'a sector nearly all of whom hold an award implies of a part of it',
    crowd: [
      ...some(79, { sector }),
      ...some(9, { sector, targetGroup: 'g1' }),
      ...some(9, { sector, targetGroup: 'g1' }, { stage: 1 }),
    ],
  },
  {
    what: 'a country implies of the region that has nearly all of it',
    crowd: [
      ...some(79, { country: 'c1', nuts1: 'c1r1' }),
      ...some(9, { country: 'c1', nuts1: 'c1r1' }, { modules: ['m1', 'm2'] }),
      ...some(14, { country: 'c1' }, { modules: ['m2'] }),
    ],
  },
])('what $what is not there to be seen', async ({ crowd }) => {
  const published = await publishFacts(crowd, one, rules)
  const findings = await attack(one, [published], crowd, await learnHow(rules))
  expect(findings.length).toBeGreaterThan(5)
  expect(findings.filter((found) => isTooTight(found, rules))).toEqual([])
})

test('who knows that one learner alone joined or left sees no number move', async () => {
  for (let seed = 1; seed <= 20; seed++) {
    const random = seeded(seed)
    const layout = smallWorld(places, random)
    const crowd = smallCrowd(layout, 140, random)
    const before = await publishFacts(crowd, layout, rules)
    const leaver = random(crowd.length)
    for (const after of [[...crowd, ...smallCrowd(layout, 1, random)], crowd.toSpliced(leaver, 1)]) {
      const { tables } = await publishFacts(after, layout, rules, before.kept)
      expect(tables).toEqual(before.tables)
    }
  }
})

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
  expect(findings.filter((found) => isTooTight(found, rules))).not.toEqual([])
})
