import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { loadOntology } from '#skills-ontology/load.ts'
import { readCsv } from './reference-data.ts'

interface EscoTable {
  version: string
  concepts: Record<string, { kind: string; label: Record<string, string>; versions?: Record<string, string> }>
}

const file = join(import.meta.dirname, '../../skills-ontology/esco-labels.yaml')
const table = parse(readFileSync(file, 'utf8')) as EscoTable
const ontology = loadOntology()

const excerpt = ['ontology', 'esco', 'excerpt'] as const
const full = ['ontology', 'esco', 'full-v1.1.1'] as const

/** `uri language` → what ESCO calls it, and in which version. */
const labels = new Map<string, { label: string; version: string; kind: string }>()
let skills: Record<string, string>[]
let occupations: Record<string, string>[]

beforeAll(() => {
  for (const row of readCsv(...excerpt, 'labels.csv')) {
    const { conceptUri, lang, preferredLabel = '', escoVersion = '', kind = '' } = row
    labels.set(`${conceptUri} ${lang}`, { label: preferredLabel, version: escoVersion, kind })
  }
  skills = readCsv(...full, 'skills_en.csv.br')
  occupations = readCsv(...full, 'occupations_en.csv.br')
})

test('rule 8: every concept of the label table is an ESCO concept, its labels unchanged, from the version stated', () => {
  expect(Object.keys(table.concepts)).toHaveLength(75)
  for (const [uri, { kind, label, versions }] of Object.entries(table.concepts)) {
    for (const [language, text] of Object.entries(label)) {
      const official = labels.get(`${uri} ${language}`)
      expect(official, `${uri} ${language}`).toEqual({
        label: text,
        version: versions?.[language] ?? table.version,
        kind,
      })
    }
  }
})

test('rule 8: what the table takes from ESCO 1.1.1 in English stands there with the same label', () => {
  const official = new Map(skills.map((row) => [row['conceptUri'], row['preferredLabel']]))
  const older = Object.entries(table.concepts).filter(([, { versions }]) => versions?.['en'] === '1.1.1')
  expect(older).toHaveLength(8)
  for (const [uri, { label }] of older) expect(official.get(uri), uri).toBe(label['en'])
})

test('rule 8: every mapping names a concept of the table under its English label', () => {
  const things = [...ontology.skills.values(), ...ontology.roles.values()]
  const mappings = things.flatMap((thing) => thing.mappings).filter(({ scheme }) => scheme === 'esco')
  expect(mappings.length).toBeGreaterThan(75)
  for (const { uri, label } of mappings) expect(labels.get(`${uri} en`)?.label).toBe(label)
})

test('the table holds no concept that no mapping names', () => {
  const things = [...ontology.skills.values(), ...ontology.roles.values()]
  const named = new Set(things.flatMap(({ mappings }) => mappings.map(({ uri }) => uri)))
  for (const uri of Object.keys(table.concepts)) expect(named).toContain(uri)
})

test('golden: ESCO 1.1.1 has 13,896 skills, 3,007 occupations and 123,855 relations between them', () => {
  const relations = readCsv(...full, 'occupationSkillRelations.csv.br')
  const essential = relations.filter(({ relationType }) => relationType === 'essential').length
  expect([skills.length, occupations.length, relations.length, essential]).toEqual([
    13896, 3007, 123855, 64946,
  ])
  const known = new Set(occupations.map(({ conceptUri }) => conceptUri))
  const named = new Set(relations.map(({ occupationUri }) => occupationUri))
  // One relation set names an occupation that is missing from the list.
  expect([...named].filter((uri) => !known.has(uri))).toEqual([expect.stringContaining('/a9e54177-')])
})

test('golden: a data scientist has 54 essential and 21 optional skills, the one our role is mapped to', () => {
  const [mapping] = ontology.roles.get('data-scientist')?.mappings ?? []
  const scientist = occupations.find(({ preferredLabel }) => preferredLabel === 'data scientist')
  expect(mapping?.uri).toBe(scientist?.['conceptUri'])
  const own = readCsv(...full, 'occupationSkillRelations.csv.br').filter(
    ({ occupationUri }) => occupationUri === mapping?.uri,
  )
  const count = (type: string) => own.filter(({ relationType }) => relationType === type).length
  expect([count('essential'), count('optional')]).toEqual([54, 21])
})

test('golden: the ESCO hierarchy is no tree, and one skill is related to itself', () => {
  const broader = readCsv(...full, 'broaderRelationsSkillPillar.csv.br')
  const parents = new Map<string | undefined, Set<string | undefined>>()
  for (const { conceptUri, broaderUri } of broader) {
    parents.set(conceptUri, (parents.get(conceptUri) ?? new Set()).add(broaderUri))
  }
  const counts = [...parents.values()].map(({ size }) => size).filter((size) => size > 1)
  expect([broader.length, counts.length, Math.max(...counts)]).toEqual([20656, 4646, 9])
  const relations = readCsv(...full, 'skillSkillRelations.csv.br')
  const self = relations.filter(
    ({ originalSkillUri, relatedSkillUri }) => originalSkillUri === relatedSkillUri,
  )
  expect(relations).toHaveLength(5899)
  expect(self).toHaveLength(1)
})
