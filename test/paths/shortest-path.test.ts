import fc from 'fast-check'
import { expect, test } from 'vitest'
import { costOf, type PathCost, pathCosts } from '#core/paths/path-cost.ts'
import {
  isMet,
  type PathModule,
  type PathProblem,
  pathProblem,
  withTaught,
} from '#core/paths/path-problem.ts'
import { greedyPath, shortestPath } from '#core/paths/shortest-path.ts'
import type { Level, Module, SkillLevel } from '#core/skills/ontology.ts'

/** Small worlds with everything that is awkward: cycles of entries, modules nobody can enter, equal hours, levels. */
const skill = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f')
const level = fc.constantFrom<Level>(1, 2, 3)
const skills = (min: number, max: number) =>
  fc.uniqueArray(fc.record({ skill, level }), {
    minLength: min,
    maxLength: max,
    selector: (one) => one.skill,
  })
const modules = fc.array(
  fc.record({
    hours: fc.integer({ min: 1, max: 9 }),
    ects: fc.constantFrom(0.5, 1, 3),
    gpus: fc.integer({ min: 0, max: 2 }),
    entry: skills(0, 2),
    teaches: skills(1, 3),
  }),
  { minLength: 1, maxLength: 9 },
)
const held = skills(0, 2).map((some) => new Map(some.map((one): [string, Level] => [one.skill, one.level])))

const problemOf = (minimise: fc.Arbitrary<PathCost>) =>
  fc.record({ modules, held, wanted: skills(1, 4), minimise }).map(({ modules, held, wanted, minimise }) => {
    const named = new Map(
      modules.map((module, at): [string, Module] => [`m${at}`, asModule(`m${at}`, module)]),
    )
    return pathProblem(wanted, held, { modules: named }, minimise).problem
  })
const problem = problemOf(fc.constantFrom(...pathCosts))

test.each(pathCosts)('in %s the path is as cheap as the best of all subsets of modules', (minimise) => {
  fc.assert(
    fc.property(problemOf(fc.constant(minimise)), (one) => {
      const found = shortestPath(one)
      const best = bruteForce(one)
      expect(found.optimal).toBe(true)
      expect(found.cost).toBeCloseTo(best.cost, 9)
      expect(found.lowerBound).toBe(found.cost)
      expect(found.modules.reduce((sum, { hours }) => sum + hours, 0)).toBe(best.hours)
    }),
    { numRuns: 400 },
  )
})

test('the greedy path is never below the best, and its lower bound never above', () => {
  fc.assert(
    fc.property(problem, (one) => {
      const found = greedyPath(one)
      const best = bruteForce(one).cost
      expect(found.cost).toBeGreaterThanOrEqual(best - 1e-9)
      expect(found.lowerBound).toBeLessThanOrEqual(best + 1e-9)
      if (found.optimal) expect(found.cost).toBeCloseTo(best, 9)
    }),
    { numRuns: 300 },
  )
})

test('every module of a path can be entered when its turn comes, and at the end every need is met', () => {
  fc.assert(
    fc.property(problem, (one) => {
      for (const { modules: path } of [shortestPath(one), greedyPath(one)]) {
        let now = one.held
        for (const module of path) {
          expect(module.entry.every((entry) => isMet(entry, now))).toBe(true)
          now = withTaught(now, [module])
        }
        expect(one.needs.every((need) => isMet(need, now))).toBe(true)
      }
    }),
    { numRuns: 300 },
  )
})

test('cut short, the search says so and its lower bound still holds', () => {
  fc.assert(
    fc.property(problem, fc.integer({ min: 0, max: 3 }), (one, steps) => {
      const found = shortestPath(one, steps)
      const best = bruteForce(one).cost
      expect(found.cost).toBeGreaterThanOrEqual(best - 1e-9)
      expect(found.lowerBound).toBeLessThanOrEqual(best + 1e-9)
      if (found.optimal) expect(found.cost).toBeCloseTo(best, 9)
    }),
    { numRuns: 300 },
  )
})

test('two modules that only lead to each other are no way in', () => {
  const one = world({
    a: { hours: 1, entry: [['y', 1]], teaches: [['x', 1]] },
    b: { hours: 1, entry: [['x', 1]], teaches: [['y', 1]] },
    c: { hours: 50, entry: [], teaches: [['y', 1]] },
  })
  const { problem, untaught } = pathProblem([{ skill: 'x', level: 1 }], new Map(), one)
  expect(untaught).toEqual([])
  expect(shortestPath(problem)).toMatchObject({ cost: 51, modules: [{ id: 'c' }, { id: 'a' }] })
})

