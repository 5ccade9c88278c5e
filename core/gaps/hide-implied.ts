import type { CubeCounts } from './admit-counts.ts'
import { type PrivacyRules, type Steps, totalAt } from './cell-privacy.ts'
import {
  cellName,
  type Layout,
  type PairName,
  type PlaceDimension,
  pairPlace,
  placePairs,
  type Subject,
} from './places.ts'
import { setCell, type Table, type TableName, tableOf } from './shown-tables.ts'

/**
 * Two groups that overlap less than they could are told apart by their sizes: where 80 of a sector's 100
 * learners are in France and 30 of the 100 are students, ten at least are both. So a hidden small number may
 * be implied by shown ones, though no sum gives it away. Hides as much as it takes that none is.
 */
export function hideImplied(
  shown: Map<TableName, Table>,
  admitted: CubeCounts,
  layout: Layout,
  rules: PrivacyRules,
): void {
  hideDominantRegions(shown, admitted, layout, rules)
  hideImpliedSteps(shown, rules)
  for (const corners of triangles) {
    for (const step of [0, 1] as const) hideImpliedPairs(shown, admitted, corners, step, rules)
  }
}

/**
 * A region that has nearly all of its country: what holds of the country's learners holds of the region's.
 * It is not shown beside the country, in any table: what is equal to a hidden number must be hidden with it.
 */
function hideDominantRegions(
  shown: Map<TableName, Table>,
  admitted: CubeCounts,
  { countryOf }: Layout,
  rules: PrivacyRules,
): void {
  const nuts1 = tableOf(shown, 'nuts1')
  for (const [region, cells] of nuts1) {
    const code = countryOf.get(region) ?? ''
    const country = tableOf(shown, 'country').get(code)
    if (!country) continue
    const outside = Math.min(
      ...(['any', 'funnel'] as const).map((subject) => {
        const [whole, part] = [country.get(subject)?.[0], cells.get(subject)?.[0]]
        return whole === undefined || part === undefined ? Number.POSITIVE_INFINITY : whole - part
      }),
    )
    const implied = [...country].some(([subject, steps]) =>
      steps.some((value, step) => {
        if ((cells.get(subject)?.length ?? 0) > step) return false
        return value > outside && isSmall(admitted, { table: 'nuts1', place: region, subject }, step, rules)
      }),
    )
    const impliedPair = placePairs.some(({ name, first, second }) => {
      if (first !== 'nuts1' && second !== 'nuts1') return false
      const coarse: PairName = first === 'nuts1' ? 'country+targetGroup' : 'sector+country'
      return [...tableOf(shown, coarse)].some(([place, people]) => {
        const [a = '', b = ''] = place.split('+')
        if ((first === 'nuts1' ? a : b) !== code) return false
        const fine = first === 'nuts1' ? pairPlace(region, b) : pairPlace(a, region)
        return (people.get('people') ?? []).some((value, step) => {
          const isShown = (tableOf(shown, name).get(fine)?.get('people')?.length ?? 0) > step
          return (
            !isShown &&
            value > outside &&
            isSmall(admitted, { table: name, place: fine, subject: 'people' }, step, rules)
          )
        })
      })
    })
    const impliedStep = [...cells].some(
      ([subject, steps]) => safeHeight(steps, country.get(subject) ?? [], rules) < steps.length,
    )
    if (!implied && !impliedPair && !impliedStep) continue
    nuts1.delete(region)
    for (const { name, first, second } of placePairs) {
      const table = tableOf(shown, name)
      for (const place of table.keys()) {
        const [a, b] = place.split('+')
        if ((first === 'nuts1' && a === region) || (second === 'nuts1' && b === region)) table.delete(place)
      }
    }
  }
}

/**
 * How many steps of a part may be shown beside its whole. Where nearly all of the whole took the step that is
 * hidden of the part, nearly all of the part did; then the step before it is hidden of the part as well.
 */
function safeHeight(part: Steps, whole: Steps, { remainder }: PrivacyRules): number {
  let height = part.length
  while (height > 0 && height < whole.length) {
    const between = (whole[height - 1] ?? 0) - (whole[height] ?? 0)
    // A whole drawn down to its next step looks as if up to `remainder` − 1 were between.
    if ((part[height - 1] ?? 0) <= Math.max(between, remainder - 1)) break
    height--
  }
  return height
}

