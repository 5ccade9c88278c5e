import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { demandProfile } from '#core/skills/demand.ts'
import { descriptionFor, labelFor } from '#core/skills/label.ts'
import type { Level, Skill } from '#core/skills/ontology.ts'
import { inLearningOrder, prerequisiteClosure } from '#core/skills/prerequisites.ts'
import { modulesTeaching, skillsRequiring, skillsTaught } from '#core/skills/teaching.ts'
import { loadOntology } from '#skills-ontology/load.ts'

const ontology = loadOntology()
const skill = (id: string): Skill => {
  const found = ontology.skills.get(id)
  if (!found) throw new Error(`no skill ${id}`)
  return found
}

test.each([
  ['fr', 'Fondamentaux de l’apprentissage automatique', 'fr', 'own'],
  ['fr-BE', 'Fondamentaux de l’apprentissage automatique', 'fr', 'own'],
  ['de', 'maschinelles Lernen', 'de', 'esco'],
  ['de-AT', 'maschinelles Lernen', 'de', 'esco'],
  ['pl', 'uczenie się maszyn', 'pl', 'esco'],
  ['mt', 'Machine learning fundamentals', 'en', 'own'],
  ['', 'Machine learning fundamentals', 'en', 'own'],
  ['constructor', 'Machine learning fundamentals', 'en', 'own'],
  ['__proto__', 'Machine learning fundamentals', 'en', 'own'],
])('a label asked for in "%s" is "%s", and says its language', (asked, value, language, source) => {
  expect(labelFor(skill('machine-learning'), asked, ontology)).toEqual({ value, language, source })
})

test('a concept that is only close lends no label', () => {
  const { mappings } = skill('statistical-modelling')
  expect(mappings[0]).toMatchObject({ relation: 'closeMatch', scheme: 'esco' })
  expect(labelFor(skill('statistical-modelling'), 'de', ontology).language).toBe('en')
})

test('a description falls back to English, and to whatever there is', () => {
  expect(descriptionFor(skill('containers').description, 'de')?.language).toBe('en')
  expect(descriptionFor({ fr: 'Seulement' }, 'de')).toEqual({ value: 'Seulement', language: 'fr' })
  expect(descriptionFor({}, 'de')).toBeUndefined()
})

test('the closure of a skill follows every branch and keeps the highest level', () => {
  const closure = prerequisiteClosure([{ skill: 'gpu-resource-allocation', level: 2 }], ontology.skills)
  expect(Object.fromEntries(closure)).toEqual({
    'gpu-resource-allocation': 2,
    'batch-jobs': 2,
    'hpc-architecture': 1,
    'shell-scripting': 1,
    'linux-command-line': 2,
  })
})

test('a closure holds what each of its skills requires, whatever is asked for', () => {
  const ids = [...ontology.skills.keys()]
  const wanted = fc.array(
    fc.record({ skill: fc.constantFrom(...ids), level: fc.constantFrom<Level>(1, 2, 3, 4) }),
    { maxLength: 8 },
  )
  fc.assert(
    fc.property(wanted, (list) => {
      const closure = prerequisiteClosure(list, ontology.skills)
      for (const { skill: id, level } of list) expect(closure.get(id)).toBeGreaterThanOrEqual(level)
      for (const id of closure.keys()) {
        for (const need of skill(id).requires)
          expect(closure.get(need.skill)).toBeGreaterThanOrEqual(need.level)
      }
      const order = inLearningOrder(closure.keys(), ontology.skills)
      expect(order).toHaveLength(closure.size)
      for (const [at, id] of order.entries()) {
        for (const need of skill(id).requires) expect(order.indexOf(need.skill)).toBeLessThan(at)
      }
    }),
    { numRuns: 60 },
  )
})

test('a closure and a learning order end on a cycle too', () => {
  const cyclic = new Map<string, { requires: { skill: string; level: Level }[] }>([
    ['a', { requires: [{ skill: 'b', level: 3 }] }],
    ['b', { requires: [{ skill: 'a', level: 2 }] }],
  ])
  expect([...prerequisiteClosure([{ skill: 'a', level: 1 }], cyclic)]).toEqual([
    ['a', 2],
    ['b', 3],
  ])
  expect(inLearningOrder(['a', 'b'], cyclic).sort()).toEqual(['a', 'b'])
})

test('a sector raises the level of a role and strengthens an importance', () => {
  const health = demandProfile(ontology, 'sector-professional', 'health-pharma')
  expect(health).toContainEqual({ skill: 'human-oversight', level: 3, importance: 'essential' })
  expect(health).toContainEqual({ skill: 'ai-in-health', level: 2, importance: 'essential' })
  const publicSector = demandProfile(ontology, 'sector-professional', 'public-sector')
  expect(publicSector).toContainEqual({ skill: 'ai-transparency', level: 2, importance: 'essential' })
  const governance = demandProfile(ontology, 'ai-governance-officer', 'public-sector')
  expect(governance).toContainEqual({ skill: 'ai-transparency', level: 3, importance: 'essential' })
})

test('a role without a sector has its own profile; an unknown role asks for nothing', () => {
  expect(demandProfile(ontology, 'educator', undefined)).toHaveLength(9)
  expect(demandProfile(ontology, 'nobody', 'energy')).toEqual([])
})

test('the demand of all roles and sectors is the published matrix, byte for byte', () => {
  const rows = [...ontology.roles.keys()].flatMap((role) =>
    [...ontology.sectors.keys()].flatMap((sector) =>
      demandProfile(ontology, role, sector).map(
        ({ skill: id, level, importance }) => `${role},${sector},${id},${level},${importance}\n`,
      ),
    ),
  )
  expect(rows).toHaveLength(1623)
  // The figure is the digest of the rows of the reference matrix in this order; the reference suite compares row by row.
  const digest = createHash('sha256').update(rows.join('')).digest('hex')
  expect(digest).toBe('50b4908ec720e0505904b1bb0a1e3950cd6b32abcea413baf0319bc35b3b49b5')
})

test('modules that teach a skill come lowest level first', () => {
  const found = modulesTeaching(ontology, 'model-evaluation')
  expect(found.map(({ module, level }) => [module.id, level])).toEqual([
    ['m-deep-learning', 2],
    ['m-adapt-llm', 3],
  ])
  expect(modulesTeaching(ontology, 'model-evaluation', 4)).toEqual([])
})

test('a module teaches each skill once, at its highest level', () => {
  const outcome = (id: string, level: Level) => ({
    id,
    statement: { en: id, fr: id },
    skills: [{ skill: 'containers', level }],
  })
  expect(skillsTaught({ outcomes: [outcome('a', 1), outcome('b', 3), outcome('c', 2)] })).toEqual([
    { skill: 'containers', level: 3 },
  ])
})

test('a skill knows which skills require it', () => {
  expect(skillsRequiring(ontology, 'shell-scripting')).toEqual([{ skill: 'batch-jobs', level: 1 }])
})
