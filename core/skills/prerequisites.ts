import type { Level, SkillLevel } from './ontology.ts'

/** What each skill requires, by its id. */
interface RequirementsOf {
  get(skill: string): { requires: readonly SkillLevel[] } | undefined
}

/**
 * Everything a person needs in order to hold these skills: the skills themselves and, again and again, what they
 * require, each at the highest level asked. Ends also on a graph with a cycle: a level only ever rises, up to 4.
 */
export function prerequisiteClosure(
  wanted: Iterable<SkillLevel>,
  skills: RequirementsOf,
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
export function inLearningOrder(ids: Iterable<string>, skills: RequirementsOf): string[] {
  const wanted = new Set(ids)
  const seen = new Set<string>()
  const ordered: string[] = []
  // Depth first with a stack of its own: a chain may be longer than the engine's.
  const todo = [...wanted].sort(descending).map((id) => ({ id, leave: false }))
  for (let next = todo.pop(); next; next = todo.pop()) {
    const { id, leave } = next
    if (leave) {
      if (wanted.has(id)) ordered.push(id)
      continue
    }
    if (seen.has(id)) continue
    seen.add(id)
    todo.push({ id, leave: true })
    const before = (skills.get(id)?.requires ?? []).map(({ skill }) => skill).sort(descending)
    todo.push(...before.map((one) => ({ id: one, leave: false })))
  }
  return ordered
}

const descending = (a: string, b: string) => (a < b ? 1 : a > b ? -1 : 0)

/**
 * What is still to be learned to hold the wanted skills, in an order in which it can be: their closure without
 * what is held, and without what holding that stands for, for whoever holds a skill held what it required.
 */
export function skillsToLearn(
  wanted: readonly SkillLevel[],
  held: readonly SkillLevel[],
  skills: RequirementsOf,
): SkillLevel[] {
  const implied = prerequisiteClosure(held, skills)
  const open = ({ skill, level }: SkillLevel) => (implied.get(skill) ?? 0) < level
  const closure = prerequisiteClosure(wanted.filter(open), skills)
  const needed = [...closure].map(([skill, level]) => ({ skill, level })).filter(open)
  const levelOf = new Map(needed.map(({ skill, level }) => [skill, level]))
  return inLearningOrder(levelOf.keys(), skills).map((skill) => ({ skill, level: levelOf.get(skill) ?? 1 }))
}
