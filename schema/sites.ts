import { parse } from '#core/parse.ts'
import type { ComputeSeconds } from '#core/practicals/compute.ts'
import type { SiteAction } from '#core/practicals/operate-site.ts'
import type { CalendarEntry, SitePartition as PartitionShape } from '#core/practicals/site.ts'
import type { SiteControl } from '#core/practicals/site-control.ts'
import type { SiteOverview } from '#core/practicals/site-overview.ts'
import { type TrainingHours as HoursShape, trainingHours, zMonth } from '#core/practicals/training-report.ts'
import { Refusal } from '#core/refusal.ts'
import { builder, type GraphContext } from './builder.ts'

const Site = builder.objectRef<SiteOverview>('Site')
const SitePartition = builder.objectRef<PartitionShape & { expectedWaitSeconds?: number }>('SitePartition')
export const ComputeMinutes = builder.objectRef<ComputeSeconds>('ComputeMinutes')
const SiteDay = builder.objectRef<SiteOverview>('SiteDay')
const SiteChange = builder.objectRef<SiteControl>('SiteChange')
const SiteCalendarEntry = builder.objectRef<CalendarEntry>('SiteCalendarEntry')
const TrainingHours = builder.objectRef<HoursShape>('TrainingHours')

ComputeMinutes.implement({
  description: 'A job with accelerators counts GPUs × time, one without counts processors × time.',
  fields: (t) => ({
    gpuMinutes: t.float({ resolve: ({ gpuSeconds }) => gpuSeconds / 60 }),
    coreMinutes: t.float({ resolve: ({ coreSeconds }) => coreSeconds / 60 }),
  }),
})

Site.implement({
  description: 'A place where practicals run, as its operators see it.',
  fields: (t) => ({
    name: t.string({ resolve: ({ profile }) => profile.name }),
    aiFactory: t.string({ resolve: ({ profile }) => profile.aiFactory }),
    environment: t.string({ description: 'local or site.', resolve: ({ profile }) => profile.environment }),
    adapter: t.string({ resolve: ({ profile }) => profile.adapter }),
    accountModel: t.string({
      description: 'service or individual.',
      resolve: ({ profile }) => profile.accountModel,
    }),
    country: t.string({ resolve: ({ profile }) => profile.dataPolicy.country }),
    acceptsData: t.string({
      description: 'Most sensitive class of data: open, restricted or personal.',
      resolve: ({ profile }) => profile.dataPolicy.accepts,
    }),
    listed: t.exposeBoolean('listed', {
      description: 'In the sites file; one that left may still have jobs.',
    }),
    state: t.exposeString('state', { description: 'open, paused, draining or stopped.' }),
    reason: t.exposeString('reason', { description: 'Shown to learners; empty while nothing was said.' }),
    health: t.exposeString('health', { description: 'up, down, or silent when it does not answer in time.' }),
    waiting: t.int({
      description: 'Live attempts without a job at the site.',
      resolve: ({ live }) => live.waiting,
    }),
    queued: t.int({ resolve: ({ live }) => live.queued }),
    running: t.int({ resolve: ({ live }) => live.running }),
    oldestQueuedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When the job was sent that has waited longest.',
      resolve: ({ oldestQueuedAt }) => oldestQueuedAt,
    }),
    partitions: t.field({
      type: [SitePartition],
      resolve: ({ profile, waits }) =>
        profile.partitions.map((partition) => {
          const wait = waits.find((one) => one.partition === partition.name)?.expectedWaitSeconds
          return { ...partition, ...(wait === undefined ? {} : { expectedWaitSeconds: wait }) }
        }),
    }),
    today: t.field({ type: SiteDay, resolve: (site) => site }),
    calendar: t.field({ type: [SiteCalendarEntry], resolve: ({ profile }) => [...profile.calendar] }),
    history: t.field({
      type: [SiteChange],
      description: 'What operators have set, newest first.',
      resolve: ({ profile }, _args, { ports }) => ports.store.siteControlHistory(profile.name),
    }),
  }),
})

SitePartition.implement({
  fields: (t) => ({
    name: t.exposeString('name'),
    gpuType: t.string({ nullable: true, resolve: ({ gpus }) => gpus?.type }),
    gpus: t.int({ description: 'Most one job may have.', resolve: ({ gpus }) => gpus?.count ?? 0 }),
    cpus: t.int({ nullable: true, resolve: ({ cpus }) => cpus }),
    memoryGiB: t.float({ nullable: true, resolve: ({ memoryGiB }) => memoryGiB }),
    maxMinutes: t.exposeInt('maxMinutes'),
    arch: t.string({ resolve: ({ arch }) => arch }),
    costPerHour: t.exposeFloat('costPerHour'),
    expectedWaitSeconds: t.float({
      nullable: true,
      description: 'Median of the last waits; null where nobody has waited.',
      resolve: ({ expectedWaitSeconds }) => expectedWaitSeconds,
    }),
  }),
})

