import * as z from 'zod'
import { addCompute, type ComputeSeconds, noCompute } from '#core/practicals/compute.ts'
import {
  capPassed,
  type MonthUsage,
  type Usage,
  type UsageChange,
  type UsagePlace,
  type UsageStore,
  type Usages,
  usageScopes,
} from '#core/practicals/usage.ts'
import type { RecordItem, RecordKey, Records, RecordWrite } from '#core/records.ts'
import { Refusal } from '#core/refusal.ts'
import { keys } from './keys.ts'
import { allOf, type StoreParts } from './store-parts.ts'
import { fromItem, toData, zId } from './z-items.ts'

const zCompute = z.object({ gpuSeconds: z.int(), coreSeconds: z.int() })
const zUsage = z.object({ held: zCompute, used: zCompute }) satisfies z.ZodType<Usage>
const zMonthUsage = z.object({
  month: z.string(),
  site: z.string(),
  offeringId: zId('ofg'),
  jobs: z.int(),
  runSeconds: z.int(),
  used: zCompute,
  uncharged: zCompute,
}) satisfies z.ZodType<MonthUsage>
const zWaits = z.object({ seconds: z.array(z.number()) })
const zSiteUsed = z.object({ site: z.string() })

const keptWaits = 15
const nothing: Usage = { held: noCompute, used: noCompute }

/** Counters of compute, the waits of partitions, and which sites were ever used. */
export function usageStore({ records }: StoreParts): UsageStore {
  return {
    usagesAt: async (place) => (await countersAt(records, place)).usages,
    dayUsage: async (site, day) => usageIn(await records.get(keys.siteDay(site, day))),
    cohortUsage: async (site, offeringId) => usageIn(await records.get(keys.cohortUsage(site, offeringId))),

    async monthUsage(month) {
      const items = await allOf(records, { pk: keys.monthUsages(month) })
      return items.map((item) => fromItem(zMonthUsage, 'month of a report', item))
    },

    async waitsAt(site, partition) {
      const item = await records.get(keys.siteWaits(site, partition))
      return item ? fromItem(zWaits, 'list of waits', item).seconds : []
    },

    async noteWait(site, partition, seconds) {
      const key = keys.siteWaits(site, partition)
      const item = await records.get(key)
      const before = item ? fromItem(zWaits, 'list of waits', item).seconds : []
      const data = { seconds: [...before, Math.max(0, Math.round(seconds))].slice(-keptWaits) }
      await records.transact([
        {
          put: { ...key, version: (item?.version ?? 0) + 1, data },
          if: item ? { version: item.version } : 'absent',
        },
      ])
    },

    async sitesUsed() {
      const items = await allOf(records, { pk: keys.sitesUsed })
      return items.map((item) => fromItem(zSiteUsed, 'site that was used', item).site)
    },
  }
}

const scopeKeys = (place: UsagePlace): RecordKey[] => [
  keys.learnerUsage(place.site, place.offeringId, place.learnerId),
  keys.cohortUsage(place.site, place.offeringId),
  keys.siteDay(place.site, place.day),
]

async function countersAt(
  records: Records,
  place: UsagePlace,
): Promise<{ usages: Usages; items: (RecordItem | undefined)[] }> {
  const items = await Promise.all(scopeKeys(place).map((key) => records.get(key)))
  const [learner, cohort, day] = items.map(usageIn)
  return { usages: { learner: learner ?? nothing, cohort: cohort ?? nothing, day: day ?? nothing }, items }
}

const usageIn = (item: RecordItem | undefined): Usage =>
  item ? fromItem(zUsage, 'count of compute', item) : nothing

/**
 * The writes that carry out changes, each under the version of the counter that was read. Refuses
 * `budget_exceeded`, naming the cap that would be passed.
 */
export async function usageWrites(records: Records, changes: readonly UsageChange[]): Promise<RecordWrite[]> {
  const writes: RecordWrite[] = []
  for (const change of changes) {
    const { usages, items } = await countersAt(records, change.place)
    const over = capPassed(usages, change.held, change.caps)
    if (over) throw new Refusal('budget_exceeded', overCap[over], { field: over })
    scopeKeys(change.place).forEach((key, at) => {
      const scope = usageScopes[at]
      if (!scope) return
      const { held, used } = usages[scope]
      const after = { held: addCompute(held, change.held), used: addCompute(used, change.used) }
      writes.push(raised(key, items[at], after))
    })
    // The first attempt of a day tells that the site is used at all.
    if (!items[2]) {
      const { site } = change.place
      writes.push({ put: { pk: keys.sitesUsed, sk: site, version: 1, data: { site } } })
    }
    if (change.ended) writes.push(await monthWrite(records, change.place, change.ended))
  }
  return writes
}

async function monthWrite(
  records: Records,
  { site, offeringId }: UsagePlace,
  { month, job }: NonNullable<UsageChange['ended']>,
): Promise<RecordWrite> {
  const key = keys.monthUsage(month, site, offeringId)
  const item = await records.get(key)
  const before = item ? fromItem(zMonthUsage, 'month of a report', item) : undefined
  const sum = (now: ComputeSeconds, then: ComputeSeconds | undefined) => addCompute(then ?? noCompute, now)
  return raised(key, item, {
    month,
    site,
    offeringId,
    jobs: (before?.jobs ?? 0) + 1,
    runSeconds: (before?.runSeconds ?? 0) + job.runSeconds,
    used: sum(job.used, before?.used),
    uncharged: sum(job.uncharged, before?.uncharged),
  })
}

const raised = (key: RecordKey, item: RecordItem | undefined, value: object): RecordWrite => ({
  put: { ...key, version: (item?.version ?? 0) + 1, data: toData(value) },
  if: item ? { version: item.version } : 'absent',
})

const overCap: Readonly<Record<(typeof usageScopes)[number], string>> = {
  learner: 'Your share of compute at this site is used up.',
  cohort: 'The share of compute of this offering at this site is used up.',
  day: 'What this site gives for one day is used up; try again tomorrow.',
}
