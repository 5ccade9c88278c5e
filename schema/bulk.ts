import { authorise, mayDo } from '#core/access/operations.ts'
import { statusChanges } from '#core/awards/change-award-status.ts'
import {
  type BulkCounts as BulkCountsShape,
  type BulkFile as BulkFileShape,
  type BulkJob as BulkJobShape,
  type BulkRow as BulkRowShape,
  bulkStates,
  progressOf,
  type RowProblem as RowProblemShape,
  rowProblemCodes,
  rowStates,
} from '#core/bulk/bulk-job.ts'
import type { BulkJobId } from '#core/ids.ts'
import { parse } from '#core/parse.ts'
import { Refusal } from '#core/refusal.ts'
import { AwardFilterInput } from './award-filter.ts'
import { Award, ReasonCode } from './awards.ts'
import { builder } from './builder.ts'
import { connectStore, listCost, pageArgs } from './connections.ts'
import { given, givenDeep } from './given.ts'
import { Learner } from './learners.ts'
import { visibleAward, visibleLearner } from './loaders.ts'
import { TargetGroup } from './offerings.ts'

/** Loaded with the first order: registrars make few. */
const orders = () => import('#core/bulk/order-bulk-job.ts')

const BulkJob = builder.objectRef<BulkJobShape>('BulkJob')
const BulkRow = builder.objectRef<BulkRowShape>('BulkRow')
const RowProblem = builder.objectRef<RowProblemShape>('BulkRowProblem')
const BulkCounts = builder.objectRef<BulkCountsShape>('BulkCounts')
const BulkFile = builder.objectRef<BulkFileShape>('BulkFile')

const BulkState = builder.enumType('BulkState', {
  description:
    'reading: rows are read and checked. checked: waits to be started. waiting: for a second registrar. failed: the file could not be read to its end.',
  values: bulkStates,
})
const RowState = builder.enumType('BulkRowState', {
  description: 'invalid: wrong in the file. skipped: nothing to do. failed: refused when it was its turn.',
  values: rowStates,
})
const RowProblemCode = builder.enumType('BulkRowProblemCode', { values: rowProblemCodes })
const BulkKind = builder.enumType('BulkKind', { values: ['issue', 'status', 'correct', 'offers'] as const })
const StatusChange = builder.enumType('StatusChange', { values: statusChanges })
const OffersAction = builder.enumType('OffersAction', {
  description:
    'resend: a fresh offer with its mail for what nobody collected. cancel: ends what is unclaimed.',
  values: ['resend', 'cancel'] as const,
})
const Participants = builder.enumType('BulkParticipants', {
  description:
    'passed: whose newest result is a pass and who have no award in force. without_result: all get the score given.',
  values: { passed: { value: 'passed' }, without_result: { value: 'without-result' } } as const,
})

BulkCounts.implement({
  fields: (t) => ({
    ready: t.exposeInt('ready', { description: 'To be done.' }),
    invalid: t.exposeInt('invalid'),
    skipped: t.exposeInt('skipped'),
    done: t.exposeInt('done'),
    failed: t.exposeInt('failed'),
  }),
})

BulkFile.implement({
  description: 'How an uploaded file was read.',
  fields: (t) => ({
    name: t.exposeString('name'),
    encoding: t.string({ resolve: ({ encoding }) => encoding }),
    delimiter: t.exposeString('delimiter'),
    ignoredColumns: t.stringList({ resolve: ({ ignored }) => ignored }),
  }),
})

RowProblem.implement({
  description: 'What is wrong with a row, and in which column.',
  fields: (t) => ({
    column: t.exposeString('column', { nullable: true }),
    code: t.field({ type: RowProblemCode, resolve: ({ code }) => code }),
    message: t.exposeString('message', { description: 'In English; never the value.' }),
  }),
})

