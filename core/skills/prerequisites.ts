import type { Level } from './ontology.ts'

interface Required {
  requires: readonly { skill: string; level: Level }[]
}

/**
 * Everything a person needs in order to hold these skills: the skills themselves and, again and again, what they
 * require, each at the highest level asked. Ends also on a graph with a cycle: a level only ever rises, up to 4.
 */
export function prerequisiteClosure(
  wanted: Iterable<{ skill: string; level: Level }>,
  skills: ReadonlyMap<string, Required>,
): Map<string, Level> {
  const needed = new Map<string, Level>()
  const todo = [...wanted]
  for (let next = todo.pop(); next; next = todo.pop()) {
    if ((needed.get(next.skill) ?? 0) >= next.level) continue
    const seenBefore = needed.has(next.skill)
    needed.set(next.skill, next.level)
    // What a skill requires does not depend on the level, so a second visit adds nothing.
    if (!seenBefore) todo.push(...(skills.get(next.skill)?.requires ?? []))
  }
  return needed
}

/** The skills of a closure in an order in which they can be learned: what is required comes first. */
export function inLearningOrder(ids: Iterable<string>, skills: ReadonlyMap<string, Required>): string[] {
  const wanted = new Set(ids)
  const ordered = new Set<string>()
  const visiting = new Set<string>()
  const visit = (id: string): void => {
    if (ordered.has(id) || visiting.has(id)) return
    visiting.add(id)
    for (const { skill } of skills.get(id)?.requires ?? []) visit(skill)
    visiting.delete(id)
    if (wanted.has(id)) ordered.add(id)
  }
  for (const id of [...wanted].sort()) visit(id)
  return [...ordered]
}
