import { createHash } from 'node:crypto'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { targetGroups } from '#core/offerings/offering.ts'
import { canonicalForm, digestOf } from '#core/skills/canonical-form.ts'
import { loadOntology } from '#skills-ontology/load.ts'
import { OntologyError } from '#skills-ontology/ontology-error.ts'
import { brokenOntology, type Change, ontologyFolder } from './broken-ontology.ts'

const shipped = loadOntology()

test('the shipped ontology holds 154 skills, 33 modules, 12 roles and 11 sectors', () => {
  const { version, skills, modules, roles, sectors, domains, escoLabels } = shipped
  expect([version, skills.size, modules.size, roles.size, sectors.size, domains.size]).toEqual([
    '0.3.0',
    154,
    33,
    12,
    11,
    7,
  ])
  expect(escoLabels.size).toBe(75)
})

test('the target groups of the files are those of an enrolment', () => {
  expect([...shipped.targetGroups.keys()]).toEqual([...targetGroups])
})

test('every module says in English and French what an award must state', () => {
  for (const module of shipped.modules.values()) {
    const texts = [
      module.title,
      module.description,
      module.qualityAssurance,
      module.stackability.statement,
      ...module.outcomes.map(({ statement }) => statement),
    ]
    for (const text of texts) {
      expect(text.en.length, module.id).toBeGreaterThan(2)
      expect(text.fr.length, module.id).toBeGreaterThan(2)
    }
    for (const { statement } of module.outcomes) expect(statement.fr).not.toBe(statement.en)
    expect(module.description.fr).not.toBe(module.description.en)
    expect(module.languages.length).toBeGreaterThan(0)
    expect(shipped.fieldsOfStudy.has(module.iscedF)).toBe(true)
    expect(module.passMarkPercent).toBe(60)
    expect(module.assessedByRun).toBe(module.assessment === 'auto-job')
  }
})

test('every domain is taught by a module, and the public needs nothing to begin', () => {
  const taught = new Set<string | undefined>()
  for (const { outcomes } of shipped.modules.values()) {
    for (const { skills } of outcomes)
      for (const { skill } of skills) taught.add(shipped.skills.get(skill)?.domain)
  }
  expect(taught).toEqual(new Set(shipped.domains.keys()))
  const open = [...shipped.modules.values()].filter(
    ({ targetGroups: groups, entry }) => groups.includes('general-public') && entry.length === 0,
  )
  expect(open.map(({ id }) => id)).toContain('m-ai-for-everyone')
})

test('serving language models is decided by its graded run on the shipped practical', () => {
  expect(shipped.modules.get('m-llm-inference')).toMatchObject({
    assessment: 'auto-job',
    assessedByRun: true,
    practical: { kind: 'compute', id: 'inference-throughput', gpus: 2, maxMinutes: 120 },
  })
})

test('the demand sample says in its first line that it is synthetic', () => {
  expect(readFileSync(join(ontologyFolder, 'demand-sample.csv'), 'utf8')).toMatch(/^# SYNTHETIC/)
  expect(shipped.demandSample).toHaveLength(660)
})

test('the digest is the SHA-256 of the canonical form and the same at every load', () => {
  const bytes = Buffer.from(canonicalForm(shipped), 'utf8')
  expect(shipped.digest).toBe(createHash('sha256').update(bytes).digest('hex'))
  expect(loadOntology().digest).toBe(shipped.digest)
  expect(canonicalForm(shipped)).not.toContain(shipped.digest)
})

test('the digest changes with any word and not with the synthetic sample or the order of members', () => {
  const skills = new Map(shipped.skills)
  const [first] = skills.values()
  if (!first) throw new Error('there are skills')
  skills.set(first.id, { ...first, label: { ...first.label, fr: `${first.label.fr}!` } })
  expect(digestOf({ ...shipped, skills })).not.toBe(shipped.digest)
  expect(digestOf({ ...shipped, demandSample: [] })).toBe(shipped.digest)
  const reversed = new Map([...shipped.skills].reverse())
  expect(digestOf({ ...shipped, skills: reversed })).toBe(shipped.digest)
})

test('the canonical form orders members by code units and writes no white space', () => {
  const text = canonicalForm({ ...shipped, domains: new Map([['b', { label: { en: 'B', fr: 'B' } }]]) })
  expect(text.startsWith('{"assessments":{"auto-graded-code":{"decidedByRun":false,')).toBe(true)
  expect(text).toContain('"domains":{"b":{"label":{"en":"B","fr":"B"}}}')
})

const broken: [what: string, message: RegExp, change: Change][] = [
  [
    'an unknown key',
    /modules\.yaml:\d+ modules\.m-mlops\.colour: is not a known key/,
    { file: 'modules.yaml', path: ['modules', 'm-mlops', 'colour'], value: 'blue' },
  ],
  [
    'a wrong type',
    /modules\.yaml:\d+ modules\.m-mlops\.ects:/,
    { file: 'modules.yaml', path: ['modules', 'm-mlops', 'ects'], value: 'four' },
  ],
  [
    'a prerequisite at level 7',
    /foundations\.yaml:\d+ skills\.shell-scripting\.requires\.0\.level:/,
    {
      file: 'skills/foundations.yaml',
      path: ['skills', 'shell-scripting', 'requires', 0, 'level'],
      value: 7,
    },
  ],
  [
    'a version that is not three numbers',
    /ontology\.yaml:\d+ version: must be a semantic version/,
    { file: 'ontology.yaml', path: ['version'], value: 'next' },
  ],
  [
    'a missing list of domains',
    /ontology\.yaml:\d+ domains:/,
    { file: 'ontology.yaml', path: ['domains'], value: undefined },
  ],
  ['text that is not YAML', /roles\.yaml:\d+: /, { file: 'roles.yaml', text: (yaml) => `${yaml}\n  - : [` }],
  [
    'a key that stands twice',
    /sectors\.yaml:\d+: Map keys must be unique/,
    { file: 'sectors.yaml', text: (yaml) => `${yaml}sectors: {}\n` },
  ],
  [
    'an alias',
    /programmes\.yaml: must not use aliases/,
    { file: 'programmes.yaml', text: (yaml) => `a: &a 1\nb: *a\n${yaml}` },
  ],
  [
    'a head count that is no number',
    /demand-sample\.csv:\d+ headcount:/,
    { file: 'demand-sample.csv', text: (csv) => `${csv}ai-engineer,energy,DE,2026,many\n` },
  ],
  [
    'other columns in the sample',
    /demand-sample\.csv:1: the header must be/,
    { file: 'demand-sample.csv', text: () => 'a,b\n1,2\n' },
  ],
]

test.each(broken)('a file with %s is refused by file and key path', (_what, message, change) => {
  expect(() => loadOntology(brokenOntology(change))).toThrow(message)
})

test('a missing file is refused by name', () => {
  const dir = brokenOntology()
  rmSync(join(dir, 'roles.yaml'))
  expect(() => loadOntology(dir)).toThrow(/roles\.yaml: cannot be read/)
  expect(() => loadOntology(join(dir, 'nowhere'))).toThrow(OntologyError)
})
