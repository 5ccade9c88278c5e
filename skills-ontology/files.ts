import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Finding } from '#core/ontology/finding.ts'
import type { OntologyFiles } from '#core/ontology/ontology-files.ts'
import { type Folder, skillFiles } from './read-source.ts'
import { parseYaml, readableText, type SourceFile } from './source.ts'

const names = [
  'ontology.yaml',
  'modules.yaml',
  'roles.yaml',
  'sectors.yaml',
  'programmes.yaml',
  'esco-labels.yaml',
  'demand-sample.csv',
]

/** Whether an ontology has a file of this name: one of its own, or `skills/<domain>.yaml`. */
export const isOntologyFile = (name: string): boolean =>
  names.includes(name) || /^skills\/[a-z0-9]+(-[a-z0-9]+)*\.yaml$/.test(name)

/** The files of a folder as they are; what is missing the judgement will name. */
export function readFiles(dir: string): OntologyFiles {
  const present = [...names, ...skillFiles(dir, [])].filter((name) => existsSync(join(dir, name)))
  return new Map(present.map((name) => [name, readFileSync(join(dir, name), 'utf8')]))
}

interface Parsed {
  text: string
  file: SourceFile | undefined
  findings: Finding[]
}

/** As they were parsed last, by name: a draft is judged again and again, and one file of it changes. */
const parsed = new Map<string, Parsed>()
const mostParsed = 60

/** The same files for the reader of ontologies, from memory. */
export function folderOf(files: OntologyFiles): Folder {
  return {
    text: (name, findings) => readableText(name, files.get(name), findings),
    yaml(name, findings) {
      const text = readableText(name, files.get(name), findings)
      if (text === undefined) return undefined
      const known = parsed.get(name)
      const { file, findings: found } = known?.text === text ? known : parse(name, text)
      findings.push(...found)
      return file
    },
    skillFiles: () => [...files.keys()].filter((name) => name.startsWith('skills/')).sort(),
  }
}

function parse(name: string, text: string): Parsed {
  const findings: Finding[] = []
  const made = { text, file: parseYaml(name, text, findings), findings }
  if (parsed.size >= mostParsed) parsed.clear()
  parsed.set(name, made)
  return made
}
