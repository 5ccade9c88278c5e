import { type Actor, authorise } from '#core/access/operations.ts'
import { platformTag, type SnapshotId } from '#core/ids.ts'
import type { Ports } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import type { Ontology } from '#core/skills/ontology.ts'
import { type GapRow, gapRows, linesOf, type SliceCells, sliceCells } from './gap-rows.ts'
import { checkSlice, type GapSlice, gapDimensions } from './gap-slice.ts'
import { type ModuleAdvice, type RankBy, rankModules } from './next-module.ts'
import { type PairAnswer, pairAnswer } from './place-pairs.ts'
import { placeDimensions } from './places.ts'
import type { Snapshot, SnapshotHeader } from './snapshot.ts'

export interface SkillsGapQuestion extends GapSlice {
  /** The last published one when absent. */
  snapshot?: SnapshotId
  /** By what modules are ranked; hours of work when absent. */
  rankBy?: RankBy
}

/** An answer of published numbers only, with all that must be said about where they come from. */
export interface SkillsGap {
  snapshot: SnapshotHeader
  slice: GapSlice
  /** Heads demanded over the roles, sectors and countries of the slice, rounded. */
  heads: number
  /** Whether there is demand to compare with; where there is none the slice shows supply, and no gap. */
  demand: SliceCells['demand']
  /** Learners of the slice's place, or of all sectors shown: enrolled, and holding some verified skill. `null`: hidden. */
  learners: { enrolled: number | null; holding: number | null }
  /** Largest gap first; hidden rows last, by demand. None for two places at once. */
  rows: GapRow[]
  /** Over the rows that may be shown; `null` when none may. */
  gapPersonLevels: number | null
  coveragePercent: number | null
  /** For two places at once: what the tables of each say of the gap of both. */
  between: PairAnswer['between']
  /** Against the previous snapshot, over the rows both show. */
  changePersonLevels: number | null
  /** Whether some number of the slice is hidden. */
  suppressed: boolean
  /** Which modules close most of the gap; hidden supply counts as none. At most ten. */
  modules: ModuleAdvice[]
  nextModule: string | null
}

const mostModules = 10

type Codes = Pick<Ontology, 'modules' | 'skills' | 'roles' | 'sectors' | 'domains'>

/**
 * The gap of a slice as of a published snapshot. Reads nothing else: no live record reaches it.
 * Refuses `snapshot_missing` before the first snapshot and `invalid_input` for an unknown code or a third dimension.
 */
export async function skillsGap(
  actor: Actor | undefined,
  question: SkillsGapQuestion,
  ports: Pick<Ports, 'store' | 'ontology'>,
): Promise<SkillsGap> {
  const { snapshot, before } = await readSnapshots(actor, question, ports)
  return answerGap(question, snapshot, before, ports.ontology)
}

/** The snapshot a question is about, and the one before it, for those who may ask. */
export async function readSnapshots(
  actor: Actor | undefined,
  { snapshot: asked, rankBy: _rankBy, ...slice }: SkillsGapQuestion,
  { store, ontology }: Pick<Ports, 'store' | 'ontology'>,
): Promise<{ snapshot: Snapshot; before: Snapshot | undefined }> {
  authorise(actor, 'readSkillsGap', { tenant: platformTag })
  checkSlice(slice, ontology)
  const snapshot = await store.findSnapshot(asked)
  if (!snapshot) {
    throw asked
      ? new Refusal('not_found', 'There is no such snapshot.', { field: 'snapshot' })
      : new Refusal('snapshot_missing', 'No snapshot has been published yet.')
  }
  return { snapshot, before: snapshot.previous && (await store.findSnapshot(snapshot.previous)) }
}

/** The answer from published snapshots alone; pure. */
export function answerGap(
  question: GapSlice & { rankBy?: RankBy },
  snapshot: Snapshot,
  before: Snapshot | undefined,
  ontology: Codes,
): SkillsGap {
  const slice = onlySlice(question)
  const places = placeDimensions.filter((dimension) => slice[dimension] !== undefined)
  const head = { snapshot: headerOf(snapshot), slice }
  if (places.length > 1) {
    const pair = pairAnswer(snapshot, slice)
    return {
      ...head,
      heads: linesOf(snapshot, slice).reduce((sum, line) => sum + line.heads, 0),
      demand: pair.demand,
      learners: pair.learners,
      rows: [],
      gapPersonLevels: null,
      coveragePercent: null,
      between: pair.between,
      changePersonLevels: null,
      suppressed: pair.learners.holding === null,
      modules: [],
      nextModule: null,
    }
  }
  const cells = sliceCells(snapshot, slice, ontology)
  const earlier = new Map(
    before && gapRows(sliceCells(before, slice, ontology)).map((row): [string, GapRow] => [row.skill, row]),
  )
  const rows = gapRows(cells).map((row) => ({
    ...row,
    changePersonLevels: change(row, earlier.get(row.skill)),
  }))
  const moved = rows.flatMap(({ changePersonLevels }) => changePersonLevels ?? [])
  const modules = rankModules(cells.openGaps, cells.supplied, ontology, question.rankBy)
  return {
    ...head,
    heads: cells.heads,
    demand: cells.demand,
    learners: learnersOf(snapshot, slice),
    rows,
    ...totalOf(rows),
    between: null,
    changePersonLevels: moved.length === 0 ? null : moved.reduce((sum, one) => sum + one, 0),
    suppressed: rows.length === 0 || rows.some((row) => row.suppressed || row.partial),
    modules: modules.slice(0, mostModules),
    nextModule: modules[0]?.module ?? null,
  }
}

/** Of the slice's place, or of all sectors that may be shown. */
function learnersOf({ tables }: Snapshot, slice: GapSlice): SkillsGap['learners'] {
  const place = placeDimensions.find((dimension) => slice[dimension] !== undefined)
  const counts = place ? [tables[place][slice[place] ?? '']] : Object.values(tables.sector)
  const add = (of: 'any' | 'funnel') => {
    const known = counts.flatMap((one) => one?.[of][0] ?? [])
    return known.length === 0 ? null : known.reduce((sum, one) => sum + one, 0)
  }
  return { enrolled: add('funnel'), holding: add('any') }
}

/** Everything of a snapshot but its numbers. */
export function headerOf({
  demand: _demand,
  tables: _tables,
  modules: _modules,
  ...header
}: Snapshot): SnapshotHeader {
  return header
}

function onlySlice(question: GapSlice): GapSlice {
  return Object.fromEntries(
    gapDimensions.flatMap((dimension) =>
      question[dimension] === undefined ? [] : [[dimension, question[dimension]]],
    ),
  )
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
// one shown in the same part, else hiding would look like movement. Without demand it is supply that moves.
function change(row: GapRow, before: GapRow | undefined): number | null {
  if (before === undefined || before.shownPart !== row.shownPart) return null
  if (row.gapPersonLevels !== null && before.gapPersonLevels !== null)
    return row.gapPersonLevels - before.gapPersonLevels
  if (row.demandPersonLevels > 0 || row.supplyPersonLevels === null) return null
  return before.supplyPersonLevels === null ? null : row.supplyPersonLevels - before.supplyPersonLevels
}
