import type { JobHardware } from './queue.ts'
import type { FailureReason, Run, StuckReason } from './run.ts'
import { isDeliveryFailure, isFinal } from './run.ts'
import type { RunEffect, RunEvent } from './run-events.ts'

export interface Reduced {
  run: Run
  effects: RunEffect[]
}

/** Limits of waiting, in seconds. */
export const patience = {
  /** A POST without an answer is looked for this long before it is sent again. */
  resubmitAfterSeconds: 60,
  /** A job that outlives its limit by this much is stuck. */
  overrunSeconds: 600,
  /** How long an ended or lost job's delivery is waited for. */
  deliverySeconds: 600,
  /** First pause after a site that cannot be reached; doubles up to 64 times. */
  backoffSeconds: 2,
  /** Tries of one stage; more than the first only after infrastructure failures. */
  tries: 3,
} as const

type Live = Exclude<Run, { state: 'DONE' | 'FAILED' | 'INFRA' | 'CANCELLED' | 'REJECTED' }>
type With<S extends Run['state']> = Extract<Run, { state: S }>

/**
 * The whole life of a job, in one pure function. Events may come late, twice or in any order; a final
 * state never changes, and scheduler state and delivery lead to the same end whichever comes first.
 */
export function reduce(run: Run, event: RunEvent): Reduced {
  if (isFinal(run)) return { run, effects: [] }
  if (event.type === 'delivered') return delivered(run, event)
  if (event.type === 'cancel-asked') return cancelAsked(run, event)
  if (event.type === 'ended') return ended(run, event)
  if (event.type === 'site-stopped') return siteStopped(run, event)
  switch (run.state) {
    case 'CREATED':
      return created(run, event)
    case 'SUBMITTING':
      return submitting(run, event)
    case 'UNCONFIRMED':
      return unconfirmed(run, event)
    case 'QUEUED':
      return queued(run, event)
    case 'RUNNING':
      return running(run, event)
    case 'STUCK':
      return event.type === 'unknown' ? unknown(run, event) : same(run, { type: 'cancel' })
    case 'LOST':
      return lost(run, event)
    case 'CANCELLING':
      return cancelling(run, event)
    case 'COLLECTING':
      return collecting(run, event)
  }
}

const same = (run: Run, ...effects: RunEffect[]): Reduced => ({ run, effects })
const after = (from: Date, seconds: number, now: Date) => now.getTime() >= from.getTime() + seconds * 1000

/** The members every state has, without those of the state it leaves. */
function base({ id, attemptId, stage, number, try: tryNumber, key, nonce, wallSeconds, ...rest }: Run) {
  const { pendingSeconds, createdAt, delivery, cancelAsked, ownAccount, version } = rest
  return {
    id,
    attemptId,
    stage,
    number,
    try: tryNumber,
    key,
    nonce,
    wallSeconds,
    pendingSeconds,
    createdAt,
    version,
    ...(delivery ? { delivery } : {}),
    ...(cancelAsked ? { cancelAsked } : {}),
    ...(ownAccount ? { ownAccount } : {}),
  }
}

function created(run: With<'CREATED'>, event: RunEvent): Reduced {
  if (event.type === 'budget-reserved' && event.at >= run.notBefore) {
    const { at, ownAccount } = event
    // It may have moved since it was to be sent before: whose account it is to run under is said anew.
    const { ownAccount: _before, ...rest } = base(run)
    return {
      run: { ...rest, ...(ownAccount ? { ownAccount } : {}), state: 'SUBMITTING', submittedAt: at },
      effects: [{ type: 'submit' }],
    }
  }
  if (event.type === 'quota-exceeded') {
    const rejected: Run = { ...base(run), state: 'REJECTED', reason: 'quota', endedAt: event.at }
    return { run: rejected, effects: [{ type: 'tell', why: 'quota' }] }
  }
  return same(run)
}

function submitting(run: With<'SUBMITTING'>, event: RunEvent): Reduced {
  if (event.type === 'submitted' || event.type === 'found') return queue(run, event.jobId, event.at)
  if (event.type !== 'submit-failed') return same(run)
  switch (event.kind) {
    case 'rejected':
      return {
        run: { ...base(run), state: 'REJECTED', reason: event.reason, endedAt: event.at },
        effects: [{ type: 'release' }, { type: 'tell', why: event.reason }],
      }
    case 'auth':
    case 'unavailable':
      return backOff(run, event.at, event.kind)
    case 'unconfirmed':
      return {
        run: { ...base(run), state: 'UNCONFIRMED', submittedAt: run.submittedAt, misses: 0 },
        effects: [{ type: 'resolve' }],
      }
  }
}

