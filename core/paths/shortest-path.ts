import type { SkillLevel } from '#core/skills/ontology.ts'
import { inOrder, isMet, type PathModule, type PathProblem, withTaught } from './path-problem.ts'

export interface FoundPath {
  /** In an order one can really take. */
  modules: PathModule[]
  hours: number
  /** No path can be shorter; equals `hours` when `optimal`. */
  lowerBoundHours: number
  optimal: boolean
}

/** Steps of the search after which the best path so far is answered; about half a second at the very most. */
const mostSteps = 60_000

interface Node {
  chosen: ReadonlySet<PathModule>
  /** Modules a sibling branch already tried. */
  excluded: ReadonlySet<PathModule>
  hours: number
}

/**
 * The modules of fewest hours that meet every need, by branch and bound: take the open requirement with the
 * fewest modules that teach it and try each of them. Requirements are the needs and, for every module
 * chosen, its entry skills (a conjunction). Of equally short paths the first in the order of module ids wins.
 * Refuses nothing: every need of a `PathProblem` can be met.
 */
export function shortestPath(problem: PathProblem, steps: number = mostSteps): FoundPath {
  const teachers = teachersOf(problem.modules)
  let best = greedyPath(problem)
  let bestHours = hoursOf(best)
  const rootBound = boundOf(openRequirements(problem, new Set()), teachers, new Set()) ?? 0
  let left = steps
  let cutShort = false

  const visit = ({ chosen, excluded, hours }: Node): void => {
    if (left-- <= 0) {
      cutShort = true
      return
    }
    const open = openRequirements(problem, chosen)
    const bound = boundOf(open, teachers, excluded)
    if (bound === undefined || hours + bound >= bestHours) return
    const candidates =
      open.length > 0 ? narrowest(open, teachers, excluded) : unlockers(problem, chosen, excluded)
    if (candidates === undefined) {
      best = [...chosen]
      bestHours = hours
      return
    }
    const tried = new Set(excluded)
    for (const module of candidates) {
      visit({ chosen: new Set([...chosen, module]), excluded: new Set(tried), hours: hours + module.hours })
      tried.add(module)
    }
  }
  visit({ chosen: new Set(), excluded: new Set(), hours: 0 })

  return {
    modules: inOrder(sorted(best), problem.held),
    hours: bestHours,
    lowerBoundHours: cutShort ? Math.min(rootBound, bestHours) : bestHours,
    optimal: !cutShort,
  }

  // A chosen module whose entry nothing but itself leads to is stuck. Whatever path it belongs to, the first
  // stuck module on it is opened by a module not chosen yet. `undefined`: nothing is stuck.
  function unlockers(
    { held }: PathProblem,
    chosen: ReadonlySet<PathModule>,
    excluded: ReadonlySet<PathModule>,
  ): PathModule[] | undefined {
    const taken = inOrder([...chosen], held)
    if (taken.length === chosen.size) return undefined
    const now = withTaught(held, taken)
    const entered = new Set(taken)
    const opening = new Set<PathModule>()
    for (const module of chosen) {
      if (entered.has(module)) continue
      for (const one of module.entry) {
        if (isMet(one, now)) continue
        for (const teacher of teachers(one)) {
          if (!chosen.has(teacher) && !excluded.has(teacher)) opening.add(teacher)
        }
      }
    }
    return sorted(opening)
  }
}

/**
 * A path that can be taken, found at once: for each open requirement the module that teaches most of what
 * is open per hour, until nothing is open; then every module that is not needed after all is dropped,
 * the longest first.
 */
