/** A concept of ESCO; addresses are `http://` and stay as they are. */
export interface EscoConcept {
  uri: string
  kind: 'skill' | 'occupation' | 'skill-group' | 'isco-group'
  /** By language, the preferred label first; empty for a concept that only relations name. */
  names: Record<string, string[]>
  /** `knowledge` or `skill/competence`; some rows have none. */
  skillType?: string
  reuseLevel?: string
  /** ISCO or ESCO code. */
  code?: string
  /** Addresses of NACE Rev. 2.1 classes; from ESCO 1.2.1 on. */
  nace: string[]
  status?: string
}

/** What the files say, with relations as pairs of positions in `concepts`. */
export interface EscoGraph {
  languages: string[]
  concepts: EscoConcept[]
  numberOf: ReadonlyMap<string, number>
  /** Narrower, broader; a concept may have several broader ones. */
  broader: Uint32Array
  /** Occupation, skill. */
  needs: Uint32Array
  /** 1 essential, 0 optional; one for each pair of `needs`. */
  essential: Uint8Array
  /** Skill, the skill that goes with it. */
  related: Uint32Array
  report: EscoReport
}

/** What the import did, and what it found odd and how it went on. */
export interface EscoReport {
  files: { name: string; rows: number }[]
  skills: number
  occupations: number
  groups: number
  broader: number
  needs: { essential: number; optional: number }
  related: number
  /** How often each oddity was met, with the first address it was met at. */
  oddities: Partial<Record<EscoOddity, { count: number; first: string }>>
}

export const escoOddities = {
  'label-cleaned': 'a label had stray or no-break spaces; they were removed',
  'type-missing': 'a skill has no type; it has none here either',
  'row-repeated': 'a concept stands twice with the same label; the rows are one concept',
  'only-in-relations': 'a relation names a concept that no list has; it is kept without a label',
  'related-to-itself': 'a skill is related to itself; the relation is left out',
  'relation-repeated': 'a relation stands twice; it is kept once',
} as const
export type EscoOddity = keyof typeof escoOddities

/** Concepts directly above each, out of pairs of child and parent one after another. */
export function broaderByChild(pairs: ArrayLike<number>): Map<number, number[]> {
  const above = new Map<number, number[]>()
  for (let pair = 0; pair < pairs.length; pair += 2) {
    const [child = 0, parent = 0] = [pairs[pair], pairs[pair + 1]]
    const known = above.get(child)
    if (known) known.push(parent)
    else above.set(child, [parent])
  }
  return above
}

/** Every concept above one, itself not among them, by the hierarchy, which is no tree. */
export function broaderClosure(graph: EscoGraph): (uri: string) => string[] {
  const { concepts, numberOf } = graph
  const above = broaderByChild(graph.broader)
  return (uri) => {
    const start = numberOf.get(uri)
    const found = new Set<number>()
    const todo = start === undefined ? [] : [start]
    for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
      for (const parent of above.get(next) ?? []) {
        if (found.has(parent) || parent === start) continue
        found.add(parent)
        todo.push(parent)
      }
    }
    return [...found].map((number) => concepts[number]?.uri ?? '')
  }
}
