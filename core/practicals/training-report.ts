import * as z from 'zod'
import { type Actor, authorise } from '#core/access/operations.ts'
import { csvTable } from '#core/csv/write-csv.ts'
import { platformTag } from '#core/ids.ts'
import type { Ports } from '#core/ports.ts'
import { inLanguage } from '#core/text.ts'
import type { ComputeSeconds } from './compute.ts'

export const zMonth = z.string().regex(/^20\d{2}-(0[1-9]|1[0-2])$/, 'must be a month like 2026-11')

/** What one dated module has run at one site in one month. Hours, to a hundredth. */
export interface TrainingHours {
  month: string
  site: string
  aiFactory: string
  institution: string
  module: string
  moduleTitle: string
  startsOn: string
  endsOn: string
  jobs: number
  /** From start to end of each job, whatever it was given. */
  runHours: number
  gpuHours: number
  coreHours: number
  /** Used by jobs that the site broke: nobody was charged for it. */
  unchargedGpuHours: number
  unchargedCoreHours: number
}

/** The training hours of a month (UTC), by site and dated module; what an AI Factory reports to its funders. */
export async function trainingHours(
  actor: Actor | undefined,
  month: z.output<typeof zMonth>,
  ports: Pick<Ports, 'store' | 'sites' | 'ontology'>,
): Promise<TrainingHours[]> {
  authorise(actor, 'readTrainingHours', { tenant: platformTag })
  const rows = await ports.store.monthUsage(month)
  const institutions = new Map(
    (await ports.store.listInstitutions()).map(({ tag, name }) => [tag, inLanguage(name, 'en').value]),
  )
  const read = rows.map(async ({ site, offeringId, jobs, runSeconds, used, uncharged }) => {
    const offering = await ports.store.findOffering(offeringId)
    const module = offering && ports.ontology.modules.get(offering.moduleId)
    return {
      month,
      site,
      aiFactory: ports.sites.find(site)?.profile.aiFactory ?? '',
      institution: (offering && institutions.get(offering.tenant)) ?? '',
      module: offering?.moduleId ?? '',
      moduleTitle: module ? inLanguage(module.title, 'en').value : '',
      startsOn: offering?.startsOn ?? '',
      endsOn: offering?.endsOn ?? '',
      jobs,
      runHours: hours(runSeconds),
      ...gpuAndCore(used),
      unchargedGpuHours: hours(uncharged.gpuSeconds),
      unchargedCoreHours: hours(uncharged.coreSeconds),
    }
  })
  const order = ({ site, institution, module, startsOn }: TrainingHours) =>
    [site, institution, module, startsOn].join('\0')
  return (await Promise.all(read)).sort((a, b) => (order(a) < order(b) ? -1 : 1))
}

const gpuAndCore = ({ gpuSeconds, coreSeconds }: ComputeSeconds) => ({
  gpuHours: hours(gpuSeconds),
  coreHours: hours(coreSeconds),
})

const hours = (seconds: number) => Math.round(seconds / 36) / 100

/** Columns of the report as a table of values; the names are part of the interface. */
const trainingColumns = [
  'month',
  'site',
  'aiFactory',
  'institution',
  'module',
  'moduleTitle',
  'startsOn',
  'endsOn',
  'jobs',
  'runHours',
  'gpuHours',
  'coreHours',
  'unchargedGpuHours',
  'unchargedCoreHours',
] as const satisfies readonly (keyof TrainingHours)[]

/** The report as CSV (RFC 4180), with a line of names. */
export function trainingCsv(rows: readonly TrainingHours[]): string {
  return csvTable(trainingColumns, rows)
}
