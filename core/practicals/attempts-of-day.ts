import type { LearnerId } from '#core/ids.ts'
import type { Ports } from '#core/ports.ts'
import { type Attempt, counts } from './attempt.ts'
import type { Practical } from './practical.ts'

const dayMs = 86_400_000

type Task = Pick<Practical, 'id' | 'attemptsPerDay'>

/**
 * When the attempts at a practical began that use up a try of the last 24 hours, newest first. What came to nothing
 * through no fault of the learner is free, up to as many as they have tries: whoever finds out how to break a
 * grader on purpose does not get the site for nothing.
 */
function countedStarts(attempts: readonly Attempt[], { id, attemptsPerDay }: Task, now: Date): number[] {
  const ofDay = attempts
    .filter(({ practical, createdAt }) => practical.id === id && createdAt.getTime() > now.getTime() - dayMs)
    .sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime())
  const broken = ofDay.filter(({ state }) => state === 'void')
  const beyond = new Set(broken.slice(0, Math.max(0, broken.length - attemptsPerDay)))
  return ofDay
    .filter((attempt) => counts(attempt) || beyond.has(attempt))
    .map(({ createdAt }) => createdAt.getTime())
}

/** Tries that are left now. */
export function attemptsLeft(attempts: readonly Attempt[], practical: Task, now: Date): number {
  return Math.max(0, practical.attemptsPerDay - countedStarts(attempts, practical, now).length)
}

/** When the next try may start, once those of the day are used; `undefined` when it may now. */
export function nextStart(attempts: readonly Attempt[], practical: Task, now: Date): Date | undefined {
  const oldest = countedStarts(attempts, practical, now)[practical.attemptsPerDay - 1]
  return oldest === undefined ? undefined : new Date(oldest + dayMs)
}

/** When a learner who has used up the day's tries may start again; `undefined` when they may now. */
export async function nextStartOf(
  learnerId: LearnerId,
  practical: Task,
  ports: Pick<Ports, 'store' | 'clock'>,
): Promise<Date | undefined> {
  return nextStart(await ports.store.attemptsOf(learnerId), practical, ports.clock.now())
}
