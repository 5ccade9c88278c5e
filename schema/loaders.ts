import DataLoader from 'dataloader'
import { mayDo } from '#core/access/operations.ts'
import type { Award } from '#core/awards/award.ts'
import type { AwardId, LearnerId, OfferingId } from '#core/ids.ts'
import type { Learner } from '#core/learners/learner.ts'
import type { Offering } from '#core/offerings/offering.ts'
import type { GraphContext } from './builder.ts'

/** Each thing is read once a request, however often a query names it. */
interface Loaders {
  awards: DataLoader<AwardId, Award | undefined>
  learners: DataLoader<LearnerId, Learner | undefined>
  offerings: DataLoader<OfferingId, Offering | undefined>
}

const ofRequest = new WeakMap<GraphContext, Loaders>()

function loadersOf(context: GraphContext): Loaders {
  const { store } = context.ports
  const known = ofRequest.get(context) ?? {
    awards: one((id: AwardId) => store.findAward(id)),
    learners: one((id: LearnerId) => store.findLearner(id)),
    offerings: one((id: OfferingId) => store.findOffering(id)),
  }
  ofRequest.set(context, known)
  return known
}

// The store reads by key, one at a time: what the loader saves is the second read of the same thing.
function one<Key, Value>(find: (key: Key) => Promise<Value>): DataLoader<Key, Value> {
  return new DataLoader((keys) => Promise.all(keys.map(find)))
}

/** The award, if there is one that the caller may see. */
export async function visibleAward(id: AwardId, context: GraphContext): Promise<Award | null> {
  if (!context.actor) return null
  const award = await loadersOf(context).awards.load(id)
  return award && mayDo(context.actor, 'readAward', award) ? award : null
}

/** The learner, if there is one that the caller may see. */
export async function visibleLearner(id: LearnerId, context: GraphContext): Promise<Learner | null> {
  if (!context.actor) return null
  const learner = await loadersOf(context).learners.load(id)
  const target = learner && { tenant: learner.tenant, learnerId: learner.id }
  return learner && target && mayDo(context.actor, 'readLearner', target) ? learner : null
}

/** The offering, if there is one that the caller may see. */
export async function visibleOffering(id: OfferingId, context: GraphContext): Promise<Offering | null> {
  if (!context.actor) return null
  const offering = await loadersOf(context).offerings.load(id)
  return offering && mayDo(context.actor, 'readOffering', { tenant: offering.tenant }) ? offering : null
}
