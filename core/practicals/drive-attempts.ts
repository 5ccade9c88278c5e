import { recordGradedRun } from '#core/assessments/record-graded-run.ts'
import type { TenantTag } from '#core/ids.ts'
import type { Ports } from '#core/ports.ts'
import { Refusal, type RefusalCode } from '#core/refusal.ts'
import { type Attempt, isLive, type LiveAttempt } from './attempt.ts'
import { collectRun, workRunOf } from './collect-run.ts'
import { forgetFiles } from './forget-attempts.ts'
import { type JobRequest, type Queue, QueueError } from './queue.ts'
import type { Run } from './run.ts'
import type { RunEvent } from './run-events.ts'
import { isForgotten, keepRunFiles } from './run-files.ts'
import { hiddenSeed, manifestKey } from './run-secrets.ts'
import { findPracticalOf, practicalOf, siteOf, stepAttempt } from './step-attempt.ts'
import { voidAttempt } from './void-attempt.ts'

export type DrivePorts = Pick<
  Ports,
  'store' | 'clock' | 'random' | 'signers' | 'practicals' | 'ontology' | 'sites' | 'files' | 'settings'
>

const attemptsPerRound = 50

/**
 * Looks at every live attempt that is due and moves it one step. Safe to run at any time, twice at once,
 * and after a crash at any point: the stored state alone decides what happens next. Answers how many moved.
 */
export async function driveAttempts(ports: DrivePorts): Promise<number> {
  let moved = 0
  for (const { tag } of await ports.store.listInstitutions()) moved += await driveTenant(tag, ports)
  return moved
}

async function driveTenant(tenant: TenantTag, ports: DrivePorts): Promise<number> {
  const due = await ports.store.dueAttempts(tenant, ports.clock.now(), attemptsPerRound)
  let moved = 0
  const failures: unknown[] = []
  for (const attempt of due) {
    try {
      if (await advanceAttempt(attempt, ports)) moved++
    } catch (error) {
      // One attempt that cannot be moved must not hold up the others.
      failures.push(error)
    }
  }
  if (failures.length > 0)
    throw new AggregateError(failures, `${failures.length} attempts could not be moved`)
  return moved
}

/** Moves one attempt as far as it goes without waiting. True when anything was written. */
export async function advanceAttempt(due: Attempt, ports: DrivePorts): Promise<boolean> {
  // The list came through an index, which may lag: decide on the item itself.
  const attempt = await ports.store.findAttempt(due.id)
  if (!attempt || !isLive(attempt)) return false
  if (attempt.state === 'recording') return record(attempt, ports)
  const runs = await ports.store.runsOf(attempt.id)
  const run = runs.find(({ number }) => number === attempt.runNumber)
  if (!run) throw new Error('an attempt names a run that is gone')
  if (!findPracticalOf(attempt, ports)) return voidAttempt(attempt, run, ports)
  const events = await happened(attempt, run, runs, ports)
  let current: LiveAttempt = attempt
  for (const event of events) {
    if (event.type === 'ended') await keepRunFiles(current, run, siteOf(attempt, ports), ports)
    const stepped = await stepAttempt(current, event, ports)
    if (!stepped) return true
    if (!isLive(stepped.attempt)) {
      if (isForgotten(stepped.attempt)) await forgetFiles(stepped.attempt, ports)
      return true
    }
    if (stepped.effects.some(({ type }) => type === 'submit'))
      return send(stepped.attempt, stepped.run, runs, ports)
    current = stepped.attempt
    if (current.state === 'recording') return record(current, ports)
  }
  return events.length > 0
}

/** Asks the world what the state of a run wants to know. */
async function happened(
  attempt: LiveAttempt,
  run: Run,
  runs: readonly Run[],
  ports: DrivePorts,
): Promise<RunEvent[]> {
  const at = ports.clock.now()
  const site = siteOf(attempt, ports)
  const { queue } = site
  switch (run.state) {
    case 'CREATED':
      // Sites with budgets answer here; the local executor has none.
      return [{ type: 'budget-reserved', at }]
    case 'SUBMITTING':
      // Its lease is over, so whoever was sending died on the way: it may or may not have been heard.
      return [{ type: 'submit-failed', kind: 'unconfirmed', reason: 'no answer was recorded', at }]
    case 'UNCONFIRMED':
      return resolve(run.key, run.submittedAt, queue, at)
    case 'QUEUED':
    case 'RUNNING':
      return [await look(run.jobId, queue, at)]
    case 'STUCK':
      await cancel(run.jobId, queue)
      return [await look(run.jobId, queue, at)]
    case 'CANCELLING':
      if (run.jobId === undefined) return resolve(run.key, run.submittedAt, queue, at)
      await cancel(run.jobId, queue)
      return [await look(run.jobId, queue, at)]
    case 'LOST':
    case 'COLLECTING': {
      const delivery = await collectRun(attempt, run, runs, practicalOf(attempt, ports), site, ports)
      return [delivery ? { type: 'delivered', delivery, at } : { type: 'tick', at }]
    }
    default:
      return []
  }
}

async function resolve(key: string, submittedAt: Date, queue: Queue, at: Date): Promise<RunEvent[]> {
  if ((await queue.health()) === 'down') return [{ type: 'tick', at }]
  const found = await unlessSiteFails(() => queue.findByKey(key, submittedAt))
  // Only an answer can say that there is no such job.
  if (!found) return [{ type: 'tick', at }]
  const [first, ...twins] = found.sort((a, b) => a.jobId.localeCompare(b.jobId, 'en', { numeric: true }))
  if (!first) return [{ type: 'not-found', at }]
  for (const twin of twins) await cancel(twin.jobId, queue)
  return [{ type: 'found', jobId: first.jobId, at }]
}

