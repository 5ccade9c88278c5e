import { countries, nuts1Regions } from '#core/offerings/nuts1.ts'
import { targetGroups } from '#core/offerings/offering.ts'
import type { Ontology, SkillLevel } from '#core/skills/ontology.ts'
import { skillsTaught } from '#core/skills/teaching.ts'

/** By what people are counted: where they work, where they live, who they are as learners. */
export const placeDimensions = ['sector', 'country', 'nuts1', 'targetGroup'] as const
export type PlaceDimension = (typeof placeDimensions)[number]

/** Two of them at once. Country and region are one question at two grains, and stand in no table together. */
export const placePairs = [
  { name: 'sector+country', first: 'sector', second: 'country' },
  { name: 'sector+nuts1', first: 'sector', second: 'nuts1' },
  { name: 'sector+targetGroup', first: 'sector', second: 'targetGroup' },
  { name: 'country+targetGroup', first: 'country', second: 'targetGroup' },
  { name: 'nuts1+targetGroup', first: 'nuts1', second: 'targetGroup' },
] as const satisfies readonly { name: string; first: PlaceDimension; second: PlaceDimension }[]
export type PairName = (typeof placePairs)[number]['name']

/** A place of a pair: both codes joined by `+`. */
export const pairPlace = (first: string, second: string) => `${first}+${second}`

/** The fixed code lists of everything that is counted. What is in no list is not stated. */
export interface Layout {
  codes: Readonly<Record<PlaceDimension, readonly string[]>>
  /** Country of each region. */
  countryOf: ReadonlyMap<string, string>
  skills: readonly string[]
  modules: readonly string[]
  /** What each module teaches: whoever knows it knows that these skills are held by the same people. */
  teaches: ReadonlyMap<string, readonly SkillLevel[]>
}

/** The code lists of an ontology; countries, regions and target groups are the same in each. */
export function layoutOf({
  sectors,
  skills,
  modules,
}: Pick<Ontology, 'sectors' | 'skills' | 'modules'>): Layout {
  return {
    codes: {
      sector: [...sectors.keys()].sort(),
      country: countries,
      nuts1: [...nuts1Regions.keys()].sort(),
      targetGroup: [...targetGroups].sort(),
    },
    countryOf: new Map([...nuts1Regions].map(([code, { country }]) => [code, country])),
    skills: [...skills.keys()].sort(),
    modules: [...modules.keys()].sort(),
    teaches: new Map([...modules].map(([id, module]) => [id, skillsTaught(module)])),
  }
}

/** How far a learner came in a training; who came further counts in every earlier stage too. */
export const stages = ['enrolled', 'practised', 'assessed', 'issued', 'claimed', 'verified'] as const
export type Stage = (typeof stages)[number]

/**
 * What is counted in a place, by steps that each include the next: a skill at level 1 to 4, any skill at
 * level 1 to 4, the stages of all trainings, the stages of one module, and in a pair of places those
 * enrolled and, among them, those who hold something.
 */
export type Subject = `skill:${string}` | 'any' | 'funnel' | `module:${string}` | `award:${string}` | 'people'

/** Where and what: a table, a place in it, a subject. */
export interface CellName {
  table: PlaceDimension | PairName | 'everywhere'
  place: string
  subject: Subject
}

export const cellName = ({ table, place, subject }: CellName): string => `${table}/${place}/${subject}`

export function cellParts(name: string): CellName {
  const [table = '', place = '', subject = ''] = name.split('/')
  return { table, place, subject } as CellName
}
