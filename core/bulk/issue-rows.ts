import { creditableEvidence } from '#core/assessments/creditable-evidence.ts'
import { judge, moduleOf } from '#core/assessments/judge.ts'
import type { LearnerId } from '#core/ids.ts'
import type { Learner } from '#core/learners/learner.ts'
import { isAddressTaken } from '#core/learners/shared-address.ts'
import { zPerson } from '#core/learners/z-person.ts'
import { missingEntrySkills } from '#core/offerings/enrol.ts'
import type { BulkRow, RowProblem } from './bulk-job.ts'
import { type IssueRow, issueColumns, parseIssueRow } from './issue-columns.ts'
import { readFileRows } from './read-file-rows.ts'
import {
  addressShared,
  attempt,
  type BulkPorts,
  type DraftRow,
  inParallel,
  type JobOf,
  type JudgedRow,
  type ReadRows,
  type RowWork,
  rowMark,
  rowProblem,
  rowRequest,
} from './row-work.ts'

const atOnce = 32

type IssueJob = JobOf<'issue'>
type Course = Awaited<ReturnType<typeof moduleOf>>

/** Rows that make awards: of a file of results, or of an offering's participants. */
export const issueRows: RowWork<'issue'> = {
  async read(job, limit, ports) {
    const { rows } = job.order
    if (rows.from === 'file') return readFileRows(rows.file, issueColumns, job, limit, ports)
    return readParticipants(job, limit, ports)
  },

  async check(job, rows, ports) {
    const course = await moduleOf(job.order.offeringId, ports)
    const own = await ports.store.findLearnerBySubject(job.tenant, job.createdBy)
    return inParallel(rows, atOnce, (row) => checkRow(job, course, own?.id, row, ports))
  },

  async run(job, rows, ports) {
    const course = await moduleOf(job.order.offeringId, ports)
    const ready = await inParallel(rows, atOnce, (row) => prepare(job, row, ports))
    const full = await enrolMissing(job, course, ready, ports)
    return inParallel(ready, atOnce, (one) => award(job, course, one, full, ports))
  },
}

/** Participants who fit the order; the others are no rows of it. */
async function readParticipants(job: IssueJob, limit: number, { store }: BulkPorts): Promise<ReadRows> {
  const { offeringId, rows } = job.order
  const { cursor, line } = job.reading
  const page = await store.participantsOf(offeringId, { limit, ...(cursor === '' ? {} : { cursor }) })
  const fitting = await inParallel(page.items, atOnce, async ({ learnerId }) => {
    const results = await resultsOf(learnerId, offeringId, store)
    const fits =
      rows.from === 'passed'
        ? results.at(-1)?.outcome === 'passed' && !(await store.findAwardInForce(learnerId, offeringId))
        : results.length === 0
    return fits ? learnerId : undefined
  })
  const learners = fitting.filter((learnerId) => learnerId !== undefined)
  return {
    rows: learners.map((learnerId, place) => ({
      line: line + place + 1,
      about: { learnerId },
      problems: [],
    })),
    reading: {
      cursor: page.cursor ?? '',
      line: line + learners.length,
      finished: page.cursor === undefined,
    },
  }
}

async function resultsOf(learnerId: LearnerId, offeringId: string, store: BulkPorts['store']) {
  return (await store.assessmentsOf(learnerId)).filter((one) => one.offeringId === offeringId)
}

async function checkRow(
  job: IssueJob,
  { offering, module }: Course,
  own: LearnerId | undefined,
  draft: DraftRow,
  ports: BulkPorts,
): Promise<JudgedRow> {
  let { about } = draft
  const invalid = (problems: RowProblem[], mark?: string): JudgedRow => ({
    state: 'invalid',
    about,
    problems,
    ...(mark === undefined ? {} : { mark }),
  })
  if (draft.problems.length > 0) return invalid(draft.problems)
  const parsed = await rowOf(job, draft, ports)
  if (!parsed.row) return invalid(parsed.problems)
  const { row } = parsed
  const found = await findLearner(job, row, ports)
  if (found.problem) return invalid([found.problem])
  const { learner } = found
  const mark = rowMark([job.id, learner?.id ?? row.account], ports)
  about = learner ? { learnerId: learner.id } : {}
  const { email } = row.person
  const emailMark =
    learner || email === undefined ? undefined : rowMark([job.id, 'email', email.toLowerCase()], ports)
  const problems = [
    ...newcomerProblems(row, learner),
    ...(learner ? [] : await sharedAddress(job, row, ports)),
    ...dateProblems(row, ports.clock.now()),
    ...((learner ? learner.id === own : row.account === job.createdBy)
      ? [rowProblem('own_award', 'Nobody assesses their own work.')]
      : []),
  ]
  if (problems.length > 0) return { ...invalid(problems, mark), ...(emailMark ? { emailMark } : {}) }
  if (row.scorePercent < module.passMarkPercent) {
    const message = `Below the pass mark of ${module.passMarkPercent} %: nothing is issued.`
    return {
      state: 'skipped',
      about,
      problems: [rowProblem('below_pass_mark', message, 'score_percent')],
      mark,
    }
  }
  const awardId = learner && (await ports.store.findAwardInForce(learner.id, offering.id))
  if (awardId) {
    const problem = rowProblem('already_awarded', 'The learner already has an award of this offering.')
    return { state: 'skipped', about, problems: [problem], result: { ...about, awardId }, mark }
  }
  const enrolled = learner && (await ports.store.findEnrolment(learner.id, offering.id))
  if (!enrolled) {
    if (!job.order.enrolAs) {
      const message = 'The learner is not enrolled, and the order does not say to enrol them.'
      return invalid([rowProblem('not_enrolled', message)], mark)
    }
    const missing = await missingEntrySkills(learner, offering, ports)
    if (missing !== undefined) return invalid([rowProblem('entry_skills_missing', missing)], mark)
  }
  return { state: 'ready', about, problems: [], mark, ...(emailMark ? { emailMark } : {}) }
}

