import type { Award } from '#core/awards/award.ts'
import type { LearnerId, TenantTag } from '#core/ids.ts'
import type { Store } from '#core/store.ts'
import { type LearnerSupply, projectSupply } from './project-supply.ts'

type Records = Pick<Store, 'listInstitutions' | 'listAwards' | 'enrolmentsOf' | 'findLearner'>

const pageSize = 1000
const atOnce = 25

/** Reads every learner with awards, institution by institution, and yields each one's supply on a date. */
export async function* collectSupply(store: Records, date: Date): AsyncGenerator<LearnerSupply> {
  for (const { tag } of await store.listInstitutions()) {
    const learners = [...(await awardsByLearner(store, tag))]
    for (let from = 0; from < learners.length; from += atOnce) {
      const some = learners.slice(from, from + atOnce)
      const supplies = await Promise.all(some.map(([id, awards]) => supplyOf(store, tag, id, awards, date)))
      for (const supply of supplies) if (supply) yield supply
    }
  }
}

async function awardsByLearner(store: Records, tenant: TenantTag): Promise<Map<LearnerId, Award[]>> {
  const byLearner = new Map<LearnerId, Award[]>()
  let cursor: string | undefined
  do {
    const page = await store.listAwards(tenant, {
      limit: pageSize,
      ...(cursor === undefined ? {} : { cursor }),
    })
    for (const award of page.items) {
      const known = byLearner.get(award.learnerId)
      if (known) known.push(award)
      else byLearner.set(award.learnerId, [award])
    }
    cursor = page.cursor
  } while (cursor !== undefined)
  return byLearner
}

async function supplyOf(
  store: Records,
  tenant: TenantTag,
  id: LearnerId,
  awards: Award[],
  date: Date,
): Promise<LearnerSupply | undefined> {
  const [learner, enrolments] = await Promise.all([store.findLearner(id), store.enrolmentsOf(id)])
  // An erased learner has no person any more and counts in no later snapshot.
  if (!learner?.person) return undefined
  return projectSupply({ id, tenant }, awards, enrolments, date)
}
