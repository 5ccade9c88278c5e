import * as z from 'zod'
import type { EscoCatalogue, EscoEntry, EscoHeader, EscoHit } from '#core/skills/esco/esco-catalogue.ts'
import { broaderByChild, type EscoConcept, type EscoReport } from '#core/skills/esco/esco-graph.ts'
import { indexLanguage } from '#core/skills/graph-content.ts'
import { type NameIndex, nameIndexBesides, searchNames } from './name-index.ts'

const zFile = z.object({
  digest: z.string(),
  version: z.string().exactOptional(),
  // Absent from files that an earlier release made.
  importedAt: z.coerce.date().default(new Date(0)),
  acknowledgement: z.string(),
  changes: z.string(),
  languages: z.array(z.string()),
  concepts: z.custom<EscoConcept[]>(Array.isArray),
  // Hundreds of thousands of numbers, written by our own import.
  broader: z.custom<number[]>(Array.isArray),
  needs: z.custom<number[]>(Array.isArray),
  essential: z.custom<number[]>(Array.isArray),
  report: z.custom<EscoReport>((value) => typeof value === 'object' && value !== null),
})

interface Loaded {
  header: EscoHeader
  concepts: EscoConcept[]
  numberOf: Map<string, number>
  broader: Map<number, number[]>
  occupations: Map<number, { essential: number; optional: number }>
  indexes: Map<string, Promise<NameIndex>>
}

/** Where what an import wrote is kept. */
export interface EscoSource {
  /** What stands there, told from what stood there before; `undefined` while there is nothing. */
  stamp(): Promise<string | undefined>
  /** The text of it. */
  read(stamp: string): Promise<string>
}

/**
 * ESCO in memory, out of what its import wrote. Read when it is first asked for and again when it was replaced;
 * the index of a language is made when that language is first searched in, a few names at a time.
 */
export function memoryEsco(source: EscoSource): Pick<EscoCatalogue, 'header' | 'search' | 'find'> {
  let loaded: { stamp: string; content: Promise<Loaded> } | undefined

  const load = async (): Promise<Loaded | undefined> => {
    const stamp = await source.stamp()
    if (stamp === undefined) return undefined
    if (loaded?.stamp !== stamp) {
      const content = source.read(stamp).then(parseEsco)
      loaded = { stamp, content }
      // A failure is not remembered: the next one reads again.
      content.catch(() => {
        if (loaded?.content === content) loaded = undefined
      })
    }
    return loaded.content
  }

  return {
    async header() {
      return (await load())?.header
    },

    async search({ text, language, kind, limit }) {
      const content = await load()
      if (!content) return []
      const tag = indexLanguage(language, ['en', ...content.header.languages])
      const index = await indexOf(content, kind, tag)
      return searchNames(index, text, limit).flatMap((uri) => {
        const concept = content.concepts[content.numberOf.get(uri) ?? -1]
        return concept ? [hitOf(concept)] : []
      })
    },

    async find(uri) {
      const content = await load()
      const number = content?.numberOf.get(uri)
      const concept = number === undefined ? undefined : content?.concepts[number]
      if (!content || number === undefined || !concept) return undefined
      return entryOf(concept, number, content)
    },
  }
}

/** What an import wrote; throws for anything else. */
export function parseEsco(text: string): Loaded {
  const { concepts, broader: pairs, needs, essential, ...header } = zFile.parse(JSON.parse(text))
  const occupations = new Map<number, { essential: number; optional: number }>()
  for (let pair = 0; pair < needs.length; pair += 2) {
    const skill = needs[pair + 1] ?? 0
    const counts = occupations.get(skill) ?? { essential: 0, optional: 0 }
    counts[essential[pair / 2] === 1 ? 'essential' : 'optional']++
    occupations.set(skill, counts)
  }
  const numberOf = new Map(concepts.map(({ uri }, number) => [uri, number]))
  return { header, concepts, numberOf, broader: broaderByChild(pairs), occupations, indexes: new Map() }
}

function indexOf(
  { concepts, indexes }: Loaded,
  kind: EscoConcept['kind'],
  language: string,
): Promise<NameIndex> {
  const name = `${kind} ${language}`
  const known = indexes.get(name)
  if (known) return known
  const made = nameIndexBesides(
    concepts.flatMap((concept) =>
      concept.kind === kind && Object.keys(concept.names).length > 0
        ? [{ id: concept.uri, names: concept.names, findable: (concept.status ?? 'released') === 'released' }]
        : [],
    ),
    language,
  )
  indexes.set(name, made)
  return made
}

function hitOf({ uri, kind, names }: EscoConcept): EscoHit {
  return { uri, kind, label: mapNames(names, ([label = '']) => label) }
}

function entryOf(
  concept: EscoConcept,
  number: number,
  { concepts, broader, occupations }: Loaded,
): EscoEntry {
  return {
    ...hitOf(concept),
    alternatives: mapNames(concept.names, ([, ...others]) => others),
    broader: (broader.get(number) ?? []).flatMap((parent) => {
      const above = concepts[parent]
      return above ? [hitOf(above)] : []
    }),
    occupations: occupations.get(number) ?? { essential: 0, optional: 0 },
  }
}

function mapNames<T>(names: EscoConcept['names'], take: (names: string[]) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(names).map(([language, all]) => [language, take(all)]))
}
