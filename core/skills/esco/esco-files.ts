import type { EscoConcept } from './esco-graph.ts'

export type ConceptColumn =
  | 'conceptUri'
  | 'preferredLabel'
  | 'altLabels'
  | 'status'
  | 'skillType'
  | 'reuseLevel'
  | 'iscoGroup'
  | 'code'
  | 'naceCode'

export interface ConceptFile {
  kind: EscoConcept['kind']
  needed: readonly ConceptColumn[]
  /** What stands between two alternative labels in one cell. */
  between: RegExp
}

const always = ['conceptUri', 'preferredLabel', 'altLabels', 'status'] as const
const lines = /\r?\n/
const bars = / \| /
const collection: ConceptFile = {
  kind: 'skill',
  needed: [...always, 'skillType', 'reuseLevel'],
  between: bars,
}

/** The files that list concepts, by their name without language and ending; read in this order. */
export const conceptFiles: ReadonlyMap<string, ConceptFile> = new Map([
  ['skills', { ...collection, between: lines }],
  ['digitalSkillsCollection', collection],
  ['digCompSkillsCollection', collection],
  ['occupations', { kind: 'occupation', needed: [...always, 'iscoGroup', 'code'], between: lines }],
  ['skillGroups', { kind: 'skill-group', needed: [...always, 'code'], between: lines }],
  ['ISCOGroups', { kind: 'isco-group', needed: [...always, 'code'], between: lines }],
])

/** Columns a file may have or lack, by kind and version. */
export const optionalColumns: readonly ConceptColumn[] = [
  'skillType',
  'reuseLevel',
  'iscoGroup',
  'code',
  'naceCode',
]

export interface RelationFile {
  relation: 'broader' | 'needs' | 'related'
  from: string
  to: string
  /** What the two are when no list has them and no column says it. */
  kinds: readonly [EscoConcept['kind'], EscoConcept['kind']]
}

/** The files of relations, read after the lists. */
export const relationFiles: ReadonlyMap<string, RelationFile> = new Map([
  ['broaderRelationsSkillPillar', broader('skill', 'skill-group')],
  ['broaderRelationsOccPillar', broader('occupation', 'isco-group')],
  [
    'occupationSkillRelations',
    { relation: 'needs', from: 'occupationUri', to: 'skillUri', kinds: ['occupation', 'skill'] },
  ],
  [
    'skillSkillRelations',
    { relation: 'related', from: 'originalSkillUri', to: 'relatedSkillUri', kinds: ['skill', 'skill'] },
  ],
])

function broader(from: EscoConcept['kind'], to: EscoConcept['kind']): RelationFile {
  return { relation: 'broader', from: 'conceptUri', to: 'broaderUri', kinds: [from, to] }
}

/** What the columns `conceptType` and `broaderType` call a concept. */
export const kindOfType: ReadonlyMap<string, EscoConcept['kind']> = new Map([
  ['KnowledgeSkillCompetence', 'skill'],
  ['SkillGroup', 'skill-group'],
  ['Occupation', 'occupation'],
  ['ISCOGroup', 'isco-group'],
])

/** Which file of ESCO a name stands for: 1.1.1 and later add the language, some releases leave it out for English. */
export function escoFile(name: string): { base: string; language: string } | undefined {
  const [, base = '', language] = /^([A-Za-z]+)(?:_([a-z]{2,3}))?\.csv$/.exec(name) ?? []
  if (!conceptFiles.has(base) && !relationFiles.has(base)) return undefined
  return { base, language: language ?? 'en' }
}