/** Whether somebody the academy knows already has the address of somebody new. */
async function sharedAddress(
  { tenant }: IssueJob,
  { person: { email } }: IssueRow,
  { store }: BulkPorts,
): Promise<RowProblem[]> {
  const known = email === undefined ? [] : await store.findLearnersByEmail(tenant, email)
  return known.length > 0 ? [addressShared] : []
}

/** The row's values: from its cells, or from what the records say of a participant. */
async function rowOf(
  { order }: IssueJob,
  { cells, about }: Pick<DraftRow, 'cells' | 'about'>,
  { store }: BulkPorts,
): Promise<ReturnType<typeof parseIssueRow>> {
  if (order.rows.from === 'file') return parseIssueRow(cells ?? {})
  const { learnerId } = about
  if (!learnerId) throw new Error('a row of a participant without its learner')
  const scorePercent =
    order.rows.from === 'without-result'
      ? order.rows.scorePercent
      : ((await resultsOf(learnerId, order.offeringId, store)).at(-1)?.scorePercent ?? 0)
  return { row: { learnerId, person: {}, scorePercent }, problems: [] }
}

type Found =
  | { learner: Learner | undefined; problem?: undefined }
  | { learner?: undefined; problem: RowProblem }

async function findLearner({ tenant }: IssueJob, row: IssueRow, { store }: BulkPorts): Promise<Found> {
  const { account, learnerId } = row
  const byAccount = account === undefined ? undefined : await store.findLearnerBySubject(tenant, account)
  if (learnerId === undefined) return judgeFound(byAccount, 'account')
  const byId = learnerId.startsWith(`${tenant}-`) ? await store.findLearner(learnerId) : undefined
  if (!byId) {
    return { problem: rowProblem('learner_unknown', 'learner_id: there is no such learner.', 'learner_id') }
  }
  if (account !== undefined && byAccount?.id !== byId.id) {
    const message = 'learner_id: is not the learner of this account.'
    return { problem: rowProblem('learner_differs', message, 'learner_id') }
  }
  return judgeFound(byId, 'learner_id')
}

function judgeFound(learner: Learner | undefined, column: string): Found {
  if (!learner || learner.person) return { learner }
  return { problem: rowProblem('learner_erased', `${column}: the learner has been erased.`, column) }
}

/** Somebody new needs a whole person; somebody known must be the one the file means. */
function newcomerProblems({ person }: IssueRow, learner: Learner | undefined): RowProblem[] {
  if (!learner) {
    return (['givenName', 'familyName', 'email'] as const)
      .filter((member) => person[member] === undefined)
      .map((member) => {
        const column = columnOf[member]
        return rowProblem('missing', `${column}: is missing, and the account is new.`, column)
      })
  }
  const known = learner.person
  return (['givenName', 'familyName'] as const)
    .filter((member) => known && person[member] !== undefined && !sameName(person[member], known[member]))
    .map((member) => {
      const column = columnOf[member]
      const message = `${column}: the academy knows this learner under another name.`
      return rowProblem('name_differs', message, column)
    })
}

const columnOf = { givenName: 'given_name', familyName: 'family_name', email: 'email' } as const

/** Case and accents are written carelessly; everything else is another name. */
function sameName(a: string | undefined, b: string): boolean {
  const folded = (name: string) => name.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase()
  return a !== undefined && folded(a) === folded(b)
}