BulkRow.implement({
  fields: (t) => ({
    row: t.exposeInt('line', { description: 'As a spreadsheet counts: the header is row 1.' }),
    state: t.field({ type: RowState, resolve: ({ state }) => state }),
    problems: t.field({ type: [RowProblem], resolve: ({ problems }) => problems }),
    award: t.field({
      type: Award,
      nullable: true,
      resolve: ({ result, about }, _args, context) => {
        const id = result?.awardId ?? about.awardId
        return id ? visibleAward(id, context) : null
      },
    }),
    learner: t.field({
      type: Learner,
      nullable: true,
      resolve: ({ about }, _args, context) =>
        about.learnerId ? visibleLearner(about.learnerId, context) : null,
    }),
    offerId: t.id({ nullable: true, resolve: ({ result }) => result?.offerId }),
  }),
})

const RowConnection = builder.connectionObject({ type: BulkRow, name: 'BulkRowConnection' })

builder.node(BulkJob, {
  description: 'One order for many learners or awards, done row by row; it goes on after a pause or a crash.',
  id: { resolve: ({ id }) => id },
  loadOne: async (id, { actor, ports }) => {
    const job = await ports.store.findBulkJob(id as BulkJobId)
    return job && mayDo(actor, 'bulkIssue', job) ? job : null
  },
  fields: (t) => ({
    kind: t.field({ type: BulkKind, resolve: ({ order }) => order.kind }),
    state: t.field({ type: BulkState, resolve: ({ state }) => state }),
    progress: t.float({ description: 'From 0 to 1; 0 while it is reading.', resolve: progressOf }),
    total: t.int({ description: 'Rows there are so far.', resolve: ({ rows }) => rows }),
    counts: t.field({ type: BulkCounts, resolve: ({ counts }) => counts }),
    file: t.field({
      type: BulkFile,
      nullable: true,
      resolve: ({ order }) => {
        if (order.kind === 'correct') return order.file
        return order.kind === 'issue' && order.rows.from === 'file' ? order.rows.file : null
      },
    }),
    rows: t.field({
      type: RowConnection,
      args: {
        ...pageArgs,
        onlyProblems: t.arg.boolean({ description: 'Only rows that are invalid or failed.' }),
      },
      complexity: listCost,
      resolve: ({ id }, { onlyProblems, ...page }, { ports }) =>
        connectStore(page, (part) =>
          ports.store.listBulkRows(id, { ...part, problems: onlyProblems === true }),
        ),
    }),
    createdAt: t.field({ type: 'DateTime', resolve: ({ createdAt }) => createdAt }),
    createdBy: t.exposeString('createdBy'),
    startedAt: t.field({ type: 'DateTime', nullable: true, resolve: ({ startedAt }) => startedAt }),
    finishedAt: t.field({ type: 'DateTime', nullable: true, resolve: ({ finishedAt }) => finishedAt }),
    needsApproval: t.exposeBoolean('needsApproval'),
    decidedBy: t.exposeString('decidedBy', { nullable: true, description: 'The second registrar.' }),
    note: t.exposeString('note', { nullable: true }),
    receiptUrl: t.string({
      description: 'What came of each row, as CSV; as JSON under receipt.json.',
      resolve: ({ id }, _args, { ports }) => `${ports.settings.publicUrl}/bulk/${id}/receipt.csv`,
    }),
  }),
})

const JobConnection = builder.connectionObject({ type: BulkJob, name: 'BulkJobConnection' })

builder.queryFields((t) => ({
  bulkJobs: t.field({
    type: JobConnection,
    nullable: true,
    description:
      'Of the caller’s institution, newest first; those that wait for a second registrar when asked.',
    authScopes: { may: 'bulkIssue' },
    args: { ...pageArgs, waiting: t.arg.boolean() },
    complexity: listCost,
    resolve: (_root, { waiting, ...page }, { actor, ports: { store } }) => {
      if (!actor) throw new Refusal('not_signed_in', 'Sign in first: this needs an access token.')
      const { tenant } = actor
      authorise(actor, 'bulkIssue', { tenant })
      return connectStore(page, (part) =>
        waiting ? store.waitingBulkJobs(tenant, part) : store.listBulkJobs(tenant, part),
      )
    },
  }),
  bulkJob: t.field({
    type: BulkJob,
    nullable: true,
    authScopes: { may: 'bulkIssue' },
    args: { id: t.arg.id({ required: true }) },
    resolve: async (_root, { id }, { actor, ports }) => {
      const { zSteerBulkJob } = await steeringJobs()
      const { jobId } = parse(zSteerBulkJob, { requestId: 'query-only', jobId: id })
      const job = await ports.store.findBulkJob(jobId)
      return job && mayDo(actor, 'bulkIssue', job) ? job : null
    },
  }),
}))

