import { html } from 'hono/html'
import type { GapCell, GapTable } from '#core/gaps/gap-table.ts'
import { type Column, table } from '../components.ts'
import type { Language } from '../language.ts'
import type { Html } from '../layout.ts'
import type { GapNames } from './names.ts'
import { gapWords } from './words.ts'

/** The numbers of a table of gaps, one line for each cell; only columns that have something to say. */
export function cellTable(
  title: string,
  { by, demand, cells }: Pick<GapTable, 'by' | 'demand' | 'cells'>,
  show: GapNames,
  language: Language,
): Html {
  const words = gapWords[language]
  const [rows, columns] = by
  if (!rows) throw new Error('a table has at least one dimension')
  const isKnown = demand === 'known'
  const isBetween = cells.some(({ between }) => between !== null)
  const showsLearners = !isKnown || isBetween || cells.some(({ learners }) => learners !== null)
  const partly = (cell: GapCell) =>
    cell.partial ? html` <span class="soft small">${words.partly}</span>` : ''
  const gap = ({ between, gapPersonLevels }: GapCell) =>
    between
      ? `${show.plain(between.atLeastPersonLevels)}–${show.plain(between.atMostPersonLevels)}`
      : show.number(gapPersonLevels)
  const shown: [Column, (cell: GapCell) => string | number | Html][] = [
    [{ title: words.dimensions[rows] }, ({ row }) => show.nameOf(rows, row)],
  ]
  if (columns) {
    shown.push([{ title: words.dimensions[columns] }, ({ column }) => show.nameOf(columns, column ?? '')])
  }
  if (isKnown) {
    shown.push(
      [{ title: words.demand, number: true }, (cell) => show.plain(cell.demandPersonLevels)],
      [{ title: words.supply, number: true }, (cell) => show.number(cell.supplyPersonLevels)],
      [{ title: words.gap, number: true }, (cell) => html`${gap(cell)}${partly(cell)}`],
    )
    if (!isBetween) {
      shown.push([{ title: words.coverage, number: true }, (cell) => show.percent(cell.coveragePercent)])
    }
  } else {
    shown.push([{ title: words.supply, number: true }, (cell) => show.number(cell.supplyPersonLevels)])
  }
  if (showsLearners)
    shown.push([{ title: words.holding, number: true }, (cell) => show.number(cell.learners)])
  return table(
    title,
    shown.map(([column]) => column),
    cells.map((cell) => shown.map(([, content]) => content(cell))),
  )
}
