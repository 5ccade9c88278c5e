import { html } from 'hono/html'
import { codesOf, type GapDimension } from '#core/gaps/gap-slice.ts'
import type { GapCell, GapTable } from '#core/gaps/gap-table.ts'
import type { Ports } from '#core/ports.ts'
import { inBoth } from '../i18n/words.ts'
import type { Language } from '../language.ts'
import type { Html } from '../layout.ts'
import { gapHref } from './asked.ts'
import type { GapNames } from './names.ts'
import { gapWords } from './words.ts'

const heatWords = inBoth(
  {
    coverage: 'How much of the demand is covered, in per cent of person-levels.',
    learners: 'How many learners hold it.',
    legendCoverage: 'Covered',
    legendLearners: 'Learners',
    nothing: 'nothing demanded',
    atMost: 'at most so much is covered; no shade: it may be little, or nearly all',
    open: 'Each cell leads to its own page.',
    more: (shown: number, all: number) => `The ${shown} largest of ${all}.`,
    all: 'Show all',
  },
  {
    coverage: 'Part de la demande couverte, en pour cent de niveaux-personnes.',
    learners: 'Nombre d’apprenants qui la possèdent.',
    legendCoverage: 'Couvert',
    legendLearners: 'Apprenants',
    nothing: 'rien de demandé',
    atMost: 'au plus ; sans teinte : peut-être peu, peut-être presque tout',
    open: 'Chaque case mène à sa propre page.',
    more: (shown: number, all: number) => `Les ${shown} plus grands sur ${all}.`,
    all: 'Tout afficher',
  },
)

/** Upper bounds of the shades, in per cent covered; the last one is all that is demanded. */
const shades = [10, 25, 50, 75, 95, Number.POSITIVE_INFINITY]
/** Covered at most so much, in per cent, most of a demand is surely missing. */
const surelyMissing = 50
const mostRows = 40
const mostColumns = 12

interface Layout {
  down: GapDimension
  across: GapDimension | undefined
  rows: string[]
  columns: string[]
  /** How many rows there are; `rows` may be the largest of them. */
  rowCount: number
  cellAt: (row: string, column: string) => GapCell | undefined
}

/** The longer list runs down the page; of a very long one the rows with most demand or supply, unless `all`. */
function layoutOf(found: GapTable, all: boolean, ontology: Ports['ontology']): Layout {
  const [first, second] = found.by
  if (!first) throw new Error('a table has at least one dimension')
  const turned =
    second !== undefined && found.columns.length > mostColumns && found.rows.length <= mostColumns
  const [down, across] = turned ? [second, first] : [first, second]
  const cells = new Map<string, Map<string, GapCell>>()
  for (const cell of found.cells) {
    const [row, column] = turned ? [cell.column ?? '', cell.row] : [cell.row, cell.column ?? '']
    const before = cells.get(row) ?? new Map<string, GapCell>()
    cells.set(row, before.set(column, cell))
  }
  const inOrder = (dimension: GapDimension, some: readonly string[]) =>
    codesOf(dimension, ontology).filter((code) => some.includes(code))
  const weights = new Map(
    [...cells].map(([row, ofRow]) => [
      row,
      [...ofRow.values()].reduce((sum, cell) => sum + cell.demandPersonLevels + (cell.learners ?? 0), 0),
    ]),
  )
  const rows = inOrder(down, turned ? found.columns : found.rows)
  const largest = rows.toSorted((a, b) => (weights.get(b) ?? 0) - (weights.get(a) ?? 0)).slice(0, mostRows)
  return {
    down,
    across,
    rows: all || rows.length <= mostRows ? rows : largest,
    columns: across === undefined ? [''] : inOrder(across, turned ? found.rows : found.columns),
    rowCount: rows.length,
    cellAt: (row, column) => cells.get(row)?.get(column),
  }
}

/**
 * A table of gaps as shades, each with its number; what is hidden has a pattern of its own and the word for it.
 * `linked`: each cell leads to its slice.
 */
