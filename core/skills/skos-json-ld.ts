import type { Ontology } from './ontology.ts'
import { type Graph, type Resource, skosGraph, type Value } from './skos.ts'

/** The whole ontology as SKOS in JSON-LD 1.1, with its context inside: nothing has to be fetched to read it. */
export function skosJsonLd(ontology: Ontology, publicUrl: string): string {
  return jsonLd(skosGraph(ontology, publicUrl))
}

/** The same statements as the Turtle form; a test holds them against each other. */
export function jsonLd({ prefixes, resources }: Graph): string {
  const document = { '@context': { ...prefixes }, '@graph': resources.map(node) }
  return `${JSON.stringify(document, undefined, 1)}\n`
}

function node({ iri, types, properties }: Resource): Record<string, unknown> {
  const members: Record<string, unknown> = { '@id': iri, '@type': types }
  for (const [name, values] of properties) if (values.length > 0) members[name] = values.map(object)
  return members
}

function object(value: Value): unknown {
  if ('iri' in value) return { '@id': value.iri }
  if ('flag' in value) return { '@value': true }
  if (value.language === undefined) return { '@value': value.text }
  return { '@value': value.text, '@language': value.language }
}