SiteDay.implement({
  description: 'Compute of today (UTC).',
  fields: (t) => ({
    held: t.field({
      type: ComputeMinutes,
      description: 'Set aside for live attempts.',
      resolve: ({ today }) => today.held,
    }),
    used: t.field({ type: ComputeMinutes, resolve: ({ today }) => today.used }),
    cap: t.field({
      type: ComputeMinutes,
      nullable: true,
      description: 'Null where nothing is limited.',
      resolve: ({ dayCap }) => dayCap,
    }),
  }),
})

SiteChange.implement({
  fields: (t) => ({
    state: t.string({ resolve: ({ state }) => state }),
    reason: t.string({ resolve: ({ reason }) => reason ?? '' }),
    by: t.string({ description: 'Account that set it.', resolve: ({ by }) => by ?? '' }),
    at: t.field({ type: 'DateTime', nullable: true, resolve: ({ at }) => at }),
  }),
})

SiteCalendarEntry.implement({
  fields: (t) => ({
    from: t.field({ type: 'DateTime', resolve: ({ from }) => from }),
    to: t.field({ type: 'DateTime', resolve: ({ to }) => to }),
    partitions: t.stringList({
      nullable: true,
      description: 'All when null.',
      resolve: ({ partitions }) => (partitions ? [...partitions] : null),
    }),
    closed: t.string({
      nullable: true,
      description: 'Why nothing runs then.',
      resolve: (entry) => (entry.kind === 'closed' ? entry.reason : null),
    }),
    reservation: t.string({
      nullable: true,
      description: 'Machines that are kept for the academy.',
      resolve: (entry) => (entry.kind === 'reserved' ? entry.reservation : null),
    }),
  }),
})

TrainingHours.implement({
  description: 'What one dated module has run at one site in one month.',
  fields: (t) => ({
    month: t.exposeString('month'),
    site: t.exposeString('site'),
    aiFactory: t.exposeString('aiFactory'),
    institution: t.exposeString('institution'),
    module: t.exposeString('module'),
    moduleTitle: t.exposeString('moduleTitle'),
    startsOn: t.exposeString('startsOn'),
    endsOn: t.exposeString('endsOn'),
    jobs: t.exposeInt('jobs'),
    runHours: t.exposeFloat('runHours'),
    gpuHours: t.exposeFloat('gpuHours'),
    coreHours: t.exposeFloat('coreHours'),
    unchargedGpuHours: t.exposeFloat('unchargedGpuHours', {
      description: 'Used by jobs that the site broke; nobody was charged.',
    }),
    unchargedCoreHours: t.exposeFloat('unchargedCoreHours'),
  }),
})

/** Loaded with the first question: operators ask few. */
const overviews = () => import('#core/practicals/site-overview.ts')

builder.queryFields((t) => ({
  sites: t.field({
    type: [Site],
    nullable: true,
    description: 'Every site, for operators.',
    authScopes: { may: 'operateSites' },
    resolve: async (_root, _args, { actor, ports }) => (await overviews()).siteOverviews(actor, ports),
  }),
  site: t.field({
    type: Site,
    nullable: true,
    authScopes: { may: 'operateSites' },
    args: { name: t.arg.string({ required: true }) },
    resolve: async (_root, { name }, { actor, ports }) =>
      (await overviews()).siteOverview(actor, name, ports),
  }),
  trainingHours: t.field({
    type: [TrainingHours],
    nullable: true,
    description: 'The report of a month, by site and dated module.',
    authScopes: { may: 'readTrainingHours' },
    args: { month: t.arg.string({ required: true, description: 'YYYY-MM' }) },
    resolve: (_root, { month }, { actor, ports }) => trainingHours(actor, parse(zMonth, month), ports),
  }),
}))

const OperateSiteInput = builder.inputType('OperateSiteInput', {
  fields: (t) => ({
    requestId: t.string({ required: true }),
    site: t.string({ required: true, description: 'Its name.' }),
    reason: t.string({ required: true, description: 'Shown to learners while the site takes no attempts.' }),
  }),
})

async function operate(
  action: SiteAction,
  input: object,
  { actor, ports }: GraphContext,
): Promise<SiteOverview> {
  const { operateSite, zOperateSite } = await import('#core/practicals/operate-site.ts')
  const { siteOverview } = await overviews()
  const asked = parse(zOperateSite, { ...input })
  await operateSite(actor, action, asked, ports)
  const overview = await siteOverview(actor, asked.site, ports)
  if (!overview) throw new Refusal('not_found', 'site: there is no such site.', { field: 'site' })
  return overview
}

const siteMutation = (action: SiteAction, name: string, description: string) =>
  builder.mutationField(name, (t) =>
    t.field({
      type: Site,
      nullable: true,
      description,
      errors: { union: { name: `${name[0]?.toUpperCase()}${name.slice(1)}Result` } },
      authScopes: { may: 'operateSites' },
      args: { input: t.arg({ type: OperateSiteInput, required: true }) },
      resolve: (_root, { input }, context) => operate(action, input, context),
    }),
  )

siteMutation('pause', 'pauseSite', 'Nothing new is sent there; what runs goes on.')
siteMutation('resume', 'resumeSite', 'The site takes attempts again.')
siteMutation('drain', 'drainSite', 'No new attempts; those that were taken are finished.')
siteMutation('stop', 'stopSite', 'Nothing is sent and what runs is cancelled; it costs no learner anything.')
