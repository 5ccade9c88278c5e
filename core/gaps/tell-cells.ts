import { drawDown, type PrivacyRules, type Steps } from './cell-privacy.ts'
import type { LargeGroups } from './large-groups.ts'
import { type Layout, type PairName, type PlaceDimension, pairPlace, type Subject, stages } from './places.ts'
import { isPair, setCell, type Table, type TableName, tableOf } from './shown-tables.ts'

/** Parts before their wholes: regions before countries, pairs before single places. */
const tellOrder: readonly TableName[] = [
  'sector+nuts1',
  'nuts1+targetGroup',
  'sector+country',
  'country+targetGroup',
  'sector+targetGroup',
  'nuts1',
  'country',
  'sector',
  'targetGroup',
]

/** Every shown number as it may be told beside all others; a whole is never told as less than a part of it. */
export function tellCells(
  shown: Map<TableName, Table>,
  groups: LargeGroups,
  layout: Layout,
  rules: PrivacyRules,
): Map<TableName, Table> {
  const told = new Map<TableName, Table>()
  const sums = partSums()
  for (const name of tellOrder) {
    for (const [place, cells] of tableOf(shown, name)) {
      if (isPair(name)) {
        const people = tellPair(
          cells.get('people') ?? [],
          (step) => sums.of(name, place, 'people', step),
          rules,
        )
        setCell(tableOf(told, name), place, 'people', people)
        for (const whole of wholesOf(name, place, layout)) {
          if (isPair(whole.name)) sums.add(whole, 'people', people)
          else {
            // Those enrolled are part of its first stage, those who hold something of `any`.
            sums.add(whole, 'funnel', people.slice(0, 1))
            sums.add(whole, 'any', people.slice(1, 2))
          }
        }
        continue
      }
      const classes = classesOf(cells, name, place, groups, layout)
      const parts = (subject: Subject, step: number) => sums.of(name, place, subject, step)
      for (const [subject, steps] of tellClasses(classes, parts, rules)) {
        setCell(tableOf(told, name), place, subject, steps)
        if (name !== 'nuts1') continue
        sums.add({ name: 'country', place: layout.countryOf.get(place) ?? '', by: 'nuts1' }, subject, steps)
      }
    }
  }
  return told
}

function tellPair(shown: Steps, parts: (step: number) => readonly number[], rules: PrivacyRules): number[] {
  const told: number[] = []
  for (let step = shown.length - 1; step >= 0; step--) {
    told[step] = drawDown(shown[step] ?? 0, [told[step + 1] ?? 0, ...parts(step)], rules)
  }
  return told
}

/** Learners of a place counted by one number: who holds an award of one of these modules, or came so far in one. */
interface LearnerClass {
  subject: Subject
  step: number
  count: number
  /** Bits of the modules, by their place in the layout. */
  modules: bigint
  /** 0: by award; else the stage reached, 1 to 6. */
  stage: number
}

function classesOf(
  cells: ReadonlyMap<Subject, Steps>,
  dimension: PlaceDimension,
  place: string,
  groups: LargeGroups,
  { modules, teaches }: Layout,
): LearnerClass[] {
  const bits = (keep: (module: string) => boolean) =>
    modules.reduce((mask, module, at) => (keep(module) ? mask | (1n << BigInt(at)) : mask), 0n)
  const holders = bits((module) => groups.holders(dimension, place, module))
  const teaching = (skill: string | undefined, level: number) =>
    holders &
    bits((module) =>
      (teaches.get(module) ?? []).some(
        (one) => (skill === undefined || one.skill === skill) && one.level >= level,
      ),
    )
  return [...cells].flatMap(([subject, steps]) =>
    steps.map((count, step): LearnerClass => {
      const [kind, name] = subject.split(':')
      if (kind === 'module' || kind === 'funnel') {
        const taken = bits(
          (module) =>
            (name === undefined || module === name) && groups.stages(dimension, place, module) > step,
        )
        return { subject, step, count, modules: taken, stage: step + 1 }
      }
      return { subject, step, count, modules: teaching(name, step + 1), stage: 0 }
    }),
  )
}

