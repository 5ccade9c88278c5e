import type { Ports } from '#core/ports.ts'
import { type Attempt, type Graded, type LiveAttempt, type Phase, phases } from './attempt.ts'
import { gradeAttempt } from './grade-attempt.ts'
import type { Practical } from './practical.ts'
import { reduce } from './reduce.ts'
import { type FinalRun, isFinal, type Run } from './run.ts'
import type { RunEffect, RunEvent } from './run-events.ts'
import { jobKey } from './run-secrets.ts'
import type { Site } from './site.ts'

export type StepPorts = Pick<
  Ports,
  'store' | 'clock' | 'random' | 'signers' | 'practicals' | 'ontology' | 'sites'
>

export interface Stepped {
  attempt: Attempt
  run: Run
  effects: RunEffect[]
}

/**
 * Feeds one event to the attempt's run and writes everything that follows in one transaction: the run, the
 * attempt, the next run if there is one, the event. `undefined` when somebody else moved it first.
 */
export async function stepAttempt(
  attempt: LiveAttempt,
  event: RunEvent,
  ports: StepPorts,
): Promise<Stepped | undefined> {
  const runs = await ports.store.runsOf(attempt.id)
  const run = runs.find(({ number }) => number === attempt.runNumber)
  if (!run) throw new Error('an attempt names a run that is gone')
  const reduced = reduce(run, event)
  const next = isFinal(reduced.run) ? follow(attempt, reduced.run, ports) : undefined
  const asked = event.type === 'cancel-asked' && attempt.state !== 'recording'
  const moved: Attempt =
    next?.attempt ??
    withPhase(
      { ...attempt, nextAt: dueAt(attempt, reduced.run, event.at), ...(asked ? { state: 'stopping' } : {}) },
      reduced.run,
      event.at,
    )
  const saved = await ports.store.saveStep({
    attempt: moved,
    runs: [reduced.run, ...(next?.run ? [next.run] : [])],
    event: {
      at: event.at,
      run: run.number,
      type: event.type,
      state: reduced.run.state,
      effects: reduced.effects.map(({ type }) => type),
    },
  })
  if (!saved) return undefined
  const bumped = <T extends { version: number }>(thing: T): T => ({ ...thing, version: thing.version + 1 })
  return { attempt: bumped(moved), run: bumped(next?.run ?? reduced.run), effects: reduced.effects }
}

/** Exactly the practical the attempt was started with; `undefined` when this deployment no longer has it. */
export function findPracticalOf(
  attempt: Attempt,
  { practicals }: Pick<Ports, 'practicals'>,
): Practical | undefined {
  const { id, version, specHash, graderSha256 } = attempt.practical
  const practical = practicals.find(id, version)
  return practical?.specHash === specHash && practical.graderSha256 === graderSha256 ? practical : undefined
}

export function practicalOf(attempt: Attempt, ports: Pick<Ports, 'practicals'>): Practical {
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

/** What an ended run means for its attempt. */
function follow(attempt: LiveAttempt, run: FinalRun, ports: StepPorts): { attempt: Attempt; run?: Run } {
  const at = ports.clock.now()
  const end = <S extends object>(more: S) => {
    const { nextAt: _never, ...rest } = attempt
    const ended = { ...rest, endedAt: at, phases: [...attempt.phases, { phase: 'ended' as const, at }] }
    return { attempt: { ...ended, ...more } }
  }
  switch (run.state) {
    case 'DONE': {
      if (attempt.state === 'stopping') return end({ state: 'cancelled' as const })
      if (run.stage === 'work') return begin({ ...attempt, state: 'grading' }, 'grade', 1, ports)
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
      return { attempt: { ...attempt, state: 'recording', nextAt: at, graded } }
    }
    case 'INFRA': {
      if (attempt.state === 'stopping') return end({ state: 'cancelled' as const })
      if (run.try >= 3) return end({ state: 'void' as const, reason: run.reason })
      return begin(attempt, run.stage, run.try + 1, ports)
    }
    case 'FAILED':
      if (attempt.state === 'stopping') return end({ state: 'cancelled' as const })
      // The grader is ours: when it does not come to an end, the learner does not pay.
      if (run.stage === 'grade' && run.reason !== 'integrity')
        return end({ state: 'void' as const, reason: `grader: ${run.reason}` })
      return end({ state: 'failed' as const, stage: run.stage, reason: run.reason })
    case 'CANCELLED':
      return end({ state: 'cancelled' as const })
    case 'REJECTED':
      return end({ state: 'void' as const, reason: run.reason })
  }
}

function begin(
  attempt: LiveAttempt,
  stage: Run['stage'],
  tryNumber: number,
  ports: StepPorts,
): { attempt: Attempt; run: Run } {
  const at = ports.clock.now()
  const run: Run = {
    id: ports.random.id(attempt.tenant, 'run'),
    attemptId: attempt.id,
    stage,
    number: attempt.runNumber + 1,
    try: tryNumber,
    key: jobKey(ports.signers, attempt.id, stage, tryNumber),
    nonce: Buffer.from(ports.random.bytes(16)).toString('base64url'),
    wallSeconds: practicalOf(attempt, ports)[stage].limits.wallSeconds,
    createdAt: at,
    version: 0,
    state: 'CREATED',
    notBefore: at,
  }
  return { attempt: { ...attempt, runId: run.id, runNumber: run.number, nextAt: at }, run }
}

const shortestPollSeconds = 0.5
const longestPollSeconds = 60
/** A SUBMITTING run belongs to whoever is sending it; after this long nobody is. */
const submitLeaseSeconds = 20

/** When to look again: soon after the last change, then later and later. */
function dueAt(attempt: LiveAttempt, run: Run, at: Date): Date {
  if (run.state === 'CREATED' && run.notBefore > at) return run.notBefore
  if (run.state === 'SUBMITTING') return new Date(at.getTime() + submitLeaseSeconds * 1000)
  const lastChange = attempt.phases.at(-1)?.at ?? attempt.createdAt
  const seconds = Math.min(
    longestPollSeconds,
    Math.max(shortestPollSeconds, (at.getTime() - lastChange.getTime()) / 8000),
  )
  return new Date(at.getTime() + seconds * 1000)
}

function withPhase(attempt: Attempt, run: Run, at: Date): Attempt {
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
