import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { describe } from '#core/ontology/finding.ts'
import { Refusal } from '#core/refusal.ts'
import { skosJsonLd } from '#core/skills/skos-json-ld.ts'
import { skosTurtle } from '#core/skills/skos-turtle.ts'
import { describeChanges, versionTooLow } from './describe-changes.ts'
import { describeImport, importEscoFolder } from './import-esco.ts'
import { judgeOntology, loadOntology } from './load.ts'
import { OntologyError } from './ontology-error.ts'
import { publishedVersions, readPublished, writePublished } from './published.ts'
import { folderOnDisk } from './read-source.ts'

const help = `Usage: npm run ontology -- <command> [--dir FOLDER]

  check                    Judge the files by the eleven rules, and the version by what changed since the last
                           release. Exit 1 when there is an error.
                           --quiet leaves the warnings out and prints their number only.
  diff                     Print what changed since the last release, and what the version must rise by.
                           --from FILE (published/… or a folder of source files) compares with another.
  release                  Keep the present version in published/, for good; once it is decided.
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
    if (command === 'diff' && format === undefined) return diff(dir, values.from)
    if (command === 'release' && format === undefined) return release(dir)
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
      from: { type: 'string' },
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
  const tooLow = versionTooLow(ontology, publishedVersions(dir).at(-1)?.ontology)
  if (tooLow) {
    console.error(`error ontology.yaml version: ${tooLow}`)
    return 1
  }
  const { version, skills, modules, roles, sectors } = ontology
  const counts = `${skills.size} skills, ${modules.size} modules, ${roles.size} roles, ${sectors.size} sectors`
  console.log(`Ontology ${version}: ${counts}; no errors, ${warnings} warnings.`)
  return 0
}

function diff(dir: string, from: string | undefined): number {
  const after = loadOntology(dir)
  const before = from === undefined ? publishedVersions(dir).at(-1)?.ontology : readVersion(resolve(from))
  if (!before) {
    console.log('No version was released before; there is nothing to compare with.')
    return 0
  }
  for (const line of describeChanges(before, after)) console.log(line)
  return 0
}

const readVersion = (path: string) =>
  path.endsWith('.json') ? readPublished(path).ontology : loadOntology(path)

/** Keeps the present version among the released ones. The same again changes nothing. */
function release(dir: string): number {
  const ontology = loadOntology(dir)
  const released = publishedVersions(dir)
  const same = released.find((one) => one.ontology.version === ontology.version)?.ontology
  if (same) {
    if (same.digest === ontology.digest) {
      console.log(`Version ${ontology.version} is released already.`)
      return 0
    }
    console.error(
      `Version ${ontology.version} was released with another content: raise version in ontology.yaml.`,
    )
    return 1
  }
  const tooLow = versionTooLow(ontology, released.at(-1)?.ontology)
  if (tooLow) {
    console.error(tooLow)
    return 1
  }
  const publishedOn = new Date().toISOString().slice(0, 'YYYY-MM-DD'.length)
  console.log(`Written: ${writePublished(dir, { publishedOn, ontology })}`)
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
