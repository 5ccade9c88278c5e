import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compareOntologies } from '#core/ontology/compare-ontologies.ts'
import { packOntology, unpackOntology } from '#core/ontology/ontology-text.ts'
import { bumps, compareVersions, isRaisedBy, leastBump, raise } from '#core/ontology/version-rules.ts'
import { digestOf } from '#core/skills/canonical-form.ts'
import type { Module, Ontology, Role, Skill } from '#core/skills/ontology.ts'
import { loadOntology } from '#skills-ontology/load.ts'
import { publishedVersions } from '#skills-ontology/published.ts'
import { ontologyFolder } from './broken-ontology.ts'

const shipped = loadOntology()

const withSkill = (id: string, more: Partial<Skill>): Ontology => {
  const skill = shipped.skills.get(id)
  if (!skill) throw new Error(`there is no ${id}`)
  return { ...shipped, skills: new Map([...shipped.skills, [id, { ...skill, ...more }]]) }
}
const without = (id: string): Ontology => ({
  ...shipped,
  skills: new Map([...shipped.skills].filter(([one]) => one !== id)),
})
const skill = (id: string) => shipped.skills.get(id) as Skill
const label = { en: 'Another name', fr: 'Un autre nom' }

describe('what a version must rise by', () => {
  test.each<[string, Ontology, (typeof bumps)[number], string]>([
    ['nothing', shipped, 'none', ''],
    ['a label', withSkill('batch-jobs', { label }), 'patch', 'texts'],
    ['a description', withSkill('batch-jobs', { description: { en: 'Otherwise.' } }), 'patch', 'texts'],
    [
      'a new skill',
      { ...shipped, skills: new Map([...shipped.skills, ['new', { ...skill('containers'), id: 'new' }]]) },
      'minor',
      'added',
    ],
    [
      'a requirement more',
      withSkill('containers', {
        requires: [...skill('containers').requires, { skill: 'batch-jobs', level: 1 }],
      }),
      'minor',
      'relations',
    ],
    ['a requirement fewer', withSkill('batch-jobs', { requires: [] }), 'minor', 'relations'],
    [
      'a level of a requirement',
      withSkill('batch-jobs', {
        requires: skill('batch-jobs').requires.map((one) => ({ ...one, level: 4 })),
      }),
      'minor',
      'relations',
    ],
    ['another domain', withSkill('batch-jobs', { domain: 'deployment' }), 'minor', 'relations'],
    [
      'a skill replaced',
      withSkill('batch-jobs', { status: 'deprecated', replacedBy: 'containers' }),
      'minor',
      'replaced',
    ],
    [
      'a skill retired',
      withSkill('batch-jobs', { status: 'deprecated', deprecationReason: 'Nobody does it.' }),
      'major',
      'retired',
    ],
    ['a skill removed', without('batch-jobs'), 'major', 'removed'],
    ['a close match lost', withSkill('batch-jobs', { mappings: [] }), 'minor', 'relations'],
    ['an exact match lost', withSkill('machine-learning', { mappings: [] }), 'major', 'meaning-by-match'],
    [
      'an exact match that is now close',
      withSkill('machine-learning', {
        mappings: skill('machine-learning').mappings.map((one) => ({ ...one, relation: 'closeMatch' })),
      }),
      'major',
      'meaning-by-match',
    ],
    [
      'who approved a match',
      withSkill('machine-learning', {
        mappings: skill('machine-learning').mappings.map((one) => ({ ...one, approvedBy: 'Somebody else' })),
      }),
      'patch',
      'texts',
    ],
    ['a module gone', { ...shipped, modules: new Map([...shipped.modules].slice(1)) }, 'major', 'removed'],
    ['hours of a module', changeFirst('modules', { workloadHours: 14 }), 'minor', 'relations'],
    ['the title of a module', changeFirst('modules', { title: label }), 'patch', 'texts'],
    ['what a role asks for', changeFirst('roles', { skills: [] }), 'minor', 'relations'],
    ['a code list', { ...shipped, modes: new Map([...shipped.modes].slice(1)) }, 'minor', 'relations'],
    ['the title of the whole', { ...shipped, title: label }, 'patch', 'texts'],
  ])('%s', (_what, after, bump, why) => {
    const answer = leastBump(compareOntologies(shipped, after))
    expect(answer.bump).toBe(bump)
    expect(answer.reasons[0]?.why ?? '').toBe(why)
  })

  test('a curator who says that a meaning changed makes a major version of a changed label', () => {
    const changes = compareOntologies(shipped, withSkill('batch-jobs', { label }))
    expect(leastBump(changes, ['batch-jobs'])).toMatchObject({
      bump: 'major',
      reasons: [{ id: 'batch-jobs', why: 'meaning-declared' }],
    })
    expect(leastBump(changes, ['containers']).bump).toBe('patch')
  })

  test('the weightiest reason stands first', () => {
    const both = { ...withSkill('batch-jobs', { label }), roles: new Map([...shipped.roles].slice(1)) }
    expect(leastBump(compareOntologies(shipped, both)).reasons.map(({ bump }) => bump)).toEqual([
      'major',
      'patch',
    ])
  })
})

