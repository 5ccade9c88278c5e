import type { PrivacyRules } from '#core/gaps/cell-privacy.ts'
import type { LearnerFacts } from '#core/gaps/learner-facts.ts'
import type { Layout } from '#core/gaps/places.ts'
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
  alsoKnows: 'nothing' | 'totals' = 'nothing',
): Promise<Finding[]> {
  const highs = await solver()
  const [last] = snapshots.slice(-1)
  if (!last) return []
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
  const model = programme(highs, columns, [
    ...rows,
    ...(alsoKnows === 'totals' ? totalsOf(kinds, people, layout) : []),
  ])
  return cells
    .filter(({ shown }) => shown === undefined)
    .map(({ name, truly }) => ({
      cell: name,
      truth: people.filter(truly).length,
      ...boundsOf(highs, model, kinds.length, (column) =>
        truly(kinds[column] ?? { places: {}, modules: [] }),
      ),
    }))
}

/** Whether a hidden number is bounded more tightly than the threshold allows; see decision 0063. */
export function isTooTight({ truth, from, to }: Finding, { threshold }: PrivacyRules): boolean {
  const slack = 1e-6
  if (truth < threshold) return from > slack || to < threshold - 1 - slack
  return to - from < threshold - slack
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