test('entry skills are a conjunction: the cheapest single branch is not the answer', () => {
  const one = world({
    goal: {
      hours: 10,
      entry: [
        ['p', 1],
        ['q', 1],
      ],
      teaches: [['x', 1]],
    },
    p: { hours: 5, entry: [], teaches: [['p', 1]] },
    q: { hours: 100, entry: [], teaches: [['q', 1]] },
    other: { hours: 100, entry: [], teaches: [['x', 1]] },
  })
  const { problem } = pathProblem([{ skill: 'x', level: 1 }], new Map(), one)
  expect(shortestPath(problem)).toMatchObject({ cost: 100, modules: [{ id: 'other' }] })
})

test('what no module teaches is named, with the level that is taught', () => {
  const one = world({
    a: { hours: 1, entry: [], teaches: [['x', 2]] },
    b: { hours: 1, entry: [['z', 1]], teaches: [['y', 1]] },
  })
  const wanted: SkillLevel[] = [
    { skill: 'x', level: 3 },
    { skill: 'y', level: 1 },
  ]
  const { problem, untaught } = pathProblem(wanted, new Map(), one)
  expect(untaught).toEqual([
    { skill: 'x', level: 3, taughtTo: 2 },
    { skill: 'y', level: 1, taughtTo: 0 },
  ])
  expect(problem.needs).toEqual([{ skill: 'x', level: 2 }])
})

/** Least cost of all subsets that can be taken and meet the needs, and the fewest hours at that cost. */
function bruteForce({ modules, held, needs }: PathProblem): { cost: number; hours: number } {
  let best = { cost: Number.POSITIVE_INFINITY, hours: Number.POSITIVE_INFINITY }
  for (let bits = 0; bits < 2 ** modules.length; bits++) {
    const some = modules.filter((_, at) => (bits >> at) & 1)
    const cost = some.reduce((sum, one) => sum + one.cost, 0)
    const hours = some.reduce((sum, one) => sum + one.hours, 0)
    if (cost > best.cost + 1e-9 || (cost > best.cost - 1e-9 && hours >= best.hours)) continue
    // By its own simple means, so that a mistake in `inOrder` does not hide itself.
    const now = new Map(held)
    const left = new Set<PathModule>(some)
    for (let moved = true; moved; ) {
      moved = false
      for (const module of left) {
        if (!module.entry.every((one) => (now.get(one.skill) ?? 0) >= one.level)) continue
        for (const one of module.teaches)
          now.set(one.skill, Math.max(now.get(one.skill) ?? 0, one.level) as Level)
        left.delete(module)
        moved = true
      }
    }
    if (left.size === 0 && needs.every((one) => (now.get(one.skill) ?? 0) >= one.level))
      best = { cost, hours }
  }
  return best
}

type Plain = { hours: number; entry: [string, Level][]; teaches: [string, Level][] }

function world(plain: Record<string, Plain>) {
  const as = (some: [string, Level][]) => some.map(([skill, level]) => ({ skill, level }))
  return {
    modules: new Map(
      Object.entries(plain).map(([id, { hours, entry, teaches }]): [string, Module] => [
        id,
        asModule(id, { hours, entry: as(entry), teaches: as(teaches) }),
      ]),
    ),
  }
}

interface Made {
  hours: number
  ects?: number
  gpus?: number
  entry: SkillLevel[]
  teaches: SkillLevel[]
}

function asModule(id: string, { hours, ects = 1, gpus = 0, entry, teaches }: Made): Module {
  const outcomes = [{ id: `${id}-o1`, statement: { en: '', fr: '' }, skills: teaches }]
  const practical = gpus === 0 ? {} : { practical: { kind: 'compute', gpus, maxMinutes: 20 } }
  return { id, workloadHours: hours, ects, entry, outcomes, ...practical } as unknown as Module
}

test('a module costs its hours, its credits, or all its accelerators for all its time', () => {
  const plain = asModule('plain', { hours: 13, ects: 0.5, entry: [], teaches: [] })
  const practical = asModule('practical', { hours: 26, gpus: 2, entry: [], teaches: [] })
  expect(pathCosts.map((kind) => costOf(plain, kind))).toEqual([13, 0, 0.5])
  expect(costOf(practical, 'gpuHours')).toBeCloseTo(2 / 3)
})
