import type { LargeGroups } from '#core/gaps/large-groups.ts'
import type { LearnerFacts } from '#core/gaps/learner-facts.ts'
import {
  type Layout,
  type PlaceDimension,
  pairPlace,
  placeDimensions,
  placePairs,
  stages,
} from '#core/gaps/places.ts'
import type { PublishedTables } from '#core/gaps/snapshot.ts'

/**
 * Somebody the attacker cannot see: where they are and, for each module, whether they did not take it (0), are
 * enrolled (1) or hold its award (2).
 */
export interface Kind {
  places: Partial<Record<PlaceDimension, string>>
  modules: readonly (0 | 1 | 2)[]
}

/** One number the academy may be asked for. */
export interface Cell {
  name: string
  /** Whom it is about, whether or not they are many enough to count. */
  truly: (kind: Kind) => boolean
  /** Whom the published number counts. */
  counts: (kind: Kind) => boolean
  /** What is shown; `undefined` where it is hidden. */
  shown: number | undefined
  /** Other cells that are part of this one: each list is a set of people of whom nobody is counted twice. */
  parts: string[][]
}

const issued = stages.indexOf('issued') + 1
const furthest = [0, 1, issued] as const

/** Every kind of learner there may be, also those who left a place unstated. */
export function kindsOf({ codes, countryOf, modules }: Layout): Kind[] {
  const orNone = (list: readonly string[]) => [undefined, ...list]
  const homes = [
    {},
    ...codes.country.flatMap((country) => [
      { country },
      ...codes.nuts1.filter((nuts1) => countryOf.get(nuts1) === country).map((nuts1) => ({ country, nuts1 })),
    ]),
  ]
  const states = modules.reduce<(0 | 1 | 2)[][]>(
    (all) => all.flatMap((before) => ([0, 1, 2] as const).map((state) => [...before, state])),
    [[]],
  )
  return orNone(codes.sector).flatMap((sector) =>
    orNone(codes.targetGroup).flatMap((targetGroup) =>
      homes.flatMap((home) =>
        states.map((held) => ({
          places: { ...(sector ? { sector } : {}), ...(targetGroup ? { targetGroup } : {}), ...home },
          modules: held,
        })),
      ),
    ),
  )
}

export function kindOf({ places, modules }: LearnerFacts, layout: Layout): Kind {
  return {
    places,
    modules: layout.modules.map((id) => {
      const found = modules.find(({ module }) => module === id)
      return found === undefined ? 0 : found.awards.length > 0 ? 2 : 1
    }),
  }
}

/** A class of people of one place: who has one of these modules at this stage, 0 for holding its award. */
interface Class {
  name: string
  modules: readonly number[]
  stage: number
}

