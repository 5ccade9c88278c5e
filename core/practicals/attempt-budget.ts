import type { Attempt, AttemptBudget } from './attempt.ts'
import {
  addCompute,
  type ComputeSeconds,
  dayOf,
  lessCompute,
  monthOf,
  noCompute,
  reservedFor,
  usedBy,
} from './compute.ts'
import type { Practical } from './practical.ts'
import type { Stage } from './queue.ts'
import { type FinalRun, isDeliveryFailure } from './run.ts'
import type { SiteProfile } from './site.ts'
import type { UsageChange, UsagePlace } from './usage.ts'

type Place = Pick<Attempt, 'site' | 'learnerId' | 'offeringId'>

const placeOf = ({ site, learnerId, offeringId }: Place, { day }: AttemptBudget): UsagePlace => ({
  site,
  learnerId,
  offeringId,
  day,
})

const sumOf = (held: Record<Stage, ComputeSeconds>) => addCompute(held.work, held.grade)

/** What a new attempt sets aside: both its jobs, so that work that was done can always be graded. */
export function firstBudget(practical: Pick<Practical, 'work' | 'grade'>, now: Date): AttemptBudget {
  const held = { work: reservedFor(practical.work.resources), grade: reservedFor(practical.grade.resources) }
  return { day: dayOf(now), held, used: noCompute }
}

/** Sets a budget aside, under the caps of its site. */
export function reserve(
  place: Place,
  budget: AttemptBudget,
  { caps }: Pick<SiteProfile, 'caps'>,
): UsageChange {
  return {
    place: placeOf(place, budget),
    held: sumOf(budget.held),
    used: noCompute,
    ...(caps ? { caps } : {}),
  }
}

/** Gives back everything that is still set aside. */
export function release(place: Place, budget: AttemptBudget): UsageChange {
  return { place: placeOf(place, budget), held: lessCompute(noCompute, sumOf(budget.held)), used: noCompute }
}

/**
 * The bill of a run that ended. Work that was done, failed or was stopped by the learner, here or at the site, is
 * charged for the time it ran; what the site broke or refused is not, and neither is a grader of ours that did not come to its end.
 */
function billOf(
  run: FinalRun,
  practical: Pick<Practical, 'work' | 'grade'> | undefined,
): { used: ComputeSeconds; uncharged: ComputeSeconds; runSeconds: number } {
  // What a practical asked for that is no longer here nobody can say; nobody is charged for it.
  const took = practical ? usedBy(run, practical[run.stage].resources) : noCompute
  const startedAt = 'startedAt' in run ? run.startedAt : undefined
  const runSeconds = startedAt
    ? Math.max(0, Math.ceil((run.endedAt.getTime() - startedAt.getTime()) / 1000))
    : 0
  return isCharged(run)
    ? { used: took, uncharged: noCompute, runSeconds }
    : { used: noCompute, uncharged: took, runSeconds }
}

function isCharged(run: FinalRun): boolean {
  if (run.state === 'INFRA' || run.state === 'REJECTED') return false
  return !(run.state === 'FAILED' && run.stage === 'grade' && !isDeliveryFailure(run.reason))
}

/**
 * The bill of an ended run, and what of the compute that was set aside is kept: `all` for a retry at the same place,
 * `grade` when the grader is next, `none` when the attempt ends or goes elsewhere.
 */
export function settle(
  attempt: Attempt,
  run: FinalRun,
  keep: 'all' | 'grade' | 'none',
  practical: Pick<Practical, 'work' | 'grade'> | undefined,
): { budget: AttemptBudget; change: UsageChange } {
  const before = attempt.budget
  const { used, uncharged, runSeconds } = billOf(run, practical)
  const held = {
    work: keep === 'all' ? before.held.work : noCompute,
    grade: keep === 'none' ? noCompute : before.held.grade,
  }
  return {
    budget: { ...before, held, used: addCompute(before.used, used) },
    change: {
      place: placeOf(attempt, before),
      held: lessCompute(sumOf(held), sumOf(before.held)),
      used,
      ...(runSeconds > 0
        ? { ended: { month: monthOf(run.endedAt), job: { runSeconds, used, uncharged } } }
        : {}),
    },
  }
}
