import { isDeepStrictEqual } from 'node:util'
import type { PrivacyRules } from '#core/gaps/cell-privacy.ts'
import type { LearnerFacts } from '#core/gaps/learner-facts.ts'
import type { Layout } from '#core/gaps/places.ts'
import type { TenantTag } from '#core/ids.ts'
import type { Published } from '../publish-facts.ts'
import { type Cell, cellsOf, type Kind, kindOf, kindsOf } from './cells.ts'
import type { Method } from './learn-how.ts'
import { boundsOf, programme, type Row, solver } from './solver.ts'

/** A hidden number: what it truly is, and what the attacker finds it to be at least and at most. */
export interface Finding {
  cell: string
  truth: number
  from: number
  to: number
}

/** A number, hidden or shown, as an institution sees it that takes its own learners away: what is left is of others. */
export interface InsideFinding extends Finding {
  shown: boolean
  /** Its own learners of the number. */
  own: number
  /** Other institutions that have a learner of it. */
  others: number
}

type AlsoKnows = 'nothing' | 'totals'

/**
 * The bounds of every hidden number of the last snapshot, exactly, from all its numbers at once. Earlier snapshots
 * tell of other days: all that ties them to this one is how far a number may be held. The attacker has the program
 * and found out its method (`learnHow`); they know what each module teaches, and even which groups were too small to
 * count; not who left a place unstated. With `totals` they have read elsewhere, say in yearly reports, exactly how many learners of all
 * sectors took each module and hold its award. `facts` are the truth of the last snapshot; it must be one of the worlds the attacker allows
 * for, else the solver finds a contradiction.
 */
export async function attack(
  layout: Layout,
  snapshots: readonly Published[],
  facts: readonly LearnerFacts[],
  method: Method,
  alsoKnows: AlsoKnows = 'nothing',
): Promise<Finding[]> {
  const { cells, people, boundsOf } = await worlds(layout, snapshots, facts, method, alsoKnows)
  return cells
    .filter(({ shown }) => shown === undefined)
    .map(({ name, truly }) => ({ cell: name, truth: people.filter(truly).length, ...boundsOf(truly) }))
}

/** What an institution finds that knows, besides all that `attack` does, of each of its own learners what kind they are. */
export async function attackFromInside(
  institution: TenantTag,
  layout: Layout,
  snapshots: readonly Published[],
  facts: readonly LearnerFacts[],
  method: Method,
): Promise<InsideFinding[]> {
  const own = facts.filter(({ tenant }) => tenant === institution)
  const others = facts.filter(({ tenant }) => tenant !== institution)
  const { cells, boundsOf } = await worlds(layout, snapshots, facts, method, 'nothing', own)
  return cells.map(({ name, shown, truly, counts }) => {
    const whom = shown === undefined ? truly : counts
    const isOne = (one: LearnerFacts) => whom(kindOf(one, layout))
    const mine = own.filter(isOne).length
    const rest = others.filter(isOne)
    const { from, to } = boundsOf(whom)
    return {
      cell: name,
      shown: shown !== undefined,
      own: mine,
      truth: rest.length,
      others: new Set(rest.map(({ tenant }) => tenant)).size,
      from: from - mine,
      to: to - mine,
    }
  })
}

async function worlds(
  layout: Layout,
  snapshots: readonly Published[],
  facts: readonly LearnerFacts[],
  method: Method,
  alsoKnows: AlsoKnows,
  known: readonly LearnerFacts[] = [],
) {
  const highs = await solver()
  const [last] = snapshots.slice(-1)
  if (!last) throw new Error('nothing was published')
  const kinds = kindsOf(layout)
  const cells = cellsOf(layout, last.tables, last.groups)
  const { columns, rows } = worldsOf(
    kinds.length,
    (cell, kind) => cell.counts(kinds[kind] ?? { places: {}, modules: [] }),
    cells,
    snapshots.length - 1,
    method,
  )
  const people = facts.map((one) => kindOf(one, layout))
  for (const one of known) {
    const kind = kindOf(one, layout)
    const column = columns[kinds.findIndex((other) => isDeepStrictEqual(other, kind))]
    if (!column) throw new Error('there is no such kind of learner')
    column[0]++
  }
  const model = programme(highs, columns, [
    ...rows,
    ...(alsoKnows === 'totals' ? totalsOf(kinds, people, layout) : []),
  ])
  return {
    cells,
    people,
    boundsOf: (counted: (kind: Kind) => boolean) =>
      boundsOf(highs, model, kinds.length, (column) => counted(kinds[column] ?? { places: {}, modules: [] })),
  }
}

