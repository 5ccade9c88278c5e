import type { BulkJobId, TenantTag } from '#core/ids.ts'
import { type BulkCounts, type BulkJob, type BulkRow, fileOf, isDue, started } from './bulk-job.ts'
import { type BulkPorts, type DraftRow, emailShared, type JudgedRow, rowProblem } from './row-work.ts'
import { workOf } from './row-works.ts'

/** Rows of one slice: small enough that a pause is heard soon, large enough to share flushes of the disk. */
const sliceRows = 200
/** A worker that has not written for so long is taken for dead. */
const leaseSeconds = 60

/** Who works, and how much at once. */
export interface Worker {
  /** Different for each process. */
  name: string
  /** Slices of 200 rows it does before it answers. */
  slices: number
}

/**
 * Does some slices of the bulk jobs that have something to do, one job after the other in turns, so that a
 * large one does not hold up a small one. Answers how many slices it did: 0 when there is nothing left. It
 * may be stopped anywhere; the next call goes on where the last one had written.
 */
export async function stepBulkJobs(ports: BulkPorts, { name, slices }: Worker): Promise<number> {
  let done = 0
  for (const { tag } of await ports.store.listInstitutions()) {
    done += await stepTenant(tag, ports, { name, slices: slices - done })
    if (done >= slices) break
  }
  return done
}

async function stepTenant(tenant: TenantTag, ports: BulkPorts, { name, slices }: Worker): Promise<number> {
  let jobs = (await ports.store.dueBulkJobs(tenant)).map(({ id }) => id)
  let done = 0
  while (jobs.length > 0 && done < slices) {
    const left: BulkJobId[] = []
    for (const id of jobs) {
      if (done >= slices) break
      if (await stepJob(id, name, ports)) {
        done++
        left.push(id)
      }
    }
    jobs = left
  }
  return done
}

/** One slice of one job; false when there is nothing to do for this worker. */
async function stepJob(id: BulkJobId, worker: string, ports: BulkPorts): Promise<boolean> {
  const job = await takeLease(id, worker, ports)
  if (job?.state === 'reading') await readSlice(job, ports)
  else if (job?.state === 'running') await runSlice(job, ports)
  else return false
  return true
}

async function takeLease(
  id: BulkJobId,
  worker: string,
  { store, clock }: BulkPorts,
): Promise<BulkJob | undefined> {
  const job = await store.findBulkJob(id)
  const now = clock.now()
  if (!job || (job.lease && job.lease.worker !== worker && job.lease.until > now)) return undefined
  // Its own lease is renewed when half of it is over: most slices need no write for it.
  if (job.lease?.worker === worker && job.lease.until.getTime() - now.getTime() > leaseSeconds * 500)
    return job
  const until = new Date(now.getTime() + leaseSeconds * 1000)
  const leased = { ...job, lease: { worker, until }, version: job.version + 1 }
  return (await store.saveBulkJob(leased)) ? leased : undefined
}

/** Reads and checks the next rows; nothing is done to anybody. */
async function readSlice(job: BulkJob, ports: BulkPorts): Promise<void> {
  const work = workOf(job)
  const { rows: drafts, reading, problem } = await work.read(job as never, sliceRows, ports)
  if (problem) {
    await advance(job, ports, { state: 'failed', problem, finishedAt: ports.clock.now() })
    await dropUpload(job, ports)
    return
  }
  const judged = await withoutTwins(job, drafts, await work.check(job as never, drafts, ports), ports)
  const rows = drafts.map(({ line, cells }, place): BulkRow => {
    const { mark: _mark, emailMark: _emailMark, ...verdict } = judged[place] as JudgedRow
    return { number: job.rows + place + 1, line, ran: false, ...verdict, ...kept(verdict, cells) }
  })
  await ports.store.saveBulkRows(job.id, rows)
  await advance(job, ports, {
    reading,
    rows: job.rows + rows.length,
    counts: counted(job.counts, rows),
    ...(reading.finished ? await whenRead(job, ports) : {}),
  })
  // Only now: a slice that was cut off reads its rows again.
  if (reading.finished) await dropUpload(job, ports)
}

/** Nobody reads the file again; what is left of it are the cells of the rows. */
async function dropUpload({ order }: BulkJob, { store }: BulkPorts): Promise<void> {
  const file = fileOf(order)
  if (file) await store.deleteUpload(file.upload)
}

/**
 * A second row about the same is one too many, wherever in the file the first one stands; so is one that gives
 * somebody else the address of the first.
 */
