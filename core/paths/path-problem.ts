import type { Level, Ontology, SkillLevel } from '#core/skills/ontology.ts'
import { prerequisiteClosure } from '#core/skills/prerequisites.ts'
import { skillsTaught } from '#core/skills/teaching.ts'

/** A module as the search sees it. */
export interface PathModule {
  id: string
  hours: number
  entry: readonly SkillLevel[]
  teaches: readonly SkillLevel[]
}

/** What must be held in the end, what is held now, and the modules that can be reached from there. */
export interface PathProblem {
  /** Sorted by id, so that every answer is the same every time. */
  modules: readonly PathModule[]
  held: ReadonlyMap<string, Level>
  /** Teachable needs only. */
  needs: readonly SkillLevel[]
}

/** A need no reachable module meets in full; `taughtTo` is the highest level one does teach. */
export interface UntaughtSkill extends SkillLevel {
  taughtTo: Level | 0
}

/** What a set of modules adds to what is held, at the highest level of each skill. */
export function withTaught(
  held: ReadonlyMap<string, Level>,
  modules: Iterable<Pick<PathModule, 'teaches'>>,
): Map<string, Level> {
  const sum = new Map(held)
  for (const { teaches } of modules) {
    for (const { skill, level } of teaches) if ((sum.get(skill) ?? 0) < level) sum.set(skill, level)
  }
  return sum
}

export function isMet({ skill, level }: SkillLevel, held: ReadonlyMap<string, Level>): boolean {
  return (held.get(skill) ?? 0) >= level
}

/**
 * The modules in an order one can really take: every entry skill of each is held before it begins. Of those
 * that can be taken the given order decides. Modules that can never be entered are left out.
 */
export function inOrder<M extends Pick<PathModule, 'entry' | 'teaches'>>(
  modules: readonly M[],
  held: ReadonlyMap<string, Level>,
): M[] {
  const taken: M[] = []
  const waiting = [...modules]
  const now = new Map(held)
  for (;;) {
    const next = waiting.findIndex((module) => module.entry.every((one) => isMet(one, now)))
    const [module] = next < 0 ? [] : waiting.splice(next, 1)
    if (!module) return taken
    taken.push(module)
    for (const { skill, level } of module.teaches) if ((now.get(skill) ?? 0) < level) now.set(skill, level)
  }
}

/**
 * Everything that must be held for these targets, and is not: the closure under `requires`, which stops at
 * a skill held at the level asked for; holding it stands for what it required.
 */
export function neededSkills(
  targets: readonly SkillLevel[],
  held: ReadonlyMap<string, Level>,
  ontology: Pick<Ontology, 'skills'>,
): SkillLevel[] {
  const skills = ontology.skills
  const heldSkills = [...held].map(([skill, level]) => ({ skill, level }))
  const implied = prerequisiteClosure(heldSkills, skills)
  const closure = prerequisiteClosure(
    targets.filter((one) => !isMet(one, implied)),
    skills,
  )
  return [...closure]
    .map(([skill, level]) => ({ skill, level }))
    .filter((one) => !isMet(one, implied))
    .sort((a, b) => (a.skill < b.skill ? -1 : 1))
}

/** The search problem for a set of needs, and the needs no reachable module meets. */
export function pathProblem(
  needed: readonly SkillLevel[],
  held: ReadonlyMap<string, Level>,
  ontology: Pick<Ontology, 'modules'>,
): { problem: PathProblem; untaught: UntaughtSkill[] } {
  const all = [...ontology.modules.values()]
    .map((module): PathModule => {
      const { id, workloadHours: hours, entry } = module
      return { id, hours, entry, teaches: skillsTaught(module) }
    })
    .sort((a, b) => (a.id < b.id ? -1 : 1))
  const reachable = new Set(inOrder(all, held))
  const modules = all.filter((module) => reachable.has(module))
  const most = withTaught(new Map(), modules)
  const needs: SkillLevel[] = []
  const untaught: UntaughtSkill[] = []
  for (const one of needed) {
    const taughtTo = most.get(one.skill) ?? 0
    if (taughtTo < one.level) untaught.push({ ...one, taughtTo })
    // As far as it is taught it is still worth learning.
    const level = Math.min(taughtTo, one.level)
    if (level > (held.get(one.skill) ?? 0)) needs.push({ skill: one.skill, level: level as Level })
  }
  return { problem: { modules, held, needs }, untaught }
}
