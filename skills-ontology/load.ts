import type { Finding } from '#core/ontology/finding.ts'
import type { OntologyFiles } from '#core/ontology/ontology-files.ts'
import { digestOf } from '#core/skills/canonical-form.ts'
import type { Ontology } from '#core/skills/ontology.ts'
import { buildOntology } from './build.ts'
import { checkSource } from './check.ts'
import { readFiles } from './files.ts'
import { OntologyError } from './ontology-error.ts'
import { type PublishedOntology, publishedVersions } from './published.ts'
import { type Folder, folderOnDisk, readSource } from './read-source.ts'

/**
 * Reads and judges the ontology; the folder is this one unless another is named.
 * Throws `OntologyError`, which names file and key path of each problem: a server does not start on a broken ontology.
 */
export function loadOntology(dir: string = import.meta.dirname): Ontology {
  const { ontology, findings } = judgeOntology(folderOnDisk(dir))
  if (!ontology) throw new OntologyError(findings.filter(({ severity }) => severity === 'error'))
  return ontology
}

/** The same with the files it was made from, and the versions of earlier releases. */
export function loadShipped(dir: string = import.meta.dirname): {
  ontology: Ontology
  files: OntologyFiles
  earlier: PublishedOntology[]
} {
  const ontology = loadOntology(dir)
  const earlier = publishedVersions(dir).filter((one) => one.ontology.version !== ontology.version)
  return { ontology, files: readFiles(dir), earlier }
}

/** The same without throwing, warnings included; `ontology` is absent when there is an error. */
export function judgeOntology(folder: Folder): { ontology?: Ontology; findings: Finding[] } {
  const { source, findings } = readSource(folder)
  if (!source) return { findings }
  const all = [...findings, ...checkSource(source)]
  if (all.some(({ severity }) => severity === 'error')) return { findings: all }
  const content = buildOntology(source)
  return { ontology: { ...content, digest: digestOf(content) }, findings: all }
}