async function withoutTwins(
  { id }: BulkJob,
  drafts: readonly DraftRow[],
  judged: readonly JudgedRow[],
  { store }: BulkPorts,
): Promise<JudgedRow[]> {
  const firstLines = async (of: 'mark' | 'emailMark') => {
    const marks = judged.flatMap(({ [of]: mark }, place) => {
      return mark === undefined ? [] : [{ mark, number: drafts[place]?.line ?? 0 }]
    })
    const holders = marks.length > 0 ? await store.claimMarks(id, marks) : []
    return new Map(marks.map(({ number }, place) => [number, holders[place]]))
  }
  const [same, shared] = [await firstLines('mark'), await firstLines('emailMark')]
  return judged.map((row, place) => {
    const number = drafts[place]?.line ?? -1
    const [line, lineOfAddress] = [same.get(number), shared.get(number)]
    const problem =
      line !== undefined
        ? { ...rowProblem('twice', `Row ${line} is about the same.`), line }
        : lineOfAddress !== undefined
          ? {
              ...emailShared(`row ${lineOfAddress} has this address for another account`),
              line: lineOfAddress,
            }
          : undefined
    if (!problem) return row
    return { state: 'invalid', about: row.about, problems: [...row.problems, problem] }
  })
}

async function whenRead(job: BulkJob, { store, clock }: BulkPorts): Promise<Partial<BulkJob>> {
  if (!job.startWhenRead) return { state: 'checked' }
  const { fourEyes } = await store.institutionSettings(job.tenant)
  return started(job, fourEyes, clock.now())
}

/** Does the next rows that are ready, and writes what came of them. */
async function runSlice(job: BulkJob, ports: BulkPorts): Promise<void> {
  const { store, clock } = ports
  const rows = await store.bulkRows(job.id, job.position, sliceRows)
  const ready = rows.filter(({ state }) => state === 'ready')
  const judged = ready.length === 0 ? [] : await workOf(job).run(job as never, ready, ports)
  const finished = ready.map(({ number, line, cells }, place): BulkRow => {
    const { mark: _mark, emailMark: _emailMark, ...verdict } = judged[place] as JudgedRow
    return { number, line, ran: true, ...verdict, ...kept(verdict, cells) }
  })
  await store.saveBulkRows(job.id, finished)
  const position = job.position + rows.length
  await advance(job, ports, {
    position,
    counts: recounted(job.counts, [...rows.filter(({ state }) => state !== 'ready'), ...finished]),
    ...(position > job.rows ? { state: 'done' as const, finishedAt: clock.now() } : {}),
  })
}

/** What the file said of somebody is kept while it has to be done or put right; of who was erased, never. */
function kept({ state, problems }: JudgedRow, cells: BulkRow['cells']): Pick<BulkRow, 'cells'> {
  const waits = state === 'ready' || state === 'invalid' || state === 'failed'
  return cells && waits && problems.every(({ code }) => code !== 'learner_erased') ? { cells } : {}
}

/**
 * Writes how far a job has come. Somebody may have paused or cancelled it meanwhile: what was done is done,
 * so it is added to what they wrote. When another worker has taken over, its word counts and ours is dropped.
 */
async function advance(job: BulkJob, { store }: BulkPorts, change: Partial<BulkJob>): Promise<void> {
  let fresh: BulkJob | undefined = job
  for (let attempt = 0; attempt < 20 && fresh; attempt++) {
    const others =
      fresh.lease?.worker !== job.lease?.worker || fresh.position !== job.position || fresh.rows !== job.rows
    if (others) return
    const next = { ...withoutIdleLease(merged(fresh, change)), version: fresh.version + 1 }
    if (await store.saveBulkJob(next)) return
    fresh = await store.findBulkJob(job.id)
  }
}

/** The job as somebody may have steered it meanwhile, with what a slice has done. */
function merged(fresh: BulkJob, { state, ...progress }: Partial<BulkJob>): BulkJob {
  if (state === undefined || fresh.state === 'cancelled') return { ...fresh, ...progress }
  // Nothing is started behind a pause, resuming does that; but what has ended has ended.
  if (fresh.state === 'paused' && state === 'running') {
    const { startedAt: _notYet, ...read } = progress
    return { ...fresh, ...read, resumesTo: state }
  }
  const { resumesTo: _over, ...rest } = fresh
  return { ...rest, ...progress, state }
}

/** Nobody works on a job that is not due. */
function withoutIdleLease(job: BulkJob): BulkJob {
  if (isDue(job)) return job
  const { lease: _over, ...rest } = job
  return rest
}

function counted(counts: BulkCounts, rows: readonly BulkRow[]): BulkCounts {
  const next = { ...counts }
  for (const { state } of rows) next[state]++
  return next
}

/**
 * The counts after a slice: counts and position are written together, so every row of the slice that was
 * run, now or before a crash, was counted as ready until now.
 */
function recounted(counts: BulkCounts, rows: readonly BulkRow[]): BulkCounts {
  const next = { ...counts }
  for (const { state } of rows.filter(({ ran }) => ran)) {
    next.ready--
    next[state]++
  }
  return next
}
