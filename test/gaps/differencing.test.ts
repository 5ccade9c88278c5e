import { expect, test } from 'vitest'
import { privacyRules } from '#core/gaps/cell-privacy.ts'
import { layoutOf } from '#core/gaps/places.ts'
import type { TenantTag } from '#core/ids.ts'
import { loadOntology } from '#skills-ontology/load.ts'
import { lifelikeCrowd, seeded } from './attacker/generate.ts'
import { narrowed } from './attacker/intervals.ts'
import { learnHow } from './attacker/learn-how.ts'
import { publishFacts } from './publish-facts.ts'

const rules = privacyRules(10)
const layout = layoutOf(loadOntology())
const institutions = ['aaaaaaaa', 'bbbbbbbb', 'cccccccc', 'dddddddd', 'eeeeeeee'] as TenantTag[]

const random = seeded(5)
const people = lifelikeCrowd(layout, random)
const learner = () => people.learner(institutions)
const crowd = Array.from({ length: 1500 }, learner)
const published = publishFacts(crowd, layout, rules)

test('on the shipped ontology a good part is shown, and more is hidden', async () => {
  const { tables } = await published
  expect(Object.keys(tables.sector).length).toBeGreaterThan(4)
  expect(Object.values(tables.sector).flatMap(({ skills }) => Object.keys(skills)).length).toBeGreaterThan(60)
  expect(Object.keys(tables.nuts1).length).toBeGreaterThan(2)
  expect(Object.keys(tables.pairs['sector+country']).length).toBeGreaterThan(2)
})

test('what wholes leave, and what parts imply, narrows no hidden number below the threshold', async () => {
  expect(narrowed((await published).tables, layout, rules, await learnHow(rules))).toEqual([])
})

test('without the rule on wholes it does, where all of a sector live in one country', async () => {
  const together = crowd.slice(0, 100).map((one) => ({ ...one, places: { sector: 'energy', country: 'FR' } }))
  const honest = await publishFacts(together, layout, rules)
  expect(narrowed(honest.tables, layout, rules, await learnHow(rules))).toEqual([])
  const without = { ...rules, remainder: 0 }
  const { tables } = await publishFacts(together, layout, without)
  expect(narrowed(tables, layout, rules, await learnHow(without))).not.toEqual([])
})

test('one learner more, or one fewer, changes nothing that is published, in any table', async () => {
  const before = await published
  for (let n = 0; n < 4; n++) {
    const changed = n % 2 === 0 ? [...crowd, learner()] : crowd.toSpliced(random(crowd.length), 1)
    const after = await publishFacts(changed, layout, rules, before.kept)
    expect(after.tables).toEqual(before.tables)
    expect(after.kept.medianDays).toEqual(before.kept.medianDays)
  }
})
