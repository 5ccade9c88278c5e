import type { Context } from 'hono'
import { html, raw } from 'hono/html'
import { codesOf, type GapDimension, type GapSlice, gapDimensions } from '#core/gaps/gap-slice.ts'
import type { SnapshotHeader } from '#core/gaps/snapshot.ts'
import type { SnapshotId } from '#core/ids.ts'
import { parse, zId } from '#core/parse.ts'
import type { Ports } from '#core/ports.ts'
import { field } from '../components.ts'
import { dateAndTime } from '../dates.ts'
import type { Language } from '../language.ts'
import type { Html } from '../layout.ts'
import { type GapNames, gapNames } from './names.ts'
import { gapWords } from './words.ts'

/** A slice as the address names it; empty members are not there. */
export function sliceAsked(c: Context): GapSlice {
  return Object.fromEntries(
    gapDimensions.flatMap((dimension) => {
      const code = c.req.query(dimension)
      return code ? [[dimension, code.slice(0, 100)]] : []
    }),
  )
}

/** The snapshot the address names; the latest when it names none. */
export function snapshotAsked(c: Context): { snapshot?: SnapshotId } {
  const id = c.req.query('snapshot')
  return id ? { snapshot: parse(zId('snp'), id) } : {}
}

/** An address below `/gaps` with these parts; absent ones are left out. */
export function gapHref(path: string, parts: { readonly [name: string]: string | undefined }): string {
  const query = new URLSearchParams(
    Object.entries(parts).flatMap(([name, value]) => (value ? [[name, value] as [string, string]] : [])),
  ).toString()
  return query ? `${path}?${query}` : path
}

export const option = (value: string, text: string, chosen: boolean): Html =>
  html`<option value="${value}"${chosen ? raw(' selected') : ''}>${text}</option>`

/** A choice of one code of a dimension, with "all" above. */
export function codeField(
  dimension: GapDimension,
  chosen: string | undefined,
  language: Language,
  ports: Pick<Ports, 'ontology'>,
): Html {
  const words = gapWords[language]
  const show = gapNames(language, ports)
  const codes = codesOf(dimension, ports.ontology).map(
    (code) => [code, show.nameOf(dimension, code)] as const,
  )
  if (dimension !== 'sector' && dimension !== 'role')
    codes.sort(([, a], [, b]) => a.localeCompare(b, language))
  return field({
    name: dimension,
    label: words.dimensions[dimension],
    control: (attributes) =>
      html`<select ${attributes}><option value="">${words.every[dimension]}</option>${codes.map(
        ([code, name]) => option(code, name, code === chosen),
      )}</select>`,
  })
}

/** A choice of the snapshot, where there is more than one. */
export function snapshotField(
  snapshots: readonly SnapshotHeader[],
  chosen: string | undefined,
  language: Language,
): Html | '' {
  const words = gapWords[language]
  if (snapshots.length < 2) return ''
  return field({
    name: 'snapshot',
    label: words.snapshot,
    control: (attributes) =>
      html`<select ${attributes}><option value="">${words.latest}</option>${snapshots.map(
        ({ id, publishedAt }) => option(id, dateAndTime(publishedAt, language), id === chosen),
      )}</select>`,
  })
}

/** What a slice is called: its codes by name, or "everything". */
export function sliceTitle(slice: GapSlice, show: GapNames, language: Language): string {
  const parts = gapDimensions.flatMap((dimension) => {
    const code = slice[dimension]
    return code === undefined ? [] : [show.nameOf(dimension, code)]
  })
  return parts.length === 0 ? gapWords[language].everything : parts.join(' · ')
}

const tabs = [
  ['overview', '/gaps'],
  ['modules', '/gaps/modules'],
  ['funnel', '/gaps/funnel'],
  ['prerequisites', '/gaps/prerequisites'],
  ['portfolio', '/gaps/portfolio'],
  ['demand', '/gaps/demand'],
] as const
export type Tab = (typeof tabs)[number][0]

/** The heading of every page below `/gaps`, with the way to the others. */
export function gapHeading(here: Tab, language: Language): Html {
  const words = gapWords[language]
  return html`<h1>${words.title}</h1>
<nav class="tabs no-print" aria-label="${words.parts}"><ul>${tabs.map(
    ([tab, href]) =>
      html`<li><a href="${href}"${tab === here ? raw(' aria-current="page"') : ''}>${words.tabs[tab]}</a></li>`,
  )}</ul></nav>`
}
