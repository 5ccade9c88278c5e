import { mailOffer } from './credentials/mail-offer.ts'
import { projectStatus } from './credentials/project-status.ts'
import type { LearnerId, TenantTag } from './ids.ts'
import type { OutboxEvent } from './outbox.ts'
import type { Ports } from './ports.ts'
import { projectGraph } from './skills/project-graph.ts'

type DeliverPorts = Pick<Ports, 'store' | 'mail' | 'signers' | 'settings' | 'graph' | 'clock'>

/** Whoever must hear of changes. Each may hear of an event twice and must then do nothing new. */
const projections: ((event: OutboxEvent, ports: DeliverPorts) => Promise<void>)[] = [
  projectStatus,
  mailOffer,
  projectGraph,
]

const eventsPerRound = 200

/**
 * Tells every projection of what is in the outbox, in order per learner, and forgets what all have heard.
 * An event that cannot be delivered holds up its own learner only. Answers how many were delivered; throws
 * what went wrong once the others are done.
 */
export async function deliverEvents(ports: DeliverPorts): Promise<number> {
  let delivered = 0
  const failures: unknown[] = []
  for (const { tag } of await ports.store.listInstitutions()) {
    delivered += await deliverTenant(tag, ports, failures)
  }
  if (failures.length > 0)
    throw new AggregateError(failures, `${failures.length} events could not be delivered`)
  return delivered
}

async function deliverTenant(tenant: TenantTag, ports: DeliverPorts, failures: unknown[]): Promise<number> {
  const held = new Set<LearnerId>()
  let delivered = 0
  for (const event of await ports.store.pendingEvents(tenant, eventsPerRound)) {
    if (held.has(event.learnerId)) continue
    try {
      for (const project of projections) await project(event, ports)
      await ports.store.acknowledgeEvents([event])
      delivered++
    } catch (error) {
      failures.push(error)
      held.add(event.learnerId)
    }
  }
  return delivered
}
