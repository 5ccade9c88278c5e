import type { PrivacyRules } from './cell-privacy.ts'

/**
 * Whether one employer has too large a share of a cell, in a few bytes a cell however many employers there
 * are. A majority vote (Boyer and Moore): what is left of the leading employer's votes after each vote for
 * another took one away is `lead`; the leader then has at most (total + lead) ÷ 2 of all votes. So a cell is
 * allowed only where that bound is within the share; some that would be within it are refused.
 * Learners who named no employer are each taken for one of their own.
 */
export function employerVotes(cells: number) {
  const leader = new Int32Array(cells)
  const lead = new Int32Array(cells)
  // The first employers of each cell: whether there are enough of them needs no more.
  const [first, second] = [new Int32Array(cells), new Int32Array(cells)]
  const unnamed = new Uint32Array(cells)
  const more = new Uint8Array(cells)
  const numbers = new Map<string, number>()
  let employer = 0

  return {
    begin(organisation: string | undefined): void {
      if (organisation === undefined) {
        employer = 0
        return
      }
      employer = numbers.get(organisation) ?? numbers.size + 1
      numbers.set(organisation, employer)
    },
    cast(cell: number): void {
      if (lead[cell] === 0) {
        leader[cell] = employer
        lead[cell] = 1
      } else if (employer !== 0 && leader[cell] === employer) lead[cell] = (lead[cell] ?? 0) + 1
      else lead[cell] = (lead[cell] ?? 0) - 1
      if (employer === 0) unnamed[cell] = (unnamed[cell] ?? 0) + 1
      else if (first[cell] === 0) first[cell] = employer
      else if (first[cell] !== employer && second[cell] === 0) second[cell] = employer
      else if (first[cell] !== employer && second[cell] !== employer) more[cell] = 1
    },
    allow(cell: number, total: number, { organisations, dominance }: PrivacyRules): boolean {
      const named = [first[cell], second[cell], more[cell]].filter((one) => one !== 0).length
      const largest = (total + (lead[cell] ?? 0)) / 2
      // Three are told apart and no more; a rule that asked for more would need more room.
      return named + (unnamed[cell] ?? 0) >= Math.min(organisations, 3) && largest <= dominance * total
    },
  }
}
