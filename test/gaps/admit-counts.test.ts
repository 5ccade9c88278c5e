import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { admitCounts, type CubeCounts, type PrivateCounts } from '#core/gaps/admit-counts.ts'
import { buildSupply } from '#core/gaps/build-snapshot.ts'
import { privacyRules } from '#core/gaps/cell-privacy.ts'
import { supplyCounter } from '#core/gaps/count-supply.ts'
import type { LearnerSupply } from '#core/gaps/project-supply.ts'
import type { LearnerId, TenantTag } from '#core/ids.ts'
import type { Level } from '#core/skills/ontology.ts'

const rules = privacyRules(10)
const sectors = ['energy', 'mobility', 'robotics']
const institutions = ['aaaaaaaa', 'bbbbbbbb', 'cccccccc'] as TenantTag[]

describe('one award alone moves no published number', () => {
  const learner = fc.record({
    tenant: fc.constantFrom(...institutions),
    sector: fc.constantFrom('energy', 'mobility'),
    skills: fc.dictionary(fc.constantFrom('containers', 'mlops'), level(), { minKeys: 1, maxKeys: 2 }),
  })
  const crowd = fc.array(learner, { minLength: 20, maxLength: 120 })

  test('whatever the crowd, the history of snapshots before it, and the award', () => {
    fc.assert(
      fc.property(
        crowd,
        fc.array(crowd, { maxLength: 3 }),
        learner,
        fc.nat(),
        (first, later, award, pick) => {
          const people = [...first]
          let published = publish(undefined, people)
          for (const more of later) {
            people.push(...more)
            published = publish(published.kept, people)
          }
          // A new learner, or one more award for somebody who is there: both are one award.
          for (const after of [[...people, award], raised(people, pick, award)]) {
            expect(publish(published.kept, after).supply).toEqual(published.supply)
          }
          // One revocation too.
          const without = people.filter((_, at) => at !== pick % people.length)
          expect(publish(published.kept, without).supply).toEqual(published.supply)
        },
      ),
      { numRuns: 150 },
    )
  })

  test('at every count across the boundaries of threshold and rounding, up and down', () => {
    for (let heads = 1; heads <= 60; heads++) {
      const before = publish(undefined, crowdOf(heads))
      expect(publish(before.kept, crowdOf(heads + 1)).supply).toEqual(before.supply)
      expect(publish(before.kept, crowdOf(heads - 1)).supply).toEqual(before.supply)
    }
  })

  test('nor does the next one, when each gets a snapshot of its own', () => {
    let last = publish(undefined, crowdOf(31))
    const first = last.supply
    for (let heads = 32; heads <= 80; heads++) {
      last = publish(last.kept, crowdOf(heads))
      expect(last.supply).toEqual(first)
    }
  })
})

test('a cell that moved by the threshold is published from its counts of today', () => {
  const before = publish(undefined, crowdOf(30))
  expect(shown(before)).toBe(30)
  expect(shown(publish(before.kept, crowdOf(39)))).toBe(30)
  expect(shown(publish(before.kept, crowdOf(40)))).toBe(40)
  expect(shown(publish(before.kept, crowdOf(20)))).toBe(20)
})

test('small movements add up over snapshots until they are shown', () => {
  let last = publish(undefined, crowdOf(30))
  for (const heads of [33, 36, 39]) {
    last = publish(last.kept, crowdOf(heads))
    expect(shown(last)).toBe(30)
  }
  expect(shown(publish(last.kept, crowdOf(42)))).toBe(40)
})

test('a cell that fell under the threshold is hidden before it moved by the threshold', () => {
  const before = publish(undefined, crowdOf(12))
  expect(shown(before)).toBe(10)
  expect(shown(publish(before.kept, crowdOf(8)))).toBeNull()
})

test('an institution that leaves is noticed though another brings as many', () => {
  const [a, b, c] = institutions as [TenantTag, TenantTag, TenantTag]
  const with3 = cube([a, 20], [b, 10], [c, 10])
  const with2 = cube([a, 20], [b, 20])
  const before: PrivateCounts = { admitted: with3, seen: with3 }
  expect(admitCounts(before, with2, rules)).toEqual(with2)
})

function publish(before: PrivateCounts | undefined, people: readonly Person[]) {
  const counter = supplyCounter()
  people.forEach(({ tenant, sector, skills }, at) => {
    const supply: LearnerSupply = {
      learnerId: `l${at}` as LearnerId,
      tenant,
      sector,
      skills: new Map(Object.entries(skills)),
    }
    counter.add(supply)
  })
  return buildSupply(before, structuredClone(counter.counts()), sectors, rules)
}

interface Person {
  tenant: TenantTag
  sector: string
  skills: Record<string, Level>
}

function crowdOf(heads: number): Person[] {
  return Array.from({ length: heads }, (_, at) => ({
    tenant: institutions[at % 3] as TenantTag,
    sector: 'energy',
    skills: { containers: 2 },
  }))
}

function raised(people: readonly Person[], pick: number, award: Person): Person[] {
  return people.map((person, at) => {
    if (at !== pick % people.length) return person
    const skills = { ...person.skills }
    for (const [skill, level] of Object.entries(award.skills)) {
      skills[skill] = Math.max(skills[skill] ?? 0, level) as Level
    }
    return { ...person, skills }
  })
}

function shown({ supply }: ReturnType<typeof publish>) {
  return supply.find(({ sector }) => sector === 'energy')?.skills['containers']?.[1] ?? null
}

function cube(...rows: [TenantTag, number][]): CubeCounts {
  return new Map([['energy/containers', new Map(rows.map(([tenant, n]) => [tenant, [n, n, 0, 0] as const]))]])
}

function level() {
  return fc.constantFrom<Level>(1, 2, 3, 4)
}
