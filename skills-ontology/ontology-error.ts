import { describe, type Finding } from '#core/ontology/finding.ts'

/** A broken ontology; each problem is named by file and key path. */
export class OntologyError extends Error {
  readonly findings: readonly Finding[]

  constructor(findings: readonly Finding[]) {
    const shown = findings.slice(0, 20).map(describe)
    if (findings.length > shown.length) shown.push(`… and ${findings.length - shown.length} more`)
    super(`The ontology is broken:\n${shown.join('\n')}`)
    this.name = 'OntologyError'
    this.findings = findings
  }
}
