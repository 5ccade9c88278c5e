import type { Actor } from '#core/access/operations.ts'
import type { SnapshotId } from '#core/ids.ts'
import type { Ports } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import type { Ontology } from '#core/skills/ontology.ts'
import { demandKnown, type GapRow, type SliceCells } from './gap-rows.ts'
import { checkDimensions, codesOf, type GapDimension, isPlace } from './gap-slice.ts'
import { answerGap, headerOf, readSnapshots, type SkillsGap } from './skills-gap.ts'
import type { Snapshot, SnapshotHeader } from './snapshot.ts'

/** One cell of a table of gaps, of published numbers only. */
export interface GapCell {
  row: string
  /** Absent where there is one dimension. */
  column?: string
  heads: number
  demandPersonLevels: number
  supplyPersonLevels: number | null
  /** Learners who hold what the cell is about. */
  learners: number | null
  gapPersonLevels: number | null
  coveragePercent: number | null
  /** For two places at once. */
  between: SkillsGap['between']
  suppressed: boolean
  partial: boolean
}

export interface GapTable {
  snapshot: SnapshotHeader
  by: readonly GapDimension[]
  /** Why no gap is shown, where none is. */
  demand: SliceCells['demand']
  rows: string[]
  columns: string[]
  /** Cells that have anything to say; all others are hidden or without demand. */
  cells: GapCell[]
}

type Codes = Pick<Ontology, 'modules' | 'skills' | 'roles' | 'sectors' | 'domains'>

/**
 * Gap, coverage and supply broken down by one or two dimensions, as of a published snapshot. Refuses
 * `invalid_input` for none or three, naming `by`, and `snapshot_missing` before the first snapshot.
 */
export async function gapTable(
  actor: Actor | undefined,
  { by, snapshot: asked }: { by: readonly GapDimension[]; snapshot?: SnapshotId },
  ports: Pick<Ports, 'store' | 'ontology'>,
): Promise<GapTable> {
  if (by.length === 0) throw new Refusal('invalid_input', 'by: name one or two dimensions.', { field: 'by' })
  checkDimensions(by, () => 'by')
  const { snapshot } = await readSnapshots(actor, asked === undefined ? {} : { snapshot: asked }, ports)
  return tableOfGaps(by, snapshot, ports.ontology)
}

/** The table from a published snapshot alone; pure. */
function tableOfGaps(by: readonly GapDimension[], snapshot: Snapshot, ontology: Codes): GapTable {
  const [rows, columns] = by
  if (!rows) throw new Error('a table has at least one dimension')
  const cells =
    columns === undefined
      ? isContent(rows)
        ? contentCells(answerGap({}, snapshot, undefined, ontology), rows, ontology).map(
            ({ content, ...cell }) => ({ row: content, ...cell }),
          )
        : codesOf(rows, ontology).flatMap((row) =>
            totalCell(row, undefined, answerGap({ [rows]: row }, snapshot, undefined, ontology)),
          )
      : twoDimensions(rows, columns, snapshot, ontology)
  const present = (of: (cell: GapCell) => string | undefined, dimension: GapDimension) => {
    const found = new Set(cells.map(of))
    return codesOf(dimension, ontology).filter((code) => found.has(code))
  }
  return {
    snapshot: headerOf(snapshot),
    by,
    demand: demandOf(by, snapshot),
    rows: present(({ row }) => row, rows),
    columns: columns === undefined ? [] : present(({ column }) => column, columns),
    cells,
  }
}

const isContent = (dimension: GapDimension): dimension is 'domain' | 'skill' =>
  dimension === 'domain' || dimension === 'skill'

function twoDimensions(
  rows: GapDimension,
  columns: GapDimension,
  snapshot: Snapshot,
  ontology: Codes,
): GapCell[] {
  // Skills and domains come out of one answer for each code of the other dimension.
  if (isContent(columns)) {
    return codesOf(rows, ontology).flatMap((row) =>
      contentCells(answerGap({ [rows]: row }, snapshot, undefined, ontology), columns, ontology).map(
        ({ content, ...cell }): GapCell => ({ row, column: content, ...cell }),
      ),
    )
  }
  if (isContent(rows)) {
    return twoDimensions(columns, rows, snapshot, ontology).map(
      ({ row, column = '', ...cell }): GapCell => ({ row: column, column: row, ...cell }),
    )
  }
  return codesOf(rows, ontology).flatMap((row) =>
    codesOf(columns, ontology).flatMap((column) =>
      totalCell(row, column, answerGap({ [rows]: row, [columns]: column }, snapshot, undefined, ontology)),
    ),
  )
}

type CellBody = Omit<GapCell, 'row' | 'column'>

/** The rows of an answer as cells, or added up by domain. */
function contentCells(
  { rows, heads }: SkillsGap,
  dimension: 'domain' | 'skill',
  { skills }: Codes,
): (CellBody & { content: string })[] {
  const nameOf = (row: GapRow) => (dimension === 'skill' ? row.skill : (skills.get(row.skill)?.domain ?? ''))
  return [...Map.groupBy(rows, nameOf)].map(([content, of]) => ({
    content,
    heads,
    ...bodyOf(of),
    between: null,
  }))
}

function totalCell(row: string, column: string | undefined, answer: SkillsGap): GapCell[] {
  const { heads, rows, learners, between, demand } = answer
  const empty = rows.length === 0 && heads === 0 && learners.holding === null && learners.enrolled === null
  if (empty) return []
  const isPair =
    between !== null ||
    (rows.length === 0 && Object.keys(answer.slice).every((name) => isPlace(name as GapDimension)))
  const body = isPair ? { ...bodyOf([]), suppressed: learners.holding === null } : bodyOf(rows)
  return [
    {
      row,
      ...(column === undefined ? {} : { column }),
      heads,
      ...body,
      learners: learners.holding ?? (demand === 'known' && !isPair ? body.learners : null),
      demandPersonLevels: between?.atMostPersonLevels ?? body.demandPersonLevels,
      between,
    },
  ]
}

function bodyOf(rows: readonly GapRow[]): Omit<CellBody, 'heads' | 'between'> {
  const shown = rows.filter(({ suppressed }) => !suppressed)
  const add = (of: (row: GapRow) => number | null) => {
    const known = shown.flatMap((row) => of(row) ?? [])
    return known.length === 0 ? null : known.reduce((sum, one) => sum + one, 0)
  }
  const gap = add(({ gapPersonLevels }) => gapPersonLevels)
  const demand = add(({ shownDemandPersonLevels }) => shownDemandPersonLevels) ?? 0
  return {
    demandPersonLevels: rows.reduce((sum, row) => sum + row.demandPersonLevels, 0),
    supplyPersonLevels: add(({ supplyPersonLevels }) => supplyPersonLevels),
    // Who holds one skill of several is in no table; of a single one it is.
    learners: rows.length === 1 ? (rows[0]?.learners ?? null) : null,
    gapPersonLevels: gap,
    coveragePercent: gap === null || demand === 0 ? null : Math.round((1 - gap / demand) * 1000) / 10,
    suppressed: shown.length === 0,
    partial: shown.length > 0 && (shown.length < rows.length || shown.some(({ partial }) => partial)),
  }
}

const demandOf = (by: readonly GapDimension[], snapshot: Snapshot): GapTable['demand'] =>
  demandKnown(snapshot, Object.fromEntries(by.map((dimension) => [dimension, 'any'])))
