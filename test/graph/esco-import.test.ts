import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { memorySkillsGraph } from '#adapters/memory/skills-graph.ts'
import { Refusal } from '#core/refusal.ts'
import { escoContent } from '#core/skills/esco/esco-content.ts'
import { broaderClosure } from '#core/skills/esco/esco-graph.ts'
import { importEsco } from '#core/skills/esco/import-esco.ts'
import { describeImport, importEscoFolder } from '#skills-ontology/import-esco.ts'
import { progressFile, runEscoImport } from '#skills-ontology/run-esco-import.ts'

// The layouts are ESCO's; the concepts are invented.
const at = (path: string) => `http://data.europa.eu/esco/${path}`
const skill = (name: string) => at(`skill/${name}`)
const file = (name: string, header: string, ...rows: string[]) => ({
  name,
  text: [header, ...rows, ''].join('\n'),
})

const skillColumns =
  'conceptType,conceptUri,skillType,reuseLevel,preferredLabel,altLabels,hiddenLabels,status,modifiedDate,scopeNote,definition,inScheme,description'
const skillRow = (name: string, label: string, more: { alt?: string; type?: string } = {}) =>
  `KnowledgeSkillCompetence,${skill(name)},${more.type ?? 'knowledge'},cross-sector,${label},${more.alt ?? ''},,released,2022,,,"a,\nb","one\ntwo"`
const skills = (...rows: string[]) => file('skills_en.csv', skillColumns, ...rows)

const collectionColumns =
  'conceptType,conceptUri,preferredLabel,status,skillType,reuseLevel,altLabels,description,broaderConceptUri,broaderConceptPT'
const broader = (...pairs: [string, string][]) =>
  file(
    'broaderRelationsSkillPillar.csv',
    'conceptType,conceptUri,broaderType,broaderUri',
    ...pairs.map(([a, b]) => `KnowledgeSkillCompetence,${skill(a)},SkillGroup,${skill(b)}`),
  )
const needs = (...rows: string[]) =>
  file('occupationSkillRelations.csv', 'occupationUri,relationType,skillType,skillUri', ...rows)
const occupationColumns =
  'conceptType,conceptUri,iscoGroup,preferredLabel,altLabels,hiddenLabels,status,modifiedDate,regulatedProfessionNote,scopeNote,definition,inScheme,description,code'

const named = (graph: ReturnType<typeof importEsco>, uri: string) =>
  graph.concepts[graph.numberOf.get(uri) ?? -1]

test('alternative labels stand one a line in lists, and between bars in collections', () => {
  const graph = importEsco([
    skills(skillRow('a', 'weaving', { alt: '"to weave\nweave | twice"' })),
    file(
      'digitalSkillsCollection_fr.csv',
      collectionColumns,
      `KnowledgeSkillCompetence,${skill('a')},tissage,released,knowledge,cross-sector,tisser | art du tissage,,,`,
    ),
  ])
  expect(named(graph, skill('a'))?.names).toEqual({
    en: ['weaving', 'to weave', 'weave | twice'],
    fr: ['tissage', 'tisser', 'art du tissage'],
  })
  expect(graph.languages).toEqual(['en', 'fr'])
})

test('a file without a language in its name is English, and the order of files does not matter', () => {
  const files = [
    needs(`${at('occupation/x')},essential,knowledge,${skill('a')}`),
    { ...skills(skillRow('a', 'weaving')), name: 'skills.csv' },
  ]
  const graph = importEsco(files)
  expect(named(graph, skill('a'))?.names).toEqual({ en: ['weaving'] })
  expect(importEsco(files.toReversed())).toEqual(graph)
})

test('the hierarchy is no tree: a concept is under every parent of its parents, each once', () => {
  const graph = importEsco([
    skills(skillRow('a', 'weaving')),
    broader(['a', 'g1'], ['a', 'g2'], ['a', 'g3'], ['g1', 'top'], ['g2', 'top']),
  ])
  expect(broaderClosure(graph)(skill('a')).sort()).toEqual(['g1', 'g2', 'g3', 'top'].map(skill))
  expect(graph.report.broader).toBe(5)
})

test('a concept that only a relation names is kept without a label, so no relation is lost', () => {
  const graph = importEsco([
    skills(skillRow('a', 'weaving')),
    needs(`${at('occupation/lost')},optional,knowledge,${skill('a')}`),
  ])
  expect(named(graph, at('occupation/lost'))).toMatchObject({ kind: 'occupation', names: {} })
  expect(graph.report.needs).toEqual({ essential: 0, optional: 1 })
  expect(graph.report.oddities['only-in-relations']).toEqual({ count: 1, first: at('occupation/lost') })
})

