import type { Mapping, Ontology, SkillLevel } from '#core/skills/ontology.ts'
import type { Finding } from './finding.ts'

/** The source files of an ontology by name: `ontology.yaml`, `skills/inference.yaml`, …; what a curator edits. */
export type OntologyFiles = ReadonlyMap<string, string>

/** What the eleven rules say of files; `ontology` is absent when there is an error. */
export interface Judgement {
  ontology?: Ontology
  findings: Finding[]
}

/** One change to source files; everything that is not named stays as it is, comments too. */
export type SourceEdit =
  | { kind: 'file'; name: string; text: string }
  | { kind: 'version'; version: string }
  | { kind: 'skill'; skill: SkillEdit }
  | { kind: 'mapping'; skill: string; mapping: Mapping }
  | { kind: 'no-mapping'; skill: string; scheme: Mapping['scheme']; target: string }
  | { kind: 'esco-label'; uri: string; concept: 'skill' | 'occupation'; label: Record<string, string> }

/** A skill as an exchange format tells it: what it does not tell is `undefined` and stays as it was. */
export interface SkillEdit {
  id: string
  /** Needed for a skill that is new. */
  domain?: string
  label?: Partial<Record<string, string>>
  description?: Partial<Record<string, string>>
  emerging?: boolean
  status?: 'live' | 'deprecated'
  replacedBy?: string
  deprecationReason?: string
  broader?: string[]
  requires?: SkillLevel[]
  mappings?: Mapping[]
}

/** The workshop of the ontology: its published versions, and how files are judged and changed. */
export interface Ontologies {
  /** A published version; `undefined` when there is none of that number. */
  find(version: string): Promise<Ontology | undefined>
  judge(files: OntologyFiles): Promise<Judgement>
  /** Refuses `invalid_input` for a file of a name that has no place in an ontology, or a skill without a domain. */
  edit(files: OntologyFiles, edits: readonly SourceEdit[]): Promise<OntologyFiles>
  /** Takes up the version last published, by whichever process. True when another is in force than before. */
  refresh(): Promise<boolean>
}
