import type { Ports } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import { askForJob, cancelJob, eventsOf, listJobs, resolveByKey, type Sheet } from './ask-site.ts'
import { type Attempt, isLive, type LiveAttempt } from './attempt.ts'
import { release } from './attempt-budget.ts'
import { closedWithin } from './calendar.ts'
import { canSee, collectRun, isWorkMissing } from './collect-run.ts'
import { forgetFiles } from './forget-attempts.ts'
import type { Practical } from './practical.ts'
import { recordAttempt } from './record-attempt.ts'
import type { Run } from './run.ts'
import type { RunEvent } from './run-events.ts'
import { isForgotten, keepRunFiles } from './run-files.ts'
import { sendRun } from './send-run.ts'
import type { Site } from './site.ts'
import type { SiteState } from './site-control.ts'
import { stateOf, wantsOwnAccount } from './site-options.ts'
import {
  elsewhere,
  findPracticalOf,
  moveTo,
  pendingSecondsAt,
  practicalOf,
  type StepPorts,
  stepAttempt,
} from './step-attempt.ts'
import { voidAttempt } from './void-attempt.ts'

export type DrivePorts = StepPorts & Pick<Ports, 'files' | 'settings'>

/** Limits of waiting for a site, in seconds. */
const siteWaits = {
  /** A site that cannot be reached for so long is left for another one that fits. */
  unreachable: 900,
  /** A site that is not in the file any more may come back for so long. */
  gone: 3600,
  /** An attempt that no site takes for so long is void. */
  unavailable: 86_400,
} as const

/** A site as a round of driving finds it. */
export interface SiteNow {
  site: Site
  state: SiteState
  /** What it said of the jobs of this round in one list; absent when it was not asked. */
  sheet?: Sheet
}

/**
 * Moves one attempt as far as it goes without waiting: what a function does with the id of an attempt that is due.
 * True when anything was written.
 */
export async function advanceAttempt(due: Attempt, ports: DrivePorts): Promise<boolean> {
  const attempt = await ports.store.findAttempt(due.id)
  if (!attempt || !isLive(attempt)) return false
  const site = ports.sites.find(attempt.site)
  if (!site) return advance(attempt, undefined, ports)
  const sheet = await listJobs(site, attempt.job ? [attempt.job.id] : [])
  return advance(attempt, { site, state: await siteStateOf(site, ports), ...(sheet ? { sheet } : {}) }, ports)
}

/** The state a site is in now, by its file and by its operators. */
export async function siteStateOf(site: Site, { store }: Pick<Ports, 'store'>): Promise<SiteState> {
  return stateOf(site.profile, await store.siteControl(site.profile.name)).state
}

function currentRun(attempt: Attempt, runs: readonly Run[]): Run {
  const run = runs.find(({ number }) => number === attempt.runNumber)
  if (!run) throw new Error('an attempt names a run that is gone')
  return run
}

/** `now` is undefined for a site this deployment does not know (any more). True when anything was written. */
export async function advance(
  due: LiveAttempt,
  now: SiteNow | undefined,
  ports: DrivePorts,
): Promise<boolean> {
  let attempt = due
  for (let moved = false; ; moved = true) {
    if (attempt.state === 'recording') return recordAttempt(attempt, ports)
    const runs = await ports.store.runsOf(attempt.id)
    const run = currentRun(attempt, runs)
    if (!findPracticalOf(attempt, ports)) return voidAttempt(attempt, run, 'practical-changed', ports)
    if (!now) return withoutSite(attempt, run, ports)
    if (run.state === 'CREATED') {
      const written = await unlessReady(attempt, run, now, ports)
      if (written !== 'ready') return written || moved
    }
    const [found] = await happened(attempt, run, runs, now, ports)
    if (!found) return moved
    const event = await withMissingWork(found, run, runs, practicalOf(attempt, ports), now.site)
    if (event.type === 'ended') await keepRunFiles(attempt, run, now.site, ports)
    const stepped = await stepAttempt(attempt, event, ports)
    if (!stepped) return true
    await noteWait(attempt, run, event, ports)
    if (!isLive(stepped.attempt)) {
      if (isForgotten(stepped.attempt)) await forgetFiles(stepped.attempt, ports)
      return true
    }
    if (stepped.effects.some(({ type }) => type === 'submit')) {
      await sendRun(stepped.attempt, stepped.run, runs, ports)
      return true
    }
    const isNew = stepped.run.state !== run.state || stepped.run.number !== run.number
    if (!isNew || stepped.attempt.nextAt > ports.clock.now()) return true
    attempt = stepped.attempt
  }
}

/** A grader that broke down may have found nothing to grade. */
async function withMissingWork(
  event: RunEvent,
  { stage }: Run,
  runs: readonly Run[],
  practical: Practical,
  site: Site,
): Promise<RunEvent> {
  if (stage !== 'grade' || event.type !== 'ended' || event.outcome === 'completed') return event
  return (await isWorkMissing(runs, practical, site)) ? { ...event, workMissing: true } : event
}

