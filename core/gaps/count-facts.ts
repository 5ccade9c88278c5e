import type { TenantTag } from '#core/ids.ts'
import type { CubeCounts } from './admit-counts.ts'
import type { CellCounts, PrivacyRules } from './cell-privacy.ts'
import { employerVotes } from './employer-votes.ts'
import type { LargeGroups } from './large-groups.ts'
import type { LearnerFacts, ModuleFacts } from './learner-facts.ts'
import {
  type CellName,
  cellName,
  type Layout,
  type PlaceDimension,
  pairPlace,
  placeDimensions,
  placePairs,
  type Subject,
  stages,
} from './places.ts'

/** Steps of the longest subject: room for each cell. */
const width = stages.length

/** Counts learners into numbered cells, institution by institution, and keeps nothing of any of them. */
function cellCounter(cells: number, nameOf: (cell: number) => CellName) {
  const here = new Uint32Array(cells * width)
  const touched = new Set<number>()
  const votes = employerVotes(cells * width)
  const cube = new Map<string, { byInstitution: Map<TenantTag, number[]>; cell: number }>()
  let tenant: TenantTag | undefined

  function settle(): void {
    for (const cell of touched) {
      if (!tenant) continue
      const steps = Array.from(here.subarray(cell * width, (cell + 1) * width))
      here.fill(0, cell * width, (cell + 1) * width)
      // Counted at the furthest step only; who is there was at each earlier one.
      for (let step = width - 2; step >= 0; step--) steps[step] = (steps[step] ?? 0) + (steps[step + 1] ?? 0)
      while (steps.at(-1) === 0) steps.pop()
      const key = cellName(nameOf(cell))
      const known = cube.get(key) ?? { byInstitution: new Map<TenantTag, number[]>(), cell }
      const before = known.byInstitution.get(tenant) ?? []
      const sum = Array.from(
        { length: Math.max(before.length, steps.length) },
        (_, at) => (before[at] ?? 0) + (steps[at] ?? 0),
      )
      known.byInstitution.set(tenant, sum)
      cube.set(key, known)
    }
    touched.clear()
  }

  return {
    /** Whose learners come next, and where the one that comes now works or learns. */
    begin(of: TenantTag, organisation: string | undefined): void {
      if (tenant !== of) settle()
      tenant = of
      votes.begin(organisation)
    },
    count(cell: number, steps: number): void {
      if (steps === 0) return
      const at = cell * width + steps - 1
      here[at] = (here[at] ?? 0) + 1
      touched.add(cell)
      for (let step = 0; step < steps; step++) votes.cast(cell * width + step)
    },
    counts(rules: PrivacyRules): CubeCounts {
      settle()
      return new Map(
        [...cube].map(([name, { byInstitution, cell }]): [string, CellCounts] => {
          let employersAllow = 0
          const most = Math.max(...[...byInstitution.values()].map((steps) => steps.length))
          const total = (step: number) =>
            [...byInstitution.values()].reduce((sum, steps) => sum + (steps[step] ?? 0), 0)
          while (
            employersAllow < most &&
            votes.allow(cell * width + employersAllow, total(employersAllow), rules)
          ) {
            employersAllow++
          }
          return [name, { byInstitution, employersAllow }]
        }),
      )
    },
  }
}

/** Places of one dimension as numbers, and where its cells begin. */
function numbering(layout: Layout) {
  let places = 0
  const first = {} as Record<PlaceDimension, number>
  const numbers = {} as Record<PlaceDimension, Map<string, number>>
  for (const dimension of placeDimensions) {
    first[dimension] = places
    numbers[dimension] = new Map(layout.codes[dimension].map((code, at) => [code, at]))
    places += layout.codes[dimension].length
  }
  /** The learner's place in each dimension, numbered over all of them; −1 where not stated. */
  const placesOf = ({ places: stated }: LearnerFacts) =>
    placeDimensions.map((dimension) => {
      const code = stated[dimension]
      const at = code === undefined ? undefined : numbers[dimension].get(code)
      return at === undefined ? -1 : first[dimension] + at
    })
  const all = placeDimensions.flatMap((dimension) =>
    layout.codes[dimension].map((place) => ({ table: dimension, place }) as const),
  )
  return { places, placesOf, all }
}

