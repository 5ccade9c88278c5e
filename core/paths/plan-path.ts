import { type Actor, authorise } from '#core/access/operations.ts'
import { heldSkills } from '#core/awards/held-skills.ts'
import { type LearnerId, platformTag, tenantOf } from '#core/ids.ts'
import type { Ports } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import type { SkillLevel } from '#core/skills/ontology.ts'
import { type LearningPath, type LearningPathQuestion, learningPath } from './learning-path.ts'

export type PlanPath = Pick<LearningPathQuestion, 'role' | 'sector' | 'skills'> & {
  /** Whose path; without one, a path from `held` alone. */
  learnerId?: LearnerId
  /** Skills said to be held besides those the academy knows of. */
  held?: readonly SkillLevel[]
}

/** The shortest path of a learner from their valid awards and recognised skills; refuses as `learningPath` does. */
export async function planPath(
  actor: Actor | undefined,
  { learnerId, held = [], ...question }: PlanPath,
  ports: Pick<Ports, 'store' | 'ontology' | 'clock'>,
): Promise<LearningPath> {
  const { store, ontology } = ports
  if (learnerId === undefined) {
    authorise(actor, 'planPath', { tenant: platformTag })
    const nobody = { recognisedSkills: [...held] }
    return learningPath({ ...question, held: heldSkills(nobody, [], ontology, ports.clock.now()) }, ontology)
  }
  const tenant = tenantOf(learnerId)
  if (!tenant) throw new Refusal('not_found', 'There is no such record.')
  authorise(actor, 'planPath', { tenant, learnerId })
  const learner = await store.findLearner(learnerId)
  if (!learner) throw new Refusal('not_found', 'There is no such record.')
  const known = { recognisedSkills: [...learner.recognisedSkills, ...held] }
  const awards = await store.awardsOf(learnerId)
  return learningPath({ ...question, held: heldSkills(known, awards, ontology, ports.clock.now()) }, ontology)
}