const cancel = (jobId: string, queue: Queue) => unlessSiteFails(() => queue.cancel(jobId))

/** `undefined` when the site cannot be asked right now; it is asked again when the run is next due. */
async function unlessSiteFails<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof QueueError) return undefined
    throw error
  }
}

async function look(jobId: string, queue: Queue, at: Date): Promise<RunEvent> {
  const job = await unlessSiteFails(() => queue.get(jobId))
  // A site that cannot be asked tells nothing about the job; time still passes.
  if (!job) return { type: 'tick', at }
  if (job === 'unknown') return { type: 'unknown', at }
  switch (job.state) {
    case 'pending':
      return { type: 'pending', at }
    case 'running':
      return {
        type: 'running',
        at,
        startedAt: job.startedAt,
        ...(job.hardware ? { hardware: job.hardware } : {}),
      }
    case 'ended': {
      const { outcome, reason, startedAt, endedAt, hardware } = job
      return {
        type: 'ended',
        at,
        outcome,
        reason,
        endedAt,
        ...(startedAt ? { startedAt } : {}),
        ...(hardware ? { hardware } : {}),
      }
    }
  }
}

/** The intention is written; now, and only now, the job may go out. */
async function send(
  attempt: LiveAttempt,
  run: Run,
  runs: readonly Run[],
  ports: DrivePorts,
): Promise<boolean> {
  let event: RunEvent
  try {
    const { jobId } = await siteOf(attempt, ports).queue.submit(jobOf(attempt, run, runs, ports))
    event = { type: 'submitted', jobId, at: ports.clock.now() }
  } catch (error) {
    const kind = error instanceof QueueError ? error.kind : 'unconfirmed'
    const reason = error instanceof QueueError ? error.message : 'the queue failed'
    event = { type: 'submit-failed', kind, reason, at: ports.clock.now() }
  }
  // Lost to another writer (a cancel): that state resolves by key.
  await stepAttempt(attempt, event, ports)
  return true
}

function jobOf(attempt: LiveAttempt, run: Run, runs: readonly Run[], ports: DrivePorts): JobRequest {
  const practical = practicalOf(attempt, ports)
  const job = {
    key: run.key,
    stage: run.stage,
    partition: attempt.partition,
    practical: { id: practical.id, version: practical.version },
    environment: { SKA_ATTEMPT: attempt.id, SKA_RUN_KEY: run.key },
    resources: practical[run.stage].resources,
    limits: practical[run.stage].limits,
    isolation: practical[run.stage].isolation,
  }
  if (run.stage === 'work') {
    const configuration = Buffer.from(JSON.stringify(attempt.configuration))
    return { ...job, inputs: [{ name: 'configuration.json', bytes: configuration }] }
  }
  const secret = {
    key: Buffer.from(manifestKey(ports.signers, run.key, run.nonce)).toString('base64url'),
    nonce: run.nonce,
    seed: hiddenSeed(ports.signers, attempt.id, attempt.practical.specHash),
    specHash: attempt.practical.specHash,
    graderSha256: practical.graderSha256,
    // From our own record: what the artefact claims is held against it.
    configuration: attempt.configuration,
  }
  const work = workRunOf(runs)
  return {
    ...job,
    inputs: [],
    ...(work ? { artefactOf: work.key } : {}),
    secret: Buffer.from(JSON.stringify(secret)),
  }
}

/** Writes the assessment that follows, then ends the attempt. The run's id makes the first part safe to repeat. */
async function record(
  attempt: Extract<Attempt, { state: 'recording' }>,
  ports: DrivePorts,
): Promise<boolean> {
  const { nextAt: _never, ...rest } = attempt
  const recorded = await recordAssessment(attempt, ports)
  const at = ports.clock.now()
  return ports.store.saveStep({
    attempt: {
      ...rest,
      state: 'graded',
      recorded,
      endedAt: at,
      phases: [...attempt.phases, { phase: 'ended', at }],
    },
    runs: [],
    event: { at, run: attempt.runNumber, type: 'tick', state: 'DONE', effects: [] },
  })
}

// An offering that takes no local evidence, an award that is already there, a learner who was erased or left
// while the run went on: it stays on record, and trying again would change nothing.
const notCredited: readonly RefusalCode[] = [
  'evidence_not_allowed',
  'already_awarded',
  'not_found',
  'not_enrolled',
]

type Recorded = Extract<Attempt, { state: 'graded' }>['recorded']

async function recordAssessment(
  attempt: Extract<Attempt, { state: 'recording' }>,
  ports: DrivePorts,
): Promise<Recorded> {
  const module = ports.ontology.modules.get(attempt.moduleId)
  if (!module?.assessedByRun || attempt.graded.outcome === 'needs-review') return 'for-assessor'
  const { scorePercent, evidence } = attempt.graded
  const { runId, learnerId, offeringId } = attempt
  try {
    await recordGradedRun({ runId, learnerId, offeringId, scorePercent, evidence }, ports)
    return 'assessment'
  } catch (error) {
    if (error instanceof Refusal && notCredited.includes(error.code)) return 'not-credited'
    throw error
  }
}