/** Nothing was sent, so it is safe to begin again, later each time. */
function backOff(run: With<'SUBMITTING'>, at: Date, why: string): Reduced {
  const waited = Math.max(patience.backoffSeconds, (at.getTime() - run.createdAt.getTime()) / 1000)
  const pause = Math.min(waited, patience.backoffSeconds * 64)
  return {
    run: { ...base(run), state: 'CREATED', notBefore: new Date(at.getTime() + pause * 1000) },
    effects: [{ type: 'release' }, { type: 'alarm', why }],
  }
}

const queue = (run: With<'SUBMITTING' | 'UNCONFIRMED'>, jobId: string, at: Date): Reduced => ({
  run: {
    ...base(run),
    state: 'QUEUED',
    submittedAt: run.submittedAt,
    jobId,
    unknowns: 0,
    queuedAt: at,
  },
  effects: [{ type: 'poll' }],
})

function unconfirmed(run: With<'UNCONFIRMED'>, event: RunEvent): Reduced {
  // The answer to the POST may still come; it says the same as a job found by its key.
  if (event.type === 'found' || event.type === 'submitted') return queue(run, event.jobId, event.at)
  if (event.type !== 'not-found') return same(run, { type: 'resolve' })
  const misses = run.misses + 1
  if (misses >= 2 && after(run.submittedAt, patience.resubmitAfterSeconds, event.at)) {
    if (event.hold)
      return { run: { ...base(run), state: 'CREATED', notBefore: event.at, sent: true }, effects: [] }
    return {
      run: { ...base(run), state: 'SUBMITTING', submittedAt: event.at },
      effects: [{ type: 'submit' }],
    }
  }
  return { run: { ...run, misses }, effects: [{ type: 'resolve' }] }
}

function queued(run: With<'QUEUED'>, event: RunEvent): Reduced {
  switch (event.type) {
    case 'running':
      return start(run, event)
    case 'unknown':
      return unknown(run, event)
    case 'pending':
    case 'tick':
      if (after(run.queuedAt, run.pendingSeconds, event.at)) return stuck(run, event.at)
      return same({ ...run, unknowns: event.type === 'pending' ? 0 : run.unknowns }, { type: 'poll' })
    default:
      return same(run)
  }
}

const start = (run: With<'QUEUED' | 'RUNNING'>, event: Extract<RunEvent, { type: 'running' }>): Reduced => ({
  run: {
    ...base(run),
    state: 'RUNNING',
    submittedAt: run.submittedAt,
    queuedAt: run.queuedAt,
    jobId: run.jobId,
    unknowns: 0,
    startedAt: event.startedAt,
    ...keepHardware(run, event),
  },
  effects: [{ type: 'poll' }],
})

// Devices are listed only while a job runs: what was seen then is kept when a later answer is silent.
function keepHardware(run: Run, event: { hardware?: JobHardware }) {
  const known = event.hardware ?? ('hardware' in run ? run.hardware : undefined)
  return known ? { hardware: known } : {}
}

function running(run: With<'RUNNING'>, event: RunEvent): Reduced {
  switch (event.type) {
    case 'running':
    case 'tick': {
      if (after(run.startedAt, run.wallSeconds + patience.overrunSeconds, event.at))
        return stuck(run, event.at)
      return event.type === 'running' ? start(run, event) : same(run, { type: 'poll' })
    }
    case 'unknown':
      return unknown(run, event)
    default:
      return same(run)
  }
}

const stuck = (run: With<'QUEUED' | 'RUNNING'>, at: Date, why: StuckReason = 'stuck'): Reduced => ({
  run: {
    ...base(run),
    state: 'STUCK',
    why,
    submittedAt: run.submittedAt,
    queuedAt: run.queuedAt,
    jobId: run.jobId,
    unknowns: 0,
    since: at,
  },
  effects: [{ type: 'cancel' }, { type: 'alarm', why }],
})

/** What is at the site is cancelled; what is not sent yet waits, and what may be there is looked for. */
function siteStopped(run: Live, event: RunEvent): Reduced {
  if (run.state === 'QUEUED' || run.state === 'RUNNING') return stuck(run, event.at, 'site-stopped')
  return same(run)
}

