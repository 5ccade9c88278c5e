import { digestOf } from '#core/skills/canonical-form.ts'
import type { Ontology } from '#core/skills/ontology.ts'

type MapsOf<T> = { [K in keyof T]: T[K] extends ReadonlyMap<string, unknown> ? K : never }[keyof T]

const maps = {
  domains: true,
  targetGroups: true,
  skills: true,
  modules: true,
  roles: true,
  sectors: true,
  programmes: true,
  modes: true,
  assessments: true,
  supervisions: true,
  fieldsOfStudy: true,
  escoLabels: true,
} as const satisfies Record<MapsOf<Ontology>, true>

/**
 * An ontology as a text to be kept: JSON in which everything stays in its order, as in the files it was made
 * from. The synthetic demand sample is no part of it.
 */
export function packOntology({ demandSample: _synthetic, ...ontology }: Ontology): string {
  return JSON.stringify(ontology, (_name, value: unknown) => (value instanceof Map ? [...value] : value))
}

/**
 * What `packOntology` wrote. A text whose content does not have the digest it was published under is damage, and
 * throws: what is answered for a version is what was judged, to the letter.
 */
export function unpackOntology(text: string, digest: string): Ontology {
  const members = Object.entries(JSON.parse(text) as Record<string, unknown>).map(([name, value]) => [
    name,
    Object.hasOwn(maps, name) ? new Map(value as [string, unknown][]) : value,
  ])
  const ontology: Ontology = { ...Object.fromEntries(members), demandSample: [] }
  if (digestOf(ontology) !== digest) throw new Error('a kept version of the ontology is damaged')
  return ontology
}
