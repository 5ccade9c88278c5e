import type { Ports } from '#core/ports.ts'
import { type Attempt, type Graded, type LiveAttempt, type Phase, phases } from './attempt.ts'
import { firstBudget, reserve, settle } from './attempt-budget.ts'
import { chooseSite, type SiteChoice } from './choose-site.ts'
import { gradeAttempt } from './grade-attempt.ts'
import { nextLook } from './poll-schedule.ts'
import type { Practical } from './practical.ts'
import { patience, reduce } from './reduce.ts'
import {
  type FailureReason,
  type FinalRun,
  isDeliveryFailure,
  isFinal,
  type Run,
  stuckReasons,
} from './run.ts'
import type { RunEffect, RunEvent } from './run-events.ts'
import { jobKey } from './run-secrets.ts'
import type { Site } from './site.ts'
import { siteOptions } from './site-options.ts'
import type { UsageChange } from './usage.ts'

export type StepPorts = Pick<
  Ports,
  'store' | 'clock' | 'random' | 'signers' | 'practicals' | 'ontology' | 'sites' | 'trace'
>

export interface Stepped {
  attempt: Attempt
  run: Run
  effects: RunEffect[]
}

/**
 * Feeds one event to the attempt's run and writes everything that follows in one transaction: the run, the
 * attempt, the next run if there is one, the compute that is used or given back, the event. `undefined` when
 * somebody else moved it first.
 */
export async function stepAttempt(
  attempt: LiveAttempt,
  event: RunEvent,
  ports: StepPorts,
): Promise<Stepped | undefined> {
  const runs = await ports.store.runsOf(attempt.id)
  const run = runs.find(({ number }) => number === attempt.runNumber)
  if (!run) throw new Error('an attempt names a run that is gone')
  const { run: reduced, effects } = reduce(run, event)
  const next = isFinal(reduced) ? await follow(attempt, reduced, ports) : undefined
  const moved = next?.attempt ?? lookedAt(attempt, run, reduced, event, ports)
  const changed = JSON.stringify(reduced) !== JSON.stringify(run)
  // That nothing has happened yet is not kept each time it is seen.
  const isKept = changed || event.type === 'cancel-asked'
  const kept = {
    at: event.at,
    run: run.number,
    type: event.type,
    state: reduced.state,
    effects: effects.map(({ type }) => type),
  }
  const saved = await ports.store.saveStep({
    attempt: moved,
    runs: [...(changed ? [reduced] : []), ...(next?.run ? [next.run] : [])],
    usage: next?.usage ?? [],
    ...(isKept ? { event: kept } : {}),
  })
  if (!saved) return undefined
  const last = next?.run ?? reduced
  return {
    attempt: { ...moved, steps: moved.steps + (isKept ? 1 : 0), version: moved.version + 1 },
    run: changed || next?.run ? { ...last, version: last.version + 1 } : last,
    effects,
  }
}

function lookedAt(
  attempt: LiveAttempt,
  before: Run,
  run: Run,
  event: RunEvent,
  ports: StepPorts,
): LiveAttempt {
  const asked = event.type === 'cancel-asked' && attempt.state !== 'recording'
  // An ended job is collected at once; what was stopped is looked after at once.
  const atOnce = run.state !== before.state && (run.state === 'COLLECTING' || asked)
  const nextAt = atOnce ? event.at : nextLook(run, event.at, ports.sites.find(attempt.site), ports.random)
  return withPhase(
    { ...withJob(attempt, run), nextAt, ...(asked ? { state: 'stopping' } : {}) },
    run,
    event.at,
  )
}

/** The job a run is waited for; none when it is not at the site, or has ended there. */
function jobOf(run: Run): Attempt['job'] {
  const { state } = run
  const isThere = state === 'QUEUED' || state === 'RUNNING' || state === 'STUCK' || state === 'CANCELLING'
  return isThere && run.jobId !== undefined ? { id: run.jobId, state } : undefined
}

function withJob(attempt: LiveAttempt, run: Run): LiveAttempt {
  const { job: _before, ...rest } = attempt
  const job = jobOf(run)
  return job ? { ...rest, job } : rest
}

/** Exactly the practical the attempt was started with; `undefined` when this deployment no longer has it. */
export function findPracticalOf(
  attempt: Pick<Attempt, 'practical'>,
  { practicals }: Pick<Ports, 'practicals'>,
): Practical | undefined {
  const { id, version, specHash, graderSha256 } = attempt.practical
  const practical = practicals.find(id, version)
  return practical?.specHash === specHash && practical.graderSha256 === graderSha256 ? practical : undefined
}

