import { type Actor, authorise } from '#core/access/operations.ts'
import type { Award } from '#core/awards/award.ts'
import { heldSkills } from '#core/awards/held-skills.ts'
import { type LearnerId, tenantOf } from '#core/ids.ts'
import type { Ports } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import type { SkillLevel } from '#core/skills/ontology.ts'
import { type LearningPath, type LearningPathQuestion, learningPath, pathTargets } from './learning-path.ts'

export type PlanPath = Omit<LearningPathQuestion, 'held'> & {
  /** Whose path; without one, a path from `held` alone. */
  learnerId?: LearnerId
  /** Skills said to be held besides those the academy knows of. */
  held?: readonly SkillLevel[]
}

/**
 * The shortest path from a learner's valid awards and recognised skills, or, where no learner is named, from what
 * is said to be held: then nothing but the catalogue is read, and anybody may ask. Refuses as `learningPath` does.
 */
export async function planPath(
  actor: Actor | undefined,
  { learnerId, held = [], ...question }: PlanPath,
  ports: Pick<Ports, 'store' | 'ontology' | 'graph' | 'clock'>,
): Promise<LearningPath> {
  const { ontology, graph, clock } = ports
  const known = learnerId === undefined ? undefined : await learnerOf(actor, learnerId, ports)
  const recognisedSkills = [...(known?.recognisedSkills ?? []), ...held]
  const holds = heldSkills({ recognisedSkills }, known?.awards ?? [], ontology, clock.now())
  const asList = [...holds].map(([skill, level]) => ({ skill, level }))
  const needed = await graph.plan(pathTargets(question, ontology), asList)
  return learningPath({ ...question, held: holds }, ontology, needed)
}

async function learnerOf(
  actor: Actor | undefined,
  learnerId: LearnerId,
  { store }: Pick<Ports, 'store'>,
): Promise<{ recognisedSkills: readonly SkillLevel[]; awards: readonly Award[] }> {
  const tenant = tenantOf(learnerId)
  if (!tenant) throw new Refusal('not_found', 'There is no such record.')
  authorise(actor, 'planPath', { tenant, learnerId })
  const learner = await store.findLearner(learnerId)
  if (!learner) throw new Refusal('not_found', 'There is no such record.')
  return { recognisedSkills: learner.recognisedSkills, awards: await store.awardsOf(learnerId) }
}