function dateProblems({ awardedOn, validUntil }: IssueRow, now: Date): RowProblem[] {
  const today = now.toISOString().slice(0, 10)
  const problems: RowProblem[] = []
  if (awardedOn !== undefined && awardedOn > today) {
    problems.push(rowProblem('out_of_range', 'awarded_on: must not be in the future.', 'awarded_on'))
  }
  if (validUntil !== undefined && validUntil <= (awardedOn ?? today)) {
    problems.push(rowProblem('out_of_range', 'valid_until: must be after awarded_on.', 'valid_until'))
  }
  return problems
}

interface ReadyRow {
  row: BulkRow
  values: IssueRow
  learnerId: LearnerId
}

/** Finds the learner of a row, or makes one: with the account of the institution, so that they find it when they sign in. */
async function prepare(job: IssueJob, row: BulkRow, ports: BulkPorts): Promise<ReadyRow | JudgedRow> {
  const { store, random } = ports
  const parsed = await rowOf(job, row, ports)
  if (!parsed.row) return { state: 'failed', about: row.about, problems: parsed.problems }
  const values = parsed.row
  const found = await findLearner(job, values, ports)
  if (found.problem) return { state: 'failed', about: row.about, problems: [found.problem] }
  if (found.learner) return { row, values, learnerId: found.learner.id }
  const person = zPerson.safeParse(values.person)
  if (!person.success || values.account === undefined) {
    const problem = rowProblem('learner_unknown', 'The learner is not known any more.')
    return { state: 'failed', about: row.about, problems: [problem] }
  }
  const [shared] = await sharedAddress(job, values, ports)
  if (shared) return { state: 'failed', about: row.about, problems: [shared] }
  const made = {
    id: random.id(job.tenant, 'lrn'),
    tenant: job.tenant,
    rev: 0,
    person: person.data,
    recognisedSkills: [],
  }
  try {
    const learner = await store.saveLearnerOnce(values.account, made)
    return { row, values, learnerId: learner.id }
  } catch (error) {
    // Somebody else has got the address since it was looked for.
    if (!isAddressTaken(error)) throw error
    return { state: 'failed', about: row.about, problems: [addressShared] }
  }
}

/** Enrols those of a slice who are not, in one write; answers for whom no seat was left. */
async function enrolMissing(
  job: IssueJob,
  { offering }: Course,
  rows: readonly (ReadyRow | JudgedRow)[],
  { store, clock }: BulkPorts,
): Promise<ReadonlySet<LearnerId>> {
  const { enrolAs } = job.order
  if (!enrolAs) return new Set()
  const institution = await store.findInstitution(job.tenant)
  const learners = [...new Set(rows.flatMap((one) => ('row' in one ? [one.learnerId] : [])))]
  const enrolments = learners.map((learnerId) => ({
    learnerId,
    offeringId: offering.id,
    enrolledAt: clock.now(),
    // Consent is the learner's own to give.
    analyticsConsent: false,
    purpose: 'skills-gap-statistics' as const,
    country: institution?.country ?? 'EU',
    targetGroup: enrolAs.targetGroup,
    sector: enrolAs.sector,
  }))
  return new Set(await store.saveEnrolments(offering.id, enrolments))
}

async function award(
  job: IssueJob,
  { offering, module }: Course,
  ready: ReadyRow | JudgedRow,
  full: ReadonlySet<LearnerId>,
  ports: BulkPorts,
): Promise<JudgedRow> {
  if (!('row' in ready)) return ready
  const { row, values, learnerId } = ready
  const about = { learnerId }
  if (full.has(learnerId)) {
    const problem = rowProblem('offering_full', 'No seat is left in this offering.')
    return { state: 'failed', about, problems: [problem] }
  }
  return attempt(about, async () => {
    const evidence = module.practical
      ? creditableEvidence(await ports.store.attemptsOf(learnerId), offering)
      : []
    const recorded = judge(
      {
        offering,
        module,
        learnerId,
        scorePercent: values.scorePercent,
        decidedBy: job.createdBy,
        evidence,
        ...(values.awardedOn ? { awardedAt: new Date(`${values.awardedOn}T00:00:00.000Z`) } : {}),
        ...(values.validUntil ? { validUntil: new Date(`${values.validUntil}T00:00:00.000Z`) } : {}),
      },
      ports,
    )
    const saved = await ports.store.saveAssessmentOnce(rowRequest(job, row), recorded)
    if (!saved.award || !saved.offer) throw new Error('a row below the pass mark was to be issued')
    return {
      state: 'done',
      about: { learnerId, awardId: saved.award.id },
      problems: [],
      result: { learnerId, awardId: saved.award.id, offerId: saved.offer.id },
    }
  })
}
