import type { DemandSetId } from '#core/ids.ts'
import type { Ports } from '#core/ports.ts'
import type { DemandRow } from '#core/skills/ontology.ts'
import type { Request } from '#core/store.ts'

/** One uploaded file of demand, kept whole, so that an earlier one can be put in force again. */
export interface DemandSet {
  id: DemandSetId
  uploadedAt: Date
  /** Name of the file, as its owner called it. */
  fileName: string
  rows: number
  heads: number
  years: number[]
}

/** Uploads of demand, and which of them is in force. */
export interface DemandStore {
  /** One transaction names the new set as the one in force; its rows are written before. */
  saveDemandSetOnce(request: Request, set: DemandSet, rows: readonly DemandRow[]): Promise<DemandSet>
  /** Newest first. */
  listDemandSets(limit: number): Promise<DemandSet[]>
  findDemandSet(id: DemandSetId): Promise<DemandSet | undefined>
  findDemandRows(id: DemandSetId): Promise<DemandRow[]>
  /** Which set is in force; `undefined`: the shipped sample. */
  demandSetInForce(): Promise<DemandSetId | undefined>
  /** Puts an earlier set, or with `undefined` the shipped sample, in force. */
  saveDemandSetInForceOnce(request: Request, id: DemandSetId | undefined): Promise<void>
}

/** The rows the next snapshot reads, and where they come from. */
export async function demandInForce({ store, ontology }: Pick<Ports, 'store' | 'ontology'>): Promise<{
  source: 'synthetic-sample' | 'upload'
  set?: DemandSetId
  rows: readonly DemandRow[]
}> {
  const set = await store.demandSetInForce()
  if (set === undefined) return { source: 'synthetic-sample', rows: ontology.demandSample }
  return { source: 'upload', set, rows: await store.findDemandRows(set) }
}
