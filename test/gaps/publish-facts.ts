import type { PrivateCounts } from '#core/gaps/admit-counts.ts'
import { countingOf } from '#core/gaps/build-snapshot.ts'
import type { PrivacyRules } from '#core/gaps/cell-privacy.ts'
import { type LargeGroups, largeGroups } from '#core/gaps/large-groups.ts'
import type { LearnerFacts } from '#core/gaps/learner-facts.ts'
import type { Layout } from '#core/gaps/places.ts'
import type { PublishedTables } from '#core/gaps/snapshot.ts'
import { suppressCells } from '#core/gaps/suppress-cells.ts'
import { toldDays } from '#core/gaps/training-funnel.ts'
import type { TenantTag } from '#core/ids.ts'
import type { Level } from '#core/skills/ontology.ts'

export interface Published {
  tables: PublishedTables
  kept: PrivateCounts
  groups: LargeGroups
  /** Days from enrolment to award of each module, as told; absent where hidden. */
  days: Record<string, number>
}

const day = '2026-11-23'

/** One snapshot of a crowd, the way the job makes it, without a store. */
export async function publishFacts(
  facts: readonly LearnerFacts[],
  layout: Layout,
  rules: PrivacyRules,
  before?: PrivateCounts,
): Promise<Published> {
  const crowd = [...facts].sort((a, b) => (a.tenant < b.tenant ? -1 : 1))
  const { tables, kept, medianDays } = await suppressCells(layout, rules).publish(
    before,
    countingOf(() => crowd, layout, day, rules),
  )
  return {
    tables,
    kept,
    groups: largeGroups(kept.admitted, layout, rules),
    days: Object.fromEntries(
      Object.entries(medianDays).map(([module, median]) => [module, toldDays(median)]),
    ),
  }
}

export const institutions = ['aaaaaaaa', 'bbbbbbbb', 'cccccccc'] as TenantTag[]

/** A layout of two of everything, and a module for each of three skills. */
export const smallLayout: Layout = {
  codes: {
    sector: ['energy', 'mobility', 'robotics'],
    country: ['FR', 'LU', 'PL'],
    nuts1: ['FR1', 'FRB', 'LU0'],
    targetGroup: ['graduate', 'professionals', 'sme-staff'],
  },
  countryOf: new Map([
    ['FR1', 'FR'],
    ['FRB', 'FR'],
    ['LU0', 'LU'],
  ]),
  skills: ['containers', 'mlops', 'sql'],
  modules: ['m-containers', 'm-mlops', 'm-sql'],
  teaches: new Map([
    ['m-containers', [{ skill: 'containers', level: 2 as Level }]],
    [
      'm-mlops',
      [
        { skill: 'mlops', level: 3 as Level },
        { skill: 'containers', level: 1 as Level },
      ],
    ],
    ['m-sql', [{ skill: 'sql', level: 1 as Level }]],
  ]),
}

/** Somebody who holds the award of each module named; the n-th comes from the institution n modulo three. */
export function holder(n: number, places: LearnerFacts['places'], ...modules: string[]): LearnerFacts {
  return {
    tenant: institutions[n % 3] as TenantTag,
    places,
    modules: modules.map((module) => ({
      module,
      stage: 4,
      awards: [{ skills: [...(smallLayout.teaches.get(module) ?? [])] }],
    })),
  }
}

/** As many of them as asked for, spread over the institutions. */
export const holders = (count: number, places: LearnerFacts['places'], ...modules: string[]) =>
  Array.from({ length: count }, (_, n) => holder(n, places, ...modules))
