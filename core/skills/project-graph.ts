import { privacyRules } from '#core/gaps/cell-privacy.ts'
import { projectSupply } from '#core/gaps/project-supply.ts'
import { type LearnerId, type TenantTag, tenantOf } from '#core/ids.ts'
import type { OutboxEvent } from '#core/outbox.ts'
import type { Ports } from '#core/ports.ts'
import { graphContent } from './graph-content.ts'
import type { LearnerState } from './skills-graph.ts'

type GraphPorts = Pick<Ports, 'store' | 'graph' | 'clock'>

/**
 * Brings the graph up to what the records say of the learner an event is about. The state told is read after
 * the event was written, and numbered by the learner's `rev` read before it: it may be newer than its
 * number, never older, and the event that made it newer is still to come.
 */
export async function projectGraph(event: OutboxEvent, ports: GraphPorts): Promise<void> {
  if (event.type === 'learner.erased') {
    await ports.graph.project([{ learner: event.learnerId, erased: true }])
  } else {
    const state = await learnerState(event.learnerId, ports)
    if (state) await ports.graph.project([state])
  }
}

async function learnerState(
  id: LearnerId,
  { store, clock }: Pick<Ports, 'store' | 'clock'>,
): Promise<LearnerState | undefined> {
  const tenant = tenantOf(id)
  const learner = await store.findLearner(id)
  if (!tenant || !learner) return undefined
  if (!learner.person) return { learner: id, erased: true }
  const [awards, enrolments, objects] = await Promise.all([
    store.awardsInForceOf(id),
    store.enrolmentsOf(id),
    store.objects(id),
  ])
  const supply = objects ? undefined : projectSupply({ id, tenant }, awards, enrolments, clock.now())
  if (!supply) return { learner: id, seq: learner.rev, sector: undefined }
  const skills = [...supply.skills].map(([skill, level]) => ({ skill, level }))
  return { learner: id, seq: learner.rev, sector: supply.sector, skills }
}

const pageSize = 500
const atOnce = 25

/** Puts the ontology in force in the graph. */
export async function releaseOntology({
  graph,
  ontology,
  settings,
}: Pick<Ports, 'graph' | 'ontology' | 'settings'>): Promise<void> {
  await graph.release(graphContent(ontology, privacyRules(settings.snapshotThreshold)))
}

/** Takes up the version of the ontology last published, and puts it in the graph. True when it was another one. */
export async function takeUpOntology(
  ports: Pick<Ports, 'graph' | 'ontology' | 'ontologies' | 'settings'>,
): Promise<boolean> {
  const changed = await ports.ontologies.refresh()
  if (changed) await releaseOntology(ports)
  return changed
}

/**
 * Tells the graph of every learner who has an award, by the same projection as events do: for a graph that
 * begins empty, or one that may have missed events. May run beside them, and be stopped. Answers how many
 * states changed.
 */
export async function rebuildSupply(ports: GraphPorts, signal?: AbortSignal): Promise<number> {
  let changed = 0
  for (const { tag } of await ports.store.listInstitutions()) {
    let cursor: string | undefined
    do {
      if (signal?.aborted) return changed
      const page = await tellPage(tag, cursor, ports)
      changed += page.changed
      cursor = page.cursor
    } while (cursor !== undefined)
  }
  return changed
}

/** Tells the graph of the learners behind one page of an institution's awards. */
export async function tellPage(
  tenant: TenantTag,
  cursor: string | undefined,
  ports: GraphPorts,
): Promise<{ changed: number; cursor?: string }> {
  const page = await ports.store.listAwards(tenant, {
    limit: pageSize,
    ...(cursor === undefined ? {} : { cursor }),
  })
  const ids = [...new Set(page.items.map((award) => award.learnerId))]
  let changed = 0
  for (let from = 0; from < ids.length; from += atOnce) {
    const states = await Promise.all(ids.slice(from, from + atOnce).map((id) => learnerState(id, ports)))
    changed += (await ports.graph.project(states.filter((state) => state !== undefined))).applied
  }
  return { changed, ...(page.cursor === undefined ? {} : { cursor: page.cursor }) }
}
