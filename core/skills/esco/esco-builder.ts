import type { ConceptColumn, ConceptFile, RelationFile } from './esco-files.ts'
import { kindOfType } from './esco-files.ts'
import type { EscoConcept, EscoGraph, EscoOddity, EscoReport } from './esco-graph.ts'
import { badTable, type Cells } from './read-table.ts'

/** Where a row stands, for refusals. */
export interface Place {
  file: string
  row: number
}

/** Collects concepts and relations, numbering concepts as they come. */
export function escoBuilder() {
  const concepts: EscoConcept[] = []
  const numberOf = new Map<string, number>()
  const oddities: EscoReport['oddities'] = {}
  const relations = { broader: pairs(), needs: pairs(), related: pairs() }
  const essential: number[] = []
  let lastFrom = { uri: '', number: -1 }

  const odd = (what: EscoOddity, first: string) => {
    const before = oddities[what]
    oddities[what] = before ? { ...before, count: before.count + 1 } : { count: 1, first }
  }
  const find = (uri: string) => {
    const number = numberOf.get(uri)
    return number === undefined ? undefined : concepts[number]
  }
  const add = (uri: string, kind: EscoConcept['kind']): EscoConcept => {
    const made: EscoConcept = { uri, kind, names: {}, nace: [] }
    numberOf.set(uri, concepts.length)
    concepts.push(made)
    return made
  }
  const numbered = (uri: string, kind: EscoConcept['kind'], field: string, place: Place): number => {
    const number = numberOf.get(uri)
    if (number !== undefined) return number
    checkUri(uri, field, place)
    odd('only-in-relations', uri)
    add(uri, kind)
    return concepts.length - 1
  }

  return {
    /** Takes a row of a list; `seen` are the addresses of the rows of this file before. Answers the concept. */
    concept(
      cells: Cells<ConceptColumn>,
      { kind, between }: ConceptFile,
      language: string,
      seen: Set<string>,
      place: Place,
    ): EscoConcept {
      const uri = cells.conceptUri
      checkUri(uri, 'conceptUri', place)
      const label = clean(cells.preferredLabel)
      if (label === '') throw badTable(place.file, place.row, 'preferredLabel', 'is empty.')
      if (label !== cells.preferredLabel) odd('label-cleaned', uri)
      const one = find(uri) ?? add(uri, kind)
      if (one.kind !== kind) {
        throw badTable(place.file, place.row, 'conceptUri', 'is a concept of another kind in another file.')
      }
      const before = one.names[language] ?? []
      if (seen.has(uri)) {
        if (before[0] !== label) {
          throw badTable(place.file, place.row, 'conceptUri', 'stands twice, with different labels.')
        }
        odd('row-repeated', uri)
      }
      seen.add(uri)
      const others = cells.altLabels === '' ? [] : cells.altLabels.split(between).map(clean)
      one.names[language] = [...new Set([...before, label, ...others])].filter((name) => name !== '')
      if (cells.naceCode !== '')
        one.nace = [...new Set([...one.nace, ...cells.naceCode.split(/,\s*/)])].filter(Boolean)
      if (kind === 'skill' && cells.skillType === '' && one.skillType === undefined) odd('type-missing', uri)
      const code = cells.code || cells.iscoGroup
      if (cells.skillType !== '') one.skillType = cells.skillType
      if (cells.reuseLevel !== '') one.reuseLevel = cells.reuseLevel
      if (code !== '') one.code = code
      if (cells.status !== '') one.status = cells.status
      return one
    },

    relation(cells: Cells<string>, { relation, from, to, kinds }: RelationFile, place: Place): void {
      const [a = '', b = '', type = ''] = [cells[from], cells[to], cells['relationType']]
      if (relation !== 'broader' && type !== 'essential' && type !== 'optional') {
        throw badTable(place.file, place.row, 'relationType', 'must be essential or optional.')
      }
      const fromKind = kindOfType.get(cells['conceptType'] ?? '') ?? kinds[0]
      const toKind = kindOfType.get(cells['broaderType'] ?? '') ?? kinds[1]
      // Rows of one concept stand together.
      if (a !== lastFrom.uri) lastFrom = { uri: a, number: numbered(a, fromKind, from, place) }
      const other = numbered(b, toKind, to, place)
      if (lastFrom.number === other) odd('related-to-itself', a)
      else if (!relations[relation].add(lastFrom.number, other)) odd('relation-repeated', a)
      else if (relation === 'needs') essential.push(Number(type === 'essential'))
    },

    done(languages: readonly string[], files: EscoReport['files']): EscoGraph {
      const count = (...kinds: EscoConcept['kind'][]) =>
        concepts.filter(({ kind }) => kinds.includes(kind)).length
      const essentialCount = essential.reduce((sum, one) => sum + one, 0)
      const { broader, needs, related } = relations
      return {
        languages: [...languages].sort(),
        concepts,
        numberOf,
        broader: broader.packed(),
        needs: needs.packed(),
        essential: Uint8Array.from(essential),
        related: related.packed(),
        report: {
          files: [...files],
          skills: count('skill'),
          occupations: count('occupation'),
          groups: count('skill-group', 'isco-group'),
          broader: broader.size(),
          needs: { essential: essentialCount, optional: essential.length - essentialCount },
          related: related.size(),
          oddities,
        },
      }
    },
  }
}

/** Pairs of numbers below 2^24, each once, in the order they came. */
function pairs() {
  const seen = new Set<number>()
  const flat: number[] = []
  return {
    add(a: number, b: number): boolean {
      const before = seen.size
      if (seen.add(a * 2 ** 24 + b).size === before) return false
      flat.push(a, b)
      return true
    },
    size: () => flat.length / 2,
    packed: () => Uint32Array.from(flat),
  }
}

function checkUri(uri: string, field: string, { file, row }: Place): void {
  if (/^http:\/\/data\.europa\.eu\/esco\/[\w./-]{1,100}$/.test(uri)) return
  throw badTable(file, row, field, 'is no address of an ESCO concept.')
}

// Whatever the kind of space and however many, a reader sees one.
const clean = (text: string) => (/[^\S ]|^ | $| {2}/.test(text) ? text.replace(/\s+/g, ' ').trim() : text)
