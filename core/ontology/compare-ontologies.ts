import type { Ontology } from '#core/skills/ontology.ts'
import type { Text } from '#core/text.ts'

export const entryKinds = ['skill', 'module', 'role', 'sector', 'domain', 'programme'] as const
type EntryKind = (typeof entryKinds)[number]

/** One thing that differs between two versions. */
export interface EntryChange {
  kind: EntryKind
  id: string
  /** As it is called in the later version, or was in the earlier one. */
  label: Text
  /** `deprecated` and `reinstated`: a skill that left or came back into use; it may have changed besides. */
  change: 'added' | 'removed' | 'changed' | 'deprecated' | 'reinstated'
  /** What a deprecated skill is replaced by. */
  replacedBy?: string
  /** What differs in it; empty for what was added or removed. */
  fields: FieldChange[]
}

/** `label.fr`, `requires.linux-command-line`, `outcomes.m-x-o1.skills.batch-jobs`; absent where there is nothing. */
export interface FieldChange {
  path: string
  before?: string
  after?: string
}

/** What differs between two versions, by kind and in the order of the later one; and what of their head does. */
export interface OntologyChanges {
  entries: EntryChange[]
  /** Title, licence, levels, code lists and the like. */
  head: FieldChange[]
}

export function compareOntologies(before: Ontology, after: Ontology): OntologyChanges {
  const entries = entryKinds.flatMap((kind) =>
    compareEntries(kind, entriesOf(before, kind), entriesOf(after, kind)),
  )
  return { entries, head: compareFields(headOf(before), headOf(after)) }
}

type Entry = object & { label?: Text; title?: Text; status?: string; replacedBy?: string }

function entriesOf(ontology: Ontology, kind: EntryKind): ReadonlyMap<string, Entry> {
  switch (kind) {
    case 'skill':
      return ontology.skills
    case 'module':
      return ontology.modules
    case 'role':
      return ontology.roles
    case 'sector':
      return ontology.sectors
    case 'domain':
      return ontology.domains
    case 'programme':
      return ontology.programmes
  }
}

function compareEntries(
  kind: EntryKind,
  before: ReadonlyMap<string, Entry>,
  after: ReadonlyMap<string, Entry>,
): EntryChange[] {
  const changes = [...after].flatMap(([id, now]): EntryChange[] => {
    const then = before.get(id)
    const known = { kind, id, label: nameOf(now, id) }
    if (!then) return [{ ...known, change: 'added', fields: [] }]
    const fields = compareFields(then, now)
    if (fields.length === 0) return []
    if (then.status === now.status) return [{ ...known, change: 'changed', fields }]
    if (now.status !== 'deprecated') return [{ ...known, change: 'reinstated', fields }]
    const successor = now.replacedBy === undefined ? {} : { replacedBy: now.replacedBy }
    return [{ ...known, change: 'deprecated', ...successor, fields }]
  })
  const removed = [...before].flatMap(([id, then]): EntryChange[] =>
    after.has(id) ? [] : [{ kind, id, label: nameOf(then, id), change: 'removed', fields: [] }],
  )
  return [...changes, ...removed]
}

const nameOf = ({ label, title }: Entry, id: string): Text => label ?? title ?? { en: id, fr: id }

function headOf(ontology: Ontology): object {
  const { title, description, licence, attribution, levels, schemes } = ontology
  const { targetGroups, modes, assessments, supervisions, fieldsOfStudy } = ontology
  const lists = { targetGroups, modes, assessments, supervisions, fieldsOfStudy }
  const asObjects = Object.entries(lists).map(([name, list]) => [name, Object.fromEntries(list)])
  return { title, description, licence, attribution, levels, schemes, ...Object.fromEntries(asObjects) }
}

function compareFields(before: object, after: object): FieldChange[] {
  const [then, now] = [flatten(before), flatten(after)]
  const paths = new Set([...then.keys(), ...now.keys()])
  return [...paths].flatMap((path) => {
    const [was, is] = [then.get(path), now.get(path)]
    if (was === is) return []
    return [
      { path, ...(was === undefined ? {} : { before: was }), ...(is === undefined ? {} : { after: is }) },
    ]
  })
}

/** Every value by its path. Items of a list go by what names them, so that their order means nothing. */
function flatten(value: unknown, path = '', into = new Map<string, string>()): Map<string, string> {
  const below = (name: string) => (path === '' ? name : `${path}.${name}`)
  if (Array.isArray(value)) {
    for (const item of value as unknown[]) flattenItem(item, below, into)
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, member] of Object.entries(value)) {
      if (member !== undefined && !(path === '' && name === 'id')) flatten(member, below(name), into)
    }
  } else into.set(path, String(value))
  return into
}

/** What the lists of an ontology hold: mappings, skills at a level, outcomes. */
interface Item {
  scheme?: string
  uri?: string
  notation?: string
  relation?: string
  skill?: string
  level?: number
  importance?: string
  role?: string
  id?: string
}

function flattenItem(item: unknown, below: (name: string) => string, into: Map<string, string>): void {
  if (typeof item !== 'object' || item === null) {
    into.set(below(String(item)), 'yes')
    return
  }
  const { scheme, uri, notation, relation, skill, level, importance, role, id, ...rest } = item as Item
  if (scheme !== undefined) {
    const name = below(`${scheme}:${uri ?? notation ?? ''}`)
    into.set(name, relation ?? '')
    flatten(rest, name, into)
  } else if (skill !== undefined) {
    const name = below(role === undefined ? skill : `${role}/${skill}`)
    into.set(name, importance === undefined ? String(level) : `${level} ${importance}`)
  } else flatten(rest, below(id ?? ''), into)
}