/** Whether a hidden number is bounded more tightly than the threshold allows; see decision 0063. */
export function isTooTight({ truth, from, to }: Finding, { threshold }: PrivacyRules): boolean {
  const slack = 1e-6
  if (truth < threshold) return from > slack || to < threshold - 1 - slack
  return to - from < threshold - slack
}

/**
 * Whether an institution learns more of the others than rule 3 allows: that all it does not have of a published number
 * is one other's, that it has nearly all of one itself, or of any number exactly how many the others are.
 */
export function tellsOfOthers(
  { shown, own, others, from, to }: InsideFinding,
  { dominance }: Pick<PrivacyRules, 'dominance'>,
): boolean {
  const slack = 1e-6
  const ofOne = others === 1 && from > slack
  const nearlyAll = own > dominance * (own + to) + slack
  return (shown && (ofOne || nearlyAll)) || to - from < 1 - slack
}

const most = 10_000

function totalsOf(kinds: readonly Kind[], people: readonly Kind[], { modules }: Layout): Row[] {
  return modules.flatMap((_, module) =>
    [1, 2].map((state): Row => {
      const isOne = (kind: Kind) => kind.places.sector !== undefined && (kind.modules[module] ?? 0) >= state
      const total = people.filter(isOne).length
      return {
        lower: total,
        upper: total,
        terms: kinds.flatMap((kind, column) => (isOne(kind) ? [[column, 1] as const] : [])),
      }
    }),
  )
}

/**
 * Every world there may be: how many people of each kind, and for each shown number what it was before it was
 * rounded. It was told as what it counts, or as the told number of its parts where few are beyond them, never as
 * less than its parts.
 */
function worldsOf(
  kinds: number,
  counts: (cell: Cell, kind: number) => boolean,
  cells: readonly Cell[],
  earlier: number,
  { fewer, more, least, drawn, held }: Method,
): { columns: [number, number][]; rows: Row[] } {
  const known = cells.filter(({ shown }) => shown !== undefined)
  const toldAt = new Map(known.map(({ name }, at) => [name, kinds + at]))
  const columns: [number, number][] = [
    ...Array.from({ length: kinds }, (): [number, number] => [0, most]),
    ...known.map(({ shown = 0 }): [number, number] => [Math.max(shown - fewer, least), shown + more]),
  ]
  const boundsIn = (told: readonly number[], bound: 0 | 1) =>
    told.reduce((sum, column) => sum + (columns[column]?.[bound] ?? 0), 0)
  const divisionsOf = ({ parts }: Cell) =>
    parts.map((part) => part.flatMap((name) => toldAt.get(name) ?? [])).filter((part) => part.length > 0)
  // Two numbers of the same people, each part of the other, are told alike.
  const alikeTo = (cell: Cell) =>
    known.filter((other) => other === cell || (isPartAlone(other, cell) && isPartAlone(cell, other)))
  const rows = known.flatMap((cell, at): Row[] => {
    const told = kinds + at
    const divisions = divisionsOf(cell)
    const alike = alikeTo(cell)
    const itself = new Set(alike.map(({ name }) => toldAt.get(name)))
    // Told as its parts it is as many as they are; where it cannot be, it is told as what it counts.
    const mayBeDrawn = alike
      .flatMap(divisionsOf)
      .some(
        (part) =>
          !(part.length === 1 && itself.has(part[0])) &&
          boundsIn(part, 0) <= boundsIn([told], 1) &&
          boundsIn(part, 1) >= boundsIn([told], 0),
      )
    const people = Array.from({ length: kinds }, (_, kind) => kind).filter((kind) => counts(cell, kind))
    // A held number is of an earlier day, and so may those be that a whole is told as.
    const lag = earlier === 0 ? 0 : held + earlier
    const behind = lag * Math.max(1, ...divisions.map(({ length }) => length))
    return [
      {
        lower: -behind,
        upper: (mayBeDrawn ? drawn : 0) + lag,
        terms: [...people.map((kind) => [kind, 1] as const), [told, -1]],
      },
      ...divisions.map(
        (part): Row => ({
          lower: 0,
          upper: most,
          terms: [[told, 1], ...part.map((one) => [one, -1] as const)],
        }),
      ),
    ]
  })
  return { columns, rows }
}

const isPartAlone = (part: Cell, { parts }: Cell) =>
  parts.some((names) => names.length === 1 && names[0] === part.name)
