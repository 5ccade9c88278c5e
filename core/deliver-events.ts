import type { LearnerId, TenantTag } from './ids.ts'
import type { OutboxEvent } from './outbox.ts'
import {
  type DeliverPorts,
  type Projection,
  type ProjectionName,
  projections,
  type Tell,
} from './projections.ts'
import { inStep } from './trace.ts'

const eventsPerPage = 1000
/** So many events are forgotten in one write: as many as may be told twice when a server dies before it. */
const eventsPerAcknowledgement = 100
/** While a projection is away, events behind it must still reach the others: so many pages are read in a round. */
const pagesPerRound = 20
/** An event this old that a projection refuses, while it takes others, is not going to be taken. */
const parkAfterMinutes = 60

export interface DeliverOptions {
  /** Tells some projections otherwise, by their name: where the work is handed on instead of done. */
  instead?: Partial<Record<ProjectionName, Tell>>
  /** No further event is told after it. */
  until?: Date
  /** No further event is told once it says so: whoever stops a server is not to wait for a long outbox. */
  stopped?: AbortSignal
}

export interface Delivery {
  delivered: number
  /** Put aside, with the reason, until an operator replays them. */
  parked: number
  waiting: number
  /** Of each projection that lags behind, when the oldest event was written that it has not heard of. */
  behindSince: ReadonlyMap<ProjectionName, Date>
  failures: unknown[]
}

/**
 * Tells every projection of what is in the outboxes of all institutions. Answers how many events were
 * delivered; throws what went wrong once the others are done.
 */
export async function deliverEvents(ports: DeliverPorts, options: DeliverOptions = {}): Promise<number> {
  let delivered = 0
  const failures: unknown[] = []
  for (const { tag } of await ports.store.listInstitutions()) {
    const delivery = await deliverOutbox(tag, ports, options)
    delivered += delivery.delivered
    failures.push(...delivery.failures)
  }
  if (failures.length > 0)
    throw new AggregateError(failures, `${failures.length} events could not be delivered`)
  return delivered
}

/**
 * Tells every projection of what is in the outbox of one institution, in order per learner, and forgets what
 * all have heard. What cannot be delivered holds up that projection for that learner only. An event that cannot
 * be read, and one that a projection refuses for long while it takes others, is parked: it holds up nobody any
 * more, and an operator may replay it.
 */
export async function deliverOutbox(
  tenant: TenantTag,
  ports: DeliverPorts,
  { instead = {}, until, stopped }: DeliverOptions = {},
): Promise<Delivery> {
  const round = newRound(ports, instead)
  const isOver = () => stopped?.aborted === true || (until !== undefined && ports.clock.now() >= until)
  const result = { delivered: 0, parked: 0, waiting: 0 }
  const undelivered: OutboxEvent[] = []
  const heard: OutboxEvent[] = []
  const forgetHeard = async () => {
    const events = heard.splice(0)
    try {
      await ports.store.acknowledgeEvents(events)
      result.delivered += events.length
    } catch (error) {
      round.failures.push(error)
      result.waiting += events.length
    }
  }
  let cursor: string | undefined
  for (let page = 0; page < pagesPerRound; page++) {
    const read = await ports.store.readOutbox(tenant, eventsPerPage, cursor)
    for (const key of read.unreadable) {
      await ports.store.parkEvent(tenant, key, ['unreadable'])
      result.parked++
    }
    for (const event of read.events) {
      if (!isOver() && (await round.tellAll(event))) heard.push(event)
      else undelivered.push(event)
      if (heard.length >= eventsPerAcknowledgement) await forgetHeard()
    }
    await forgetHeard()
    cursor = read.cursor
    if (cursor === undefined || isOver()) break
  }
  for (const event of undelivered) {
    const refusedBy = await round.refusedForGood(event)
    if (refusedBy.length > 0) {
      await ports.store.parkEvent(tenant, event, refusedBy)
      result.parked++
    } else result.waiting++
  }
  return { ...result, behindSince: round.behindSince, failures: round.failures }
}

/** What is known in one round of who takes events and who does not. */
function newRound(ports: DeliverPorts, instead: NonNullable<DeliverOptions['instead']>) {
  const names = Object.keys(projections) as ProjectionName[]
  /** Who waits for the next round, and how often a projection has failed in this one. */
  const held = new Map<ProjectionName, { learners: Set<LearnerId>; failures: number }>()
  const took = new Set<ProjectionName>()
  const refused = new Map<OutboxEvent, ProjectionName[]>()
  /** Of which somebody has not even been told, for the sake of an event before. */
  const untold = new Set<OutboxEvent>()
  const failures: unknown[] = []
  const behindSince = new Map<ProjectionName, Date>()
  const isBehind = (name: ProjectionName, { at }: OutboxEvent) => {
    if (at < (behindSince.get(name) ?? at) || !behindSince.has(name)) behindSince.set(name, at)
  }
  const tell = (name: ProjectionName, event: OutboxEvent) =>
    inStep(
      ports.trace,
      {
        name: `deliver ${name}`,
        kind: 'consumer',
        from: event.trace,
        notes: {
          'academy.projection': name,
          'academy.event': event.type,
          'academy.institution': event.tenant,
        },
      },
      () => (instead[name] ?? projections[name].tell)(event, ports),
    )

  /** Whether everybody who hears of such events has heard of this one. */
  async function tellAll(event: OutboxEvent): Promise<boolean> {
    let heard = true
    for (const name of names) {
      const projection: Projection = projections[name]
      const { hears, failuresPerRound = Number.POSITIVE_INFINITY } = projection
      if (!hears.includes(event.type)) continue
      const waiting = held.get(name) ?? { learners: new Set(), failures: 0 }
      held.set(name, waiting)
      if (waiting.failures >= failuresPerRound || waiting.learners.has(event.learnerId)) {
        untold.add(event)
        isBehind(name, event)
        heard = false
        continue
      }
      try {
        await tell(name, event)
        took.add(name)
      } catch (error) {
        failures.push(error)
        waiting.learners.add(event.learnerId)
        if (projection.countsAsFailure?.(error) ?? true) waiting.failures++
        isBehind(name, event)
        refused.set(event, [...(refused.get(event) ?? []), name])
        heard = false
      }
    }
    return heard
  }

  return {
    failures,
    behindSince,

    tellAll,

    /** By whom an event is refused that is old, while others are taken: asked once more, and refused again. */
    async refusedForGood(event: OutboxEvent): Promise<ProjectionName[]> {
      const ageMinutes = (ports.clock.now().getTime() - event.at.getTime()) / 60_000
      const tooYoung = ageMinutes < parkAfterMinutes || untold.has(event)
      const by = tooYoung ? [] : (refused.get(event) ?? [])
      const again: ProjectionName[] = []
      for (const name of by.filter((one) => took.has(one))) {
        const ok = await tell(name, event).then(
          () => true,
          () => false,
        )
        if (!ok) again.push(name)
      }
      return again
    },
  }
}