function changeFirst(kind: 'modules' | 'roles', more: Partial<Module> & Partial<Role>): Ontology {
  const [[id, first] = []] = shipped[kind]
  const changed = new Map<string, unknown>([...shipped[kind], [id ?? '', { ...first, ...more }]])
  return { ...shipped, [kind]: changed }
}

test('the order of a list, of files and of keys is no change', () => {
  const reversed = <T>(map: ReadonlyMap<string, T>) => new Map([...map].toReversed())
  const after: Ontology = {
    ...shipped,
    skills: new Map(
      [...reversed(shipped.skills)].map(([id, one]) => [
        id,
        { ...one, requires: one.requires.toReversed(), mappings: one.mappings.toReversed() },
      ]),
    ),
    modules: reversed(shipped.modules),
  }
  expect(compareOntologies(shipped, after)).toEqual({ entries: [], head: [] })
})

test('a change names the entry, its label, and each field with what was and what is', () => {
  const after = withSkill('batch-jobs', {
    label: { ...skill('batch-jobs').label, fr: 'Lots' },
    requires: [{ skill: 'hpc-architecture', level: 2 }],
  })
  expect(compareOntologies(shipped, after).entries).toEqual([
    {
      kind: 'skill',
      id: 'batch-jobs',
      label: { en: 'Batch job submission', fr: 'Lots' },
      change: 'changed',
      fields: [
        { path: 'label.fr', before: 'Soumission de travaux par lots', after: 'Lots' },
        { path: 'requires.hpc-architecture', before: '1', after: '2' },
        { path: 'requires.shell-scripting', before: '1' },
      ],
    },
  ])
})

test.each([
  ['0.2.0', 'patch', '0.2.1'],
  ['0.2.9', 'minor', '0.3.0'],
  ['0.2.9', 'major', '1.0.0'],
  ['9.9.9', 'none', '9.9.9'],
] as const)('%s raised by %s is %s', (version, bump, expected) => {
  expect(raise(version, bump)).toBe(expected)
})

const version = fc.tuple(fc.nat(30), fc.nat(30), fc.nat(30)).map((numbers) => numbers.join('.'))

test('a raised version comes later, and one raised less is not raised enough', () => {
  fc.assert(
    fc.property(version, fc.constantFrom(...bumps.slice(1)), (before, bump) => {
      const after = raise(before, bump)
      expect(compareVersions(after, before)).toBeGreaterThan(0)
      expect(compareVersions(before, after)).toBeLessThan(0)
      for (const least of bumps) {
        expect(isRaisedBy(after, before, least)).toBe(bumps.indexOf(bump) >= bumps.indexOf(least))
      }
    }),
  )
})

test('a kept version is read back to the letter, in its order, and damage is found', () => {
  const text = packOntology(shipped)
  const again = unpackOntology(text, shipped.digest)
  expect(digestOf(again)).toBe(shipped.digest)
  expect([...again.skills.keys()]).toEqual([...shipped.skills.keys()])
  expect({ ...again, demandSample: shipped.demandSample }).toEqual(shipped)
  expect(() => unpackOntology(text.replace('Batch job', 'Butch job'), shipped.digest)).toThrow('damaged')
})

test('the shipped version is raised over the one published before as its changes ask for', () => {
  const last = publishedVersions(ontologyFolder).at(-1)?.ontology
  if (!last) throw new Error('no version was ever published')
  if (last.version === shipped.version) expect(shipped.digest).toBe(last.digest)
  else {
    const { bump } = leastBump(compareOntologies(last, shipped))
    expect(isRaisedBy(shipped.version, last.version, bump)).toBe(true)
  }
})
