import { type Actor, authorise } from '#core/access/operations.ts'
import { platformTag, type SnapshotId } from '#core/ids.ts'
import type { Ports } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import type { Ontology } from '#core/skills/ontology.ts'
import { type GapRow, type GapSlice, gapRows, sliceCells } from './gap-rows.ts'
import { type ModuleAdvice, rankModules } from './next-module.ts'
import type { Snapshot, SnapshotHeader } from './snapshot.ts'

export interface SkillsGapQuestion {
  /** All sectors when absent. */
  sector?: string
  /** All roles when absent. */
  role?: string
  /** The last published one when absent. */
  snapshot?: SnapshotId
}

/** An answer of published numbers only, with all that must be said about where they come from. */
export interface SkillsGap {
  snapshot: SnapshotHeader
  sector?: string
  role?: string
  /** Heads demanded over the roles and sectors of the slice, rounded. */
  heads: number
  /** Largest gap first; hidden rows last, by demand. */
  rows: GapRow[]
  /** Over the rows that may be shown; `null` when none may. */
  gapPersonLevels: number | null
  coveragePercent: number | null
  /** Against the previous snapshot, over the rows both show. */
  changePersonLevels: number | null
  /** Whether some number of the slice is hidden. */
  suppressed: boolean
  /** Which modules close most of the gap per hour; hidden supply counts as none. At most ten. */
  modules: ModuleAdvice[]
  nextModule: string | null
}

const mostModules = 10

/**
 * The gap of a sector and role as of a published snapshot. Reads nothing else: no live record reaches it.
 * Refuses `snapshot_missing` before the first snapshot and `invalid_input` for an unknown sector or role.
 */
export async function skillsGap(
  actor: Actor | undefined,
  question: SkillsGapQuestion,
  ports: Pick<Ports, 'store' | 'ontology'>,
): Promise<SkillsGap> {
  const { snapshot, before } = await readSnapshots(actor, question, ports)
  return answerGap(question, snapshot, before, ports.ontology)
}

/** The gap of every sector by itself, in the order of the ontology; refuses as `skillsGap` does. */
export async function gapBySector(
  actor: Actor | undefined,
  question: Omit<SkillsGapQuestion, 'sector'>,
  ports: Pick<Ports, 'store' | 'ontology'>,
): Promise<SkillsGap[]> {
  const { snapshot, before } = await readSnapshots(actor, question, ports)
  return [...ports.ontology.sectors.keys()].map((sector) =>
    answerGap({ ...question, sector }, snapshot, before, ports.ontology),
  )
}

async function readSnapshots(
  actor: Actor | undefined,
  question: SkillsGapQuestion,
  { store, ontology }: Pick<Ports, 'store' | 'ontology'>,
): Promise<{ snapshot: Snapshot; before: Snapshot | undefined }> {
  authorise(actor, 'readSkillsGap', { tenant: platformTag })
  checkSlice(question, ontology)
  const snapshot = await store.findSnapshot(question.snapshot)
  if (!snapshot) {
    throw question.snapshot
      ? new Refusal('not_found', 'There is no such snapshot.', { field: 'snapshot' })
      : new Refusal('snapshot_missing', 'No snapshot has been published yet.')
  }
  return { snapshot, before: snapshot.previous && (await store.findSnapshot(snapshot.previous)) }
}

/** The answer from published snapshots alone; pure. */
export function answerGap(
  { sector, role }: GapSlice,
  snapshot: Snapshot,
  before: Snapshot | undefined,
  ontology: Pick<Ontology, 'modules' | 'skills'>,
): SkillsGap {
  const slice = { ...(sector === undefined ? {} : { sector }), ...(role === undefined ? {} : { role }) }
  const cells = sliceCells(snapshot, slice)
  const earlier = new Map(
    before && gapRows(sliceCells(before, slice)).map((row): [string, GapRow] => [row.skill, row]),
  )
  const rows = gapRows(cells).map((row) => ({
    ...row,
    changePersonLevels: change(row, earlier.get(row.skill)),
  }))
  const moved = rows.flatMap(({ changePersonLevels }) => changePersonLevels ?? [])
  const modules = rankModules(cells.openGaps, cells.supplied, ontology)
  const { demand: _demand, supply: _supply, ...header } = snapshot
  return {
    snapshot: header,
    ...slice,
    heads: cells.heads,
    rows,
    ...totalOf(rows),
    changePersonLevels: moved.length === 0 ? null : moved.reduce((sum, one) => sum + one, 0),
    suppressed: rows.some((row) => row.suppressed || row.partial),
    modules: modules.slice(0, mostModules),
    nextModule: modules[0]?.module ?? null,
  }
}

function totalOf(rows: readonly GapRow[]): Pick<SkillsGap, 'gapPersonLevels' | 'coveragePercent'> {
  let gap = 0
  let demand = 0
  for (const row of rows) {
    if (row.gapPersonLevels === null || row.coveragePercent === null) continue
    gap += row.gapPersonLevels
    demand += row.shownDemandPersonLevels
  }
  if (demand === 0) return { gapPersonLevels: null, coveragePercent: null }
  return { gapPersonLevels: gap, coveragePercent: Math.round((1 - gap / demand) * 1000) / 10 }
}

// Both numbers are published, so their difference says nothing new. A row shown in part compares only with
// one shown in the same part, else hiding would look like movement.
function change(row: GapRow, before: GapRow | undefined): number | null {
  if (row.gapPersonLevels === null || before?.gapPersonLevels == null) return null
  return before.shownPart === row.shownPart ? row.gapPersonLevels - before.gapPersonLevels : null
}

function checkSlice({ sector, role }: GapSlice, ontology: Pick<Ontology, 'sectors' | 'roles'>): void {
  if (sector !== undefined && !ontology.sectors.has(sector)) {
    throw new Refusal('invalid_input', 'sector: there is no such sector.', { field: 'sector' })
  }
  if (role !== undefined && !ontology.roles.has(role)) {
    throw new Refusal('invalid_input', 'role: there is no such role.', { field: 'role' })
  }
}
