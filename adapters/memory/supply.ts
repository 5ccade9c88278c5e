import type { Staircase } from '#core/gaps/staircase.ts'
import { highestLevels, type LearnerState, newestStates } from '#core/skills/skills-graph.ts'

type Known = { seq: number; sector: string | undefined; skills: readonly string[]; levels: Uint8Array }

/** Newest state of every learner, and how many of each sector hold each skill at level l or more. */
export interface Supply {
  /** Answers the states that changed something. */
  apply(states: readonly LearnerState[]): LearnerState[]
  heldIn(sector: string): ReadonlyMap<string, Staircase>
  /** Skills held anywhere, with how many learners hold each. */
  holders(): Map<string, number>
}

export function supply(): Supply {
  const learners = new Map<string, Known | 'erased'>()
  const sectors = new Map<string, Map<string, [number, number, number, number]>>()
  // One string per skill however many learners hold it.
  const interned = new Map<string, string>()
  const intern = (skill: string) => {
    const known = interned.get(skill)
    if (known !== undefined) return known
    interned.set(skill, skill)
    return skill
  }

  const count = ({ sector, skills, levels }: Known, by: 1 | -1): void => {
    if (sector === undefined) return
    const cells = sectors.get(sector) ?? new Map<string, [number, number, number, number]>()
    sectors.set(sector, cells)
    for (const [position, skill] of skills.entries()) {
      const cell = cells.get(skill) ?? [0, 0, 0, 0]
      const level = levels[position] ?? 0
      for (const step of [0, 1, 2, 3] as const) if (level > step) cell[step] += by
      if (cell[0] === 0) cells.delete(skill)
      else cells.set(skill, cell)
    }
  }

  const apply = (state: LearnerState): boolean => {
    const known = learners.get(state.learner)
    if (known === 'erased') return false
    if (!('erased' in state) && known && state.seq <= known.seq) return false
    if (known) count(known, -1)
    if ('erased' in state) {
      learners.set(state.learner, 'erased')
      return true
    }
    const held = state.sector === undefined ? [] : highestLevels(state.skills)
    const next: Known = {
      seq: state.seq,
      sector: state.sector,
      skills: held.map(({ skill }) => intern(skill)),
      levels: Uint8Array.from(held, ({ level }) => level),
    }
    learners.set(state.learner, next)
    count(next, 1)
    return true
  }

  return {
    apply: (states) => newestStates(states).filter(apply),
    heldIn: (sector) => sectors.get(sector) ?? new Map(),
    holders() {
      const all = new Map<string, number>()
      for (const cells of sectors.values()) {
        for (const [skill, cell] of cells) all.set(skill, (all.get(skill) ?? 0) + cell[0])
      }
      return all
    },
  }
}
