import { highestLevels, type LearnerState, newestStates } from '#core/skills/skills-graph.ts'

/** What is known of one learner: skills by their numbers, levels beside them. */
interface Known {
  seq: number
  sector: string | undefined
  skills: Uint32Array
  levels: Uint8Array
}

interface Counter {
  number(skill: string): number
  count(sector: string, skill: number, level: number, by: 1 | -1): void
}

/** Newest state of every learner; tells the counter what each change adds and takes away. */
export function learnerStates(counter: Counter) {
  const learners = new Map<string, Known | 'erased'>()

  const count = ({ sector, skills, levels }: Known, by: 1 | -1): void => {
    if (sector === undefined) return
    for (const [place, skill] of skills.entries()) counter.count(sector, skill, levels[place] ?? 0, by)
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
    const { seq, sector } = state
    const held = state.sector === undefined ? [] : highestLevels(state.skills)
    const next: Known = {
      seq,
      sector,
      skills: Uint32Array.from(held, ({ skill }) => counter.number(skill)),
      levels: Uint8Array.from(held, ({ level }) => level),
    }
    learners.set(state.learner, next)
    count(next, 1)
    return true
  }

  return {
    /** Answers the states that changed something. */
    apply: (states: readonly LearnerState[]) => newestStates(states).filter(apply),
    forget(): void {
      for (const known of learners.values()) if (known !== 'erased') count(known, -1)
      learners.clear()
    },
    /** How many learners hold each skill, by the skill's number. */
    holders(): Map<number, number> {
      const all = new Map<number, number>()
      for (const known of learners.values()) {
        if (known === 'erased') continue
        for (const skill of known.skills) all.set(skill, (all.get(skill) ?? 0) + 1)
      }
      return all
    },
  }
}