/** Everything the academy answers about one snapshot, shown or hidden, written anew from what a table means. */
export function cellsOf(layout: Layout, tables: PublishedTables, groups: LargeGroups): Cell[] {
  const all = layout.modules.map((_, at) => at)
  const nameOf = (table: string, place: string, subject: string, step: number) =>
    `${table} ${place} ${subject} step ${step + 1}`
  const levelBy = (module: number, skill?: string) => {
    const taught = layout.teaches.get(layout.modules[module] ?? '') ?? []
    return Math.max(
      0,
      ...taught.filter((one) => skill === undefined || one.skill === skill).map(({ level }) => level),
    )
  }
  const levelOf = (kind: Kind, skill: string | undefined, open: (module: number) => boolean) =>
    Math.max(0, ...all.map((at) => (kind.modules[at] === 2 && open(at) ? levelBy(at, skill) : 0)))
  const stageOf = (kind: Kind, height: (module: number) => number) =>
    Math.max(0, ...all.map((at) => Math.min(furthest[kind.modules[at] ?? 0], height(at))))
  const opened = (dimension: PlaceDimension, place: string) => (module: number) =>
    groups.holders(dimension, place, layout.modules[module] ?? '')
  const heightAt = (dimension: PlaceDimension, place: string) => (module: number) =>
    groups.stages(dimension, place, layout.modules[module] ?? '')
  const regionsOf = (country: string) =>
    layout.codes.nuts1.filter((one) => layout.countryOf.get(one) === country)

  const single = (dimension: PlaceDimension, place: string): Cell[] => {
    const here = tables[dimension][place]
    const [open, height] = [opened(dimension, place), heightAt(dimension, place)]
    const isHere = (kind: Kind) => kind.places[dimension] === place
    const classes: Class[] = []
    const ladder = (
      subject: string,
      most: number,
      steps: readonly number[] | undefined,
      truly: (kind: Kind) => number,
      counted: (kind: Kind) => number,
      classOf: (step: number) => Omit<Class, 'name'>,
      pairStep?: number,
    ): Cell[] =>
      Array.from({ length: most }, (_, step) => {
        const name = nameOf(dimension, place, subject, step)
        if (steps?.[step] !== undefined) classes.push({ name, ...classOf(step) })
        const regions = dimension === 'country' ? regionsOf(place) : []
        return {
          name,
          truly: (kind) => isHere(kind) && truly(kind) > step,
          counts: (kind) => isHere(kind) && counted(kind) > step,
          shown: steps?.[step],
          parts: [
            regions.map((region) => nameOf('nuts1', region, subject, step)),
            ...(pairStep === undefined || step > 0 ? [] : pairsAt(dimension, place, pairStep)),
          ],
        }
      })
    const skillLadder = (subject: string, skill: string | undefined, steps: readonly number[] | undefined) =>
      ladder(
        subject,
        Math.max(0, ...all.map((at) => levelBy(at, skill))),
        steps,
        (kind) => levelOf(kind, skill, () => true),
        (kind) => levelOf(kind, skill, open),
        (step) => ({ modules: all.filter((at) => open(at) && levelBy(at, skill) > step), stage: 0 }),
        skill === undefined ? 1 : undefined,
      )
    const stageLadder = (subject: string, some: readonly number[], steps: readonly number[] | undefined) =>
      ladder(
        subject,
        issued,
        steps,
        (kind) => stageOf(kind, (at) => (some.includes(at) ? issued : 0)),
        (kind) => stageOf(kind, (at) => (some.includes(at) ? height(at) : 0)),
        (step) => ({ modules: some.filter((at) => height(at) > step), stage: step + 1 }),
        some.length === all.length ? 0 : undefined,
      )
    const cells = [
      ...layout.skills.flatMap((skill) => skillLadder(`skill ${skill}`, skill, here?.skills[skill])),
      ...layout.modules.flatMap((module, at) => stageLadder(`module ${module}`, [at], here?.modules[module])),
      ...skillLadder('any', undefined, here?.any),
      ...stageLadder('funnel', all, here?.funnel),
    ]
    for (const cell of cells) {
      const whole = classes.find(({ name }) => name === cell.name)
      for (const part of whole ? classes.filter((one) => one !== whole && isPart(one, whole)) : [])
        cell.parts.push([part.name])
    }
    return cells
  }

  const pairsAt = (dimension: PlaceDimension, place: string, step: number) =>
    placePairs.flatMap(({ name, first, second }) => {
      if (first === dimension)
        return [layout.codes[second].map((other) => nameOf(name, pairPlace(place, other), 'people', step))]
      if (second === dimension)
        return [layout.codes[first].map((other) => nameOf(name, pairPlace(other, place), 'people', step))]
      return []
    })

  const pair = ({ name, first, second }: (typeof placePairs)[number], a: string, b: string): Cell[] => {
    const isHere = (kind: Kind) => kind.places[first] === a && kind.places[second] === b
    const enrolled = (kind: Kind) =>
      stageOf(kind, heightAt(first, a)) > 0 && stageOf(kind, heightAt(second, b)) > 0
    const holding = (kind: Kind) =>
      levelOf(kind, undefined, opened(first, a)) > 0 && levelOf(kind, undefined, opened(second, b)) > 0
    return [0, 1].map((step) => ({
      name: nameOf(name, pairPlace(a, b), 'people', step),
      truly: (kind) =>
        isHere(kind) && (step === 0 ? stageOf(kind, () => issued) : levelOf(kind, undefined, () => true)) > 0,
      counts: (kind) => isHere(kind) && (holding(kind) || (step === 0 && enrolled(kind))),
      shown: tables.pairs[name][pairPlace(a, b)]?.[step],
      parts: [
        step === 0 ? [nameOf(name, pairPlace(a, b), 'people', 1)] : [],
        name === 'sector+country'
          ? regionsOf(b).map((one) => nameOf('sector+nuts1', pairPlace(a, one), 'people', step))
          : [],
        name === 'country+targetGroup'
          ? regionsOf(a).map((one) => nameOf('nuts1+targetGroup', pairPlace(one, b), 'people', step))
          : [],
      ],
    }))
  }

  return [
    ...placeDimensions.flatMap((dimension) =>
      layout.codes[dimension].flatMap((place) => single(dimension, place)),
    ),
    ...placePairs.flatMap((table) =>
      layout.codes[table.first].flatMap((a) => layout.codes[table.second].flatMap((b) => pair(table, a, b))),
    ),
  ]
}

/** Fewer modules, or further on; who holds an award was issued one. */
function isPart(part: Class, whole: Class): boolean {
  if (!part.modules.every((module) => whole.modules.includes(module))) return false
  if (whole.stage === 0) return part.stage === 0
  return (part.stage === 0 ? issued : part.stage) >= whole.stage
}
