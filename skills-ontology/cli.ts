import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { Refusal } from '#core/refusal.ts'
import { exportFormats, exportTables } from './export-skills.ts'
import { detachEscoImport, importEscoFiles, importStatus } from './import-esco-command.ts'
import { importSkills } from './import-skills.ts'
import { loadOntology } from './load.ts'
import { OntologyError } from './ontology-error.ts'
import { checkFiles, compareFiles, printDigest, releaseFiles } from './source-commands.ts'

const help = `Usage: npm run ontology -- <command> [--dir FOLDER]

  check                    Judge the files by the eleven rules, and the version by what changed since the last
                           release. Exit 1 when there is an error.
                           --quiet leaves the warnings out and prints their number only.
  diff                     Print what changed since the last release, and what the version must rise by.
                           --from FILE (published/… or a folder of source files) compares with another.
  release                  Keep the present version in published/, for good; once it is decided.
  digest                   Print version and SHA-256 of the canonical form.
  export FORMAT            Print the ontology as turtle, json-ld, case, case-1.0 or ctdl-asn, or as csv: skills.csv,
                           requirements.csv and mappings.csv in the folder --out.
                           --base ADDRESS of the deployment, default http://127.0.0.1:4000
  import case FILE         Take skills out of a CASE package, or out of the tables of a folder, into the source
  import csv FOLDER        files: texts, prerequisites with their level, mappings with who approved them. Prints what
                           would change and what the rules say; --write changes the files.
                           --domain DOMAIN   where new skills go that name none
                           --approved-by NAME   of mappings that do not say who approved them
                           --base ADDRESS of the deployment the package came from, if it was ours
  import esco FOLDER       Read the CSV files of ESCO 1.1.1 to 1.2.1 beside everything else, say how it goes and report
                           what they hold. A running server takes it up by itself.
                           --out FILE, default .data/esco.json; the same files again change nothing.
                           --esco-version 1.2.1   shown with it, for the files do not say
                           --detach   go on in the background; see how it goes by:
  import status            How the last import of ESCO went, or goes (--out FILE as above).
`

process.exitCode = await run(process.argv.slice(2))

/** 0 done, 1 the ontology is broken, 2 the command is not known. */
async function run(args: string[]): Promise<number> {
  let parsed: ReturnType<typeof readArguments>
  try {
    parsed = readArguments(args)
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : 'Bad arguments'}\n\n${help}`)
    return 2
  }
  const { values, positionals } = parsed
  const dir = values.dir === undefined ? import.meta.dirname : resolve(values.dir)
  const [command, format, ...more] = positionals
  if (values.help) {
    console.log(help)
    return 0
  }
  try {
    if (command === 'check' && format === undefined) return checkFiles(dir, values.quiet)
    if (command === 'diff' && format === undefined) return compareFiles(dir, values.from)
    if (command === 'release' && format === undefined) return releaseFiles(dir)
    if (command === 'digest' && format === undefined) return printDigest(dir)
    const escoFile = resolve(values.out ?? '.data/esco.json')
    if (command === 'import' && format === 'status' && more.length === 0) return importStatus(escoFile)
    if (command === 'import' && format === 'esco' && more.length === 1) {
      const asked = { dir: resolve(more[0] ?? ''), out: escoFile, version: values['esco-version'] }
      return await (values.detach ? detachEscoImport(args, escoFile) : importEscoFiles(asked))
    }
    if (command === 'import' && (format === 'case' || format === 'csv') && more.length === 1) {
      const from = resolve(more[0] ?? '')
      return importSkills(dir, { format, from, ...values, approvedBy: values['approved-by'] })
    }
    if (command === 'export' && format === 'csv' && more.length === 0 && values.out !== undefined) {
      return exportTables(loadOntology(dir), resolve(values.out))
    }
    const write = command === 'export' && more.length === 0 ? exportFormats[format ?? ''] : undefined
    if (write) {
      process.stdout.write(write(loadOntology(dir), values.base))
      return 0
    }
  } catch (error) {
    if (!(error instanceof OntologyError || error instanceof Refusal)) throw error
    console.error(error.message)
    return 1
  }
  console.error(help)
  return 2
}

function readArguments(args: string[]) {
  return parseArgs({
    args,
    allowPositionals: true,
    options: {
      dir: { type: 'string' },
      base: { type: 'string', default: 'http://127.0.0.1:4000' },
      out: { type: 'string' },
      domain: { type: 'string' },
      'approved-by': { type: 'string' },
      write: { type: 'boolean', default: false },
      from: { type: 'string' },
      quiet: { type: 'boolean', default: false },
      'esco-version': { type: 'string' },
      detach: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
}
