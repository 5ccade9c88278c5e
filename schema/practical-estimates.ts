import { parse } from '#core/parse.ts'
import type { PracticalEstimate as EstimateShape } from '#core/practicals/estimate-practical.ts'
import type { SiteOption } from '#core/practicals/site-options.ts'
import { builder } from './builder.ts'
import { ComputeMinutes } from './sites.ts'

const PracticalEstimate = builder.objectRef<EstimateShape>('PracticalEstimate')
const PracticalPlace = builder.objectRef<SiteOption>('PracticalPlace')

PracticalPlace.implement({
  description: 'A partition of a site, as it stands for one learner and one practical.',
  fields: (t) => ({
    site: t.exposeString('site'),
    aiFactory: t.exposeString('aiFactory'),
    environment: t.exposeString('environment', { description: 'local or site.' }),
    partition: t.exposeString('partition'),
    work: t.field({
      type: ComputeMinutes,
      description: 'Set aside for the learner’s run.',
      resolve: ({ reserve }) => reserve.work,
    }),
    grade: t.field({
      type: ComputeMinutes,
      description: 'Set aside for its grading.',
      resolve: ({ reserve }) => reserve.grade,
    }),
    cost: t.exposeFloat('cost', { description: 'In the currency of the sites’ file; only compared.' }),
    expectedWaitSeconds: t.float({
      nullable: true,
      description: 'Median of the last waits; null where nobody has waited.',
      resolve: ({ expectedWaitSeconds }) => expectedWaitSeconds,
    }),
    reserved: t.exposeBoolean('reserved', { description: 'Machines are kept free for the academy now.' }),
    excluded: t.string({
      nullable: true,
      description:
        'Why it cannot be used now: minutes, cpus, memoryGiB, gpus, gpuTypes, arch, box, practical, data, account, paused, draining, stopped, closed or budget.',
      resolve: ({ excluded }) => excluded?.why,
    }),
    excludedReason: t.string({
      nullable: true,
      description:
        'What an operator or the calendar says about it, whose share is used up, or what is known of the learner’s own account there: none or stated.',
      resolve: ({ excluded }) =>
        excluded &&
        ('reason' in excluded
          ? excluded.reason
          : 'scope' in excluded
            ? excluded.scope
            : excluded.why === 'account'
              ? excluded.state
              : null),
    }),
    accountPage: t.string({
      nullable: true,
      description: 'Where the learner reads how to get an account of their own there.',
      resolve: ({ excluded }) => (excluded?.why === 'account' ? excluded.page : null),
    }),
    closedUntil: t.field({
      type: 'DateTime',
      nullable: true,
      resolve: ({ excluded }) => (excluded && 'until' in excluded ? excluded.until : null),
    }),
  }),
})

PracticalEstimate.implement({
  description: 'What a learner may know before starting. Promises nothing: others may start meanwhile.',
  fields: (t) => ({
    place: t.field({
      type: PracticalPlace,
      nullable: true,
      description: 'Where it would run now; null when no place takes it.',
      resolve: ({ choice }) => choice?.option,
    }),
    why: t.string({
      nullable: true,
      description:
        'The first rule in which that place is better: only-fit, counts, reserved, wait, cost or name.',
      resolve: ({ choice }) => choice?.why,
    }),
    places: t.field({ type: [PracticalPlace], resolve: ({ options }) => options }),
    attemptsLeft: t.exposeInt('attemptsLeft', { description: 'Of these 24 hours.' }),
    nextStartAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When the next attempt may start, once those of the day are used.',
      resolve: ({ nextStartAt }) => nextStartAt,
    }),
    underWay: t.exposeBoolean('underWay', { description: 'An attempt has not ended yet.' }),
    learnerLeft: t.field({
      type: ComputeMinutes,
      nullable: true,
      description: 'Left of the learner’s share at that place; null where nothing is limited.',
      resolve: ({ left }) => left?.learner,
    }),
    cohortLeft: t.field({
      type: ComputeMinutes,
      nullable: true,
      description: 'The same of the cohort.',
      resolve: ({ left }) => left?.cohort,
    }),
  }),
})

builder.queryField('practicalEstimate', (t) =>
  t.field({
    type: PracticalEstimate,
    nullable: true,
    description: 'Where the caller’s practical of an offering would run now, and what it would take.',
    authScopes: { may: 'startPractical' },
    args: { offeringId: t.arg.id({ required: true }) },
    resolve: async (_root, { offeringId }, { actor, ports }) => {
      const { estimatePractical, zEstimatePractical } = await import('#core/practicals/estimate-practical.ts')
      return estimatePractical(actor, parse(zEstimatePractical, { offeringId }), ports)
    },
  }),
)
