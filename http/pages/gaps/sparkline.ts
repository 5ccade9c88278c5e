import { html, raw } from 'hono/html'
import type { TrendPoint } from '#core/gaps/gap-trend.ts'
import type { Language } from '../language.ts'
import type { Html } from '../layout.ts'
import type { GapNames } from './names.ts'
import { gapWords } from './words.ts'

const size = { width: 112, height: 28, pad: 4 } as const

/** A small line of a value month by month, with the same in words; hidden months are holes in it. */
export function sparkline(
  points: readonly TrendPoint[],
  read: (point: TrendPoint) => number | null,
  show: GapNames,
  language: Language,
): Html {
  const words = gapWords[language]
  const known = points.flatMap((point) => {
    const value = read(point)
    return value === null ? [] : [{ value, month: point.month }]
  })
  const [first, last] = [known[0], known.at(-1)]
  if (!first || !last) return html`<span class="soft small">${words.hidden}</span>`
  if (known.length === 1) return html`<span class="soft small">${words.noTrend}</span>`
  const values = known.map(({ value }) => value)
  const [least, most] = [Math.min(...values), Math.max(...values)]
  const x = (at: number) => size.pad + (at * (size.width - 2 * size.pad)) / Math.max(1, points.length - 1)
  // A line that does not move lies in the middle.
  const y = (value: number) =>
    most === least
      ? size.height / 2
      : size.height - size.pad - ((value - least) * (size.height - 2 * size.pad)) / (most - least)
  const lines: string[][] = [[]]
  points.forEach((point, at) => {
    const value = read(point)
    if (value === null) lines.push([])
    else lines.at(-1)?.push(`${x(at).toFixed(1)},${y(value).toFixed(1)}`)
  })
  const text = [first, last]
    .map(({ value, month }) => words.from(show.plain(value), show.month(month)))
    .join(' → ')
  const at = points.findLastIndex((point) => read(point) !== null)
  return html`<svg class="spark" viewBox="0 0 ${size.width} ${size.height}" width="${size.width}" height="${size.height}" role="img" aria-label="${text}"><title>${text}</title>${lines
    .filter((line) => line.length > 0)
    .map((line) =>
      raw(`<polyline points="${line.join(' ')}"/>`),
    )}${raw(`<circle cx="${x(at).toFixed(1)}" cy="${y(last.value).toFixed(1)}" r="3"/>`)}</svg>`
}
