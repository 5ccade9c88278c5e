import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { admitCounts, type CubeCounts } from '#core/gaps/admit-counts.ts'
import { privacyRules } from '#core/gaps/cell-privacy.ts'
import type { LearnerFacts } from '#core/gaps/learner-facts.ts'
import type { TenantTag } from '#core/ids.ts'
import { holder, holders, institutions, publishFacts, smallLayout } from './publish-facts.ts'

const rules = privacyRules(10)
const { codes, modules } = smallLayout

describe('one award alone moves no published number', () => {
  const orNot = <T>(values: readonly T[]) =>
    fc.option(fc.constantFrom(...values), { nil: undefined, freq: 6 })
  const places = fc
    .record({
      sector: orNot(codes.sector.slice(0, 2)),
      country: orNot(codes.country),
      targetGroup: orNot(codes.targetGroup),
      home: orNot(codes.nuts1),
    })
    .map(({ home, ...stated }) => {
      const all = {
        ...stated,
        ...(home === undefined ? {} : { nuts1: home, country: smallLayout.countryOf.get(home) }),
      }
      return Object.fromEntries(Object.entries(all).filter(([, code]) => code !== undefined))
    })
  const learner = fc
    .tuple(fc.nat(2), places, fc.subarray([...modules], { minLength: 1 }))
    .map(([n, where, held]) => holder(n, where, ...held))
  const crowd = fc.array(learner, { minLength: 20, maxLength: 100 })

  test('in any table, whatever the crowd, the snapshots before it, and the award', async () => {
    await fc.assert(
      fc.asyncProperty(
        crowd,
        fc.array(crowd, { maxLength: 2 }),
        learner,
        fc.nat(),
        async (first, later, award, pick) => {
          const people = [...first]
          let published = await publishFacts(people, smallLayout, rules)
          for (const more of later) {
            people.push(...more)
            published = await publishFacts(people, smallLayout, rules, published.kept)
          }
          const at = pick % people.length
          const instead = (change: (one: LearnerFacts) => LearnerFacts) =>
            people.map((one, n) => (n === at ? change(one) : one))
          const changes = [
            // A new learner; one more award for somebody who is there; one revocation; somebody who moves.
            [...people, award],
            instead((one) => ({ ...one, modules: [...one.modules, ...award.modules] })),
            instead((one) => ({ ...one, modules: one.modules.slice(1) })),
            instead((one) => ({ ...one, places: award.places })),
          ]
          for (const after of changes) {
            const next = await publishFacts(after, smallLayout, rules, published.kept)
            expect(next.tables).toEqual(published.tables)
          }
        },
      ),
      { numRuns: 25 },
    )
  })

  test('at every count across the boundaries of threshold and rounding, up and down', async () => {
    for (let heads = 2; heads <= 45; heads++) {
      const before = await publishFacts(energy(heads), smallLayout, rules)
      for (const after of [heads + 1, heads - 1]) {
        expect((await publishFacts(energy(after), smallLayout, rules, before.kept)).tables).toEqual(
          before.tables,
        )
      }
    }
  })

  test('nor does the next one, when each gets a snapshot of its own', async () => {
    let last = await publishFacts(energy(31), smallLayout, rules)
    const { tables } = last
    for (let heads = 32; heads <= 60; heads++) {
      last = await publishFacts(energy(heads), smallLayout, rules, last.kept)
      expect(last.tables).toEqual(tables)
    }
  })

  test('nor does it in the company of others who enrol, at any count, shown or hidden, up and down', async () => {
    const crowd = (verified: number, enrolled: number) => [
      ...energy(verified).map(reached(6)),
      ...energy(60 - verified).map(reached(4)),
      ...energy(enrolled).map(reached(1)),
    ]
    for (let verified = 8; verified <= 24; verified++) {
      const before = await publishFacts(crowd(verified, 20), smallLayout, rules)
      const others = await publishFacts(crowd(verified, 31), smallLayout, rules, before.kept)
      expect(funnel(others)[0]).toBeGreaterThan(funnel(before)[0] ?? 0)
      for (const after of [verified + 1, verified - 1]) {
        const both = await publishFacts(crowd(after, 31), smallLayout, rules, before.kept)
        expect(both.tables).toEqual(others.tables)
      }
    }
  })

  test('nor does it move a median, alone or in the company of others who enrol', async () => {
    const people = [...energy(10).map(waited(10)), ...energy(10).map(waited(90))]
    const before = await publishFacts(people, smallLayout, rules)
    expect(before.kept.medianDays).toEqual({ 'm-containers': 10 })
    const after = await publishFacts(
      [...people, ...energy(1).map(waited(90))],
      smallLayout,
      rules,
      before.kept,
    )
    expect(after.kept.medianDays).toEqual({ 'm-containers': 10 })
    const inCompany = [...people, ...energy(1).map(waited(90)), ...energy(20).map(reached(1))]
    expect((await publishFacts(inCompany, smallLayout, rules, before.kept)).kept.medianDays).toEqual({
      'm-containers': 10,
    })
    const many = await publishFacts(
      [...people, ...energy(12).map(waited(90))],
      smallLayout,
      rules,
      after.kept,
    )
    expect(many.kept.medianDays).toEqual({ 'm-containers': 90 })
  })
})

