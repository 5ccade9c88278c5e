import type { Level, Ontology, SkillLevel } from '#core/skills/ontology.ts'
import { skillsTaught } from '#core/skills/teaching.ts'
import { costOf, type PathCost } from './path-cost.ts'

/** A module as the search sees it. */
export interface PathModule {
  id: string
  /** What a path is to have least of; see `costOf`. */
  cost: number
  /** Decides among paths of the same cost. */
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
  const now = new Map(held)
  const closed = modules.map(({ entry }) => entry.filter((one) => !isMet(one, now)))
  const waitingFor = new Map<string, number[]>()
  for (const [place, entry] of closed.entries()) {
    for (const { skill } of entry) waitingFor.set(skill, [...(waitingFor.get(skill) ?? []), place])
  }
  const taken: M[] = []
  const ready = closed.map((entry) => entry.length === 0)
  for (;;) {
    const next = ready.indexOf(true)
    const module = modules[next]
    if (!module) return taken
    ready[next] = false
    taken.push(module)
    for (const { skill, level } of module.teaches) {
      if ((now.get(skill) ?? 0) >= level) continue
      now.set(skill, level)
      for (const place of waitingFor.get(skill) ?? []) {
        const before = closed[place] ?? []
        const left = before.filter((one) => !isMet(one, now))
        closed[place] = left
        if (before.length > 0 && left.length === 0) ready[place] = true
      }
    }
  }
}

/** The search problem for a set of needs, and the needs no reachable module meets. */
export function pathProblem(
  needed: readonly SkillLevel[],
  held: ReadonlyMap<string, Level>,
  ontology: Pick<Ontology, 'modules'>,
  minimise: PathCost = 'hours',
): { problem: PathProblem; untaught: UntaughtSkill[] } {
  const all = [...ontology.modules.values()]
    .map((module): PathModule => {
      const { id, workloadHours: hours, entry } = module
      return { id, cost: costOf(module, minimise), hours, entry, teaches: skillsTaught(module) }
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
