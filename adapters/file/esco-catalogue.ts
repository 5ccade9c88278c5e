import { existsSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import * as z from 'zod'
import { type NameIndex, nameIndexBesides, searchNames } from '#adapters/memory/name-index.ts'
import { Refusal } from '#core/refusal.ts'
import type { EscoCatalogue, EscoEntry, EscoHeader, EscoHit } from '#core/skills/esco/esco-catalogue.ts'
import type { EscoConcept, EscoReport } from '#core/skills/esco/esco-graph.ts'
import { indexLanguage } from '#core/skills/graph-content.ts'

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

const zProgress = z.discriminatedUnion('state', [
  z.object({
    state: z.literal('running'),
    startedAt: z.coerce.date(),
    file: z.string(),
    filesDone: z.int(),
    files: z.int(),
  }),
  z.object({
    state: z.literal('done'),
    startedAt: z.coerce.date(),
    finishedAt: z.coerce.date(),
    written: z.boolean(),
  }),
  z.object({
    state: z.literal('failed'),
    startedAt: z.coerce.date(),
    finishedAt: z.coerce.date(),
    message: z.string(),
  }),
])

interface Loaded {
  header: EscoHeader
  concepts: EscoConcept[]
  numberOf: Map<string, number>
  broader: Map<number, number[]>
  occupations: Map<number, { essential: number; optional: number }>
  indexes: Map<string, Promise<NameIndex>>
}

export interface EscoFiles {
  /** What `npm run ontology -- import esco` writes. */
  file: string
  progressFile: string
  /** Starts an import of the folder the deployment names; absent where it names none. */
  start?: () => Promise<unknown>
}

/**
 * ESCO out of the file of its import. Read when it is first asked for and again when an import replaced the file;
 * the index of a language is made when that language is first searched in, a few names at a time.
 */
export function fileEscoCatalogue({ file, progressFile, start }: EscoFiles): EscoCatalogue {
  let loaded: { stamp: string; content: Promise<Loaded> } | undefined
  let importing = false

  const load = async (): Promise<Loaded | undefined> => {
    if (!existsSync(file)) return undefined
    const { mtimeMs, size } = statSync(file)
    const stamp = `${mtimeMs} ${size}`
    if (loaded?.stamp !== stamp) loaded = { stamp, content: readContent(file) }
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

    async lastImport() {
      if (!existsSync(progressFile)) return undefined
      return zProgress.parse(JSON.parse(await readFile(progressFile, 'utf8')))
    },

    async startImport() {
      if (!start) throw new Refusal('state_conflict', 'ESCO_DIR names no folder to import from.')
      if (importing) throw new Refusal('state_conflict', 'An import is under way.')
      importing = true
      // Whoever asks hears how it goes from `lastImport`, a failure too.
      void start()
        .catch(() => undefined)
        .finally(() => {
          importing = false
        })
    },
  }
}

async function readContent(file: string): Promise<Loaded> {
  const {
    concepts,
    broader: pairs,
    needs,
    essential,
    ...header
  } = zFile.parse(JSON.parse(await readFile(file, 'utf8')))
  const broader = new Map<number, number[]>()
  for (let pair = 0; pair < pairs.length; pair += 2) {
    const [child = 0, parent = 0] = [pairs[pair], pairs[pair + 1]]
    const known = broader.get(child)
    if (known) known.push(parent)
    else broader.set(child, [parent])
  }
  const occupations = new Map<number, { essential: number; optional: number }>()
  for (let pair = 0; pair < needs.length; pair += 2) {
    const skill = needs[pair + 1] ?? 0
    const counts = occupations.get(skill) ?? { essential: 0, optional: 0 }
    counts[essential[pair / 2] === 1 ? 'essential' : 'optional']++
    occupations.set(skill, counts)
  }
  const numberOf = new Map(concepts.map(({ uri }, number) => [uri, number]))
  return { header, concepts, numberOf, broader, occupations, indexes: new Map() }
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
