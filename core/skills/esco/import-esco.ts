import { Refusal } from '#core/refusal.ts'
import { escoBuilder } from './esco-builder.ts'
import {
  type ConceptColumn,
  type ConceptFile,
  conceptFiles,
  escoFile,
  optionalColumns,
  type RelationFile,
  relationFiles,
} from './esco-files.ts'
import type { EscoGraph, EscoReport } from './esco-graph.ts'
import { badTable, type NamedText, readTable } from './read-table.ts'

type Builder = ReturnType<typeof escoBuilder>
type KnownFile = NamedText & { base: string; language: string }

/**
 * Reads ESCO from its CSV files in the layouts of 1.1.1 and 1.2.1: any subset of files and languages, in any
 * order; files that are none of ESCO's are left aside. `progress` hears of each file that was read. The same files
 * give the same graph. Refuses `invalid_input`, naming file, row and field, for what cannot be understood; what is
 * merely odd is put right and counted in the report.
 */
export function importEsco(
  files: readonly NamedText[],
  progress: (file: EscoReport['files'][number]) => void = () => undefined,
): EscoGraph {
  const known = files.flatMap((file): KnownFile[] => {
    const is = escoFile(file.name)
    return is ? [{ ...file, ...is }] : []
  })
  if (known.length === 0) throw new Refusal('invalid_input', 'There is no file of ESCO here.')
  const order = [...conceptFiles.keys(), ...relationFiles.keys()]
  known.sort((a, b) => order.indexOf(a.base) - order.indexOf(b.base) || englishFirst(a.language, b.language))
  const builder = escoBuilder()
  const languages = new Set<string>()
  const read = known.map((file) => {
    const rows = readFile(file, builder)
    if (conceptFiles.has(file.base)) languages.add(file.language)
    progress({ name: file.name, rows })
    return { name: file.name, rows }
  })
  return builder.done([...languages], read)
}

const englishFirst = (a: string, b: string) =>
  Number(b === 'en') - Number(a === 'en') || (a < b ? -1 : Number(a > b))

function readFile(file: KnownFile, builder: Builder): number {
  const concepts = conceptFiles.get(file.base)
  if (concepts) return readConcepts(file, concepts, builder)
  const relations = relationFiles.get(file.base)
  return relations ? readRelations(file, relations, builder) : 0
}

function readConcepts(file: KnownFile, is: ConceptFile, builder: Builder): number {
  const seen = new Set<string>()
  let rows = 0
  let asInEnglish = 0
  readTable<ConceptColumn, ConceptColumn>(
    file,
    { needed: is.needed, optional: optionalColumns },
    (cells, row) => {
      rows++
      const { names } = builder.concept(cells, is, file.language, seen, { file: file.name, row })
      if (names['en']?.[0] === names[file.language]?.[0]) asInEnglish++
    },
  )
  // Names of products and languages are the same everywhere; more than half of all labels never are.
  if (file.language !== 'en' && rows >= 20 && asInEnglish * 2 > rows) {
    throw badTable(file.name, 2, 'preferredLabel', `is English and not of the language ${file.language}.`)
  }
  return rows
}

function readRelations(file: KnownFile, is: RelationFile, builder: Builder): number {
  const needed = is.relation === 'broader' ? [is.from, is.to] : [is.from, is.to, 'relationType']
  let rows = 0
  readTable(file, { needed, optional: ['conceptType', 'broaderType'] }, (cells, row) => {
    rows++
    builder.relation(cells, is, { file: file.name, row })
  })
  return rows
}
