import type { PrivacyRules } from './cell-privacy.ts'
import { moduleCounter, skillCounter } from './count-facts.ts'
import type { Counting } from './disclosure-control.ts'
import type { LearnerFacts } from './learner-facts.ts'
import type { Layout } from './places.ts'

/**
 * The two passes over the facts, each read once more from the beginning and forgotten as it goes. `day` is
 * the day of the snapshot, `YYYY-MM-DD`. Learners of one institution come in a row.
 */
export function countingOf(
  facts: () => AsyncIterable<LearnerFacts> | Iterable<LearnerFacts>,
  layout: Layout,
  day: string,
  rules: PrivacyRules,
): Counting {
  return {
    async modules() {
      const counter = moduleCounter(layout, day)
      for await (const one of facts()) counter.add(one)
      return { counts: counter.counts(rules), medianDays: counter.medianDays() }
    },
    async skills(groups) {
      const counter = skillCounter(layout, groups, day)
      for await (const one of facts()) counter.add(one)
      return counter.counts(rules)
    },
  }
}
