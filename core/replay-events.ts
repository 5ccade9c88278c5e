import type { TenantTag } from './ids.ts'
import type { Ports } from './ports.ts'
import type { ParkedEvent } from './store.ts'

const mostAtOnce = 1000

/** What was put aside, of every institution; the oldest first in each. */
export async function listParkedEvents({
  store,
}: Pick<Ports, 'store'>): Promise<({ tenant: TenantTag } & ParkedEvent)[]> {
  const found: ({ tenant: TenantTag } & ParkedEvent)[] = []
  for (const { tag } of await store.listInstitutions()) {
    for (const parked of await store.parkedEvents(tag, mostAtOnce)) found.push({ tenant: tag, ...parked })
  }
  return found
}

/** Puts every parked event back into its outbox. Answers how many. */
export async function replayEvents(ports: Pick<Ports, 'store'>): Promise<number> {
  let replayed = 0
  for (const { tenant, sk } of await listParkedEvents(ports)) {
    if (await ports.store.replayEvent(tenant, { sk })) replayed++
  }
  return replayed
}
