import type { PrivacyRules } from '#core/gaps/cell-privacy.ts'
import type { LearnerFacts } from '#core/gaps/learner-facts.ts'
import type { Level } from '#core/skills/ontology.ts'
import { institutions, type Published, publishFacts } from '../publish-facts.ts'
import { seeded, smallWorld } from './generate.ts'

/** How numbers are published, as far as somebody finds out who has the program. */
export interface Method {
  /** A shown number may be told as so many fewer, or more, than it was counted as. */
  fewer: number
  more: number
  /** Fewest people of a shown number. */
  least: number
  /** Most people a whole may have beyond its published parts and still be told as them. */
  drawn: number
  /** Most people by whom a number may be behind, because it is held until enough have moved. */
  held: number
}

const layout = smallWorld(
  { sectors: 1, skills: 1, countries: 1, regions: 0, targetGroups: 0, modules: 1 },
  seeded(1),
)
const skills = [{ skill: 'k1', level: 1 as Level }]
const crowdOf = (count: number, places: LearnerFacts['places']): LearnerFacts[] =>
  Array.from({ length: count }, (_, n) => {
    const tenant = institutions[n % institutions.length]
    if (!tenant) throw new Error('there is no institution')
    return { tenant, places, modules: [{ module: 'm1', stage: 4, awards: [{ skills }] }] }
  })

/**
 * The attacker publishes crowds of their own, and sees what becomes of them. So they believe no rule that is only
 * said to be kept, and a protection that the program lost is one they know to be lost.
 */
export async function learnHow(rules: PrivacyRules): Promise<Method> {
  const publish = (alone: number, beside = 0, before?: Published) =>
    publishFacts(
      [...crowdOf(alone, { sector: 's1', country: 'c1' }), ...crowdOf(beside, { sector: 's1' })],
      layout,
      rules,
      before?.kept,
    )
  const toldIn = ({ tables }: Published) => tables.sector['s1']?.funnel[0]
  const shown: { count: number; as: number }[] = []
  for (let count = 1; count <= 40; count++) {
    const as = toldIn(await publish(count))
    if (as !== undefined) shown.push({ count, as })
  }
  const off = shown.map(({ count, as }) => count - as)
  const [fewer, more] = [-Math.min(...off), Math.max(...off)]
  // The largest number that is told as this one: whoever is added to it would be seen.
  const full = 30 + more
  const before = await publish(full)
  const unseen = async (publishMore: (added: number) => Promise<Published>) => {
    let added = 0
    while (toldIn(await publishMore(added + 1)) === toldIn(before)) added++
    return added
  }
  return {
    fewer,
    more,
    least: shown[0]?.count ?? Number.POSITIVE_INFINITY,
    drawn: await unseen((added) => publish(full, added)),
    held: await unseen((added) => publish(full + added, 0, before)),
  }
}
