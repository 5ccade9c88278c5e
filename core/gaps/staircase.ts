import { type Level, levels } from '#core/skills/ontology.ts'

/** Heads or learners at level 1 or more, 2 or more, 3 or more, 4: never rising from left to right. */
export type Staircase = readonly [number, number, number, number]

export const emptyStaircase: Staircase = [0, 0, 0, 0]

/** `heads` people who need or hold exactly `level`, as a staircase. */
export function stairs(level: Level, heads: number): Staircase {
  return [heads, level >= 2 ? heads : 0, level >= 3 ? heads : 0, level >= 4 ? heads : 0]
}

export function addStairs(a: Staircase, b: Staircase): Staircase {
  return [a[0] + b[0], a[1] + b[1], a[2] + b[2], a[3] + b[3]]
}

/** All steps together, in person-levels. */
export function personLevels(steps: Staircase): number {
  return steps[0] + steps[1] + steps[2] + steps[3]
}

/** A level as a position in a staircase. */
export function stepOf(level: Level): 0 | 1 | 2 | 3 {
  return (level - 1) as 0 | 1 | 2 | 3
}

export interface StaircaseGap {
  /** Σ max(0, D(l) − S(l)) in person-levels. */
  gap: number
  /** Σ min(D(l), S(l)) in person-levels. */
  met: number
  /** met ÷ demand, 0 to 1; `undefined` where nothing is demanded. */
  coverage: number | undefined
}

/**
 * The staircase metric: demand and supply are compared level by level, so a surplus of beginners never
 * stands in for a missing expert.
 */
export function compareStairs(demand: Staircase, supply: Staircase): StaircaseGap {
  let gap = 0
  let met = 0
  for (const level of levels) {
    const step = stepOf(level)
    gap += Math.max(0, demand[step] - supply[step])
    met += Math.min(demand[step], supply[step])
  }
  const demanded = personLevels(demand)
  return { gap, met, coverage: demanded === 0 ? undefined : met / demanded }
}