test('a skill related to itself is not, a relation told twice is told once', () => {
  const columns = 'originalSkillUri,originalSkillType,relationType,relatedSkillType,relatedSkillUri'
  const row = (a: string, b: string) => `${skill(a)},knowledge,optional,knowledge,${skill(b)}`
  const graph = importEsco([
    skills(skillRow('a', 'weaving'), skillRow('b', 'dyeing')),
    file('skillSkillRelations.csv', columns, row('a', 'a'), row('a', 'b'), row('a', 'b')),
  ])
  expect([...graph.related]).toEqual([0, 1])
  expect(graph.report.oddities).toMatchObject({
    'related-to-itself': { count: 1 },
    'relation-repeated': { count: 1 },
  })
})

test('a skill without a type has none', () => {
  const graph = importEsco([skills(skillRow('a', 'weaving', { type: '' }))])
  expect(named(graph, skill('a'))).not.toHaveProperty('skillType')
  expect(graph.report.oddities['type-missing']?.count).toBe(1)
})

test('stray and no-break spaces leave labels, in the report too', () => {
  const graph = importEsco([skills(skillRow('a', ' hand\u00a0weaving  of wool ', { alt: '\u2009loom' }))])
  expect(named(graph, skill('a'))?.names['en']).toEqual(['hand weaving of wool', 'loom'])
  expect(graph.report.oddities['label-cleaned']?.count).toBe(1)
})

test('1.2.1: a concept that stands twice is one, with the NACE classes of both rows', () => {
  const row = (nace: string) =>
    `Occupation,${at('occupation/x')},2511,weaver,,,released,2025,,,,,,2511.1,${nace}`
  const nace = (code: string) => `http://data.europa.eu/ux2/nace2.1/${code}`
  const graph = importEsco([
    file(
      'occupations_en.csv',
      `${occupationColumns},naceCode`,
      row(`"${nace('13')},\n${nace('14')}"`),
      row(nace('15')),
    ),
  ])
  expect(graph.concepts).toHaveLength(1)
  expect(graph.concepts[0]).toMatchObject({ code: '2511.1', nace: [nace('13'), nace('14'), nace('15')] })
  expect(graph.report.oddities['row-repeated']?.count).toBe(1)
})

test('1.1.1 has no NACE column, 1.2.1 has columns with labels: both are read, in any order of columns', () => {
  const old = importEsco([
    file(
      'occupations_en.csv',
      occupationColumns,
      `Occupation,${at('occupation/x')},2511,weaver,,,released,,,,,,,2511`,
    ),
  ])
  expect(old.concepts[0]?.nace).toEqual([])
  const columns = 'conceptType,conceptUri,conceptLabel,broaderType,broaderUri,broaderLabel'
  const row = `ISCOGroup,${at('isco/C12')},"Managers, administrative",ISCOGroup,${at('isco/C1')},Managers`
  const graph = importEsco([file('broaderRelationsOccPillar.csv', columns, row)])
  expect(graph.concepts.map(({ uri, kind }) => [uri, kind])).toEqual([
    [at('isco/C12'), 'isco-group'],
    [at('isco/C1'), 'isco-group'],
  ])
})

test.each([
  [
    'a column that is missing',
    [{ name: 'skills_en.csv', text: 'conceptUri,altLabels,status,skillType,reuseLevel\n' }],
    'skills_en.csv, row 1, preferredLabel: the column is missing.',
  ],
  [
    'a broken quote',
    [skills('KnowledgeSkillCompetence,"x')],
    /^skills_en\.csv, row 2, \w+: a quote is broken\.$/,
  ],
  [
    'text after a quote',
    [skills('KnowledgeSkillCompetence,"x"y,1')],
    /^skills_en\.csv, row 2, \w+: a quote is broken\.$/,
  ],
  [
    'a cell too few',
    [needs('http://x,essential')],
    /^occupationSkillRelations\.csv, row 2, skillType: must have 4 cells, not 2\.$/,
  ],
  [
    'an address repeated with another label',
    [skills(skillRow('a', 'weaving'), skillRow('a', 'knitting'))],
    'skills_en.csv, row 3, conceptUri: stands twice, with different labels.',
  ],
  [
    'an https address',
    [skills(skillRow('a', 'weaving').replace('http:', 'https:'))],
    'skills_en.csv, row 2, conceptUri: is no address of an ESCO concept.',
  ],
  [
    'an address of elsewhere in a relation',
    [needs(`http://elsewhere.example/x,essential,knowledge,${skill('a')}`)],
    'occupationSkillRelations.csv, row 2, occupationUri: is no address of an ESCO concept.',
  ],
  [
    'a relation of no known type',
    [needs(`${at('occupation/x')},perhaps,knowledge,${skill('a')}`)],
    'occupationSkillRelations.csv, row 2, relationType: must be essential or optional.',
  ],
  [
    'a label that is empty',
    [skills(skillRow('a', '\u00a0'))],
    'skills_en.csv, row 2, preferredLabel: is empty.',
  ],
  [
    'English in a file of another language',
    [manySkills('skills_en.csv'), manySkills('skills_fr.csv')],
    'skills_fr.csv, row 2, preferredLabel: is English and not of the language fr.',
  ],
  [
    'an empty file',
    [{ name: 'skills_en.csv', text: '' }],
    'skills_en.csv, row 1, conceptUri: the file is empty.',
  ],
  ['no file of ESCO', [{ name: 'notes.txt', text: 'x' }], 'There is no file of ESCO here.'],
])('%s is refused by file, row and field', (_what, files, message) => {
  expect(() => importEsco(files)).toThrow(message)
  expect(() => importEsco(files)).toThrow(Refusal)
})