/**
 * First pass: learners by place and module. Answers, besides the counts, how long awards took.
 * `day` is the day of the snapshot, `YYYY-MM-DD`.
 */
export function moduleCounter(layout: Layout, day: string) {
  const { placesOf, all } = numbering(layout)
  const moduleNumbers = new Map(layout.modules.map((id, at) => [id, at]))
  const perPlace = layout.modules.length * 2
  const subjects = layout.modules.flatMap((id): Subject[] => [`module:${id}`, `award:${id}`])
  const everywhere = all.length
  const counter = cellCounter((all.length + 1) * perPlace, (cell) => {
    const place = all[Math.floor(cell / perPlace)] ?? ({ table: 'everywhere', place: 'all' } as const)
    return { ...place, subject: nth(subjects, cell % perPlace) }
  })
  const days = daysByModule()
  return {
    add(facts: LearnerFacts): void {
      counter.begin(facts.tenant, facts.organisation)
      const places = [...placesOf(facts), everywhere]
      for (const one of facts.modules) {
        const module = moduleNumbers.get(one.module)
        if (module === undefined) continue
        if (one.daysToAward !== undefined) days.add(one.module, one.daysToAward)
        const holds = inForce(one, day).length > 0
        for (const place of places) {
          if (place < 0) continue
          const cell = place * perPlace + module * 2
          counter.count(cell, one.stage)
          if (holds) counter.count(cell + 1, 1)
        }
      }
    },
    counts: (rules: PrivacyRules) => counter.counts(rules),
    /** Median of whole days from enrolment to award. */
    medianDays: () => days.medians(),
  }
}

/**
 * Second pass: learners by place and skill, by place and stage, by pairs of places. In each place a learner
 * counts with the modules only that are a large enough group there; so a number that is shown is made of
 * large groups alone, and no set of them says anything about a small one.
 */
export function skillCounter(layout: Layout, groups: LargeGroups, day: string) {
  const { placesOf, all } = numbering(layout)
  const moduleNumbers = new Map(layout.modules.map((id, at) => [id, at]))
  const skillNumbers = new Map(layout.skills.map((id, at) => [id, at]))
  const perPlace = layout.skills.length + 2
  const [any, funnel] = [layout.skills.length, layout.skills.length + 1]
  const subjects: Subject[] = [...layout.skills.map((id): Subject => `skill:${id}`), 'any', 'funnel']
  const singles = all.length * perPlace
  const pairs = pairNumbering(layout)
  const counter = cellCounter(singles + pairs.cells, (cell) =>
    cell >= singles
      ? pairs.nameOf(cell - singles)
      : { ...nth(all, Math.floor(cell / perPlace)), subject: nth(subjects, cell % perPlace) },
  )
  const open = openGroups(all, layout, groups)
  const levels = new Map<number, number>()
  const reached = placeDimensions.map(() => ({ stage: 0, level: 0 }))
  return {
    add(facts: LearnerFacts): void {
      counter.begin(facts.tenant, facts.organisation)
      const places = placesOf(facts)
      const held = facts.modules.flatMap((one) => {
        const module = moduleNumbers.get(one.module)
        return module === undefined ? [] : [{ module, stage: one.stage, awards: inForce(one, day) }]
      })
      places.forEach((place, dimension) => {
        const here = reached[dimension]
        if (!here) return
        here.stage = 0
        here.level = 0
        if (place < 0) return
        levels.clear()
        for (const { module, stage, awards } of held) {
          const group = place * layout.modules.length + module
          here.stage = Math.max(here.stage, Math.min(stage, open.stages[group] ?? 0))
          if (!open.holders[group]) continue
          for (const { skills } of awards) {
            for (const { skill, level } of skills) {
              const number = skillNumbers.get(skill)
              if (number !== undefined && level > (levels.get(number) ?? 0)) levels.set(number, level)
            }
          }
        }
        for (const [skill, level] of levels) {
          counter.count(place * perPlace + skill, level)
          here.level = Math.max(here.level, level)
        }
        counter.count(place * perPlace + any, here.level)
        counter.count(place * perPlace + funnel, here.stage)
      })
      pairs.each(places, (first, second, cell) => {
        const [a, b] = [reached[first], reached[second]]
        if (!a || !b) return
        if (a.level > 0 && b.level > 0) counter.count(singles + cell, 2)
        else if (a.stage > 0 && b.stage > 0) counter.count(singles + cell, 1)
      })
    },
    counts: (rules: PrivacyRules) => counter.counts(rules),
  }
}

