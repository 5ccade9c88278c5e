import { endOffers } from './credentials/end-offers.ts'
import { mailOffer } from './credentials/mail-offer.ts'
import { MailServerAway } from './credentials/mail-server-away.ts'
import { projectStatus } from './credentials/project-status.ts'
import type { LearnerId, TenantTag } from './ids.ts'
import { forgetMail } from './learners/forget-mail.ts'
import type { OutboxEvent } from './outbox.ts'
import type { Ports } from './ports.ts'
import { forgetAttempts } from './practicals/forget-attempts.ts'
import { projectGraph } from './skills/project-graph.ts'

type DeliverPorts = Pick<
  Ports,
  | 'store'
  | 'mail'
  | 'signers'
  | 'settings'
  | 'graph'
  | 'clock'
  | 'random'
  | 'files'
  | 'sites'
  | 'practicals'
  | 'ontology'
>

interface Projection {
  hears: readonly OutboxEvent['type'][]
  /** May be told of an event twice and must then do nothing new. */
  tell(event: OutboxEvent, ports: DeliverPorts): Promise<void>
  /** Learners for whom it fails before it is left alone for the rest of the round; without it each is tried. */
  failuresPerRound?: number
  /** Which failures say something about the others; all when absent. */
  countsAsFailure?(error: unknown): boolean
}

/** Whoever must hear of changes. Each hears for itself: a graph that is away holds up no revocation. */
const projections: readonly Projection[] = [
  { hears: ['award.status-changed'], tell: projectStatus },
  { hears: ['award.status-changed'], tell: endOffers },
  // Mail cannot be taken back: nobody else hears of this event, so nobody else can have it sent again.
  // A server that is away is away for all, and each try may take seconds; a mailbox that is full is its own.
  {
    hears: ['offer.opened'],
    tell: mailOffer,
    failuresPerRound: 3,
    countsAsFailure: (error) => error instanceof MailServerAway,
  },
  { hears: ['learner.erased'], tell: forgetMail },
  { hears: ['learner.erased'], tell: forgetAttempts },
  // An engine of its own: when it is away it is away for all, and each try may take seconds.
  {
    hears: ['award.made', 'award.status-changed', 'learner.erased'],
    tell: projectGraph,
    failuresPerRound: 3,
  },
]

/** Who waits for the next round, and how often a projection has failed in this one. */
interface Held {
  learners: Set<LearnerId>
  failures: number
}

const eventsPerRound = 1000

/**
 * Tells every projection of what is in the outbox, in order per learner, and forgets what all have heard.
 * What cannot be delivered holds up that projection for that learner only. Answers how many events were
 * delivered; throws what went wrong once the others are done.
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
  const held = new Map<Projection, Held>()
  let delivered = 0
  for (const event of await ports.store.pendingEvents(tenant, eventsPerRound)) {
    try {
      if (!(await tellAll(event, ports, held, failures))) continue
      await ports.store.acknowledgeEvents([event])
      delivered++
    } catch (error) {
      failures.push(error)
    }
  }
  return delivered
}

/** Whether everybody who hears of such events has heard of this one. */
async function tellAll(
  event: OutboxEvent,
  ports: DeliverPorts,
  held: Map<Projection, Held>,
  failures: unknown[],
): Promise<boolean> {
  let heard = true
  for (const projection of projections.filter(({ hears }) => hears.includes(event.type))) {
    const waiting: Held = held.get(projection) ?? { learners: new Set(), failures: 0 }
    held.set(projection, waiting)
    const { failuresPerRound = Number.POSITIVE_INFINITY } = projection
    if (waiting.failures >= failuresPerRound || waiting.learners.has(event.learnerId)) {
      heard = false
      continue
    }
    try {
      await projection.tell(event, ports)
    } catch (error) {
      failures.push(error)
      waiting.learners.add(event.learnerId)
      if (projection.countsAsFailure?.(error) ?? true) waiting.failures++
      heard = false
    }
  }
  return heard
}