export function practicalOf(
  attempt: Pick<Attempt, 'practical'>,
  ports: Pick<Ports, 'practicals'>,
): Practical {
  const practical = findPracticalOf(attempt, ports)
  if (!practical) throw new Error('the practical of a live attempt has changed or is gone')
  return practical
}

/** The site of an attempt. Throws when this deployment does not know it. */
export function siteOf(attempt: Pick<Attempt, 'site'>, { sites }: Pick<Ports, 'sites'>): Site {
  const site = sites.find(attempt.site)
  if (!site) throw new Error('the site of a live attempt is not known here')
  return site
}

/** Another place for an attempt than where it is; `undefined` when none fits. */
export async function elsewhere(
  attempt: Attempt,
  ports: Pick<Ports, 'store' | 'sites' | 'clock' | 'practicals'>,
): Promise<SiteChoice | undefined> {
  const practical = findPracticalOf(attempt, ports)
  if (!practical) return undefined
  const { learnerId, offeringId } = attempt
  const options = await siteOptions({ learnerId, offeringId, practical }, ports)
  return chooseSite(options.filter(({ site }) => site !== attempt.site))
}

/** The attempt at another place, with what is set aside for it there. What is set aside where it was is not touched. */
export function moveTo(
  attempt: LiveAttempt,
  choice: SiteChoice,
  ports: StepPorts,
): { attempt: LiveAttempt; reserved: UsageChange } {
  const { accountVersion: _before, ...rest } = attempt
  const fresh = firstBudget(practicalOf(attempt, ports), ports.clock.now())
  const budget = { ...fresh, used: attempt.budget.used }
  const moved = { ...rest, ...placeOf(choice), budget }
  const { profile } = siteOf(moved, ports)
  return { attempt: moved, reserved: reserve(moved, budget, profile) }
}

/** Where an attempt goes, as it is kept. */
export function placeOf({
  option: { site, partition, accountVersion, expectedWaitSeconds },
  why,
}: SiteChoice): Pick<Attempt, 'site' | 'partition' | 'accountVersion' | 'choice'> {
  return {
    site,
    partition,
    ...(accountVersion === undefined ? {} : { accountVersion }),
    choice: { why, ...(expectedWaitSeconds === undefined ? {} : { expectedWaitSeconds }) },
  }
}

interface Followed {
  attempt: Attempt
  run?: Run
  /** What of the compute that was set aside is still needed where it is. */
  keep: 'all' | 'grade' | 'none'
  /** The attempt goes on there. */
  move?: SiteChoice
}

/** What an ended run means for its attempt, and for the compute that was set aside for it. */
async function follow(
  attempt: LiveAttempt,
  run: FinalRun,
  ports: StepPorts,
): Promise<{ attempt: Attempt; run?: Run; usage: UsageChange[] }> {
  const next = await nextOf(attempt, run, ports)
  const { budget, change } = settle(attempt, run, next.keep, findPracticalOf(attempt, ports))
  const settled = { ...attempt, budget }
  if (!next.move || !next.run) {
    return { ...next, attempt: { ...next.attempt, budget }, usage: [change] }
  }
  const moved = moveTo(settled, next.move, ports)
  const { runId, runNumber, nextAt } = next.attempt as LiveAttempt
  return {
    attempt: { ...withJob(moved.attempt, next.run), runId, runNumber, nextAt },
    run: { ...next.run, pendingSeconds: pendingSecondsAt(moved.attempt, ports) },
    usage: [change, moved.reserved],
  }
}