const EnrolAsInput = builder.inputType('EnrolAsInput', {
  description:
    'Enrols who is not enrolled yet, without consent to statistics: that is the learner’s to give.',
  fields: (t) => ({
    targetGroup: t.field({ type: TargetGroup, required: true }),
    sector: t.string({ required: true, description: 'Slug of the sector.' }),
  }),
})

const dryRunHelp = 'Only checks: the job stops when every row was looked at, and can be started then.'
const csvHelp = 'The rows themselves, at most 60,000 characters; larger files go to /bulk-files first.'

const StartBulkIssueInput = builder.inputType('StartBulkIssueInput', {
  description: 'Rows come from one place: an uploaded file, a text, or the participants of the offering.',
  fields: (t) => ({
    requestId: t.string({ required: true }),
    offeringId: t.id({ required: true }),
    upload: t.id({ description: 'Answer of POST /bulk-files.' }),
    csv: t.string({ description: csvHelp }),
    participants: t.field({ type: Participants }),
    scorePercent: t.float({ description: 'With participants without_result.' }),
    enrolAs: t.field({ type: EnrolAsInput }),
    dryRun: t.boolean({ description: dryRunHelp }),
  }),
})
const ChangeAwardsInput = builder.inputType('ChangeAwardsInput', {
  fields: (t) => ({
    requestId: t.string({ required: true }),
    change: t.field({ type: StatusChange, required: true }),
    reasonCode: t.field({ type: ReasonCode }),
    reason: t.string({ required: true }),
    where: t.field({ type: AwardFilterInput, required: true }),
    dryRun: t.boolean({ description: dryRunHelp }),
  }),
})
const CorrectAwardsInput = builder.inputType('CorrectAwardsInput', {
  fields: (t) => ({
    requestId: t.string({ required: true }),
    reasonCode: t.field({ type: ReasonCode }),
    reason: t.string({ required: true }),
    upload: t.id({ description: 'Answer of POST /bulk-files?kind=correct.' }),
    csv: t.string({ description: csvHelp }),
    offeringId: t.id({ description: 'Where a row names its learner’s account instead of its award.' }),
    dryRun: t.boolean({ description: dryRunHelp }),
  }),
})
const ChangeOffersInput = builder.inputType('ChangeOffersInput', {
  fields: (t) => ({
    requestId: t.string({ required: true }),
    action: t.field({ type: OffersAction, required: true }),
    where: t.field({ type: AwardFilterInput, required: true }),
    dryRun: t.boolean({ description: dryRunHelp }),
  }),
})

builder.mutationFields((t) => ({
  startBulkIssue: t.field({
    type: BulkJob,
    nullable: true,
    description: 'Issues awards to many learners: reads and checks every row, then does them.',
    errors: { union: { name: 'StartBulkIssueResult' } },
    authScopes: { may: 'bulkIssue' },
    args: { input: t.arg({ type: StartBulkIssueInput, required: true }) },
    resolve: async (_root, { input }, { actor, ports }) => {
      const { orderBulkIssue, zOrderBulkIssue } = await orders()
      return orderBulkIssue(actor, parse(zOrderBulkIssue, givenDeep(input)), ports)
    },
  }),
  changeAwards: t.field({
    type: BulkJob,
    nullable: true,
    description: 'Revokes, suspends or reinstates all awards that fit.',
    errors: { union: { name: 'ChangeAwardsResult' } },
    authScopes: { may: 'changeAwardStatus' },
    args: { input: t.arg({ type: ChangeAwardsInput, required: true }) },
    resolve: async (_root, { input }, { actor, ports }) => {
      const { orderStatusChange, zOrderStatusChange } = await orders()
      return orderStatusChange(actor, parse(zOrderStatusChange, givenDeep(input)), ports)
    },
  }),
  correctAwards: t.field({
    type: BulkJob,
    nullable: true,
    description: 'Corrects awards, one a row of a file.',
    errors: { union: { name: 'CorrectAwardsResult' } },
    authScopes: { may: 'changeAwardStatus' },
    args: { input: t.arg({ type: CorrectAwardsInput, required: true }) },
    resolve: async (_root, { input }, { actor, ports }) => {
      const { orderCorrections, zOrderCorrections } = await orders()
      return orderCorrections(actor, parse(zOrderCorrections, givenDeep(input)), ports)
    },
  }),
  changeOffers: t.field({
    type: BulkJob,
    nullable: true,
    description: 'Offers again what nobody collected, or ends what is unclaimed.',
    errors: { union: { name: 'ChangeOffersResult' } },
    authScopes: { may: 'bulkIssue' },
    args: { input: t.arg({ type: ChangeOffersInput, required: true }) },
    resolve: async (_root, { input }, { actor, ports }) => {
      const { orderOffers, zOrderOffers } = await orders()
      return orderOffers(actor, parse(zOrderOffers, givenDeep(input)), ports)
    },
  }),
}))