/** The groups by number, to be looked up for every learner. */
function openGroups(
  places: readonly { table: PlaceDimension; place: string }[],
  { modules }: Layout,
  groups: LargeGroups,
) {
  const stagesOpen = new Uint8Array(places.length * modules.length)
  const holders = new Uint8Array(stagesOpen.length)
  places.forEach(({ table, place }, at) => {
    modules.forEach((module, number) => {
      stagesOpen[at * modules.length + number] = groups.stages(table, place, module)
      holders[at * modules.length + number] = groups.holders(table, place, module) ? 1 : 0
    })
  })
  return { stages: stagesOpen, holders }
}

/** Pairs of places as numbers, table after table. */
function pairNumbering({ codes }: Layout) {
  const firstPlace = new Map<PlaceDimension, number>()
  let places = 0
  for (const dimension of placeDimensions) {
    firstPlace.set(dimension, places)
    places += codes[dimension].length
  }
  let cells = 0
  const tables = placePairs.map(({ name, first, second }) => {
    const start = cells
    cells += codes[first].length * codes[second].length
    return {
      name,
      first,
      second,
      start,
      across: codes[second].length,
      firstAt: placeDimensions.indexOf(first),
      secondAt: placeDimensions.indexOf(second),
      a0: firstPlace.get(first) ?? 0,
      b0: firstPlace.get(second) ?? 0,
    }
  })
  return {
    cells,
    nameOf(cell: number): CellName {
      const table = tables.findLast(({ start }) => start <= cell) ?? nth(tables, 0)
      const { name, first, second, start, across } = table
      const a = nth(codes[first], Math.floor((cell - start) / across))
      const b = nth(codes[second], (cell - start) % across)
      return { table: name, place: pairPlace(a, b), subject: 'people' }
    },
    each(stated: readonly number[], use: (first: number, second: number, cell: number) => void): void {
      for (const { start, across, firstAt, secondAt, a0, b0 } of tables) {
        const [a, b] = [stated[firstAt] ?? -1, stated[secondAt] ?? -1]
        if (a >= 0 && b >= 0) use(firstAt, secondAt, start + (a - a0) * across + (b - b0))
      }
    },
  }
}

function nth<T>(items: readonly T[], at: number): T {
  const item = items[at]
  if (item === undefined) throw new Error('a cell outside the cube')
  return item
}

const inForce = ({ awards }: ModuleFacts, day: string) =>
  awards.filter(({ validUntil }) => validUntil === undefined || validUntil > day)

/** Days beyond this count as this. */
const mostDays = 3660

function daysByModule() {
  const histograms = new Map<string, Uint32Array>()
  return {
    add(module: string, days: number): void {
      const histogram = histograms.get(module) ?? new Uint32Array(mostDays + 1)
      histograms.set(module, histogram)
      const at = Math.min(mostDays, Math.max(0, days))
      histogram[at] = (histogram[at] ?? 0) + 1
    },
    medians(): Map<string, number> {
      return new Map([...histograms].map(([module, histogram]) => [module, medianOf(histogram)]))
    },
  }
}

function medianOf(histogram: Uint32Array): number {
  const half = histogram.reduce((sum, count) => sum + count, 0) / 2
  let seen = 0
  for (const [days, count] of histogram.entries()) {
    seen += count
    if (seen >= half) return days
  }
  return 0
}
