import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { brotliDecompressSync } from 'node:zlib'
import { Refusal } from '#core/refusal.ts'
import { escoAcknowledgement, escoChanges } from '#core/skills/esco/esco-catalogue.ts'
import { escoFile } from '#core/skills/esco/esco-files.ts'
import {
  type EscoGraph,
  type EscoOddity,
  type EscoReport,
  escoOddities,
} from '#core/skills/esco/esco-graph.ts'
import { importEsco } from '#core/skills/esco/import-esco.ts'
import type { NamedText } from '#core/skills/esco/read-table.ts'

const maxFileBytes = 200_000_000

/** The ESCO files of a folder, unpacked where they end in `.br`; refuses a folder that has none. */
export function readEscoFolder(dir: string): NamedText[] {
  let names: string[]
  try {
    names = readdirSync(dir).sort()
  } catch {
    throw new Refusal('invalid_input', 'The folder cannot be read.', { field: 'dir' })
  }
  return names.flatMap((file) => {
    const name = file.replace(/\.br$/, '')
    if (!escoFile(name)) return []
    const path = join(dir, file)
    if (statSync(path).size > maxFileBytes) throw new Refusal('too_large', `${file} is longer than 200 MB.`)
    const bytes = readFileSync(path)
    return [{ name, text: (name === file ? bytes : unpack(bytes, file)).toString('utf8') }]
  })
}

function unpack(bytes: Uint8Array, file: string): Buffer {
  try {
    return brotliDecompressSync(bytes, { maxOutputLength: maxFileBytes })
  } catch (cause) {
    throw new Refusal('invalid_input', `${file} cannot be unpacked, or is longer than 200 MB unpacked.`, {
      cause,
    })
  }
}

export interface EscoImport {
  digest: string
  version?: string
  /** False when the file already held what these files give. */
  written: boolean
  report: EscoReport
}

/**
 * Imports the ESCO files of a folder into one file. The same files again change nothing. The file appears
 * whole or not at all.
 */
export function importEscoFolder(
  dir: string,
  out: string,
  progress: (file: EscoReport['files'][number], done: { filesDone: number; files: number }) => void,
  version?: string,
): EscoImport {
  const files = readEscoFolder(dir)
  const digest = digestOf(files)
  const told = version === undefined ? {} : { version }
  const before = readImport(out)
  if (before?.digest === digest && before.version === version) {
    return { digest, written: false, report: before.report, ...told }
  }
  let filesDone = 0
  const graph = importEsco(files, (file) => progress(file, { filesDone: ++filesDone, files: files.length }))
  mkdirSync(dirname(out), { recursive: true })
  writeFileSync(`${out}.new`, importText(graph, digest, version))
  renameSync(`${out}.new`, out)
  return { digest, written: true, report: graph.report, ...told }
}

function importText({ numberOf: _numbers, ...graph }: EscoGraph, digest: string, version?: string): string {
  const { broader, needs, essential, related, ...rest } = graph
  const flat = { broader: [...broader], needs: [...needs], essential: [...essential], related: [...related] }
  const importedAt = new Date().toISOString()
  const head = { digest, version, importedAt, acknowledgement: escoAcknowledgement, changes: escoChanges }
  return JSON.stringify({ ...head, ...rest, ...flat })
}

type Kept = Pick<EscoImport, 'digest' | 'version' | 'report'>

function readImport(out: string): Kept | undefined {
  if (!existsSync(out)) return undefined
  try {
    return JSON.parse(readFileSync(out, 'utf8')) as Kept
  } catch {
    return undefined
  }
}

function digestOf(files: readonly NamedText[]): string {
  const hash = createHash('sha256')
  for (const { name, text } of files) hash.update(`${name}\n${text.length}\n`).update(text)
  return hash.digest('hex')
}

/** The report in lines for a person. */
export function describeImport({ report, written, digest }: EscoImport): string[] {
  const { skills, occupations, groups, broader, needs, related, oddities } = report
  const n = (count: number) => count.toLocaleString('en')
  return [
    escoAcknowledgement,
    `${n(skills)} skills, ${n(occupations)} occupations, ${n(groups)} groups`,
    `${n(needs.essential)} essential and ${n(needs.optional)} optional skills of occupations, ${n(broader)} broader relations, ${n(related)} related skills`,
    ...Object.entries(oddities).map(
      ([oddity, { count, first }]) => `${n(count)} × ${escoOddities[oddity as EscoOddity]}; first ${first}`,
    ),
    written ? `written; digest ${digest}` : `unchanged; digest ${digest}`,
  ]
}
