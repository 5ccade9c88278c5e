import type { Finding, Path } from '#core/ontology/finding.ts'
import type { Source } from '../read-source.ts'

/** Calls `report` for each thing one rule finds wrong; the place is a file and a key path in it. */
export type Rule = (source: Source, report: Report) => void
export type Report = (file: string, path: Path, message: string, severity?: Finding['severity']) => void

/** Every list of skill and level in the files, with its place: prerequisites, entry, outcomes, roles, overlays. */
export function* skillReferences(source: Source): Generator<{ skill: string; file: string; path: Path }> {
  for (const [id, { file, requires }] of source.skills) {
    for (const [i, { skill }] of requires.entries())
      yield { skill, file, path: ['skills', id, 'requires', i, 'skill'] }
  }
  for (const [id, { entry, outcomes }] of Object.entries(source.modules)) {
    const at = ['modules', id]
    for (const [i, { skill }] of entry.entries()) {
      yield { skill, file: 'modules.yaml', path: [...at, 'entry', i, 'skill'] }
    }
    for (const [o, { skills }] of outcomes.entries()) {
      for (const [i, { skill }] of skills.entries()) {
        yield { skill, file: 'modules.yaml', path: [...at, 'outcomes', o, 'skills', i, 'skill'] }
      }
    }
  }
  for (const [id, { skills }] of Object.entries(source.roles)) {
    for (const [i, { skill }] of skills.entries()) {
      yield { skill, file: 'roles.yaml', path: ['roles', id, 'skills', i, 'skill'] }
    }
  }
  for (const [id, { overlay }] of Object.entries(source.sectors)) {
    for (const [i, { skill }] of overlay.entries()) {
      yield { skill, file: 'sectors.yaml', path: ['sectors', id, 'overlay', i, 'skill'] }
    }
  }
}
