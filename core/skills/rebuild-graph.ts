import type { TenantTag } from '#core/ids.ts'
import type { Ports } from '#core/ports.ts'
import { releaseOntology, tellPage } from './project-graph.ts'

/** Where a rebuild goes on. */
export interface RebuildPlace {
  tenant: TenantTag
  cursor?: string
}

export interface RebuildStep {
  /** Learners told of in this step who were not known so. */
  told: number
  /** Absent when the graph is whole again. */
  next?: RebuildPlace
}

/**
 * Makes the graph from nothing but the records: the ontology in force, no learners, then all of them again. In
 * steps that end at `until` at the latest but for one page; each says where the next one goes on. Events may be
 * told meanwhile, and a step may be done twice.
 */
export async function rebuildGraph(
  ports: Pick<Ports, 'store' | 'graph' | 'clock' | 'ontology' | 'settings'>,
  { from, until }: { from?: RebuildPlace; until?: Date } = {},
): Promise<RebuildStep> {
  if (!from) {
    await releaseOntology(ports)
    await ports.graph.forgetLearners()
  }
  const tenants = (await ports.store.listInstitutions()).map(({ tag }) => tag).sort()
  let told = 0
  for (const tenant of tenants.filter((tag) => tag >= (from?.tenant ?? ''))) {
    let cursor = tenant === from?.tenant ? from.cursor : undefined
    do {
      const page = await tellPage(tenant, cursor, ports)
      told += page.changed
      cursor = page.cursor
      if (cursor !== undefined && until !== undefined && ports.clock.now() >= until)
        return { told, next: { tenant, cursor } }
    } while (cursor !== undefined)
    const following = tenants[tenants.indexOf(tenant) + 1]
    if (following !== undefined && until !== undefined && ports.clock.now() >= until)
      return { told, next: { tenant: following } }
  }
  return { told }
}
