import { createHash } from 'node:crypto'
import { type Actor, authorise } from '#core/access/operations.ts'
import { type DemandSetId, platformTag } from '#core/ids.ts'
import type { RequestId } from '#core/parse.ts'
import type { Ports } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import { requestOf } from '#core/requests.ts'
import type { DemandSet } from './demand-sets.ts'
import type { DemandProblem } from './read-demand.ts'

export interface UploadDemand {
  requestId: RequestId
  /** As its owner calls it. */
  fileName: string
  bytes: Uint8Array
  /** Only look: nothing is kept. */
  dryRun: boolean
}

/** What was found in a file, and the set it became; none when there was a mistake, or nothing was to be kept. */
export interface UploadedDemand {
  lines: number
  rows: number
  heads: number
  years: number[]
  problems: DemandProblem[]
  set?: DemandSet
}

/**
 * Puts a file of demand in force for the next snapshot, whole or not at all. A file with a mistake is not kept;
 * every mistake is answered with its row and column. Earlier files stay and can be put in force again.
 */
export async function uploadDemand(
  actor: Actor | undefined,
  { requestId, fileName, bytes, dryRun }: UploadDemand,
  ports: Pick<Ports, 'store' | 'ontology' | 'clock' | 'random'>,
): Promise<UploadedDemand> {
  authorise(actor, 'uploadDemand', { tenant: platformTag })
  const now = ports.clock.now()
  // Loaded with the first file, and with it the library that reads tables.
  const { readDemand } = await import('./read-demand.ts')
  const { rows, problems, lines } = readDemand(bytes, ports.ontology, now.getUTCFullYear())
  const found = {
    lines,
    rows: rows.length,
    heads: rows.reduce((sum, { headcount }) => sum + headcount, 0),
    years: [...new Set(rows.map(({ year }) => year))].sort((a, b) => a - b),
    problems,
  }
  if (dryRun || problems.length > 0) return found
  const input = { sha256: createHash('sha256').update(bytes).digest('hex') }
  const request = requestOf(actor, 'uploadDemand', platformTag, requestId, input)
  const set = await ports.store.saveDemandSetOnce(
    request,
    {
      id: ports.random.id(platformTag, 'dmd'),
      uploadedAt: now,
      fileName: plainName(fileName),
      rows: found.rows,
      heads: found.heads,
      years: found.years,
    },
    rows,
  )
  return { ...found, set }
}

/** Puts an earlier upload, or without an id the shipped sample, in force again. Refuses `not_found`. */
export async function restoreDemand(
  actor: Actor | undefined,
  { requestId, id }: { requestId: RequestId; id: DemandSetId | undefined },
  { store }: Pick<Ports, 'store'>,
): Promise<DemandUploads> {
  authorise(actor, 'uploadDemand', { tenant: platformTag })
  if (id !== undefined && !(await store.findDemandSet(id))) {
    throw new Refusal('not_found', 'id: there is no such upload.', { field: 'id' })
  }
  await store.saveDemandSetInForceOnce(requestOf(actor, 'restoreDemand', platformTag, requestId, { id }), id)
  return listed(store)
}

export interface DemandUploads {
  /** Absent: the shipped sample. */
  inForce?: DemandSetId
  /** Newest first. */
  sets: DemandSet[]
}

const mostListed = 50

/** Uploads of demand and which of them is in force, for those who may read the gap. */
export async function demandUploads(
  actor: Actor | undefined,
  { store }: Pick<Ports, 'store'>,
): Promise<DemandUploads> {
  authorise(actor, 'readSkillsGap', { tenant: platformTag })
  return listed(store)
}

async function listed(store: Ports['store']): Promise<DemandUploads> {
  const [sets, inForce] = await Promise.all([store.listDemandSets(mostListed), store.demandSetInForce()])
  return { sets, ...(inForce === undefined ? {} : { inForce }) }
}

/** A file's name without folders and signs nobody can read, 80 characters at most. */
function plainName(name: string): string {
  const last = name.split(/[\\/]/).at(-1) ?? ''
  return (
    last
      .replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '')
      .trim()
      .slice(0, 80) || 'demand.csv'
  )
}
