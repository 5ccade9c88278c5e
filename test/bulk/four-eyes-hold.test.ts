import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Actor } from '#core/access/operations.ts'
import type { Award } from '#core/awards/award.ts'
import { type BulkJob, type BulkOrder, changesAwards } from '#core/bulk/bulk-job.ts'
import { saveOrder } from '#core/bulk/save-order.ts'
import {
  approveBulkJob,
  cancelBulkJob,
  pauseBulkJob,
  refuseBulkJob,
  resumeBulkJob,
  startBulkJob,
} from '#core/bulk/steer-bulk-job.ts'
import { stepBulkJobs } from '#core/bulk/step-bulk-jobs.ts'
import { Refusal } from '#core/refusal.ts'
import { world } from '#test/support/world.ts'

const registrar = (subject: string): Actor => ({
  subject,
  tenant: 'k3vq7m2a' as Actor['tenant'],
  roles: ['registrar'],
})
const [first, second] = [registrar('first'), registrar('second')]

/** What can happen to a job; `during`: after a worker has looked at the rows and before it writes how far it came. */
const steps = [
  'pause',
  'resume',
  'start',
  'cancel',
  'approve',
  'approve-own',
  'refuse',
  'eyes-on',
  'eyes-off',
] as const
type Step = (typeof steps)[number] | { work: Exclude<(typeof steps)[number], 'start'> | undefined }
const anyStep = fc.oneof(
  fc.constantFrom(...steps),
  fc.record({
    work: fc.option(fc.constantFrom('pause', 'cancel', 'eyes-on', 'eyes-off'), { nil: undefined }),
  }),
) as fc.Arbitrary<Step>

const orders: BulkOrder[] = [
  { kind: 'status', change: 'revoke', reasonCode: 'other', reason: 'The task was wrong.', where: {} },
  { kind: 'offers', action: 'cancel', where: {} },
]

/** A store of one job, one award and one institution, in memory. Notes every write by which a job begins to run. */
function onePaperJob(ports: Awaited<ReturnType<typeof world>>) {
  const award = {
    id: ports.random.id(first.tenant, 'awd'),
    learnerId: ports.random.id(first.tenant, 'lrn'),
    tenant: first.tenant,
    awardedAt: ports.clock.now(),
    status: { state: 'valid' },
    version: 1,
  } as Award
  let [job, fourEyes]: [BulkJob | undefined, boolean] = [undefined, false]
  let during: (() => Promise<void>) | undefined
  const begun: { job: BulkJob; wanted: boolean }[] = []
  const store = {
    listInstitutions: async () => [{ tag: first.tenant }],
    institutionSettings: async () => ({ fourEyes, version: 1 }),
    dueBulkJobs: async () => (job && ['reading', 'running'].includes(job.state) ? [job] : []),
    findBulkJob: async () => job,
    async saveBulkJobOnce(_request: unknown, made: BulkJob) {
      job = made
      return made
    },
    async saveBulkJob(next: BulkJob) {
      if (next.version !== (job?.version ?? 0) + 1) return false
      if (next.state === 'running' && job?.state !== 'running')
        begun.push({ job: next, wanted: next.needsApproval || (fourEyes && changesAwards(next.order)) })
      job = next
      return true
    },
    async saveBulkRows() {
      const now = during
      during = undefined
      await now?.()
    },
    bulkRows: async () => [
      { number: 1, line: 1, state: 'ready', ran: false, problems: [], about: { awardId: award.id } },
    ],
    listAwards: async () => ({ items: [award] }),
    findAward: async () => award,
    offersOf: async () => [{ awardId: award.id, state: 'open', expiresAt: new Date('2027-01-01') }],
    saveOfferChange: async () => true,
    wasAnswered: async () => false,
    saveAwardStatusOnce: async () => award,
  }
  const made = { ...ports, store: store as never }
  const happen = async (step: Step): Promise<void> => {
    if (!job) throw new Error('nothing was ordered')
    const input = { requestId: ports.requestId(), jobId: job.id }
    if (typeof step === 'object') {
      const { work } = step
      during = work && (() => happen(work))
      await stepBulkJobs(made, { name: 'worker', slices: 1 })
    } else if (step === 'eyes-on' || step === 'eyes-off') fourEyes = step === 'eyes-on'
    else if (step === 'pause') await pauseBulkJob(second, input, made)
    else if (step === 'resume') await resumeBulkJob(first, input, made)
    else if (step === 'start') await startBulkJob(first, input, made)
    else if (step === 'cancel') await cancelBulkJob(second, input, made)
    else if (step === 'approve') await approveBulkJob(second, input, made)
    else if (step === 'approve-own') await approveBulkJob(first, input, made)
    else await refuseBulkJob(second, input, made)
  }
  return {
    begun,
    order: (order: BulkOrder, startWhenRead: boolean) =>
      saveOrder(first, order, { request: ports.request('order'), startWhenRead }, made),
    /** What is not possible now is refused, and that is all. */
    async happen(step: Step) {
      try {
        await happen(step)
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
      }
    },
  }
}

test('no path leads a change that a second registrar must approve to run without their word', async () => {
  const w = await world()
  const paths = fc.tuple(fc.constantFrom(...orders), fc.boolean(), fc.array(anyStep, { maxLength: 12 }))
  const seen = { approved: 0, free: 0 }
  await fc.assert(
    fc.asyncProperty(paths, async ([order, startWhenRead, path]) => {
      const paper = onePaperJob(w)
      await paper.order(order, startWhenRead)
      for (const step of path) await paper.happen(step)
      for (const { job, wanted } of paper.begun) {
        if (wanted) expect(job).toMatchObject({ createdBy: 'first', decidedBy: 'second' })
        seen[wanted ? 'approved' : 'free']++
      }
    }),
    {
      numRuns: 300,
      examples: [
        [[orders[0] as BulkOrder, true, [{ work: 'pause' }, 'eyes-on', 'resume', { work: undefined }]]],
        [[orders[0] as BulkOrder, true, [{ work: undefined }, 'pause', 'eyes-on', 'resume']]],
        [[orders[0] as BulkOrder, true, ['eyes-on', { work: undefined }, 'approve', 'pause', 'resume']]],
      ],
    },
  )
  // The paths do lead somewhere.
  expect(seen.approved).toBeGreaterThan(0)
  expect(seen.free).toBeGreaterThan(0)
})
