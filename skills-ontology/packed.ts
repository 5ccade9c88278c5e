import type { Ontology } from '#core/skills/ontology.ts'

/** An ontology that was read and judged, as one text that is read back in milliseconds. */
export function packOntology(ontology: Ontology): string {
  const members = Object.entries(ontology).map(([name, value]): [string, unknown] =>
    value instanceof Map ? [name, { map: [...value] }] : [name, { value }],
  )
  return JSON.stringify(Object.fromEntries(members))
}

/** The ontology of `packOntology`, which judged it: nothing is judged again. */
export function unpackOntology(text: string): Ontology {
  const members = Object.entries(
    JSON.parse(text) as Record<string, { map: [string, unknown][] } | { value: unknown }>,
  ).map(([name, member]) => [name, 'map' in member ? new Map(member.map) : member.value])
  return Object.fromEntries(members) as Ontology
}