const SteerBulkJobInput = builder.inputType('SteerBulkJobInput', {
  fields: (t) => ({ requestId: t.string({ required: true }), jobId: t.id({ required: true }) }),
})
const RefuseBulkJobInput = builder.inputType('RefuseBulkJobInput', {
  fields: (t) => ({
    requestId: t.string({ required: true }),
    jobId: t.id({ required: true }),
    note: t.string({ description: 'Why, for whoever ordered it.' }),
  }),
})

/** Loaded when a registrar steers a job. */
const steeringJobs = () => import('#core/bulk/steer-bulk-job.ts')

const steering = {
  startBulkJob: { steer: 'startBulkJob', may: 'bulkIssue', says: 'Starts a job that was only checked.' },
  pauseBulkIssue: {
    steer: 'pauseBulkJob',
    may: 'bulkIssue',
    says: 'Stops a job of any kind after the rows under way.',
  },
  resumeBulkIssue: { steer: 'resumeBulkJob', may: 'bulkIssue', says: 'Goes on where a job stopped.' },
  cancelBulkJob: {
    steer: 'cancelBulkJob',
    may: 'bulkIssue',
    says: 'Ends a job for good; what it did stays done.',
  },
  approveBulkJob: {
    steer: 'approveBulkJob',
    may: 'approveChange',
    says: 'A second registrar agrees, and the job runs.',
  },
} as const

for (const [field, { steer, may, says }] of Object.entries(steering)) {
  builder.mutationField(field, (t) =>
    t.field({
      type: BulkJob,
      nullable: true,
      description: says,
      errors: { union: { name: `${field.charAt(0).toUpperCase()}${field.slice(1)}Result` } },
      authScopes: { may },
      args: { input: t.arg({ type: SteerBulkJobInput, required: true }) },
      resolve: async (_root, { input }, { actor, ports }) => {
        const { zSteerBulkJob, ...actions } = await steeringJobs()
        return actions[steer](actor, parse(zSteerBulkJob, given(input)), ports)
      },
    }),
  )
}

builder.mutationField('refuseBulkJob', (t) =>
  t.field({
    type: BulkJob,
    nullable: true,
    description: 'A second registrar says no; nothing is done.',
    errors: { union: { name: 'RefuseBulkJobResult' } },
    authScopes: { may: 'approveChange' },
    args: { input: t.arg({ type: RefuseBulkJobInput, required: true }) },
    resolve: async (_root, { input }, { actor, ports }) => {
      const { refuseBulkJob, zRefuseBulkJob } = await steeringJobs()
      return refuseBulkJob(actor, parse(zRefuseBulkJob, given(input)), ports)
    },
  }),
)

builder.objectField(Award, 'waitingChange', (t) =>
  t.field({
    type: BulkJob,
    nullable: true,
    description: 'The change of this award that waits for a second registrar; for registrars only.',
    resolve: async ({ id, tenant }, _args, { actor, ports: { store } }) => {
      if (!mayDo(actor, 'bulkIssue', { tenant })) return null
      const waiting = await store.waitingJobOfAward(id)
      return waiting ? store.findBulkJob(waiting) : null
    },
  }),
)
