import type { TenantTag } from '#core/ids.ts'
import type { Ports } from '#core/ports.ts'
import { factsOf } from './facts-of.ts'

const atOnce = 25

/**
 * Makes the facts of every learner whose records changed since the last snapshot, institution by institution;
 * of everybody at the very first. Answers how many were made.
 */
export async function bringFactsUpToDate({ store }: Pick<Ports, 'store'>): Promise<number> {
  const institutions = await store.listInstitutions()
  if (!(await store.factsBegun())) {
    for (const { tag } of institutions) await store.markAllLearners(tag)
    await store.saveFactsBegun()
  }
  let made = 0
  for (const { tag } of institutions) made += await bringTenantUpToDate(tag, store)
  return made
}

async function bringTenantUpToDate(tenant: TenantTag, store: Ports['store']): Promise<number> {
  let made = 0
  for (
    let marked = await store.changedLearners(tenant);
    marked.length > 0;
    marked = await store.changedLearners(tenant)
  ) {
    const changes: Parameters<typeof store.saveFacts>[1][number][] = []
    for (let from = 0; from < marked.length; from += atOnce) {
      const some = await Promise.all(
        marked.slice(from, from + atOnce).map(async ({ learnerId, mark }) => ({
          learnerId,
          mark,
          facts: factsOf(await store.historyOf(learnerId)),
        })),
      )
      changes.push(...some)
    }
    await store.saveFacts(tenant, changes)
    made += changes.length
  }
  return made
}
