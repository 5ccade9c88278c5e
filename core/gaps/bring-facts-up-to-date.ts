import type { TenantTag } from '#core/ids.ts'
import type { Ports } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import { factsOf } from './facts-of.ts'

const atOnce = 25
/** The timetable makes facts, too: whoever comes second reads again what is left. */
const tries = 20

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
  let lost = 0
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
    try {
      await store.saveFacts(tenant, changes)
      made += changes.length
    } catch (cause) {
      const raced = cause instanceof Refusal && cause.code === 'state_conflict'
      if (!raced || ++lost >= tries) throw cause
    }
  }
  return made
}
