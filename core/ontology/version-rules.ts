import type { EntryChange, FieldChange, OntologyChanges } from './compare-ontologies.ts'

/** What a change does to those who rely on the version before, the least first. */
export const bumps = ['none', 'patch', 'minor', 'major'] as const
export type Bump = (typeof bumps)[number]

/** A change and what it makes of the version, so that a person sees why. */
export interface BumpReason {
  bump: Bump
  kind: EntryChange['kind'] | 'head'
  id: string
  why: (typeof whys)[number]
}

export const whys = [
  'removed',
  'retired',
  'meaning-declared',
  'meaning-by-match',
  'added',
  'replaced',
  'reinstated',
  'relations',
  'texts',
] as const

/**
 * What the version must rise by at least, with a reason for each thing that changed, the weightiest first.
 * Major: something was removed, retired with nothing in its place, or means something else: a curator says so
 * (`meaningChanged`), or what it was the same as in another classification is no longer that.
 * Minor: something was added, replaced or related otherwise. Patch: only words changed.
 */
export function leastBump(
  { entries, head }: OntologyChanges,
  meaningChanged: readonly string[] = [],
): { bump: Bump; reasons: BumpReason[] } {
  const reasons = entries.map((entry): BumpReason => {
    const declared = entry.kind === 'skill' && meaningChanged.includes(entry.id)
    const [bump, why] = declared ? (['major', 'meaning-declared'] as const) : weigh(entry)
    return { bump, why, kind: entry.kind, id: entry.id }
  })
  if (head.length > 0) {
    const onlyWords = head.every(isWords)
    reasons.push({
      bump: onlyWords ? 'patch' : 'minor',
      why: onlyWords ? 'texts' : 'relations',
      kind: 'head',
      id: '',
    })
  }
  reasons.sort((a, b) => rank(b.bump) - rank(a.bump))
  return { bump: reasons[0]?.bump ?? 'none', reasons }
}

function weigh({ change, replacedBy, fields }: EntryChange): [Bump, BumpReason['why']] {
  if (change === 'removed') return ['major', 'removed']
  if (change === 'added') return ['minor', 'added']
  if (change === 'deprecated') return replacedBy === undefined ? ['major', 'retired'] : ['minor', 'replaced']
  if (change === 'reinstated') return ['minor', 'reinstated']
  if (fields.some(isLostMatch)) return ['major', 'meaning-by-match']
  return fields.every(isWords) ? ['patch', 'texts'] : ['minor', 'relations']
}

const isLostMatch = ({ path, before }: FieldChange) =>
  /^mappings\.[a-z]+:\S+$/.test(path) && before === 'exactMatch'

const words =
  /(^|\.)(label|title|description|descriptor|statement|qualityAssurance|acknowledgement|changes|attribution)(\.|$)|^mappings\..*\.(approvedBy|approvedOn)$/

// Where English words come or go, a thing does: a value of a code list, an outcome.
const isWords = ({ path, before, after }: FieldChange) =>
  words.test(path) && !(path.endsWith('.en') && (before === undefined || after === undefined))

const rank = (bump: Bump) => bumps.indexOf(bump)

/** `0.2.0` raised by `minor` is `0.3.0`. */
export function raise(version: string, bump: Bump): string {
  const [major = 0, minor = 0, patch = 0] = numbers(version)
  switch (bump) {
    case 'major':
      return `${major + 1}.0.0`
    case 'minor':
      return `${major}.${minor + 1}.0`
    case 'patch':
      return `${major}.${minor}.${patch + 1}`
    case 'none':
      return version
  }
}

/** Negative when the first version comes before the second. */
export function compareVersions(a: string, b: string): number {
  const [one, other] = [numbers(a), numbers(b)]
  const place = one.findIndex((number, position) => number !== other[position])
  return place < 0 ? 0 : (one[place] ?? 0) - (other[place] ?? 0)
}

/** Whether a version is raised enough over the one before for what changed. */
export const isRaisedBy = (version: string, before: string, least: Bump) =>
  compareVersions(version, raise(before, least)) >= 0

const numbers = (version: string) => version.split('.').map(Number)
