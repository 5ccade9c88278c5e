import type { PrivacyRules } from '#core/gaps/cell-privacy.ts'
import type { LearnerFacts } from '#core/gaps/learner-facts.ts'
import type { Layout } from '#core/gaps/places.ts'
import type { TenantTag } from '#core/ids.ts'
import { publishFacts } from '../publish-facts.ts'

const [wellBefore, wellAfter] = [0, 1000]

/**
 * What an institution finds from a published median of days, knowing the days of its own learners and even how many
 * of each other institution there are: the others of whom it is sure that a learner took about so many days. It
 * publishes every world there may be with the program (each hidden learner took as long as is told, well less, or well
 * more), and keeps those that are told alike.
 */
export async function caughtByMedian(
  institution: TenantTag,
  module: string,
  facts: readonly LearnerFacts[],
  layout: Layout,
  rules: PrivacyRules,
): Promise<TenantTag[]> {
  const told = (await publishFacts(facts, layout, rules)).days[module]
  if (told === undefined) return []
  const hidden = facts.flatMap((one, at) => (one.tenant === institution ? [] : [at]))
  const choices = [told, wellBefore, wellAfter]
  const free = new Set<TenantTag>()
  for (let world = 0; world < choices.length ** hidden.length; world++) {
    const choiceOf = (place: number) =>
      choices[Math.floor(world / choices.length ** place) % choices.length] ?? told
    const changed = [...facts]
    for (const [place, at] of hidden.entries()) {
      const one = facts[at]
      if (one) changed[at] = withDays(one, module, choiceOf(place))
    }
    if ((await publishFacts(changed, layout, rules)).days[module] !== told) continue
    // In this world nobody of these took about as long as is told.
    const places = Map.groupBy(hidden.keys(), (place) => facts[hidden[place] ?? -1]?.tenant)
    for (const [tenant, all] of places)
      if (tenant && all.every((place) => choiceOf(place) !== told)) free.add(tenant)
  }
  const others = new Set(hidden.flatMap((at) => facts[at]?.tenant ?? []))
  return [...others].filter((tenant) => !free.has(tenant))
}

function withDays(one: LearnerFacts, module: string, daysToAward: number): LearnerFacts {
  return {
    ...one,
    modules: one.modules.map((taken) => (taken.module === module ? { ...taken, daysToAward } : taken)),
  }
}
