import { levels } from '#core/skills/ontology.ts'
import { demandBySkill } from './demand.ts'
import { demandKnown, linesOf, type SliceCells } from './gap-rows.ts'
import type { GapSlice } from './gap-slice.ts'
import { pairPlace, placePairs } from './places.ts'
import type { Snapshot } from './snapshot.ts'
import { personLevels, stepOf } from './staircase.ts'

/** What may be said of two places at once, as of people of one sector in one country. */
export interface PairAnswer {
  demand: SliceCells['demand']
  learners: { enrolled: number | null; holding: number | null }
  /**
   * The gap lies between these. No table of two places and a skill is published: who holds a skill in both is
   * at most who holds it in either, and at most who holds anything in both.
   */
  between: { atLeastPersonLevels: number; atMostPersonLevels: number } | null
}

/** From published tables of one and of two places alone. */
export function pairAnswer(snapshot: Snapshot, slice: GapSlice): PairAnswer {
  const pair = placePairs.find(
    ({ first, second }) => slice[first] !== undefined && slice[second] !== undefined,
  )
  if (!pair) throw new Error('there is no table of these two places')
  const [a, b] = [slice[pair.first] ?? '', slice[pair.second] ?? '']
  const people = snapshot.tables.pairs[pair.name][pairPlace(a, b)] ?? []
  const learners = { enrolled: people[0] ?? null, holding: people[1] ?? null }
  const demand = demandKnown(snapshot, slice)
  const lines = demand === 'known' ? linesOf(snapshot, slice) : []
  if (lines.length === 0) return { demand, learners, between: null }
  let [atLeast, atMost] = [0, 0]
  for (const [skill, { steps }] of demandBySkill(lines)) {
    atMost += personLevels(steps)
    for (const level of levels) {
      const step = stepOf(level)
      const bounds = [
        snapshot.tables[pair.first][a]?.skills[skill]?.[step],
        snapshot.tables[pair.second][b]?.skills[skill]?.[step],
        people[1],
      ].filter((bound) => bound !== undefined)
      // Where all three are hidden there may be as many as are wanted.
      const most = bounds.length === 0 ? steps[step] : Math.min(...bounds)
      atLeast += Math.max(0, steps[step] - most)
    }
  }
  return { demand, learners, between: { atLeastPersonLevels: atLeast, atMostPersonLevels: atMost } }
}
