import { byteOrderMark, csvTable } from '#core/csv/write-csv.ts'
import type { GapRow } from '#core/gaps/gap-rows.ts'
import type { GapTable } from '#core/gaps/gap-table.ts'
import type { SkillsGap } from '#core/gaps/skills-gap.ts'
import type { SnapshotHeader } from '#core/gaps/snapshot.ts'
import { gapWords } from './words.ts'

/** What a reader of the file must know before its first number; the lines begin with `#`. */
function preamble({
  id,
  publishedAt,
  ontology,
  threshold,
  method,
  demandSource,
  demandYear,
}: SnapshotHeader): string {
  return [
    `# Snapshot ${id} of ${publishedAt.toISOString()}`,
    `# Skills ontology ${ontology.version}, ${ontology.digest}`,
    `# Method: ${method}`,
    `# Numbers of fewer than ${threshold} learners, of fewer than three institutions, or nearly all of one, are empty and suppressed; zero is one of them.`,
    `# Demand: ${demandSource === 'upload' ? `uploaded head counts of ${demandYear ?? ''}` : 'invented head counts for trying out'}`,
    '',
  ].join('\r\n')
}

/** Where nobody knows the demand there is no gap to show, and a file says so as the page does. */
function noGap(demand: SkillsGap['demand']): string {
  return demand === 'known' ? '' : `# No gap: ${gapWords.en.noDemand[demand]}\r\n`
}

const tableColumns = [
  'demandPersonLevels',
  'supplyPersonLevels',
  'gapPersonLevels',
  'gapAtLeast',
  'gapAtMost',
  'coveragePercent',
  'learners',
  'suppressed',
  'partial',
] as const

/** A table of gaps as CSV (RFC 4180), UTF-8 with its mark so that spreadsheets know. */
export function tableAsCsv({ snapshot, by, cells, demand }: GapTable): string {
  const [rows = '', columns] = by
  const lines = cells.map((cell) => ({
    [rows]: cell.row,
    ...(columns ? { [columns]: cell.column } : {}),
    demandPersonLevels: demand === 'known' ? cell.demandPersonLevels : '',
    supplyPersonLevels: cell.supplyPersonLevels,
    gapPersonLevels: cell.gapPersonLevels,
    gapAtLeast: cell.between?.atLeastPersonLevels,
    gapAtMost: cell.between?.atMostPersonLevels,
    coveragePercent: cell.coveragePercent,
    learners: cell.learners,
    suppressed: cell.suppressed,
    partial: cell.partial,
  }))
  const names = columns ? [rows, columns] : [rows]
  return byteOrderMark + preamble(snapshot) + noGap(demand) + csvTable([...names, ...tableColumns], lines)
}

const sliceColumns = [
  'skill',
  'importance',
  'level',
  'demandPersonLevels',
  'learners',
  'supplyPersonLevels',
  'gapPersonLevels',
  'coveragePercent',
  'changePersonLevels',
  'suppressed',
  'partial',
] as const

/** A slice as CSV, one line for each skill. */
export function sliceAsCsv({ snapshot, slice, rows, learners, between, demand }: SkillsGap): string {
  const about = Object.entries(slice).map(([dimension, code]) => `${dimension} ${code}`)
  const lines = rows.map((row: GapRow) => ({
    ...row,
    demandPersonLevels: demand === 'known' ? row.demandPersonLevels : '',
  }))
  const totals = [
    `# Slice: ${about.join(', ') || 'everything'}`,
    `# Learners enrolled ${learners.enrolled ?? 'suppressed'}, holding a verified skill ${learners.holding ?? 'suppressed'}`,
    ...(between
      ? [`# Gap between ${between.atLeastPersonLevels} and ${between.atMostPersonLevels} person-levels`]
      : []),
    '',
  ].join('\r\n')
  return byteOrderMark + preamble(snapshot) + noGap(demand) + totals + csvTable(sliceColumns, lines)
}
