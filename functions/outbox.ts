import { readFileSync } from 'node:fs'
import * as z from 'zod'
import { fromAttributes } from '#adapters/dynamodb/attributes.ts'
import { outboxEvent } from '#adapters/store/outbox.ts'
import { deliverEvents } from '#core/deliver-events.ts'
import type { OutboxEvent } from '#core/outbox.ts'
import type { Ports } from '#core/ports.ts'
import { releaseOntology } from '#core/skills/project-graph.ts'
import { describeError } from '#http/log.ts'
import { kept } from './lambda-world.ts'
import { keepShipped } from './ontologies.ts'

const zStream = z.object({
  Records: z
    .array(
      z.object({
        dynamodb: z.object({ SequenceNumber: z.string(), NewImage: z.record(z.string(), z.unknown()) }),
      }),
    )
    .default([]),
})

const zFiles = z.array(z.tuple([z.string(), z.string()]))

const open = kept(async ({ ports, settings, aws, log }) => {
  // Here and nowhere else, so that one function makes what the others read.
  const files = new Map(zFiles.parse(JSON.parse(readFileSync('ontology-files.json', 'utf8'))))
  await keepShipped({ ontology: ports.ontology, files, earlier: [] }, ports)
  await ports.ontologies.refresh()
  if (settings.graph === 'neo4j') await releaseOntology(ports)
  for (const institution of aws.institutions) await ports.store.saveInstitutionOnce(institution)
  return { ports, log }
})

/**
 * On Lambda: rung by the stream of the records when an event is written, and by a timetable besides. What
 * is delivered is read from the outbox itself, so a bell that rings twice or never does no harm. Reports
 * the events of the batch that are still waiting.
 */
export async function handler(input: unknown): Promise<{ batchItemFailures: { itemIdentifier: string }[] }> {
  const { Records } = zStream.parse(input)
  const { ports, log } = await open()
  const rung = Records.map(({ dynamodb }) => ({
    itemIdentifier: dynamodb.SequenceNumber,
    event: outboxEvent(fromAttributes(dynamodb.NewImage, undefined)),
  }))
  try {
    await deliverEvents(ports)
  } catch (error) {
    log({ level: 'error', event: 'outbox', error: describeError(error, false) })
    // The timetable's own calls are repeated by the next one.
  }
  const waiting = await stillWaiting(
    rung.map(({ event }) => event),
    ports,
  )
  return {
    batchItemFailures: rung
      .filter(({ event }) => waiting.has(event.id))
      .map(({ itemIdentifier }) => ({ itemIdentifier })),
  }
}

async function stillWaiting(events: OutboxEvent[], { store }: Ports): Promise<ReadonlySet<string>> {
  const tenants = new Set(events.map(({ tenant }) => tenant))
  const pending = await Promise.all([...tenants].map((tenant) => store.pendingEvents(tenant, 1000)))
  return new Set(pending.flat().map(({ id }) => id))
}
