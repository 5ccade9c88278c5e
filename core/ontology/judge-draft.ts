import type { Ports } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import type { Ontology } from '#core/skills/ontology.ts'
import { compareOntologies, type OntologyChanges } from './compare-ontologies.ts'
import type { OntologyDraft } from './draft.ts'
import type { Finding } from './finding.ts'
import type { OntologyFiles } from './ontology-files.ts'
import { type Bump, type BumpReason, compareVersions, leastBump, raise } from './version-rules.ts'

/** What the rules say of a draft, and what it would change if it were published now. */
export interface DraftReport {
  findings: Finding[]
  /** Absent while the files have an error. */
  proposal?: {
    ontology: Ontology
    changes: OntologyChanges
    bump: Bump
    reasons: BumpReason[]
    /** The version it would be published as. */
    version: string
  }
}

/**
 * Judges the files of a draft by the eleven rules and compares what they say with the version they change. The
 * version is raised as far as the rules ask for, or as far as the files say when that is farther.
 */
export async function judgeDraft(
  draft: Pick<OntologyDraft, 'base' | 'meaningChanged'>,
  files: OntologyFiles,
  { ontologies }: Pick<Ports, 'ontologies'>,
): Promise<DraftReport> {
  const { ontology, findings } = await ontologies.judge(files)
  if (!ontology) return { findings }
  const base = await ontologies.find(draft.base)
  if (!base) throw new Error('the version a draft changes is gone')
  const changes = compareOntologies(base, ontology)
  const { bump, reasons } = leastBump(changes, draft.meaningChanged)
  const least = raise(draft.base, bump)
  const version = compareVersions(ontology.version, least) > 0 ? ontology.version : least
  return { findings, proposal: { ontology, changes, bump, reasons, version } }
}

/**
 * The proposal of a draft that may go on. Refuses `ontology_not_sound` while the files have an error, and
 * `invalid_input` when nothing is different.
 */
export function requireProposal({ findings, proposal }: DraftReport): NonNullable<DraftReport['proposal']> {
  if (!proposal) {
    const errors = findings.filter(({ severity }) => severity === 'error').length
    throw new Refusal(
      'ontology_not_sound',
      `files: the rules find ${errors} errors; see the report of the draft.`,
      {
        field: 'files',
      },
    )
  }
  if (proposal.bump === 'none') {
    throw new Refusal('invalid_input', 'files: nothing differs from the version in force.', {
      field: 'files',
    })
  }
  return proposal
}
