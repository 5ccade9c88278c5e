import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { parseDocument } from 'yaml'
import { type Folder, folderOnDisk } from '#skills-ontology/read-source.ts'
import type { SourceFile } from '#skills-ontology/source.ts'

export const ontologyFolder = join(import.meta.dirname, '../../skills-ontology')

/** One change to a copy of the real files: set a key (`undefined` deletes it), or change the text itself. */
export type Change =
  | { file: string; path: (string | number)[]; value: unknown }
  | { file: string; text: (content: string) => string }

/** A copy of the shipped ontology with some things broken, removed after the test. */
export function brokenOntology(...changes: Change[]): string {
  const dir = mkdtempSync(join(tmpdir(), 'academy-ontology-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  cpSync(ontologyFolder, dir, {
    recursive: true,
    filter: (name) => !/\.ts$|\.md$|\/rules$/.test(name),
  })
  for (const change of changes) {
    const file = join(dir, change.file)
    const before = readFileSync(file, 'utf8')
    writeFileSync(file, 'text' in change ? change.text(before) : edited(before, change))
  }
  return dir
}

function edited(text: string, { path, value }: { path: (string | number)[]; value: unknown }): string {
  const document = parseDocument(text)
  if (value === undefined) document.deleteIn(path)
  else document.setIn(path, document.createNode(value))
  return document.toString({ lineWidth: 0 })
}

const disk = folderOnDisk(ontologyFolder)
const parsed = new Map<string, SourceFile | undefined>()

/** The same in memory: the files are parsed once, each test changes its own copy of their values. */
export function brokenFolder(...changes: Change[]): Folder {
  const of = (name: string) => changes.filter(({ file }) => file === name)
  return {
    skillFiles: disk.skillFiles,
    text(name, findings) {
      let text = disk.text(name, findings)
      for (const change of of(name)) if ('text' in change && text !== undefined) text = change.text(text)
      return text
    },
    yaml(name, findings) {
      if (!parsed.has(name)) parsed.set(name, disk.yaml(name, findings))
      const file = parsed.get(name)
      if (!file || of(name).length === 0) return file
      const value = structuredClone(file.value)
      for (const change of of(name)) if ('path' in change) setIn(value, change.path, change.value)
      return { ...file, value }
    },
  }
}

function setIn(value: unknown, [first = '', ...rest]: (string | number)[], wanted: unknown): void {
  const members = value as Record<string | number, unknown>
  if (rest.length > 0) setIn(members[first], rest, wanted)
  else if (wanted === undefined) delete members[first]
  else members[first] = wanted
}