function unknown(run: With<'QUEUED' | 'RUNNING' | 'STUCK'>, event: RunEvent): Reduced {
  const unknowns = run.unknowns + 1
  if (unknowns < 2) return same({ ...run, unknowns }, { type: 'poll' })
  const startedAt = run.state === 'RUNNING' ? { startedAt: run.startedAt } : {}
  const goneMissing: With<'LOST'> = {
    ...base(run),
    state: 'LOST',
    submittedAt: run.submittedAt,
    jobId: run.jobId,
    unknowns,
    since: event.at,
    ...(run.state === 'STUCK' ? { why: run.why } : {}),
    ...startedAt,
    ...('hardware' in run && run.hardware ? { hardware: run.hardware } : {}),
  }
  // A valid delivery proves what the forgetful scheduler no longer can.
  if (run.delivery?.verdict === 'valid') return done(goneMissing, event.at)
  return { run: goneMissing, effects: [{ type: 'collect' }, { type: 'alarm', why: 'lost' }] }
}

function lost(run: With<'LOST'>, event: RunEvent): Reduced {
  if (after(run.since, patience.deliverySeconds, event.at))
    return run.why ? infra(run, run.why, event.at) : missing(run, 'lost', event)
  return same(run, { type: 'collect' })
}

function cancelling(run: With<'CANCELLING'>, event: RunEvent): Reduced {
  switch (event.type) {
    case 'submitted':
    case 'found':
      return same({ ...run, jobId: event.jobId }, { type: 'cancel' })
    case 'unknown':
    case 'not-found': {
      const misses = run.misses + 1
      const gone = misses >= 2 && after(run.submittedAt, patience.resubmitAfterSeconds, event.at)
      if (gone || (misses >= 2 && run.jobId !== undefined)) return cancelled(run, event.at)
      return same({ ...run, misses }, { type: run.jobId === undefined ? 'resolve' : 'cancel' })
    }
    case 'running':
      // Kept for the bill: what a job is given is told only while it runs.
      return same({ ...run, startedAt: event.startedAt, ...keepHardware(run, event) }, { type: 'cancel' })
    default:
      return same(run, { type: run.jobId === undefined ? 'resolve' : 'cancel' })
  }
}

/** `facts` are what the scheduler said of the job's end; without them it ends now. */
function cancelled(run: With<'CANCELLING'>, at: Date, facts?: EndFacts): Reduced {
  const startedAt = facts?.startedAt ?? run.startedAt
  return {
    run: {
      ...base(run),
      state: 'CANCELLED',
      ...(run.jobId === undefined ? {} : { jobId: run.jobId }),
      ...(startedAt ? { startedAt } : {}),
      endedAt: facts?.endedAt ?? at,
      ...keepHardware(run, facts ?? {}),
    },
    effects: [{ type: 'settle' }],
  }
}
type EndFacts = Pick<Extract<RunEvent, { type: 'ended' }>, 'startedAt' | 'endedAt' | 'hardware'>

function cancelAsked(run: Live, event: RunEvent): Reduced {
  switch (run.state) {
    case 'CREATED':
      return {
        run: { ...base(run), cancelAsked: true, state: 'CANCELLED', endedAt: event.at },
        effects: [{ type: 'release' }],
      }
    case 'SUBMITTING':
    case 'UNCONFIRMED':
      return {
        run: {
          ...base(run),
          cancelAsked: true,
          state: 'CANCELLING',
          submittedAt: run.submittedAt,
          since: event.at,
          misses: 0,
        },
        effects: [{ type: 'resolve' }],
      }
    case 'QUEUED':
    case 'RUNNING':
    case 'STUCK':
    case 'LOST':
      return {
        run: {
          ...base(run),
          cancelAsked: true,
          state: 'CANCELLING',
          submittedAt: run.submittedAt,
          jobId: run.jobId,
          since: event.at,
          misses: 0,
          ...('startedAt' in run && run.startedAt ? { startedAt: run.startedAt } : {}),
          ...keepHardware(run, {}),
        },
        effects: [{ type: 'cancel' }],
      }
    // The job has ended; there is nothing left to stop, and the work done counts.
    case 'COLLECTING':
    case 'CANCELLING':
      return same(run)
  }
}

