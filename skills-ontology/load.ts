import { createHash } from 'node:crypto'
import { canonicalForm } from '#core/skills/canonical-form.ts'
import type { Ontology } from '#core/skills/ontology.ts'
import { buildOntology } from './build.ts'
import { OntologyError } from './finding.ts'
import { readSource } from './read-source.ts'

/**
 * Reads and judges the ontology; the folder is this one unless another is named.
 * Throws `OntologyError`, which names file and key path of each problem: a server does not start on a broken ontology.
 */
export function loadOntology(dir: string = import.meta.dirname): Ontology {
  const { source, findings } = readSource(dir)
  if (!source || findings.length > 0) throw new OntologyError(findings)
  const content = buildOntology(source)
  return { ...content, digest: digestOf(content) }
}

/** SHA-256 of the canonical form, lower-case hex. */
export function digestOf(content: Omit<Ontology, 'digest'>): string {
  return createHash('sha256').update(canonicalForm(content), 'utf8').digest('hex')
}
