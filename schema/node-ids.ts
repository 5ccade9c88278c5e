import { isId } from '#core/ids.ts'

/** Ids of records explain themselves (`<tenant>-awd-…`); those of the catalogue are `skill:`, `module:` … and a slug. */
const kinds = {
  Award: 'awd',
  Offering: 'ofg',
  Learner: 'lrn',
  PracticalRun: 'att',
  BulkJob: 'blk',
} as const
const prefixes = {
  Skill: 'skill',
  Module: 'module',
  Role: 'role',
  Sector: 'sector',
} as const

/** Stands for an id that has no form of ours; there is no such type. */
export const unknownNode = 'Unknown'

/** The relay id of a thing. Ids of records are used as they are, so that one id works everywhere. */
export function encodeNodeId(typename: string, id: string): string {
  return Object.hasOwn(prefixes, typename) ? `${prefixes[typename as keyof typeof prefixes]}:${id}` : id
}

/** What an id names; `Unknown` when it has no form of ours, which the `node` query answers with null. */
export function decodeNodeId(globalId: string): { typename: string; id: string } {
  for (const [typename, kind] of Object.entries(kinds)) {
    if (isId(globalId, kind)) return { typename, id: globalId }
  }
  for (const [typename, prefix] of Object.entries(prefixes)) {
    const slug = globalId.startsWith(`${prefix}:`) ? globalId.slice(prefix.length + 1) : ''
    if (/^[a-z0-9]+(-[a-z0-9]+)*$/.test(slug)) return { typename, id: slug }
  }
  return { typename: unknownNode, id: globalId }
}
