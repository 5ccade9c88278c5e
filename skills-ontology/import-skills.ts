import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { importCase } from '#core/ontology/exchange/import-case.ts'
import { importCsv } from '#core/ontology/exchange/import-csv.ts'
import { csvFiles } from '#core/ontology/exchange/skills-csv.ts'
import { describe } from '#core/ontology/finding.ts'
import { Refusal } from '#core/refusal.ts'
import { describeChanges } from './describe-changes.ts'
import { editFiles } from './edit-files.ts'
import { folderOf, readFiles } from './files.ts'
import { judgeOntology, loadOntology } from './load.ts'

interface ImportSkills {
  format: 'case' | 'csv'
  /** A package, or a folder with any of the three tables. */
  from: string
  base: string
  write: boolean
  domain?: string | undefined
  approvedBy?: string | undefined
}

/**
 * Takes skills of a CASE package or of the curators' tables into the source files, or says only what that would
 * change. Files with an error are never written. Answers the exit code.
 */
export function importSkills(
  dir: string,
  { format, from, base, write, domain, approvedBy }: ImportSkills,
): number {
  const before = loadOntology(dir)
  const options = {
    publicUrl: base,
    ...(domain === undefined ? {} : { domain }),
    approval: {
      approvedBy: approvedBy ?? 'Editors of the ontology',
      approvedOn: new Date().toISOString().slice(0, 'YYYY-MM-DD'.length),
    },
  }
  const { edits, report } =
    format === 'case'
      ? importCase(readOne(from), before, options)
      : importCsv(readTables(from), before, options)
  const files = readFiles(dir)
  const after = editFiles(files, edits)
  for (const line of report) console.log(line)
  const { ontology, findings } = judgeOntology(folderOf(after))
  const errors = findings.filter(({ severity }) => severity === 'error')
  for (const finding of errors) console.error(describe(finding))
  if (!ontology) {
    console.error(`Nothing was written: the rules find ${errors.length} errors in what it would be.`)
    return 1
  }
  for (const line of describeChanges(before, ontology)) console.log(line)
  const changed = [...after].filter(([name, text]) => files.get(name) !== text)
  if (write) for (const [name, text] of changed) writeFileSync(join(dir, name), text)
  const names = changed.map(([name]) => name).join(', ') || 'no file'
  console.log(write ? `Written: ${names}` : `Would write: ${names}; add --write to do it.`)
  return 0
}

function readOne(path: string): { name: string; text: string } {
  try {
    return { name: basename(path), text: readFileSync(path, 'utf8') }
  } catch (cause) {
    throw new Refusal('invalid_input', `${basename(path)}: cannot be read.`, { field: 'files', cause })
  }
}

function readTables(folder: string): { name: string; text: string }[] {
  const present = csvFiles.filter((name) => existsSync(join(folder, name)))
  return present.map((name) => readOne(join(folder, name)))
}
