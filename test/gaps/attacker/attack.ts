import type { PrivacyRules } from '#core/gaps/cell-privacy.ts'
import type { LearnerFacts } from '#core/gaps/learner-facts.ts'
import type { Layout } from '#core/gaps/places.ts'
import type { Published } from '../publish-facts.ts'
import { type Cell, cellsOf, type Kind, kindOf, kindsOf } from './cells.ts'
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
 * tell of other days: all that ties them to this one is how far a number may be held. The attacker knows the rules, what each module teaches, and even which groups were too small to count; not who left
 * a place unstated. With `totals` they have read elsewhere, say in yearly reports, exactly how many learners of all
 * sectors took each module and hold its award. `facts` are the truth of the last snapshot; it must be one of the worlds the attacker allows
 * for, else the solver finds a contradiction.
 */
export async function attack(
  layout: Layout,
  snapshots: readonly Published[],
  facts: readonly LearnerFacts[],
  rules: PrivacyRules,
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
    rules,
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
 * rounded. It was told as what it counts, or where it has parts as up to `remainder` − 1 fewer, never as less than
 * its parts.
 */
function worldsOf(
  kinds: number,
  counts: (cell: Cell, kind: number) => boolean,
  cells: readonly Cell[],
  earlier: number,
  rules: PrivacyRules,
): { columns: [number, number][]; rows: Row[] } {
  const known = cells.filter(({ shown }) => shown !== undefined)
  const toldAt = new Map(known.map(({ name }, at) => [name, kinds + at]))
  const half = (rules.rounding - 1) / 2
  const columns: [number, number][] = [
    ...Array.from({ length: kinds }, (): [number, number] => [0, most]),
    ...known.map(({ shown = 0 }): [number, number] => [
      Math.max(shown - half, rules.threshold),
      shown + half,
    ]),
  ]
  const rows = known.flatMap((cell, at): Row[] => {
    const told = kinds + at
    const divisions = cell.parts
      .map((part) => part.flatMap((name) => toldAt.get(name) ?? []))
      .filter((part) => part.length > 0)
    const drawn = divisions.length > 0 ? Math.max(0, rules.remainder - 1) : 0
    const people = Array.from({ length: kinds }, (_, kind) => kind).filter((kind) => counts(cell, kind))
    // A held number is of an earlier day, and so may those be that a whole is told as.
    const lag = earlier === 0 ? 0 : rules.threshold - 1 + earlier
    const behind = lag * Math.max(1, ...divisions.map(({ length }) => length))
    return [
      {
        lower: -behind,
        upper: drawn + lag,
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
