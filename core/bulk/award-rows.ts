import type { Award } from '#core/awards/award.ts'
import { afterChange, refuseOwnReinstatement } from '#core/awards/change-award-status.ts'
import { withdrawLiveOffers } from '#core/credentials/offer-credential.ts'
import { openOffer } from '#core/credentials/open-offer.ts'
import { Refusal } from '#core/refusal.ts'
import type { AwardFilter, BulkJob, BulkRow } from './bulk-job.ts'
import {
  attempt,
  type BulkPorts,
  type DraftRow,
  inParallel,
  type JobOf,
  type JudgedRow,
  type ReadRows,
  type RowWork,
  rowProblem,
  rowRequest,
} from './row-work.ts'
import { hasLiveOffer, isCollected, selectAwards } from './select-awards.ts'

const atOnce = 32

/** Rows that change the status of awards. */
export const statusRows: RowWork<'status'> = {
  read: (job, limit, ports) => readAwards(job, job.order.where, limit, ports),
  check: (job, rows, ports) => inParallel(rows, atOnce, (row) => checkStatus(job, row, ports)),
  run: (job, rows, ports) => inParallel(rows, atOnce, (row) => changeStatus(job, row, ports)),
}

/** Rows that offer awards again, or end what nobody has taken up. */
export const offerRows: RowWork<'offers'> = {
  read: (job, limit, ports) => readAwards(job, job.order.where, limit, ports),
  check: (job, rows, ports) => inParallel(rows, atOnce, (row) => checkOffers(job, row, ports)),
  run: (job, rows, ports) => inParallel(rows, atOnce, (row) => changeOffers(job, row, ports)),
}

async function readAwards(
  { tenant, reading }: BulkJob,
  where: AwardFilter,
  limit: number,
  ports: BulkPorts,
): Promise<ReadRows> {
  const { cursor, line } = reading
  const page = await selectAwards(tenant, where, { limit, ...(cursor === '' ? {} : { cursor }) }, ports)
  return {
    rows: page.items.map(({ id: awardId, learnerId }, place) => ({
      line: line + place + 1,
      about: { awardId, learnerId },
      problems: [],
    })),
    reading: {
      cursor: page.cursor ?? '',
      line: line + page.items.length,
      finished: page.cursor === undefined,
    },
  }
}

async function awardOf({ about }: Pick<DraftRow, 'about'>, { store }: BulkPorts): Promise<Award> {
  const award = about.awardId && (await store.findAward(about.awardId))
  if (!award) throw new Refusal('not_found', 'There is no such award.')
  return award
}

async function checkStatus(job: JobOf<'status'>, row: DraftRow, ports: BulkPorts): Promise<JudgedRow> {
  const { about } = row
  const { change } = job.order
  try {
    const award = await awardOf(row, ports)
    await refuseOwnReinstatement(change, { tenant: job.tenant, subject: job.createdBy }, award, ports)
    afterChange(award, change)
    return { state: 'ready', about, problems: [] }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    const code = error.code === 'not_allowed' ? 'own_award' : 'state_conflict'
    return { state: 'skipped', about, problems: [rowProblem(code, error.message)] }
  }
}

async function changeStatus(job: JobOf<'status'>, row: BulkRow, ports: BulkPorts): Promise<JudgedRow> {
  const { about } = row
  const { store, clock } = ports
  const { change, reasonCode, reason } = job.order
  const done: JudgedRow = { state: 'done', about, problems: [], result: about }
  return attempt(about, async () => {
    const request = rowRequest(job, row)
    // A row that was done before the crash finds the award as it left it.
    if (await store.wasAnswered(request)) return done
    const award = await awardOf(row, ports)
    await refuseOwnReinstatement(change, { tenant: job.tenant, subject: job.createdBy }, award, ports)
    await store.saveAwardStatusOnce(request, {
      awardId: award.id,
      version: award.version,
      status: {
        state: afterChange(award, change),
        since: clock.now(),
        reasonCode,
        reason,
        by: job.createdBy,
        ...(job.decidedBy ? { approvedBy: job.decidedBy } : {}),
        bulkJob: job.id,
      },
    })
    return done
  })
}

async function checkOffers({ order }: JobOf<'offers'>, row: DraftRow, ports: BulkPorts): Promise<JudgedRow> {
  const { about } = row
  const skipped = (code: 'already_collected' | 'award_not_valid' | 'nothing_to_cancel', message: string) => ({
    state: 'skipped' as const,
    about,
    problems: [rowProblem(code, message)],
  })
  const award = await awardOf(row, ports)
  if (order.action === 'cancel') {
    return (await hasLiveOffer(award, ports))
      ? { state: 'ready', about, problems: [] }
      : skipped('nothing_to_cancel', 'The award has no offer that could still be taken up.')
  }
  const { state } = award.status
  if (state !== 'valid') return skipped('award_not_valid', `The award is ${state}: it cannot be offered.`)
  if (await isCollected(award, ports)) return skipped('already_collected', 'A wallet has it already.')
  return { state: 'ready', about, problems: [] }
}

async function changeOffers(job: JobOf<'offers'>, row: BulkRow, ports: BulkPorts): Promise<JudgedRow> {
  const { about } = row
  return attempt(about, async () => {
    const award = await awardOf(row, ports)
    if (job.order.action === 'cancel') {
      await withdrawLiveOffers(award, ports)
      return { state: 'done', about, problems: [], result: about }
    }
    if (award.status.state !== 'valid') {
      throw new Refusal('award_not_valid', `The award is ${award.status.state}: it cannot be offered.`)
    }
    const offer = await ports.store.saveOfferOnce(rowRequest(job, row), openOffer(award, {}, ports))
    // The new one first: after a crash the same row finds it, and ends only the older ones.
    await withdrawLiveOffers(award, ports, offer.id)
    return { state: 'done', about, problems: [], result: { ...about, offerId: offer.id } }
  })
}
