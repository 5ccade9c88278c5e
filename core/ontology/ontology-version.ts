import type { DraftId } from '#core/ids.ts'

/** One published version of the ontology. It never changes, and stays. */
export interface OntologyVersion {
  version: string
  /** SHA-256 of its canonical form. */
  digest: string
  publishedAt: Date
  /** The version it followed; absent for the first. */
  previous?: string
  origin: OntologyOrigin
}

/** Came with the software, or was drafted and published here by two curators. */
type OntologyOrigin =
  | { kind: 'shipped' }
  | { kind: 'draft'; draftId: DraftId; title: string; authors: string[]; publishedBy: string }
