import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { parseDocument } from 'yaml'

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