async function nextOf(attempt: LiveAttempt, run: FinalRun, ports: StepPorts): Promise<Followed> {
  const at = ports.clock.now()
  const end = (more: Ending): Followed => ({ attempt: { ...endAttempt(attempt, at), ...more }, keep: 'none' })
  if (attempt.state === 'stopping' && run.state !== 'REJECTED') return end({ state: 'cancelled' })
  switch (run.state) {
    case 'DONE': {
      if (run.stage === 'work') return begin({ ...attempt, state: 'grading' }, 'grade', 1, 'grade', ports)
      const module = ports.ontology.modules.get(attempt.moduleId)
      const graded: Graded = gradeAttempt(
        practicalOf(attempt, ports),
        run,
        {
          site: siteOf(attempt, ports).profile,
          partition: attempt.partition,
          supervised: attempt.supervision !== undefined,
        },
        module?.passMarkPercent ?? 100,
      )
      return { attempt: { ...withJob(attempt, run), state: 'recording', nextAt: at, graded }, keep: 'none' }
    }
    case 'INFRA': {
      if (run.try >= patience.tries) return end({ state: 'void', reason: run.reason })
      const again = begin(attempt, run.stage, run.try + 1, 'all', ports)
      // A site that lets jobs wait or has stopped may go on doing so. A grader stays where the work was done.
      const goesOn = run.stage === 'grade' || !isStuckReason(run.reason)
      const move = goesOn ? undefined : await elsewhere(attempt, ports)
      return move ? { ...again, keep: 'none', move } : again
    }
    case 'FAILED':
      // The grader is ours: when it does not come to an end, the learner does not pay.
      if (run.stage === 'grade' && !isDeliveryFailure(run.reason))
        return end({ state: 'void', reason: `grader: ${run.reason}` })
      return end({ state: 'failed', stage: run.stage, reason: run.reason })
    case 'CANCELLED':
      return end({ state: 'cancelled', ...(run.cancelAsked ? {} : { atSite: true }) })
    case 'REJECTED': {
      // What one site does not take another may.
      const move =
        run.stage === 'work' && run.try < patience.tries && attempt.state !== 'stopping'
          ? await elsewhere(attempt, ports)
          : undefined
      if (!move) return end({ state: 'void', reason: run.reason })
      return { ...begin(attempt, run.stage, run.try + 1, 'none', ports), move }
    }
  }
}

type Ending =
  | { state: 'failed'; stage: Run['stage']; reason: FailureReason }
  | { state: 'void'; reason: string }
  | { state: 'cancelled'; atSite?: true }

const isStuckReason = (reason: string) => (stuckReasons as readonly string[]).includes(reason)

/** The members of an attempt that has ended. */
export function endAttempt<A extends LiveAttempt>(attempt: A, at: Date) {
  const { nextAt: _never, job: _none, ...rest } = attempt
  return { ...rest, endedAt: at, phases: [...attempt.phases, { phase: 'ended' as const, at }] }
}

function begin(
  attempt: LiveAttempt,
  stage: Run['stage'],
  tryNumber: number,
  keep: Followed['keep'],
  ports: StepPorts,
): Followed & { run: Run } {
  const at = ports.clock.now()
  const run = newRun({ ...attempt, runNumber: attempt.runNumber + 1 }, stage, tryNumber, ports)
  const next = { ...withJob(attempt, run), runId: run.id, runNumber: run.number, nextAt: at }
  return { attempt: next, run, keep }
}

/** A run of an attempt that is not sent yet. */
export function newRun(
  attempt: Pick<Attempt, 'id' | 'tenant' | 'site' | 'practical' | 'runNumber'>,
  stage: Run['stage'],
  tryNumber: number,
  ports: Pick<StepPorts, 'clock' | 'random' | 'signers' | 'practicals' | 'sites'>,
): Run {
  const at = ports.clock.now()
  return {
    id: ports.random.id(attempt.tenant, 'run'),
    attemptId: attempt.id,
    stage,
    number: attempt.runNumber,
    try: tryNumber,
    key: jobKey(ports.signers, attempt.id, stage, tryNumber),
    nonce: Buffer.from(ports.random.bytes(16)).toString('base64url'),
    wallSeconds: practicalOf(attempt, ports)[stage].limits.wallSeconds,
    pendingSeconds: pendingSecondsAt(attempt, ports),
    createdAt: at,
    version: 0,
    state: 'CREATED',
    notBefore: at,
  }
}

export const pendingSecondsAt = ({ site }: Pick<Attempt, 'site'>, { sites }: Pick<Ports, 'sites'>) =>
  (sites.find(site)?.profile.maxPendingMinutes ?? 1440) * 60

function withPhase(attempt: LiveAttempt, run: Run, at: Date): LiveAttempt {
  const phase = phaseOf(run)
  if (!phase || attempt.phases.some((known) => known.phase === phase)) return attempt
  return { ...attempt, phases: [...attempt.phases, { phase, at }] }
}

function phaseOf({ stage, state }: Run): Phase | undefined {
  const word = ({ QUEUED: 'queued', RUNNING: 'running', COLLECTING: 'collecting' } as const)[
    state as 'QUEUED' | 'RUNNING' | 'COLLECTING'
  ]
  const phase = `${stage}-${word}`
  return (phases as readonly string[]).includes(phase) ? (phase as Phase) : undefined
}
