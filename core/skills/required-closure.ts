import type { Level, Skill, SkillLevel } from './ontology.ts'

/**
 * These skills with everything needed before them, each at the highest level asked for: the closure under
 * `requires`. With `stopAt`, a skill already held at the level asked for, and what lies below it, is left out.
 */
export function requiredClosure(
  skills: readonly SkillLevel[],
  ontology: ReadonlyMap<string, Pick<Skill, 'requires'>>,
  stopAt: ReadonlyMap<string, Level> = new Map(),
): Map<string, Level> {
  const closure = new Map<string, Level>()
  const open = [...skills]
  for (let next = open.pop(); next; next = open.pop()) {
    const { skill, level } = next
    const known = closure.get(skill)
    if ((stopAt.get(skill) ?? 0) >= level || (known ?? 0) >= level) continue
    closure.set(skill, level)
    // What a skill requires does not depend on its level, so a raised one need not be opened again.
    if (known === undefined) open.push(...(ontology.get(skill)?.requires ?? []))
  }
  return closure
}
