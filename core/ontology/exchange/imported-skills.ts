import { findCircle } from '#core/skills/find-circle.ts'
import type { Ontology } from '#core/skills/ontology.ts'
import type { SkillEdit, SourceEdit } from '../ontology-files.ts'

export interface ImportOptions {
  publicUrl: string
  /** Where new skills go that name no domain of ours. */
  domain?: string
  /** Of mappings that do not say who approved them. */
  approval: { approvedBy: string; approvedOn: string }
}

/** What an exchange file asks to change, and what is to be said about it. */
export interface ImportedSkills {
  edits: SourceEdit[]
  report: string[]
}

/** A circle of prerequisites there would be once the edits were made. */
export function circleAfter(
  edits: Iterable<SkillEdit>,
  { skills }: Pick<Ontology, 'skills'>,
): string[] | undefined {
  const changed = new Map([...edits].map(({ id, requires }) => [id, requires]))
  const ids = new Set([...skills.keys(), ...changed.keys()])
  return findCircle(ids, (id) => changed.get(id) ?? skills.get(id)?.requires ?? [])
}

/** ESCO concepts the mappings name and the ontology has no label of yet, under the label they were given. */
export function newEscoLabels(
  edits: Iterable<SkillEdit>,
  { escoLabels: known }: Pick<Ontology, 'escoLabels'>,
): SourceEdit[] {
  const labels = new Map<string, string>()
  for (const { mappings = [] } of edits) {
    for (const { scheme, uri, label } of mappings) {
      if (scheme === 'esco' && uri !== undefined && label !== undefined && !known.has(uri))
        labels.set(uri, label)
    }
  }
  return [...labels].map(([uri, en]) => ({ kind: 'esco-label', uri, concept: 'skill', label: { en } }))
}
