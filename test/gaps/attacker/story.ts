import type { PrivacyRules } from '#core/gaps/cell-privacy.ts'
import type { LearnerFacts } from '#core/gaps/learner-facts.ts'
import type { TenantTag } from '#core/ids.ts'
import { type Published, publishFacts } from '../publish-facts.ts'
import { attack, attackFromInside, type Finding, type InsideFinding } from './attack.ts'
import { type Size, seeded, smallCrowd, smallWorld } from './generate.ts'
import { learnHow } from './learn-how.ts'

/** One generated academy: published again and again while people come and go, attacked after each snapshot. */
export async function attackStory(
  {
    size,
    people,
    snapshots,
    alsoKnows,
  }: { size: Size; people: number; snapshots: number; alsoKnows?: Parameters<typeof attack>[4] },
  seed: number,
  rules: PrivacyRules,
): Promise<Finding[]> {
  const random = seeded(seed)
  const layout = smallWorld(size, random)
  const method = await learnHow(rules)
  let crowd: LearnerFacts[] = []
  const published: Published[] = []
  const findings: Finding[] = []
  for (let number = 0; number < snapshots; number++) {
    // Some leave; in the first snapshot everybody is new.
    const stayed = crowd.filter(() => random(8) > 0)
    const fresh = smallCrowd(layout, number === 0 ? people : Math.floor(people / 5), random)
    crowd = [...stayed, ...fresh]
    published.push(await publishFacts(crowd, layout, rules, published.at(-1)?.kept))
    findings.push(...(await attack(layout, published, crowd, method, alsoKnows)))
  }
  return findings
}

/** One snapshot of a generated academy, attacked by the institution that most of its learners are of. */
export async function storyFromInside(
  { size, people, percentOfFirst }: { size: Size; people: number; percentOfFirst: number },
  seed: number,
  rules: PrivacyRules,
): Promise<InsideFinding[]> {
  const random = seeded(seed)
  const layout = smallWorld(size, random)
  const crowd = smallCrowd(layout, people, random, { percentOfFirst })
  const published = await publishFacts(crowd, layout, rules)
  return attackFromInside('aaaaaaaa' as TenantTag, layout, [published], crowd, await learnHow(rules))
}
