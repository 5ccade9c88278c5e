import { type ClassRule, classRules, type PropertyRule } from './class-rules.ts'
import { type Graph, type GraphNode, type JsonObject, type Problem, readGraph } from './graph.ts'
import { literalProblem, textProblems } from './literals.ts'
import { classNames, kindOnCredential, type Term } from './term-table.ts'
import { isMember, vocabularies } from './vocabularies.ts'

/** The two contexts of a European Digital Credential, in this order (VC 1.1; `edc-ap` has no https address). */
export const edcContexts = [
  'https://www.w3.org/2018/credentials/v1',
  'http://data.europa.eu/snb/model/context/edc-ap',
] as const

/** The third, only for a credential with a status entry. */
export const statusContext = 'https://www.w3.org/ns/credentials/status/v1'

const knownTypes: ReadonlySet<string> = new Set([
  ...classNames,
  'VerifiableCredential',
  'BitstringStatusListEntry',
])

interface PreparedRule {
  term: Term
  rule: PropertyRule
  isNode: boolean
}
const prepared: ReadonlyMap<string, { rules: PreparedRule[]; terms: ReadonlySet<string> }> = new Map(
  Object.entries(classRules).map(([name, rule]) => [name, prepare(rule)]),
)

function prepare(rule: ClassRule) {
  const entries = Object.entries(rule) as [Term, PropertyRule][]
  const rules = entries.map(([term, property]) => ({
    term,
    rule: property,
    isNode: kindOnCredential.get(term) === 'node',
  }))
  return { rules, terms: new Set(entries.map(([term]): string => term)) }
}

/**
 * Judges a credential as the official shapes of the application profile do (problems of kind `shape`),
 * and more strictly where they are blind: values of the vocabularies, unknown terms, empty texts. No
 * JSON-LD processor and no network take part. An empty answer means that it conforms.
 */
export function findProblems(credential: unknown): Problem[] {
  if (typeof credential !== 'object' || credential === null || Array.isArray(credential)) {
    return [{ kind: 'document', what: 'not_an_object', at: 'credential' }]
  }
  const problems: Problem[] = []
  const object = credential as JsonObject
  const context = object['@context']
  const contexts = object['credentialStatus'] === undefined ? edcContexts : [...edcContexts, statusContext]
  const sameContexts =
    Array.isArray(context) &&
    context.length === contexts.length &&
    contexts.every((iri, position) => context[position] === iri)
  if (!sameContexts) problems.push({ kind: 'document', what: 'context_wrong', at: '@context' })

  const graph = readGraph(object, knownTypes, problems)
  const root = graph.nodeOf(object)
  if (!root?.types.includes('EuropeanDigitalCredential') || !root.types.includes('VerifiableCredential')) {
    problems.push({ kind: 'document', what: 'type_missing', at: 'credential' })
  }
  for (const node of graph.nodes) judgeNode(node, graph, problems)
  return problems
}

function judgeNode(node: GraphNode, graph: Graph, problems: Problem[]): void {
  if (node.types.length === 0) problems.push({ kind: 'ours', what: 'type_missing', at: 'object' })
  for (const type of node.types) {
    const shape = prepared.get(type)
    if (!shape) continue
    for (const entry of shape.rules) judgeProperty(node, entry, `${type}.${entry.term}`, graph, problems)
    for (const object of node.objects) {
      for (const member in object) {
        if (member === 'id' || member === 'type' || member === '@context') continue
        if (
          !shape.terms.has(member) &&
          node.types.every((other) => !prepared.get(other)?.terms.has(member))
        ) {
          problems.push({ kind: 'ours', what: 'property_unknown', at: type })
        }
      }
    }
  }
}

function judgeProperty(
  node: GraphNode,
  { term, rule, isNode }: PreparedRule,
  at: string,
  graph: Graph,
  problems: Problem[],
): void {
  const values = valuesOf(node, term)
  if (values.length === 0) {
    if (rule.min) problems.push({ kind: 'shape', what: 'missing', at })
    return
  }
  const count = isNode
    ? judgeNodes(values, rule, at, graph, problems)
    : judgeLiterals(values, term, rule, at, problems)
  if (rule.min && count === 0) problems.push({ kind: 'shape', what: 'missing', at })
  if (rule.max && count > rule.max) problems.push({ kind: 'shape', what: 'too_many', at })
}

/** All values of a property over every copy of the thing. */
function valuesOf(node: GraphNode, term: Term): unknown[] {
  let values: unknown[] = []
  for (const object of node.objects) {
    const value = object[term]
    if (value === undefined || value === null) continue
    if (!Array.isArray(value)) values.push(value)
    else if (values.length === 0) values = value.flat(8)
    else values.push(...value.flat(8))
  }
  return values
}

function judgeNodes(
  values: unknown[],
  rule: PropertyRule,
  at: string,
  graph: Graph,
  problems: Problem[],
): number {
  const things = new Set<GraphNode | string>()
  for (const value of values) {
    const thing = graph.nodeOf(value)
    const key = thing?.id ?? thing
    if (!thing || key === undefined || things.has(key)) continue
    things.add(key)
    judgeThing(thing, rule, at, graph, problems)
  }
  return things.size
}

function judgeThing(
  thing: GraphNode,
  rule: PropertyRule,
  at: string,
  graph: Graph,
  problems: Problem[],
): void {
  const report = (kind: Problem['kind'], what: Problem['what']) => problems.push({ kind, what, at })
  const wanted: readonly string[] | undefined = rule.in ? ['Concept'] : rule.to
  if (wanted && !wanted.some((type) => thing.types.includes(type))) report('shape', 'wrong_class')
  if ((rule.named || (rule.in && !rule.ours)) && thing.id === undefined) report('shape', 'not_named')
  if (rule.having) {
    const count = new Set(valuesOf(thing, rule.having).map((value) => graph.nodeOf(value)?.id ?? value)).size
    if (count !== 1) report('shape', count === 0 ? 'missing' : 'too_many')
  }
  if (!rule.in) return
  const { scheme } = vocabularies[rule.in]
  const schemes = valuesOf(thing, 'inScheme').map((value) => graph.nodeOf(value))
  if (!schemes.some((found) => found?.id === scheme)) report(rule.ours ? 'ours' : 'shape', 'not_in_scheme')
  if (thing.id === undefined || !isMember(rule.in, thing.id)) report('ours', 'not_a_member')
}

function judgeLiterals(
  values: unknown[],
  term: Term,
  rule: PropertyRule,
  at: string,
  problems: Problem[],
): number {
  const kind = kindOnCredential.get(term)
  if (kind === 'text') return textProblems(values, rule.oncePerLanguage === true, at, problems)
  const distinct = new Set<unknown>()
  for (const value of values) {
    const problem = literalProblem(value, kind)
    if (problem) problems.push({ ...problem, at })
    distinct.add(String(value))
  }
  return distinct.size
}
