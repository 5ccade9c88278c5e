import type { Text } from '#core/text.ts'

/** 1 basic, 2 intermediate, 3 advanced, 4 highly advanced (four steps, as in DigComp 3.0). */
export type Level = 1 | 2 | 3 | 4
export const levels = [1, 2, 3, 4] as const

export interface SkillLevel {
  skill: string
  level: Level
}

export interface Mapping {
  relation: 'exactMatch' | 'closeMatch' | 'broadMatch' | 'narrowMatch'
  scheme: 'esco' | 'hpccf'
  uri?: string
  notation?: string
  label?: string
  /**
   * Who approved it, in words that may be published, and when (`YYYY-MM-DD`): no mapping is made by machine
   * alone. Versions before 0.3.0 do not say.
   */
  approvedBy?: string
  approvedOn?: string
}

export interface Skill {
  /** Permanent slug; the IRI is the ontology's base + `skill/` + this. */
  id: string
  domain: string
  label: Text
  description: Partial<Text>
  emerging: boolean
  status: 'live' | 'deprecated'
  replacedBy?: string
  deprecationReason?: string
  broader: string[]
  /** Needed before starting; a conjunction. */
  requires: SkillLevel[]
  mappings: Mapping[]
}

export interface LearningOutcome {
  id: string
  statement: Text
  skills: SkillLevel[]
}

/** What an award of the module must state (Council Recommendation on micro-credentials, annex I). */
export interface Module {
  id: string
  title: Text
  description: Text
  targetGroups: string[]
  eqfLevel: number
  ects: number
  workloadHours: number
  /** Form of participation: `online-self-paced`, `blended`, `on-site`, … */
  mode: string
  assessment: string
  /** 0 to 100; at or above passes. */
  passMarkPercent: number
  /** True when a graded practical run alone decides: no assessor needed. */
  assessedByRun: boolean
  /** An assessor who decides otherwise than the run needs a second one; absent where one is enough. */
  secondAssessor?: true
  qualityAssurance: Text
  stackability: { partOf: string[]; statement: Text }
  iscedF: string
  languages: string[]
  supervision: 'none' | 'online-unsupervised' | 'online-supervised' | 'on-site-supervised'
  entry: SkillLevel[]
  outcomes: LearningOutcome[]
  practical?: ModulePractical
}

interface ModulePractical {
  kind: 'compute'
  gpus: number
  maxMinutes: number
  /** Id of a shipped practical in `practicals/`; absent when none is shipped yet. */
  id?: string
}

export interface RoleSkill extends SkillLevel {
  importance: 'essential' | 'optional'
}

export interface Role {
  id: string
  label: Text
  /** ISCO-08 unit group; absent for a role found in every occupation. */
  isco08?: string
  mappings: Mapping[]
  skills: RoleSkill[]
}

/** `role: '*'` adds to every role. The higher level and the stronger importance win. */
interface SectorOverlay extends RoleSkill {
  role: string
}

export interface Sector {
  id: string
  label: Text
  nace21: string[]
  overlay: SectorOverlay[]
}

/** A pathway or programme that modules stack towards. */
interface Programme {
  id: string
  title: Text
  description: Text
}

/** A classification that others keep and our mappings point to, with the words its licence asks for. */
interface Scheme {
  title: string
  version: string
  iri: string
  acknowledgement: string
  changes: string
}

/** One value of a code list: form of participation, assessment, supervision, field of study. */
interface Code {
  label: Text
}

interface AssessmentKind extends Code {
  /** The assessment takes the result of a job on a machine into account. */
  readsJobResult: boolean
  /** The graded run alone decides. */
  decidedByRun: boolean
}

export interface Ontology {
  id: string
  version: string
  title: Text
  description: Text
  /** SHA-256 of the canonical JSON, lower-case hex. */
  digest: string
  licence: string
  attribution: string
  levels: Record<Level, { label: Text; descriptor: Text; eqfHint: number[] }>
  domains: ReadonlyMap<string, { label: Text }>
  targetGroups: ReadonlyMap<string, { label: Text }>
  skills: ReadonlyMap<string, Skill>
  modules: ReadonlyMap<string, Module>
  roles: ReadonlyMap<string, Role>
  sectors: ReadonlyMap<string, Sector>
  programmes: ReadonlyMap<string, Programme>
  modes: ReadonlyMap<string, Code>
  assessments: ReadonlyMap<string, AssessmentKind>
  supervisions: ReadonlyMap<string, Code>
  /** ISCED-F 2013 detailed fields, by four-digit code. */
  fieldsOfStudy: ReadonlyMap<string, Code>
  schemes: Record<Mapping['scheme'], Scheme>
  /** ESCO concepts the mappings name: URI → preferred labels by language. */
  escoLabels: ReadonlyMap<string, Record<string, string>>
  /** Synthetic heads by role, sector and country; for the demo and tests only. */
  demandSample: readonly DemandRow[]
}

export interface DemandRow {
  role: string
  sector: string
  country: string
  year: number
  headcount: number
}

/** IRI of a skill in one published version, below the deployment's own address. */
export function skillIri(publicUrl: string, version: string, skill: string): string {
  return `${publicUrl}/ontology/${version}/skill/${skill}`
}
