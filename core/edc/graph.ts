import { kindOf, kindOnCredential, type TermKind } from './term-table.ts'

export type JsonObject = { [member: string]: unknown }

/**
 * What stands in the way. `document`: this is no JSON-LD of ours. `shape`: the official shapes refuse it
 * too. `ours`: they would let it pass, we do not.
 */
export interface Problem {
  kind: 'document' | 'shape' | 'ours'
  what: ProblemCode
  /** Class and property, or only one of them; never a value. */
  at: string
}
type ProblemCode =
  | 'context_wrong'
  | 'not_an_object'
  | 'too_deep'
  | 'too_many_objects'
  | 'id_not_an_iri'
  | 'id_reused'
  | 'type_missing'
  | 'type_unknown'
  | 'term_unknown'
  | 'property_unknown'
  | 'missing'
  | 'too_many'
  | 'wrong_class'
  | 'wrong_datatype'
  | 'language_invalid'
  | 'language_repeated'
  | 'text_empty'
  | 'zone_missing'
  | 'not_named'
  | 'not_in_scheme'
  | 'not_a_member'

/** One thing of the graph: all JSON objects with the same `id` are the same thing. */
export interface GraphNode {
  id: string | undefined
  types: readonly string[]
  objects: JsonObject[]
}

export interface Graph {
  nodes: Iterable<GraphNode>
  /** The thing a value of a node property stands for. */
  nodeOf(value: unknown): GraphNode | undefined
}

const maxDepth = 32
const maxObjects = 5000
const absoluteIri = /^[A-Za-z][A-Za-z0-9+.-]*:[^\s<>"{}|\\^`]+$/
const noTypes: readonly string[] = []

/** Reads a credential as the graph that RDF tools see. Problems of the document itself go to `problems`. */
export function readGraph(credential: JsonObject, known: ReadonlySet<string>, problems: Problem[]): Graph {
  const byId = new Map<string, GraphNode>()
  const unnamed = new Map<object, GraphNode>()
  const seen = new Set<object>()
  const report = (what: ProblemCode, at: string) => problems.push({ kind: 'document', what, at })

  const place = (object: JsonObject, types: readonly string[]): void => {
    const id = object['id']
    if (typeof id !== 'string') {
      unnamed.set(object, { id: undefined, types, objects: [object] })
      return
    }
    const node = byId.get(id)
    if (!node) {
      if (!absoluteIri.test(id)) report('id_not_an_iri', types[0] ?? 'id')
      byId.set(id, { id, types, objects: [object] })
      return
    }
    node.objects.push(object)
    if (types.length === node.types.length && types.every((type) => node.types.includes(type))) return
    // RDF makes one thing of the two, with the properties and duties of both.
    problems.push({ kind: 'ours', what: 'id_reused', at: types[0] ?? 'id' })
    node.types = [...new Set([...node.types, ...types])]
  }

  const visit = (value: unknown, at: string, depth: number): void => {
    if (Array.isArray(value)) {
      for (const entry of value) visit(entry, at, depth)
      return
    }
    if (typeof value !== 'object' || value === null) {
      // A text in the place of a node is read as its IRI.
      if (typeof value === 'string' && !absoluteIri.test(value)) report('id_not_an_iri', at)
      else if (typeof value === 'number' || typeof value === 'boolean') report('not_an_object', at)
      return
    }
    if (seen.has(value)) return
    seen.add(value)
    if (depth > maxDepth) return void report('too_deep', at)
    if (seen.size > maxObjects) return
    const object = value as JsonObject
    const types = typesOf(object['type'], known, at, report)
    if ('id' in object && typeof object['id'] !== 'string') report('id_not_an_iri', at)
    place(object, types)
    const kinds = types.includes('VerifiableCredential') ? kindOnCredential : kindOf
    for (const member in object) {
      if (member === 'id' || member === 'type' || (member === '@context' && depth === 0)) continue
      const kind: TermKind | undefined = kinds.get(member)
      if (kind === undefined) report('term_unknown', types[0] ?? at)
      else if (kind === 'node') visit(object[member], member, depth + 1)
    }
  }

  visit(credential, 'credential', 0)
  if (seen.size > maxObjects) report('too_many_objects', 'credential')
  return {
    nodes: [...byId.values(), ...unnamed.values()],
    nodeOf(value) {
      if (typeof value === 'string') return byId.get(value) ?? { id: value, types: noTypes, objects: [] }
      if (typeof value !== 'object' || value === null) return undefined
      const id = (value as JsonObject)['id']
      return typeof id === 'string' ? byId.get(id) : unnamed.get(value)
    },
  }
}

function typesOf(
  type: unknown,
  known: ReadonlySet<string>,
  at: string,
  report: (what: ProblemCode, at: string) => void,
): readonly string[] {
  if (type === undefined) return noTypes
  const types: unknown[] = Array.isArray(type) ? type : [type]
  const names = types.filter((name): name is string => typeof name === 'string' && known.has(name))
  if (names.length !== types.length) report('type_unknown', at)
  return names
}
