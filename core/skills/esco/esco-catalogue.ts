import type { EscoConcept, EscoReport } from './esco-graph.ts'

/** ESCO as it was imported into this deployment: to be searched and aligned with, never a source of demand. */
export interface EscoCatalogue {
  /** Who can bring it here: whoever is at the server, or an operator by a command of theirs. */
  readonly broughtBy: 'server' | 'operator'
  /** What is here; `undefined` while nothing was imported. */
  header(): Promise<EscoHeader | undefined>
  /** Concepts called so, the best hit first; words as in `SkillSearch`. Empty while nothing was imported. */
  search(question: EscoSearch): Promise<EscoHit[]>
  find(uri: string): Promise<EscoEntry | undefined>
  /** The import that was begun last, by command or by page. */
  lastImport(): Promise<EscoImportState | undefined>
  /**
   * Begins an import of the folder the deployment names, beside everything else. Refuses `state_conflict` when it
   * names none, or one is under way.
   */
  startImport(): Promise<void>
}

export interface EscoHeader {
  digest: string
  /** As whoever imported it said; the files do not tell. */
  version?: string
  importedAt: Date
  languages: string[]
  acknowledgement: string
  changes: string
  report: EscoReport
}

interface EscoSearch {
  text: string
  /** BCP 47; labels in its base language, else in English. */
  language: string
  kind: 'skill' | 'occupation'
  limit: number
}

export interface EscoHit {
  uri: string
  kind: EscoConcept['kind']
  /** Preferred labels by language. */
  label: Record<string, string>
}

export interface EscoEntry extends EscoHit {
  /** Alternative labels by language. */
  alternatives: Record<string, string[]>
  broader: EscoHit[]
  /** How many occupations need it, for a skill. */
  occupations: { essential: number; optional: number }
}

/** How an import goes, for whoever looks. */
export type EscoImportState = { startedAt: Date } & (
  | { state: 'running'; file: string; filesDone: number; files: number }
  | { state: 'done'; finishedAt: Date; written: boolean }
  | { state: 'failed'; finishedAt: Date; message: string }
)

export const escoAcknowledgement = 'This service uses the ESCO classification of the European Commission.'
export const escoChanges =
  'Labels are cleaned of stray spaces; repeated rows are one; relations of a concept to itself are left out.'