export function greedyPath(problem: PathProblem): PathModule[] {
  const teachers = teachersOf(problem.modules)
  const chosen = new Set<PathModule>()
  for (;;) {
    const open = openRequirements(problem, chosen)
    const [first] = open
    if (!first) break
    const perHour = (module: PathModule) =>
      open.filter((one) => module.teaches.some((taught) => covers(taught, one))).length / module.hours
    const candidates = teachers(narrowestOf(open, teachers, new Set()))
    chosen.add(candidates.reduce((a, b) => (perHour(b) > perHour(a) ? b : a)))
  }
  const enough = (modules: PathModule[]) => {
    const taken = inOrder(modules, problem.held)
    const end = withTaught(problem.held, taken)
    return taken.length === modules.length && problem.needs.every((need) => isMet(need, end))
  }
  // Modules that only lead to each other cannot be entered: then everything reachable is the start.
  let path = enough([...chosen]) ? [...chosen] : [...problem.modules]
  for (const module of [...path].sort((a, b) => b.hours - a.hours || (a.id < b.id ? -1 : 1))) {
    const without = path.filter((one) => one !== module)
    const taken = inOrder(without, problem.held)
    if (enough(taken)) path = taken
  }
  return path
}

const covers = (taught: SkillLevel, wanted: SkillLevel) =>
  taught.skill === wanted.skill && taught.level >= wanted.level

const hoursOf = (modules: readonly PathModule[]) => modules.reduce((sum, { hours }) => sum + hours, 0)

const sorted = (modules: Iterable<PathModule>) => [...modules].sort((a, b) => (a.id < b.id ? -1 : 1))

type Teachers = (wanted: SkillLevel) => readonly PathModule[]

function teachersOf(modules: readonly PathModule[]): Teachers {
  const known = new Map<string, PathModule[]>()
  return (wanted) => {
    const name = `${wanted.skill}/${wanted.level}`
    let found = known.get(name)
    if (!found) {
      found = modules.filter(({ teaches }) => teaches.some((taught) => covers(taught, wanted)))
      known.set(name, found)
    }
    return found
  }
}

/** Needs, and entry skills of the chosen modules, that neither what is held nor a chosen module meets. */
function openRequirements({ needs, held }: PathProblem, chosen: ReadonlySet<PathModule>): SkillLevel[] {
  const now = withTaught(held, chosen)
  const open = new Map<string, SkillLevel>()
  const ask = (one: SkillLevel) => {
    const known = open.get(one.skill)
    if (!isMet(one, now) && (!known || known.level < one.level)) open.set(one.skill, one)
  }
  needs.forEach(ask)
  for (const module of chosen) module.entry.forEach(ask)
  return [...open.values()]
}

function narrowestOf(
  open: readonly SkillLevel[],
  teachers: Teachers,
  excluded: ReadonlySet<PathModule>,
): SkillLevel {
  const choices = (one: SkillLevel) => teachers(one).filter((module) => !excluded.has(module)).length
  return open.reduce((a, b) => (choices(b) < choices(a) ? b : a))
}

function narrowest(
  open: readonly SkillLevel[],
  teachers: Teachers,
  excluded: ReadonlySet<PathModule>,
): PathModule[] {
  return teachers(narrowestOf(open, teachers, excluded)).filter((module) => !excluded.has(module))
}

/**
 * Hours no completion can do without. Each module's hours are shared among the open requirements it meets;
 * a requirement costs at least its cheapest share, and no module is paid for more than once.
 * `undefined`: some requirement cannot be met any more.
 */
function boundOf(
  open: readonly SkillLevel[],
  teachers: Teachers,
  excluded: ReadonlySet<PathModule>,
): number | undefined {
  const meets = new Map<PathModule, number>()
  const choices = open.map((one) => teachers(one).filter((module) => !excluded.has(module)))
  for (const module of choices.flat()) meets.set(module, (meets.get(module) ?? 0) + 1)
  let bound = 0
  for (const modules of choices) {
    if (modules.length === 0) return undefined
    bound += Math.min(...modules.map((module) => module.hours / (meets.get(module) ?? 1)))
  }
  // Shares are fractions: a sum a hair too high must not cut off the best path.
  return bound - 1e-6
}