function hideImpliedSteps(shown: Map<TableName, Table>, rules: PrivacyRules): void {
  for (const { name, first, second } of placePairs) {
    const table = tableOf(shown, name)
    for (const [place, cells] of table) {
      const [a = '', b = ''] = place.split('+')
      for (const [dimension, code] of [
        [first, a],
        [second, b],
      ] as const) {
        const whole = tableOf(shown, dimension).get(code)
        const people = [whole?.get('funnel')?.[0] ?? 0, whole?.get('any')?.[0] ?? 0]
        const steps = cells.get('people') ?? []
        setCell(table, place, 'people', steps.slice(0, safeHeight(steps, people, rules)))
      }
    }
  }
}

function isSmall(
  admitted: CubeCounts,
  cell: Parameters<typeof cellName>[0],
  step: number,
  { threshold }: PrivacyRules,
): boolean {
  const counts = admitted.get(cellName(cell))
  return counts === undefined || totalAt(counts, step) < threshold
}

/** Three dimensions of which every two are published: each side may be implied by the two others. */
const triangles: readonly (readonly [PlaceDimension, PlaceDimension, PlaceDimension])[] = [
  ['sector', 'country', 'targetGroup'],
  ['sector', 'nuts1', 'targetGroup'],
]

function hideImpliedPairs(
  shown: Map<TableName, Table>,
  admitted: CubeCounts,
  corners: (typeof triangles)[number],
  step: 0 | 1,
  rules: PrivacyRules,
): void {
  const subject: Subject = step === 0 ? 'funnel' : 'any'
  for (let changed = true; changed; ) {
    changed = false
    for (const third of corners) {
      const [a, b] = corners.filter((one) => one !== third) as [PlaceDimension, PlaceDimension]
      const [withA, withB] = [sidesBy(shown, third, a, step), sidesBy(shown, third, b, step)]
      for (const [z, cells] of tableOf(shown, third)) {
        const whole = cells.get(subject)?.[0]
        if (whole === undefined) continue
        for (const one of withA.get(z) ?? []) {
          for (const other of withB.get(z) ?? []) {
            if (one.value + other.value <= whole) continue
            const { name, place } = pairCell(a, one.code, b, other.code)
            const isShown = (tableOf(shown, name).get(place)?.get('people')?.length ?? 0) > step
            if (isShown || !isSmall(admitted, { table: name, place, subject: 'people' }, step, rules))
              continue
            const smaller = one.value <= other.value ? one : other
            const people = tableOf(shown, smaller.name).get(smaller.place)?.get('people') ?? []
            setCell(tableOf(shown, smaller.name), smaller.place, 'people', people.slice(0, step))
            changed = true
          }
        }
      }
    }
  }
}

/** Shown cells of a pair of dimensions, by the code of the first. */
function sidesBy(shown: Map<TableName, Table>, by: PlaceDimension, other: PlaceDimension, step: number) {
  const { name, first } = pairTable(by, other)
  const sides = new Map<string, { name: PairName; place: string; code: string; value: number }[]>()
  for (const [place, cells] of tableOf(shown, name)) {
    const value = cells.get('people')?.[step]
    if (value === undefined) continue
    const [a = '', b = ''] = place.split('+')
    const [key, code] = first === by ? [a, b] : [b, a]
    sides.set(key, [...(sides.get(key) ?? []), { name, place, code, value }])
  }
  return sides
}

function pairTable(a: PlaceDimension, b: PlaceDimension): (typeof placePairs)[number] {
  const found = placePairs.find(
    ({ first, second }) => (first === a && second === b) || (first === b && second === a),
  )
  if (!found) throw new Error('there is no table of these two')
  return found
}

function pairCell(
  a: PlaceDimension,
  x: string,
  b: PlaceDimension,
  y: string,
): { name: PairName; place: string } {
  const { name, first } = pairTable(a, b)
  return { name, place: first === a ? pairPlace(x, y) : pairPlace(y, x) }
}
