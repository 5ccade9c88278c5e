import type { Ontology } from './ontology.ts'
import { type Graph, type Resource, skosGraph, type Value } from './skos.ts'

/** The whole ontology as SKOS in Turtle (RDF 1.1 Turtle). Same ontology and address, same text. */
export function skosTurtle(ontology: Ontology, publicUrl: string): string {
  return turtle(skosGraph(ontology, publicUrl))
}

/** One statement group per resource, one value per line, so that two versions differ line by line. */
export function turtle({ prefixes, resources }: Graph): string {
  const head = Object.entries(prefixes).map(([prefix, iri]) => `@prefix ${prefix}: ${iriRef(iri)} .\n`)
  return `${head.join('')}\n${resources.map(statements).join('\n')}`
}

function statements({ iri, types, properties }: Resource): string {
  const lines = properties.flatMap(([name, values]) => values.map((value) => `    ${name} ${term(value)}`))
  return `${[`${iriRef(iri)} a ${types.join(', ')}`, ...lines].join(' ;\n')} .\n`
}

function term(value: Value): string {
  if ('iri' in value) return iriRef(value.iri)
  if ('flag' in value) return 'true'
  const literal = `"${value.text.replace(/["\\\n\r\t]/g, (character) => escapes[character] ?? character)}"`
  return value.language === undefined ? literal : `${literal}@${value.language}`
}

const escapes: Record<string, string> = { '"': '\\"', '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' }

const iriRef = (iri: string): string => `<${iri}>`
