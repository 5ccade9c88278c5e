import type { LearnerFacts } from '#core/gaps/learner-facts.ts'
import type { Layout } from '#core/gaps/places.ts'
import type { TenantTag } from '#core/ids.ts'
import type { Level } from '#core/skills/ontology.ts'

export type Random = (below: number) => number

/** The same numbers for the same seed. */
export function seeded(seed: number): Random {
  let state = (seed * 2_654_435_761) >>> 0
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 3_266_489_917) >>> 0
    const mixed = (Math.imul(state ^ (state >>> 13), 2_654_435_769) ^ (state >>> 7)) >>> 0
    return Math.floor((mixed / 2 ** 32) * below)
  }
}

export interface Size {
  sectors: number
  skills: number
  countries: number
  /** Regions in each country. */
  regions: number
  targetGroups: number
  modules: number
}

/** The code lists of a small academy, and what its modules teach. */
export function smallWorld(size: Size, random: Random): Layout {
  const codes = (prefix: string, count: number) =>
    Array.from({ length: count }, (_, at) => `${prefix}${at + 1}`)
  const skills = codes('k', size.skills)
  const country = codes('c', size.countries)
  const countryOf = new Map(
    country.flatMap((code) => codes(`${code}r`, size.regions).map((region) => [region, code] as const)),
  )
  const modules = codes('m', size.modules)
  const teaches = modules.map((module, at) => {
    // One skill of its own, so that every skill is taught, and often others besides.
    const taught = skills.filter((_, skill) => skill % size.modules === at % size.skills || random(3) === 0)
    return [module, taught.map((skill) => ({ skill, level: (1 + random(3)) as Level }))] as const
  })
  return {
    codes: {
      sector: codes('s', size.sectors),
      country,
      nuts1: [...countryOf.keys()],
      targetGroup: codes('g', size.targetGroups),
    },
    countryOf,
    skills,
    modules,
    teaches: new Map(teaches),
  }
}

const institutions = ['aaaaaaaa', 'bbbbbbbb', 'cccccccc', 'dddddddd'] as TenantTag[]

/**
 * People enough that some cells are shown and many are not; popular places and modules take most of them. They are
 * of any institution, but for those who are of the first whatever else.
 */
export function smallCrowd(
  layout: Layout,
  people: number,
  random: Random,
  { percentOfFirst = 0 }: { percentOfFirst?: number } = {},
): LearnerFacts[] {
  const skewed = <T>(items: readonly T[]): T | undefined =>
    items[Math.min(random(items.length), random(items.length + 1))]
  const crowd = Array.from({ length: people }, (): LearnerFacts => {
    const country = random(12) === 0 ? undefined : skewed(layout.codes.country)
    const regions = layout.codes.nuts1.filter((code) => layout.countryOf.get(code) === country)
    const region = random(6) === 0 ? undefined : skewed(regions)
    const sector = random(12) === 0 ? undefined : skewed(layout.codes.sector)
    const targetGroup = random(12) === 0 ? undefined : skewed(layout.codes.targetGroup)
    const modules = layout.modules.filter(() => random(5) < 2)
    const isOfFirst = percentOfFirst > 0 && random(100) < percentOfFirst
    return {
      tenant: institutions[isOfFirst ? 0 : random(institutions.length)] ?? ('aaaaaaaa' as TenantTag),
      places: {
        ...(sector ? { sector } : {}),
        ...(country ? { country } : {}),
        ...(region ? { nuts1: region } : {}),
        ...(targetGroup ? { targetGroup } : {}),
      },
      modules: modules.map((module) => {
        const awarded = random(3) > 0
        return {
          module,
          stage: awarded ? 4 : 1,
          awards: awarded ? [{ skills: [...(layout.teaches.get(module) ?? [])] }] : [],
        }
      }),
    }
  })
  return crowd.sort((a, b) => (a.tenant < b.tenant ? -1 : 1))
}

/**
 * People as an academy may have them, without an end: the first of each list are the most popular, and some say
 * less of themselves. Countries and employers are few enough that some numbers are shown.
 */
export function lifelikeCrowd(layout: Layout, random: Random) {
  const popular = <T>(items: readonly T[]): T | undefined =>
    items[Math.min(random(items.length), random(items.length), random(items.length))]
  const regionsOf = Map.groupBy(layout.codes.nuts1, (code) => layout.countryOf.get(code))
  return {
    learner(from: readonly TenantTag[]): LearnerFacts {
      const country = random(20) === 0 ? undefined : popular(['FR', 'DE', 'LU', 'PL', 'ES', 'IT', 'MT'])
      const region = popular(regionsOf.get(country) ?? [])
      const sector = random(25) === 0 ? undefined : popular(layout.codes.sector)
      const targetGroup = random(25) === 0 ? undefined : popular(layout.codes.targetGroup)
      const taken = new Set(Array.from({ length: 1 + random(5) }, () => popular(layout.modules) ?? ''))
      return {
        tenant: from[random(from.length)] as TenantTag,
        places: {
          ...(sector ? { sector } : {}),
          ...(country ? { country } : {}),
          ...(region && random(10) > 0 ? { nuts1: region } : {}),
          ...(targetGroup ? { targetGroup } : {}),
        },
        organisation: `employer-${random(60)}`,
        modules: [...taken].map((module) => {
          const stage = 1 + random(6)
          const awards =
            stage > 3 && random(12) > 0 ? [{ skills: [...(layout.teaches.get(module) ?? [])] }] : []
          return { module, stage, awards }
        }),
      }
    },
  }
}
