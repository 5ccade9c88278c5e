import type { SkillLevel } from '#core/skills/ontology.ts'
import { inOrder, isMet, type PathModule, type PathProblem, withTaught } from './path-problem.ts'

export interface FoundPath {
  /** In an order one can really take. */
  modules: PathModule[]
  cost: number
  /** No path can cost less; equals `cost` when `optimal`. */
  lowerBound: number
  optimal: boolean
}

/** Steps of the search after which the best path so far is answered; about half a second at the very most. */
const mostSteps = 20_000

interface Node {
  chosen: ReadonlySet<PathModule>
  /** Modules a sibling branch already tried. */
  excluded: ReadonlySet<PathModule>
  weight: number
}

/**
 * The modules of least cost that meet every need, by branch and bound: take the open requirement with the
 * fewest modules that teach it and try each of them. Requirements are the needs and, for every module
 * chosen, its entry skills (a conjunction). Of paths of one cost that of fewest hours wins, and of these
 * the first in the order of module ids. Refuses nothing: every need of a `PathProblem` can be met.
 */
export function shortestPath(problem: PathProblem, steps: number = mostSteps): FoundPath {
  const { weights, costWithin } = weigh(problem)
  const teachers = teachersOf(problem.modules)
  let best = greedySet(problem, weights)
  let bestWeight = sum(best, weights)
  /** What the branches that were left aside could cost at least. */
  let leftAside = Number.POSITIVE_INFINITY
  let left = steps

  const visit = ({ chosen, excluded, weight }: Node): void => {
    const open = openRequirements(problem, chosen)
    const bound = boundOf(open, teachers, excluded, weights)
    if (bound === undefined || weight + bound >= bestWeight) return
    if (left-- <= 0) {
      leftAside = Math.min(leftAside, weight + bound)
      return
    }
    const candidates =
      open.length > 0 ? narrowest(open, teachers, excluded) : unlockers(problem, chosen, excluded)
    if (candidates === undefined) {
      best = [...chosen]
      bestWeight = weight
      return
    }
    const tried = new Set(excluded)
    for (const module of candidates) {
      const heavier = weight + weights(module)
      visit({ chosen: new Set([...chosen, module]), excluded: new Set(tried), weight: heavier })
      tried.add(module)
    }
  }
  visit({ chosen: new Set(), excluded: new Set(), weight: 0 })

  const cost = costsOf(best)
  // What was left aside may have grown too heavy since.
  const optimal = leftAside >= bestWeight
  return {
    modules: inOrder(sorted(best), problem.held),
    cost,
    lowerBound: optimal ? cost : Math.min(cost, Math.max(costWithin(leftAside), forcedBound(problem))),
    optimal,
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
 * A path that can be taken, found at once, with a bound beside it: for catalogues too large to search, and
 * where an answer must come at a keystroke. Often the shortest; said to be so only where the bound proves it.
 */
export function greedyPath(problem: PathProblem): FoundPath {
  const { weights } = weigh(problem)
  const path = greedySet(problem, weights)
  const cost = costsOf(path)
  const lowerBound = Math.min(cost, forcedBound(problem))
  return { modules: inOrder(sorted(path), problem.held), cost, lowerBound, optimal: lowerBound === cost }
}

type Weights = (module: PathModule) => number

/**
 * One number for what a module costs and, far behind it, its hours: a path of least weight is one of least
 * cost, and among those of fewest hours.
 */
function weigh({ modules }: PathProblem): { weights: Weights; costWithin: (weight: number) => number } {
  const hours = modules.reduce((all, module) => all + module.hours, 0)
  // In minutes, so that costs are whole numbers: no sum of hours outweighs one of them.
  const scale = hours + 1
  return {
    weights: ({ cost, hours: own }) => Math.round(cost * 60) * scale + own,
    costWithin: (weight) => Math.max(0, (weight - hours) / scale / 60),
  }
}

const costsOf = (modules: readonly PathModule[]) => modules.reduce((all, { cost }) => all + cost, 0)
const sum = (modules: readonly PathModule[], weights: Weights) =>
  modules.reduce((all, module) => all + weights(module), 0)

/**
 * For each open requirement the module that teaches most of what is open for its weight, until nothing is
 * open; then every module that is not needed after all is dropped, the heaviest first.
 */
function greedySet(problem: PathProblem, weights: Weights): PathModule[] {
  const teachers = teachersOf(problem.modules)
  const chosen = new Set<PathModule>()
  for (;;) {
    const open = openRequirements(problem, chosen)
    const [first] = open
    if (!first) break
    const worth = (module: PathModule) =>
      open.filter((one) => module.teaches.some((taught) => covers(taught, one))).length / weights(module)
    const candidates = teachers(narrowestOf(open, teachers, new Set()))
    chosen.add(candidates.reduce((a, b) => (worth(b) > worth(a) ? b : a)))
  }
  const enough = (modules: PathModule[]) => {
    const taken = inOrder(modules, problem.held)
    const end = withTaught(problem.held, taken)
    return taken.length === modules.length && problem.needs.every((need) => isMet(need, end))
  }
  // Modules that only lead to each other cannot be entered.
  let path = enough([...chosen]) ? [...chosen] : surePath(problem, weights)
  const heaviestFirst = (a: PathModule, b: PathModule) => weights(b) - weights(a) || (a.id < b.id ? -1 : 1)
  for (const module of path.toSorted(heaviestFirst)) {
    const without = path.filter((one) => one !== module)
    const taken = inOrder(without, problem.held)
    if (enough(taken)) path = taken
  }
  return path
}

/**
 * A path that can be taken for certain: take the lightest module that can be entered, again and again; of
 * these only those that first taught something needed, or needed for that.
 */
function surePath(problem: PathProblem, weights: Weights): PathModule[] {
  const taken = inOrder(
    problem.modules.toSorted((a, b) => weights(a) - weights(b)),
    problem.held,
  )
  const kept = new Set<PathModule>()
  const todo = [...problem.needs]
  for (let wanted = todo.pop(); wanted; wanted = todo.pop()) {
    const { skill, level } = wanted
    if (isMet(wanted, problem.held)) continue
    const first = taken.find(({ teaches }) => teaches.some((one) => covers(one, { skill, level })))
    if (!first || kept.has(first)) continue
    kept.add(first)
    todo.push(...first.entry)
  }
  return [...kept]
}

/**
 * Cost no path can do without: modules that alone teach something required are on every path, and so is
 * what their entry asks for in turn; the rest is bounded by shares.
 */
function forcedBound(problem: PathProblem): number {
  const teachers = teachersOf(problem.modules)
  const forced = new Set<PathModule>()
  for (;;) {
    const open = openRequirements(problem, forced)
    const only = open.map(teachers).find((modules) => modules.length === 1)?.[0]
    if (only) forced.add(only)
    else return costsOf([...forced]) + Math.max(0, boundOf(open, teachers, forced, ({ cost }) => cost) ?? 0)
  }
}

const covers = (taught: SkillLevel, wanted: SkillLevel) =>
  taught.skill === wanted.skill && taught.level >= wanted.level

const sorted = (modules: Iterable<PathModule>) => [...modules].sort((a, b) => (a.id < b.id ? -1 : 1))

type Teachers = (wanted: SkillLevel) => readonly PathModule[]

function teachersOf(modules: readonly PathModule[]): Teachers {
  const bySkill = new Map<string, PathModule[]>()
  for (const module of modules) {
    for (const { skill } of module.teaches) {
      const others = bySkill.get(skill)
      if (others) others.push(module)
      else bySkill.set(skill, [module])
    }
  }
  const known = new Map<string, PathModule[]>()
  return (wanted) => {
    const name = `${wanted.skill}/${wanted.level}`
    let found = known.get(name)
    if (!found) {
      const some = bySkill.get(wanted.skill) ?? []
      found = some.filter(({ teaches }) => teaches.some((taught) => covers(taught, wanted)))
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
 * Weight no completion can do without. Each module's weight is shared among the open requirements it meets;
 * a requirement takes at least its lightest share, and no module is paid for more than once.
 * `undefined`: some requirement cannot be met any more.
 */
function boundOf(
  open: readonly SkillLevel[],
  teachers: Teachers,
  excluded: ReadonlySet<PathModule>,
  weights: Weights,
): number | undefined {
  const meets = new Map<PathModule, number>()
  const choices = open.map((one) => teachers(one).filter((module) => !excluded.has(module)))
  for (const module of choices.flat()) meets.set(module, (meets.get(module) ?? 0) + 1)
  let bound = 0
  for (const modules of choices) {
    if (modules.length === 0) return undefined
    bound += Math.min(...modules.map((module) => weights(module) / (meets.get(module) ?? 1)))
  }
  // Shares are fractions: a sum a hair too high must not cut off the best path.
  return bound * (1 - 1e-12) - 1e-6
}
