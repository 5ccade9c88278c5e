import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { Refusal } from '#core/refusal.ts'
import { skosJsonLd } from '#core/skills/skos-json-ld.ts'
import { skosTurtle } from '#core/skills/skos-turtle.ts'
import { describe, OntologyError } from './finding.ts'
import { describeImport, importEscoFolder } from './import-esco.ts'
import { judgeOntology, loadOntology } from './load.ts'
import { folderOnDisk } from './read-source.ts'

const help = `Usage: npm run ontology -- <command> [--dir FOLDER]

  check                    Judge the files by the eleven rules. Exit 1 when there is an error.
                           --quiet leaves the warnings out and prints their number only.
  digest                   Print version and SHA-256 of the canonical form.
  export turtle|json-ld    Print the ontology as SKOS.
                           --base ADDRESS of the deployment, default http://127.0.0.1:4000
  import esco FOLDER       Read the CSV files of ESCO 1.1.1 to 1.2.1 and report what they hold.
                           --out FILE, default .data/esco.json; the same files again change nothing.
`

process.exitCode = run(process.argv.slice(2))

/** 0 done, 1 the ontology is broken, 2 the command is not known. */
function run(args: string[]): number {
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
    if (command === 'check' && format === undefined) return check(dir, values.quiet)
    if (command === 'digest' && format === undefined) return digest(dir)
    if (command === 'import' && format === 'esco' && more.length === 1) {
      return importEscoFiles(resolve(more[0] ?? ''), resolve(values.out))
    }
    if (command === 'export' && more.length === 0 && (format === 'turtle' || format === 'json-ld')) {
      const ontology = loadOntology(dir)
      process.stdout.write((format === 'turtle' ? skosTurtle : skosJsonLd)(ontology, values.base))
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
      out: { type: 'string', default: '.data/esco.json' },
      quiet: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
}

function check(dir: string, quiet: boolean): number {
  const { ontology, findings } = judgeOntology(folderOnDisk(dir))
  const errors = findings.filter(({ severity }) => severity === 'error')
  for (const finding of findings) {
    if (finding.severity === 'error') console.error(describe(finding))
    else if (!quiet) console.log(describe(finding))
  }
  const warnings = findings.length - errors.length
  if (!ontology) {
    console.error(`The ontology is broken: ${errors.length} errors, ${warnings} warnings.`)
    return 1
  }
  const { version, skills, modules, roles, sectors } = ontology
  const counts = `${skills.size} skills, ${modules.size} modules, ${roles.size} roles, ${sectors.size} sectors`
  console.log(`Ontology ${version}: ${counts}; no errors, ${warnings} warnings.`)
  return 0
}

function digest(dir: string): number {
  const { version, digest: sha256 } = loadOntology(dir)
  console.log(`${version} ${sha256}`)
  return 0
}

function importEscoFiles(dir: string, out: string): number {
  const done = importEscoFolder(dir, out, ({ name, rows }) => console.error(`${name}: ${rows} rows`))
  for (const line of describeImport(done)) console.log(line)
  return 0
}
