import { type Actor, authorise } from '#core/access/operations.ts'
import { platformTag } from '#core/ids.ts'
import type { RequestId } from '#core/parse.ts'
import type { Ports } from '#core/ports.ts'
import { requestOf } from '#core/requests.ts'
import { bringFactsUpToDate } from './bring-facts-up-to-date.ts'
import { countingOf } from './build-snapshot.ts'
import { privacyRules } from './cell-privacy.ts'
import { demandByRole, latestYear } from './demand.ts'
import { demandInForce } from './demand-sets.ts'
import type { LearnerFacts } from './learner-facts.ts'
import { layoutOf } from './places.ts'
import type { ModuleFigures, Snapshot } from './snapshot.ts'
import { suppressCells } from './suppress-cells.ts'

/** What the snapshot job needs of the world. */
export type SnapshotPorts = Pick<Ports, 'store' | 'ontology' | 'clock' | 'random' | 'settings'>

/**
 * Publishes a snapshot on behalf of somebody who may; see `makeSnapshot`.
 * Refuses `state_conflict` when another snapshot was published meanwhile.
 */
export async function publishSnapshot(
  actor: Actor | undefined,
  { requestId }: { requestId: RequestId },
  ports: SnapshotPorts,
): Promise<Snapshot> {
  authorise(actor, 'publishSnapshot', { tenant: platformTag })
  return makeSnapshot(actor, requestId, ports)
}

/** The account a schedule acts as. */
const schedule = { subject: 'snapshot-job', tenant: platformTag }

/**
 * The snapshot job of a schedule: publishes when the last snapshot is `everyDays` old or there is none. May be
 * called as often as one likes: on one day it publishes once. 0 days: never. Answers what it published; when it
 * does not, it makes the facts of whoever changed.
 */
export async function publishDueSnapshot(
  ports: SnapshotPorts,
  everyDays: number,
): Promise<Snapshot | undefined> {
  const now = ports.clock.now()
  const [last] = await ports.store.listSnapshots(1)
  const isDue = everyDays > 0 && (!last || now.getTime() - last.publishedAt.getTime() >= everyDays * dayMs)
  if (!isDue) {
    // Between snapshots the facts are kept up to date, so that the next one has little to read from the records.
    await bringFactsUpToDate(ports)
    return undefined
  }
  return makeSnapshot(schedule, `scheduled-${now.toISOString().slice(0, 10)}`, ports)
}

const dayMs = 86_400_000

// What it publishes names no learner, and its private counts are read by nothing but the next run.
async function makeSnapshot(
  by: Pick<Actor, 'subject' | 'tenant'>,
  requestId: string,
  ports: SnapshotPorts,
): Promise<Snapshot> {
  const { store, ontology } = ports
  const request = requestOf(by, 'publishSnapshot', platformTag, requestId, {})
  const answered = await store.findAnsweredSnapshot(request)
  if (answered) return answered
  const rules = privacyRules(ports.settings.snapshotThreshold)
  const now = ports.clock.now()
  const day = now.toISOString().slice(0, 10)
  const before = await store.findPrivateCounts()
  const demand = await demandInForce(ports)

  await bringFactsUpToDate(ports)
  const layout = layoutOf(ontology)
  const control = suppressCells(layout, rules)
  const counting = countingOf(() => allFacts(store), layout, day, rules)
  const { tables, medianDays, kept } = await control.publish(before?.counts, counting)

  const snapshot: Snapshot = {
    id: ports.random.id(platformTag, 'snp'),
    publishedAt: now,
    ontology: { version: ontology.version, digest: ontology.digest },
    threshold: rules.threshold,
    method: control.method,
    demandSource: demand.source,
    ...(demand.set === undefined ? {} : { demandSet: demand.set }),
    demandYear: latestYear(demand.rows),
    ...(before ? { previous: before.keptBy } : {}),
    demand: demandByRole(ontology, demand.rows, rules),
    tables,
    modules: await moduleFigures(store, medianDays, day),
  }
  return store.saveSnapshotOnce(request, snapshot, kept)
}

async function* allFacts(
  store: Pick<SnapshotPorts['store'], 'listInstitutions' | 'readFacts'>,
): AsyncGenerator<LearnerFacts> {
  for (const { tag } of await store.listInstitutions()) yield* store.readFacts(tag)
}

const pageSize = 1000

/** Seats of offerings that have not ended, and the protected medians. */
async function moduleFigures(
  store: Pick<SnapshotPorts['store'], 'listInstitutions' | 'listOfferings'>,
  medianDays: Record<string, number>,
  day: string,
): Promise<Record<string, ModuleFigures>> {
  const seats = new Map<string, number>()
  for (const { tag } of await store.listInstitutions()) {
    let cursor: string | undefined
    do {
      const page = await store.listOfferings(tag, {
        limit: pageSize,
        ...(cursor === undefined ? {} : { cursor }),
      })
      for (const offering of page.items) {
        if (offering.endsOn < day) continue
        seats.set(offering.moduleId, (seats.get(offering.moduleId) ?? 0) + offering.seats)
      }
      cursor = page.cursor
    } while (cursor !== undefined)
  }
  return Object.fromEntries(
    [...new Set([...seats.keys(), ...Object.keys(medianDays)])].sort().map((module) => {
      const days = medianDays[module]
      return [
        module,
        { seats: seats.get(module) ?? 0, ...(days === undefined ? {} : { medianDaysToAward: days }) },
      ]
    }),
  )
}
