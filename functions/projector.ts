import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import * as z from 'zod'
import { sqsSender } from '#adapters/sqs/sender.ts'
import { type Delivery, deliverOutbox } from '#core/deliver-events.ts'
import type { TenantTag } from '#core/ids.ts'
import type { OutboxEvent } from '#core/outbox.ts'
import { type ProjectionName, projections } from '#core/projections.ts'
import { releaseOntology } from '#core/skills/project-graph.ts'
import { describeError } from '#http/log.ts'
import { needed } from './aws-settings.ts'
import { lambdaEntry } from './lambda-entry.ts'
import { kept, type LambdaWorld } from './lambda-world.ts'
import { publishMetrics } from './metrics.ts'
import { keepShipped } from './ontologies.ts'
import { readBells } from './stream-bells.ts'

const zFiles = z.array(z.tuple([z.string(), z.string()]))

const open = kept(async (world) => {
  const { ports, settings, aws } = world
  // Here and nowhere else, so that one function makes what the others read.
  const files = new Map(zFiles.parse(JSON.parse(readFileSync('ontology-files.json', 'utf8'))))
  await keepShipped({ ontology: ports.ontology, files, earlier: [] }, ports)
  await ports.ontologies.refresh()
  for (const institution of aws.institutions) await ports.store.saveInstitutionOnce(institution)
  if (settings.graph === 'neo4j') {
    // An engine that is away must hold up nobody but what is told to it.
    await releaseOntology(ports).catch((error) =>
      world.log({ level: 'error', event: 'graph-release', error: describeError(error, false) }),
    )
  }
  const erasures = sqsSender(needed(aws.queues.erasure, 'ERASURE_QUEUE'), ports.trace)
  const bulk = sqsSender(needed(aws.queues.bulk, 'BULK_QUEUE'))
  const dispatch = new Map([...aws.queues.dispatch].map(([site, url]) => [site, sqsSender(url)]))
  return {
    ...world,
    bulk,
    dispatch,
    instead: { files: (event: OutboxEvent) => erasures.send({ learnerId: event.learnerId }) },
  }
})
type Opened = Awaited<ReturnType<typeof open>>

/** A round ends well before the function does. */
const roundSeconds = 40
const holdSeconds = 70

/**
 * On Lambda: rung by the stream of the records when an event is written, a bulk job begins or an attempt is started,
 * and by the timetable for whatever was not delivered then. What is delivered is read from the outbox itself, in its order, so a bell that rings
 * twice, late or never does no harm. Reports the events whose outbox could not be seen to.
 */
export const handler = lambdaEntry(open, async (world, input: unknown) => {
  const { outboxes, bulk, sites, unreadable } = readBells(input)
  const isSweep = outboxes.size + bulk.size + sites.size + unreadable.length === 0
  const tenants = isSweep
    ? (await world.ports.store.listInstitutions()).map(({ tag }) => tag)
    : [...outboxes.keys()]
  const until = new Date(world.ports.clock.now().getTime() + roundSeconds * 1000)
  const again = [...unreadable]
  const deliveries: Delivery[] = []
  for (const tenant of tenants) {
    const delivery = await seeTo(tenant, until, world)
    if (delivery) deliveries.push(delivery)
    // Whoever has it reads what we were rung for, unless it came after; the stream rings again.
    else again.push(...(outboxes.get(tenant) ?? []))
  }
  for (const tenant of bulk) await world.bulk.send({ tenant })
  // Of a site that has left the deployment there is nobody to ring.
  for (const site of sites) await world.dispatch.get(site)?.send({})
  if (tenants.length > 0) tell(deliveries, world)
  return { batchItemFailures: again.map((itemIdentifier) => ({ itemIdentifier })) }
})

/** `undefined` when somebody else has the outbox, or it could not be read. */
async function seeTo(tenant: TenantTag, until: Date, world: Opened): Promise<Delivery | undefined> {
  const { ports, instead, log } = world
  try {
    const hold = await holdSoon(tenant, until, ports)
    if (!hold) return undefined
    try {
      return await deliverOutbox(tenant, ports, { instead, until })
    } finally {
      await hold.release()
    }
  } catch (error) {
    log({ level: 'error', event: 'outbox', tenant, error: describeError(error, false) })
    return undefined
  }
}

/** Two who deliver from one outbox at once would send each mail twice: the second waits. */
async function holdSoon(tenant: TenantTag, until: Date, { store, clock }: LambdaWorld['ports']) {
  for (;;) {
    const hold = await store.holdOutbox(tenant, holdSeconds)
    if (hold || clock.now() >= until) return hold
    await pause(500)
  }
}

function tell(deliveries: Delivery[], { log, ports, aws }: Opened): void {
  for (const error of deliveries.flatMap(({ failures }) => failures).slice(0, 20))
    log({ level: 'error', event: 'projection', error: describeError(error, false) })
  const sum = (name: 'delivered' | 'waiting' | 'parked') =>
    deliveries.reduce((total, delivery) => total + delivery[name], 0)
  const now = ports.clock.now().getTime()
  const lags = deliveries.flatMap(({ behindSince }) =>
    [...behindSince].map(([name, since]) => ({
      name,
      seconds: Math.max(0, Math.round((now - since.getTime()) / 1000)),
    })),
  )
  const lagOf = (names: readonly ProjectionName[]) =>
    Math.max(0, ...lags.filter(({ name }) => names.includes(name)).map(({ seconds }) => seconds))
  publishMetrics(aws.deployment, now, {
    ProjectionLagSeconds: lagOf(Object.keys(projections) as ProjectionName[]),
    StatusListLagSeconds: lagOf(['status-lists']),
    GraphLagSeconds: lagOf(['graph']),
    EventsWaitingCount: sum('waiting'),
    EventsDeliveredCount: sum('delivered'),
    EventsParkedCount: sum('parked'),
  })
}