export function heatMap(
  found: GapTable,
  { all, linked, snapshot }: { all: boolean; linked: boolean; snapshot: string | undefined },
  show: GapNames,
  language: Language,
  { ontology }: Pick<Ports, 'ontology'>,
): Html {
  const words = gapWords[language]
  const text = heatWords[language]
  const { down, across, rows, columns, rowCount, cellAt } = layoutOf(found, all, ontology)
  const isCoverage = found.demand === 'known'
  const most = Math.max(1, ...found.cells.map(({ learners }) => learners ?? 0))
  const link = (parts: { [name: string]: string | undefined }, content: Html | string) =>
    linked ? html`<a href="${gapHref('/gaps', { ...parts, snapshot })}">${content}</a>` : content
  const cellOf = (row: string, column: string) => {
    const cell = cellAt(row, column)
    if (!cell) {
      return html`<td class="none"><span aria-hidden="true">·</span><span class="hidden">${text.nothing}</span></td>`
    }
    const { shade, content } = shown(cell, isCoverage, most, show, language)
    return html`<td class="${shade}">${link({ [down]: row, ...(across ? { [across]: column } : {}) }, content)}</td>`
  }
  const columnHead = (column: string) =>
    across ? show.nameOf(across, column) : words[isCoverage ? 'coverage' : 'holding']
  const name = across ? `${words.dimensions[down]} × ${words.dimensions[across]}` : words.dimensions[down]
  const everything = gapHref('/gaps', { rows: found.by[0], columns: found.by[1], snapshot, all: '1' })

  return html`<div class="scroll heat" role="region" aria-label="${name}: ${isCoverage ? text.legendCoverage : text.legendLearners}" tabindex="0"><table>
<caption><span>${name}</span> <span class="soft">${isCoverage ? text.coverage : text.learners} ${linked ? text.open : ''}</span></caption>
<thead><tr><td></td>${columns.map((column) => html`<th scope="col"><span>${columnHead(column)}</span></th>`)}</tr></thead>
<tbody>${rows.map(
    (row) =>
      html`<tr><th scope="row">${link({ [down]: row }, show.nameOf(down, row))}</th>${columns.map((column) => cellOf(row, column))}</tr>`,
  )}</tbody>
</table></div>
${rows.length < rowCount ? html`<p class="small">${text.more(rows.length, rowCount)} <a href="${everything}#map">${text.all}</a></p>` : ''}
${legend(
  isCoverage,
  found.cells.some(({ between }) => between !== null),
  most,
  show,
  language,
)}`
}

/** Shade and content of a cell; colour only repeats what the number or the word says. */
function shown(
  cell: GapCell,
  isCoverage: boolean,
  most: number,
  show: GapNames,
  language: Language,
): { shade: string; content: Html } {
  const words = gapWords[language]
  if (cell.between) {
    // Of two places at once the gap is known between two bounds: shaded where most is surely missing, for a
    // shade of covered would say more than is known.
    const { atLeastPersonLevels: least, atMostPersonLevels: demanded } = cell.between
    const covered = demanded === 0 ? 100 : (1 - least / demanded) * 100
    const shade = covered < surelyMissing ? `heat-${shadeOf(covered)}` : 'unsure'
    return { shade, content: html`≤ ${show.percent(Math.round(covered))}` }
  }
  const value = isCoverage ? cell.coveragePercent : cell.learners
  if (value === null) {
    return {
      shade: 'masked',
      content: html`<span aria-hidden="true">–</span><span class="hidden">${words.hidden}</span>`,
    }
  }
  const level = isCoverage ? shadeOf(value) : Math.min(5, Math.floor((value / most) * 5))
  const part = cell.partial
    ? html`<span aria-hidden="true">*</span><span class="hidden"> ${words.partly}</span>`
    : ''
  return {
    shade: `${isCoverage ? 'heat' : 'pool'}-${level}`,
    content: html`${isCoverage ? show.percent(Math.round(value)) : show.plain(value)}${part}`,
  }
}

const shadeOf = (percent: number) => shades.findIndex((bound) => percent < bound)

function legend(
  isCoverage: boolean,
  isBetween: boolean,
  most: number,
  show: GapNames,
  language: Language,
): Html {
  const words = gapWords[language]
  const text = heatWords[language]
  const label = (at: number) => {
    if (!isCoverage) {
      const least = Math.max(1, Math.ceil((at * most) / 5))
      const below = Math.ceil(((at + 1) * most) / 5)
      return at === shades.length - 1 ? show.plain(most) : `${show.plain(least)}–${show.plain(below - 1)}`
    }
    const from = at === 0 ? 0 : (shades[at - 1] ?? 0)
    return at === shades.length - 1
      ? html`${show.percent(from)}+`
      : html`${show.plain(from)}–${show.percent(shades[at] ?? 100)}`
  }
  return html`<ul class="legend" aria-label="${isCoverage ? text.legendCoverage : text.legendLearners}">
<li><strong>${isCoverage ? text.legendCoverage : text.legendLearners}</strong></li>
${shades.map((_, at) => html`<li><span class="swatch ${isCoverage ? 'heat' : 'pool'}-${at}"></span>${label(at)}</li>`)}
<li><span class="swatch masked">–</span>${words.hidden}</li>
${isBetween ? html`<li><span class="swatch unsure">≤</span>${text.atMost}</li>` : ''}
${isCoverage ? html`<li><span class="swatch none">·</span>${text.nothing}</li>${isBetween ? '' : html`<li>* ${words.partly}</li>`}` : ''}
</ul>`
}