test('a cell that moved by the threshold is published from its counts of today', async () => {
  const before = await publishFacts(energy(30), smallLayout, rules)
  expect(shown(before)).toBe(30)
  expect(shown(await publishFacts(energy(39), smallLayout, rules, before.kept))).toBe(30)
  expect(shown(await publishFacts(energy(40), smallLayout, rules, before.kept))).toBe(40)
  expect(shown(await publishFacts(energy(20), smallLayout, rules, before.kept))).toBe(20)
})

test('small movements add up over snapshots until they are shown', async () => {
  let last = await publishFacts(energy(30), smallLayout, rules)
  for (const heads of [33, 36, 39]) {
    last = await publishFacts(energy(heads), smallLayout, rules, last.kept)
    expect(shown(last)).toBe(30)
  }
  expect(shown(await publishFacts(energy(42), smallLayout, rules, last.kept))).toBe(40)
})

test('a cell that fell under the threshold is hidden before it moved by the threshold', async () => {
  const before = await publishFacts(energy(12), smallLayout, rules)
  expect(shown(before)).toBe(10)
  expect(shown(await publishFacts(energy(8), smallLayout, rules, before.kept))).toBeUndefined()
})

test('an institution that leaves is noticed though another brings as many', () => {
  const [a, b, c] = institutions as [TenantTag, TenantTag, TenantTag]
  const with3 = cube([a, 20], [b, 10], [c, 10])
  const with2 = cube([a, 20], [b, 20])
  expect(admitCounts({ admitted: with3, seen: with3 }, with2, rules)).toEqual(with2)
})

test('an employer who comes to have nearly all of a cell hides it', async () => {
  const of = (employer: string | undefined) => (one: LearnerFacts) =>
    employer === undefined ? one : { ...one, organisation: employer }
  const mixed = energy(40).map((one, n) => of(`employer-${n % 4}`)(one))
  expect(shown(await publishFacts(mixed, smallLayout, rules))).toBe(40)
  expect(shown(await publishFacts(energy(40).map(of('the-works')), smallLayout, rules))).toBeUndefined()
})

test('a step that stayed behind holds back those above it, so that no stage is told above the one before', async () => {
  const [a, b, c] = institutions as [TenantTag, TenantTag, TenantTag]
  const kept = cube([a, 10, 4], [b, 10, 3], [c, 10, 3])
  const fresh = cube([a, 13, 13], [b, 13, 13], [c, 13, 13])
  expect(admitCounts({ admitted: kept, seen: kept }, fresh, rules)).toEqual(
    cube([a, 10, 10], [b, 10, 10], [c, 10, 10]),
  )
})

const waited = (days: number) => (one: LearnerFacts) => ({
  ...one,
  modules: one.modules.map((module) => ({ ...module, daysToAward: days })),
})

/** Who came as far as a stage of the funnel, 1 enrolled to 6 verified; who has no award yet holds nothing. */
const reached = (stage: number) => (one: LearnerFacts) => ({
  ...one,
  modules: one.modules.map((module) => ({ ...module, stage, awards: stage >= 4 ? module.awards : [] })),
})

const funnel = ({ tables }: Awaited<ReturnType<typeof publishFacts>>) => tables.sector['energy']?.funnel ?? []

const energy = (heads: number) => holders(heads, { sector: 'energy' }, 'm-containers')

function shown({ tables }: Awaited<ReturnType<typeof publishFacts>>) {
  return tables.sector['energy']?.skills['containers']?.[1]
}

function cube(...rows: [TenantTag, number, number?][]): CubeCounts {
  const byInstitution = new Map(rows.map(([tenant, n, m = n]) => [tenant, [n, m]]))
  return new Map([['sector/energy/skill:containers', { byInstitution, employersAllow: 2 }]])
}