function ended(run: Live, event: Extract<RunEvent, { type: 'ended' }>): Reduced {
  // Only a job we know of can end.
  if (run.state === 'CREATED' || run.state === 'SUBMITTING' || run.state === 'UNCONFIRMED') return same(run)
  if (run.state === 'COLLECTING') return same(run)
  if (run.state === 'CANCELLING') return cancelled(run, event.at, event)
  const startedAt = event.startedAt ?? ('startedAt' in run ? run.startedAt : undefined)
  const facts = {
    jobId: run.jobId,
    ...(startedAt ? { startedAt } : {}),
    endedAt: event.endedAt,
    ...keepHardware(run, event),
  }
  if (run.state === 'STUCK') {
    return {
      run: { ...base(run), state: 'INFRA', reason: run.why, ...facts },
      effects: [{ type: 'release' }, retryOrAlarm(run)],
    }
  }
  if (event.workMissing) return fail(base(run), facts, 'work-missing')
  switch (event.outcome) {
    case 'completed': {
      const next: With<'COLLECTING'> = { ...base(run), state: 'COLLECTING', since: event.at, ...facts }
      return run.delivery ? judge(next) : { run: next, effects: [{ type: 'collect' }] }
    }
    case 'infrastructure':
    case 'cancelled':
      // Not asked for by us. Under the learner's own account it is theirs to stop, and to pay for; under ours the
      // site stopped it, which is not the learner's fault.
      if (event.outcome === 'cancelled' && run.ownAccount)
        return { run: { ...base(run), state: 'CANCELLED', ...facts }, effects: [{ type: 'settle' }] }
      return {
        run: { ...base(run), state: 'INFRA', reason: event.reason, ...facts },
        effects: [{ type: 'release' }, retryOrAlarm(run)],
      }
    default:
      return fail(base(run), facts, event.outcome)
  }
}

const fail = (start: ReturnType<typeof base>, facts: { endedAt: Date }, reason: FailureReason): Reduced => ({
  run: { ...start, ...facts, state: 'FAILED', reason },
  effects: [
    { type: 'settle' },
    isDeliveryFailure(reason) ? { type: 'alarm', why: reason } : { type: 'tell', why: reason },
  ],
})

function delivered(run: Live, event: Extract<RunEvent, { type: 'delivered' }>): Reduced {
  // The first delivery counts; a second one cannot replace what was judged.
  const kept = run.delivery ? run : { ...run, delivery: event.delivery }
  if (kept.state === 'COLLECTING') return judge(kept)
  if (kept.state === 'LOST' && kept.delivery?.verdict === 'valid') return done(kept, event.at)
  return same(kept)
}

function judge(run: With<'COLLECTING'>): Reduced {
  if (run.delivery?.verdict === 'valid') return done(run, run.endedAt)
  if (run.delivery?.verdict === 'invalid') return fail(base(run), factsOf(run, run.endedAt), 'integrity')
  return same(run, { type: 'collect' })
}

const done = (run: With<'COLLECTING' | 'LOST'>, endedAt: Date): Reduced => ({
  run: { ...base(run), state: 'DONE', ...factsOf(run, endedAt) },
  effects: [{ type: 'settle' }, { type: 'grade' }],
})

function factsOf(run: With<'COLLECTING' | 'LOST'>, endedAt: Date) {
  return {
    jobId: run.jobId,
    ...(run.startedAt ? { startedAt: run.startedAt } : {}),
    endedAt,
    ...(run.hardware ? { hardware: run.hardware } : {}),
  }
}

function collecting(run: With<'COLLECTING'>, event: RunEvent): Reduced {
  if (event.type === 'tick' && after(run.since, patience.deliverySeconds, event.at)) {
    return missing(run, 'nothing-delivered', event)
  }
  return same(run, { type: 'look-for-twin' }, { type: 'collect' })
}

/**
 * Nothing came of a job. Under the learner's own account they could have made away with it, or stopped it and waited
 * until the site forgot that, so it is theirs to answer for; under ours it is the site's.
 */
function missing(run: With<'COLLECTING' | 'LOST'>, reason: string, event: RunEvent): Reduced {
  const isTheirs = run.ownAccount && !(event.type === 'tick' && event.unseen)
  if (!isTheirs) return infra(run, reason, event.at)
  return fail(base(run), factsOf(run, 'endedAt' in run ? run.endedAt : event.at), 'work-missing')
}

const infra = (run: With<'COLLECTING' | 'LOST'>, reason: string, at: Date): Reduced => ({
  run: { ...base(run), state: 'INFRA', reason, ...factsOf(run, at) },
  effects: [{ type: 'release' }, retryOrAlarm(run)],
})

const retryOrAlarm = (run: Run): RunEffect =>
  run.try < patience.tries ? { type: 'retry' } : { type: 'alarm', why: 'out-of-tries' }
