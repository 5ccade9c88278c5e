import type { PrivacyRules } from '#core/gaps/cell-privacy.ts'
import { type Layout, type PlaceDimension, pairPlace, placePairs } from '#core/gaps/places.ts'
import type { PublishedTables } from '#core/gaps/snapshot.ts'
import type { Method } from './learn-how.ts'

/**
 * What an attacker with pencil and paper finds on an academy too large for a linear programme: what a published
 * whole leaves for a hidden part, and what two overlapping parts imply. Answers each hidden number that is
 * narrowed too far.
 */
export function narrowed(
  tables: PublishedTables,
  layout: Layout,
  { threshold }: Pick<PrivacyRules, 'threshold'>,
  { fewer, more, drawn }: Method,
): string[] {
  const least = (shown: number) => shown - fewer
  // It may have been drawn down by as much.
  const most = (shown: number) => shown + more + drawn
  const found: string[] = []

  const people = (name: (typeof placePairs)[number]['name'], place: string, step: number) =>
    tables.pairs[name][place]?.[step]
  const wholeOf = (dimension: PlaceDimension, code: string, step: number) => {
    const here = tables[dimension][code]
    return step === 0 ? here?.funnel[0] : here?.any[0]
  }
  const leftOver = (name: string, whole: number | undefined, parts: readonly (number | undefined)[]) => {
    if (whole === undefined || parts.every((part) => part !== undefined)) return
    const sum = parts.reduce<number>((total, part) => total + (part === undefined ? 0 : least(part)), 0)
    if (most(whole) - sum < threshold - 1) found.push(`${name}: at most ${most(whole) - sum}`)
  }

  for (const { name, first, second } of placePairs) {
    for (const step of [0, 1]) {
      for (const a of layout.codes[first]) {
        leftOver(
          `${name} ${a} step ${step + 1}`,
          wholeOf(first, a, step),
          layout.codes[second].map((b) => people(name, pairPlace(a, b), step)),
        )
      }
      for (const b of layout.codes[second]) {
        leftOver(
          `${name} ${b} step ${step + 1}`,
          wholeOf(second, b, step),
          layout.codes[first].map((a) => people(name, pairPlace(a, b), step)),
        )
      }
    }
  }
  for (const country of layout.codes.country) {
    const regions = layout.codes.nuts1.filter((one) => layout.countryOf.get(one) === country)
    const here = tables.country[country]
    if (!here) continue
    for (const [skill, steps] of Object.entries(here.skills)) {
      steps.forEach((whole, step) => {
        const parts = regions.map((region) => tables.nuts1[region]?.skills[skill]?.[step])
        leftOver(`${country} ${skill} step ${step + 1}`, whole, parts)
        regions.forEach((region, at) => {
          const inRegion = tables.nuts1[region]?.any[0]
          if (parts[at] !== undefined || inRegion === undefined || here.any[0] === undefined) return
          const implied = least(whole) + least(inRegion) - most(here.any[0])
          if (implied > 0) found.push(`${region} ${skill} step ${step + 1}: at least ${implied}`)
        })
      })
    }
  }
  return found
}