const issued = stages.indexOf('issued') + 1

/** Whether everybody of the one is of the other: fewer modules, or further on. Holding an award is to have been issued one. */
function isPartOf(part: LearnerClass, whole: LearnerClass): boolean {
  if ((part.modules & ~whole.modules) !== 0n) return false
  if (whole.stage === 0) return part.stage === 0
  return (part.stage === 0 ? issued : part.stage) >= whole.stage
}

/** From the smallest class to the largest; classes of the same people are told alike. */
function tellClasses(
  classes: readonly LearnerClass[],
  sumsOf: (subject: Subject, step: number) => readonly number[],
  rules: PrivacyRules,
): Map<Subject, number[]> {
  const alike = [...Map.groupBy(classes, ({ modules, stage }) => `${modules}/${stage}`).values()]
  // Who holds an award stands between who was issued one and who claimed it.
  const rank = ({ stage }: LearnerClass) => (stage === 0 ? issued + 0.5 : stage)
  alike.sort(([a], [b]) => (a && b ? bitCount(a.modules) - bitCount(b.modules) || rank(b) - rank(a) : 0))
  const done: { of: LearnerClass; told: number }[] = []
  const told = new Map<Subject, number[]>()
  for (const group of alike) {
    const [first] = group
    if (!first) continue
    const parts = [
      ...done.flatMap((one) => (isPartOf(one.of, first) ? [one.told] : [])),
      ...group.flatMap(({ subject, step }) => sumsOf(subject, step)),
    ]
    // Held numbers of the same people may be of different days: they are told as the largest.
    const number = drawDown(Math.max(...group.map(({ count }) => count)), parts, rules)
    done.push({ of: first, told: number })
    for (const one of group) {
      const steps = told.get(one.subject) ?? []
      steps[one.step] = number
      told.set(one.subject, steps)
    }
  }
  return told
}

function bitCount(mask: bigint): number {
  let count = 0
  for (let rest = mask; rest > 0n; rest &= rest - 1n) count++
  return count
}

interface Whole {
  name: TableName
  place: string
  /** How it is divided into these parts; a whole may be divided in several ways. */
  by: PlaceDimension
}

/** The cells a pair of places is part of: each place alone, and for a region the pair with its country. */
function wholesOf(pair: PairName, place: string, { countryOf }: Layout): Whole[] {
  const [first, second] = pair.split('+') as [PlaceDimension, PlaceDimension]
  const [a = '', b = ''] = place.split('+')
  const wholes: Whole[] = [
    { name: first, place: a, by: second },
    { name: second, place: b, by: first },
  ]
  const country = (region: string) => countryOf.get(region) ?? ''
  if (pair === 'sector+nuts1')
    wholes.push({ name: 'sector+country', place: pairPlace(a, country(b)), by: 'nuts1' })
  if (pair === 'nuts1+targetGroup') {
    wholes.push({ name: 'country+targetGroup', place: pairPlace(country(a), b), by: 'nuts1' })
  }
  return wholes
}

/** What the told parts of a whole come to, by the way in which it is divided. */
function partSums() {
  const sums = new Map<string, Map<PlaceDimension, number[]>>()
  const key = (name: TableName, place: string, subject: Subject) => `${name}/${place}/${subject}`
  return {
    add({ name, place, by }: Whole, subject: Subject, steps: Steps): void {
      const divisions = sums.get(key(name, place, subject)) ?? new Map<PlaceDimension, number[]>()
      const sum = divisions.get(by) ?? []
      for (const [step, value] of steps.entries()) sum[step] = (sum[step] ?? 0) + value
      sums.set(key(name, place, subject), divisions.set(by, sum))
    },
    of: (name: TableName, place: string, subject: Subject, step: number): number[] =>
      [...(sums.get(key(name, place, subject))?.values() ?? [])].flatMap((sum) => sum[step] ?? []),
  }
}
