import type { DraftId } from '#core/ids.ts'
import type { Page, Request } from '#core/store.ts'
import type { OntologyDraft } from './draft.ts'
import type { OntologyFiles } from './ontology-files.ts'
import type { OntologyVersion } from './ontology-version.ts'

/** A version with what it is made of: its text (`packOntology`) and the files it was made from. */
export interface OntologyContent {
  text: string
  files: OntologyFiles
}

/** Published versions of the ontology, and drafts of the next. */
export interface OntologyStore {
  /** The version in force; `undefined` before the first was published. */
  findOntologyInForce(): Promise<Pick<OntologyVersion, 'version' | 'digest'> | undefined>
  /** All of them, the latest first. */
  listOntologyVersions(): Promise<OntologyVersion[]>
  findOntologyVersion(version: string): Promise<OntologyVersion | undefined>
  findOntologyContent(version: string): Promise<OntologyContent | undefined>
  /**
   * Keeps a version that came with the software; does nothing when it is kept already. With `inForce` it comes
   * into force unless a later one is. Refuses `state_conflict` when another content has this number.
   */
  saveShippedOntologyOnce(version: OntologyVersion, content: OntologyContent): Promise<void>

  saveDraftOnce(request: Request, draft: OntologyDraft, files: OntologyFiles): Promise<OntologyDraft>
  findDraft(id: DraftId): Promise<OntologyDraft | undefined>
  findDraftFiles(id: DraftId): Promise<OntologyFiles | undefined>
  /** Newest first. */
  listDrafts(page: { limit: number; cursor?: string }): Promise<Page<OntologyDraft>>
  /** Replaces a draft of the revision before; `files` only when they changed. Refuses `state_conflict`. */
  saveDraftChangeOnce(request: Request, draft: OntologyDraft, files?: OntologyFiles): Promise<OntologyDraft>
  /**
   * One transaction: the version, which comes into force, and the draft it was. Refuses `state_conflict` when
   * another version came into force after the one the draft changes.
   */
  savePublishedDraftOnce(
    request: Request,
    draft: OntologyDraft,
    version: OntologyVersion,
    content: OntologyContent,
  ): Promise<OntologyDraft>
}
