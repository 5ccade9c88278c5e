import { createHash } from 'node:crypto'
import { canonicalForm } from '#core/skills/canonical-form.ts'
import type { Ontology } from '#core/skills/ontology.ts'
import { buildOntology } from './build.ts'
import { checkSource } from './check.ts'
import { type Finding, OntologyError } from './finding.ts'
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

/** The same without throwing, warnings included; `ontology` is absent when there is an error. */
export function judgeOntology(folder: Folder): { ontology?: Ontology; findings: Finding[] } {
  const { source, findings } = readSource(folder)
  if (!source) return { findings }
  const all = [...findings, ...checkSource(source)]
  if (all.some(({ severity }) => severity === 'error')) return { findings: all }
  const content = buildOntology(source)
  return { ontology: { ...content, digest: digestOf(content) }, findings: all }
}

/** SHA-256 of the canonical form, lower-case hex. */
export function digestOf(content: Omit<Ontology, 'digest'>): string {
  return createHash('sha256').update(canonicalForm(content), 'utf8').digest('hex')
}
