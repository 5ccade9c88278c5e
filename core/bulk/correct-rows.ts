import * as z from 'zod'
import type { Award } from '#core/awards/award.ts'
import { type Correction, draftCorrection } from '#core/awards/correct-award.ts'
import { openOffer } from '#core/credentials/open-offer.ts'
import type { AwardId } from '#core/ids.ts'
import { isAddressTaken } from '#core/learners/shared-address.ts'
import { zPerson } from '#core/learners/z-person.ts'
import { zId } from '#core/parse.ts'
import { Refusal } from '#core/refusal.ts'
import type { BulkRow, RowProblem } from './bulk-job.ts'
import { type CorrectColumn, correctColumns } from './correct-columns.ts'
import { zAccount } from './issue-columns.ts'
import { readFileRows } from './read-file-rows.ts'
import { readCells } from './row-values.ts'
import {
  addressShared,
  attempt,
  type BulkPorts,
  type DraftRow,
  inParallel,
  type JobOf,
  type JudgedRow,
  type RowWork,
  rowMark,
  rowProblem,
  rowRequest,
} from './row-work.ts'

const zYes = z
  .string()
  .regex(/^(yes|oui|true|1|x)$/i)
  .transform(() => true as const)

const atOnce = 32

type CorrectJob = JobOf<'correct'>

/** Rows that correct awards: each supersedes one and offers the new one. */
export const correctRows: RowWork<'correct'> = {
  async read(job, limit, ports) {
    const { file } = job.order
    if (!file) throw new Error('a single correction has its row from the beginning')
    return readFileRows(file, correctColumns, job, limit, ports)
  },
  check: (job, rows, ports) => inParallel(rows, atOnce, (row) => checkRow(job, row, ports)),
  run: (job, rows, ports) => inParallel(rows, atOnce, (row) => correct(job, row, ports)),
}

async function checkRow(job: CorrectJob, draft: DraftRow, ports: BulkPorts): Promise<JudgedRow> {
  const { about } = draft
  if (draft.problems.length > 0) return { state: 'invalid', about, problems: draft.problems }
  const { correction, awardId, account, problems } = valuesOf(draft.cells ?? {})
  if (problems.length > 0) return { state: 'invalid', about, problems }
  const award = await findAward(job, { awardId, account }, ports)
  if (!award) {
    const column = awardId === undefined ? 'account' : 'award_id'
    const problem = rowProblem('award_unknown', `${column}: there is no such award.`, column)
    return { state: 'invalid', about, problems: [problem] }
  }
  const known = { awardId: award.id, learnerId: award.learnerId }
  const mark = rowMark([job.id, award.id], ports)
  try {
    await draftCorrection(award, correction, job.createdBy, ports)
    return { state: 'ready', about: known, problems: [], mark }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return { ...(await refused(known, error)), state: 'invalid', mark }
  }
}

async function correct(job: CorrectJob, row: BulkRow, ports: BulkPorts): Promise<JudgedRow> {
  const { store, clock } = ports
  const { about } = row
  return attempt(about, async () => {
    const request = rowRequest(job, row)
    const old = about.awardId && (await store.findAward(about.awardId))
    if (!old) throw new Refusal('not_found', 'There is no such award.')
    if (await store.wasAnswered(request)) return done(old.status.replacedBy, about)
    const { correction } = valuesOf(row.cells ?? {})
    const draft = await draftCorrection(old, correction, job.createdBy, ports)
    const { award, offer } = await store.saveCorrectionOnce(request, {
      ...draft,
      old,
      offer: openOffer(draft.award, {}, ports),
      status: {
        state: 'superseded',
        since: clock.now(),
        reasonCode: job.order.reasonCode,
        reason: job.order.reason,
        by: job.createdBy,
        ...(job.decidedBy ? { approvedBy: job.decidedBy } : {}),
        bulkJob: job.id,
        replacedBy: draft.award.id,
      },
    })
    return { ...done(award.id, about), result: { ...about, awardId: award.id, offerId: offer.id } }
  })
}

function done(awardId: AwardId | undefined, about: BulkRow['about']): JudgedRow {
  return { state: 'done', about, problems: [], result: { ...about, ...(awardId ? { awardId } : {}) } }
}

async function refused(about: BulkRow['about'], error: Refusal): Promise<JudgedRow> {
  const judged = await attempt(about, () => Promise.reject(error))
  const [problem] = judged.problems
  if (problem && error.field === undefined && error.code === 'invalid_input') {
    return { ...judged, problems: [{ ...problem, code: 'nothing_changed' }] }
  }
  if (isAddressTaken(error)) {
    return { ...judged, problems: [addressShared] }
  }
  return problem && error.code === 'invalid_input'
    ? { ...judged, problems: [{ ...problem, code: 'out_of_range', column: columnOf(error.field) }] }
    : judged
}

const columns: Record<string, CorrectColumn> = {
  scorePercent: 'score_percent',
  awardedOn: 'awarded_on',
  validUntil: 'valid_until',
}
const columnOf = (field: string | undefined) => columns[field ?? ''] ?? field ?? ''

function valuesOf(cells: Readonly<Record<string, string>>): {
  correction: Correction
  awardId: AwardId | undefined
  account: string | undefined
  problems: RowProblem[]
} {
  const read = readCells(cells)
  const awardId = read.text('award_id', zId('awd'), 'is not an id of an award.')
  const account = read.text('account', zAccount, 'is not an account.')
  const values = {
    givenName: read.text('given_name', zPerson.shape.givenName, 'is not a name.'),
    familyName: read.text('family_name', zPerson.shape.familyName, 'is not a name.'),
    email: read.text('email', zPerson.shape.email, 'is not an e-mail address.'),
    scorePercent: read.number('score_percent', { least: 0, most: 100 }),
    awardedOn: read.date('awarded_on'),
    validUntil: read.date('valid_until'),
    contentOfToday: read.text('content_of_today', zYes, 'must be yes or empty.'),
  }
  if (!cells['award_id'] && !cells['account']) {
    read.problem('missing', 'award_id: is missing; so is account.', 'award_id')
  }
  const given = Object.entries(values).filter(([, value]) => value !== undefined)
  return { correction: Object.fromEntries(given) as Correction, awardId, account, problems: read.problems }
}

/** The award a row names, or the one in force of its learner in the order's offering. */
async function findAward(
  { tenant, order }: CorrectJob,
  named: { awardId: AwardId | undefined; account: string | undefined },
  { store }: BulkPorts,
): Promise<Award | undefined> {
  let { awardId } = named
  if (awardId === undefined && named.account !== undefined && order.offeringId) {
    const learner = await store.findLearnerBySubject(tenant, named.account)
    awardId = learner && (await store.findAwardInForce(learner.id, order.offeringId))
  }
  return awardId?.startsWith(`${tenant}-`) ? store.findAward(awardId) : undefined
}
