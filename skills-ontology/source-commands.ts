import { resolve } from 'node:path'
import { describe } from '#core/ontology/finding.ts'
import { describeChanges, versionTooLow } from './describe-changes.ts'
import { judgeOntology, loadOntology } from './load.ts'
import { publishedVersions, readPublished, writePublished } from './published.ts'
import { folderOnDisk } from './read-source.ts'

/** Judges the source files of a folder by the eleven rules and their version by what changed; answers the exit code. */
export function checkFiles(dir: string, quiet: boolean): number {
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

/** Prints what changed since the last release, or since the version in `from`. */
export function compareFiles(dir: string, from: string | undefined): number {
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
export function releaseFiles(dir: string): number {
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

/** Prints version and digest of the canonical form. */
export function printDigest(dir: string): number {
  const { version, digest: sha256 } = loadOntology(dir)
  console.log(`${version} ${sha256}`)
  return 0
}