function manySkills(name: string) {
  return { ...skills(...Array.from({ length: 30 }, (_, n) => skillRow(`s${n}`, `word ${n}`))), name }
}

test('ESCO is searched by every label in the asked language, best hit first', async () => {
  const graph = memorySkillsGraph()
  const esco = importEsco([
    skills(
      skillRow('ai', 'principles of artificial intelligence', { alt: 'machine intelligence' }),
      skillRow('cattle', 'perform artificial insemination of livestock'),
    ),
  ])
  await graph.release(escoContent(esco, 'two skills'))
  const search = (text: string) => graph.search({ text, language: 'en', limit: 5 })
  expect((await search('artificial')).toSorted()).toEqual([skill('ai'), skill('cattle')])
  expect(await search('artificial intel')).toEqual([skill('ai')])
  expect(await search('machine inteligence')).toEqual([skill('ai')])
})

test('an import writes one file with the acknowledgement; the same files again change nothing', () => {
  const dir = mkdtempSync(join(tmpdir(), 'academy-esco-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  writeFileSync(join(dir, 'skills_en.csv'), `\ufeff${skills(skillRow('a', 'weaving')).text}`)
  writeFileSync(join(dir, 'broaderRelationsSkillPillar.csv.br'), brotliCompressSync(broader(['a', 'g']).text))
  writeFileSync(join(dir, 'readme.txt'), 'not of ESCO')
  const out = join(dir, 'out', 'esco.json')
  const heard: unknown[] = []
  const first = importEscoFolder(dir, out, (one) => heard.push(one))
  expect(heard).toEqual([
    { name: 'skills_en.csv', rows: 1 },
    { name: 'broaderRelationsSkillPillar.csv', rows: 1 },
  ])
  const written = readFileSync(out, 'utf8')
  expect(JSON.parse(written)).toMatchObject({
    acknowledgement: 'This service uses the ESCO classification of the European Commission.',
    broader: [0, 1],
  })
  const again = importEscoFolder(dir, out, (one) => heard.push(one))
  expect(again).toEqual({ ...first, written: false })
  expect(heard).toHaveLength(2)
  expect(readFileSync(out, 'utf8')).toBe(written)
  expect(describeImport(first).join('\n')).toMatch(
    /1 skills[\s\S]*1 × a relation names a concept[\s\S]*written/,
  )

  writeFileSync(join(dir, 'skills_fr.csv.br'), 'no brotli')
  expect(() => importEscoFolder(dir, out, () => undefined)).toThrow('skills_fr.csv.br cannot be unpacked')
  rmSync(join(dir, 'skills_fr.csv.br'))
  writeFileSync(join(dir, 'skills_en.csv'), 'broken')
  expect(() => importEscoFolder(dir, out, () => undefined)).toThrow('the column is missing')
  expect(readFileSync(out, 'utf8')).toBe(written)
})

test('an import runs beside its caller, and says file by file how it goes, then how it ended', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'academy-esco-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  writeFileSync(join(dir, 'skills_en.csv'), skills(skillRow('a', 'weaving')).text)
  writeFileSync(join(dir, 'broaderRelationsSkillPillar.csv'), broader(['a', 'g']).text)
  const out = join(dir, 'out', 'esco.json')
  const state = () => JSON.parse(readFileSync(progressFile(out), 'utf8'))
  const seen: unknown[] = []
  const running = runEscoImport({
    dir,
    out,
    progress: ({ filesDone, files }) => seen.push([filesDone, files, state().state, state().file]),
  })
  expect(state()).toMatchObject({ state: 'running', filesDone: 0 })
  await running
  expect(seen).toEqual([
    [1, 2, 'running', 'skills_en.csv'],
    [2, 2, 'running', 'broaderRelationsSkillPillar.csv'],
  ])
  expect(state()).toMatchObject({ state: 'done', written: true })
  const kept = readFileSync(out, 'utf8')

  writeFileSync(join(dir, 'skills_en.csv'), skills('KnowledgeSkillCompetence,"x').text)
  await expect(runEscoImport({ dir, out })).rejects.toThrow(/^skills_en\.csv, row 2/)
  expect(state()).toMatchObject({ state: 'failed', message: expect.stringMatching(/^skills_en\.csv, row 2/) })
  expect(readFileSync(out, 'utf8')).toBe(kept)
})