/** Asks the world what the state of a run wants to know. */
async function happened(
  attempt: LiveAttempt,
  run: Run,
  runs: readonly Run[],
  { site, state, sheet }: SiteNow,
  ports: DrivePorts,
): Promise<RunEvent[]> {
  const at = ports.clock.now()
  /** What the list says, and where it is silent what the site says when it is asked for the one job. */
  const look = async (jobId: string): Promise<RunEvent[]> => {
    if (!sheet && attempt.job) return []
    const told = sheet?.(jobId) ?? 'later'
    return eventsOf(told === 'later' ? await askForJob(site, jobId) : told, at)
  }
  const takesNothing = state === 'paused' || state === 'stopped'
  switch (run.state) {
    case 'CREATED':
      // What it needs was set aside when the attempt began, or moved here.
      return [
        {
          type: 'budget-reserved',
          at,
          ...(run.stage === 'work' && wantsOwnAccount(site.profile) ? { ownAccount: true } : {}),
        },
      ]
    case 'SUBMITTING':
      // Its lease is over, so whoever was sending died on the way: it may or may not have been heard.
      return [{ type: 'submit-failed', kind: 'unconfirmed', reason: 'no answer was recorded', at }]
    case 'UNCONFIRMED':
      return resolveByKey(site, run, at, takesNothing)
    case 'QUEUED':
    case 'RUNNING':
      return state === 'stopped' ? [{ type: 'site-stopped', at }] : look(run.jobId)
    case 'STUCK':
      await cancelJob(run.jobId, site.queue)
      return look(run.jobId)
    case 'CANCELLING':
      if (run.jobId === undefined) return resolveByKey(site, run, at, takesNothing)
      await cancelJob(run.jobId, site.queue)
      return look(run.jobId)
    case 'LOST':
    case 'COLLECTING': {
      const delivery = await collectRun(attempt, run, runs, practicalOf(attempt, ports), site, ports)
      if (delivery) return [{ type: 'delivered', delivery, at }]
      return [{ type: 'tick', at, ...((await canSee(run, site)) ? {} : { unseen: true }) }]
    }
    default:
      return []
  }
}

/**
 * Whether a run may be sent where it is. While its site takes nothing, is closed, or cannot be reached for too
 * long, it is moved to another that fits, or waits, or is given up after a day.
 */
async function unlessReady(
  attempt: LiveAttempt,
  run: Extract<Run, { state: 'CREATED' }>,
  { site: { profile }, state }: SiteNow,
  ports: DrivePorts,
): Promise<boolean | 'ready'> {
  const at = ports.clock.now()
  if (run.notBefore > at) return false
  const waited = (at.getTime() - run.createdAt.getTime()) / 1000
  const { minutes } = practicalOf(attempt, ports)[run.stage].resources
  const isClosed =
    state === 'paused' ||
    state === 'stopped' ||
    closedWithin(profile, attempt.partition, minutes * 60, at) !== undefined
  if (!isClosed && waited < siteWaits.unreachable) return 'ready'
  if (await moveElsewhere(attempt, run, ports)) return true
  if (!isClosed) return 'ready'
  const since = attempt.createdAt.getTime()
  if (at.getTime() - since > siteWaits.unavailable * 1000)
    return voidAttempt(attempt, run, 'site-unavailable', ports)
  await stepAttempt(attempt, { type: 'tick', at }, ports)
  return true
}

/** The site has left the file. What was never sent goes elsewhere; the rest waits for it to come back. */
async function withoutSite(attempt: LiveAttempt, run: Run, ports: DrivePorts): Promise<boolean> {
  if (run.state === 'CREATED' && (await moveElsewhere(attempt, run, ports))) return true
  const at = ports.clock.now()
  const since = attempt.phases.at(-1)?.at ?? attempt.createdAt
  if (at.getTime() - since.getTime() > siteWaits.gone * 1000)
    return voidAttempt(attempt, run, 'site-gone', ports)
  await stepAttempt(attempt, { type: 'tick', at }, ports)
  return true
}

/** Gives an attempt that was never sent to another site that fits. True when it was written, by whomever. */
async function moveElsewhere(
  attempt: LiveAttempt,
  run: Extract<Run, { state: 'CREATED' }>,
  ports: DrivePorts,
): Promise<boolean> {
  // A grader stays where the work was done; what may be at the site stays with it.
  if (run.stage === 'grade' || run.sent) return false
  const choice = await elsewhere(attempt, ports)
  if (!choice) return false
  const at = ports.clock.now()
  const { attempt: moved, reserved } = moveTo(attempt, choice, ports)
  try {
    await ports.store.saveStep({
      attempt: { ...moved, nextAt: at },
      // It begins anew there: how long it has waited says nothing about the other site.
      runs: [{ ...run, createdAt: at, notBefore: at, pendingSeconds: pendingSecondsAt(moved, ports) }],
      usage: [release(attempt, attempt.budget), reserved],
      event: { at, run: run.number, type: 'moved', state: run.state, effects: [] },
    })
    return true
  } catch (error) {
    // Somebody else took what was left there since it was looked at.
    if (error instanceof Refusal && error.code === 'budget_exceeded') return false
    throw error
  }
}

/** What a job has waited at its site teaches what the next one may expect. */
async function noteWait(attempt: Attempt, run: Run, event: RunEvent, { store }: Pick<Ports, 'store'>) {
  if (run.state !== 'QUEUED' || !('startedAt' in event) || !event.startedAt) return
  const seconds = (event.startedAt.getTime() - run.submittedAt.getTime()) / 1000
  await store.noteWait(attempt.site, attempt.partition, seconds)
}
