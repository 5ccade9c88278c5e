import type { Context } from 'hono'
import { html, raw } from 'hono/html'
import * as z from 'zod'
import type { AwardFilter } from '#core/bulk/bulk-job.ts'
import { zAwardFilter } from '#core/bulk/order-bulk-job.ts'
import type { TenantTag } from '#core/ids.ts'
import type { Offering } from '#core/offerings/offering.ts'
import { parse } from '#core/parse.ts'
import type { Ports } from '#core/ports.ts'
import { inLanguage } from '#core/text.ts'
import { field } from './components.ts'
import { longDate } from './dates.ts'
import { awardWords } from './i18n/awards.ts'
import type { Language } from './language.ts'
import type { Html } from './layout.ts'

/** What the form above the list of awards says; stands in the address, and in the form that changes many. */
export interface AskedAwards {
  text: string
  where: AwardFilter
  /** The same as parameters, without the empty ones. */
  parameters: URLSearchParams
}

const names = [
  'q',
  'offeringId',
  'moduleId',
  'state',
  'awardedFrom',
  'awardedTo',
  'collected',
  'bulkJobId',
] as const
const zChoice = z.enum(['yes', 'no'])

/** Reads the filter from the address. Refuses `invalid_input` for what is none. */
export function askedAwards(read: (name: string) => string | undefined): AskedAwards {
  const parameters = new URLSearchParams()
  for (const name of names) {
    const value = (read(name) ?? '').trim().slice(0, 300)
    if (value !== '') parameters.set(name, value)
  }
  const { q = '', collected, ...rest } = Object.fromEntries(parameters)
  const where = parse(zAwardFilter, {
    ...rest,
    ...(collected === undefined ? {} : { collected: parse(zChoice, collected) === 'yes' }),
  })
  return { text: q, where, parameters }
}

export const inQuery = (c: Context) => (name: string) => c.req.query(name)

/** Dated modules of the institution for a select, newest first, at most 200. */
export async function offeringChoices(
  tenant: TenantTag,
  { store }: Pick<Ports, 'store'>,
): Promise<Offering[]> {
  const { items } = await store.listOfferings(tenant, { limit: 1000 })
  return items.toReversed().slice(0, 200)
}

/** `Serving language models, 1 November 2026`. */
export function offeringName(
  { moduleId, startsOn }: Offering,
  language: Language,
  { ontology }: Pick<Ports, 'ontology'>,
): string {
  const module = ontology.modules.get(moduleId)
  const title = module ? inLanguage(module.title, language).value : moduleId
  return `${title}, ${longDate(startsOn, language)}`
}

/** Options of a select, the chosen one marked. */
export function optionList(
  options: readonly (readonly [value: string, label: string])[],
  chosen: string | undefined,
): Html {
  return html`${options.map(
    ([value, label]) =>
      html`<option value="${value}"${value === chosen ? raw(' selected') : ''}>${label}</option>`,
  )}`
}

/** The form above the list: a GET form, so that what it shows has an address. */
export function awardFilterForm(
  { parameters }: AskedAwards,
  offerings: readonly Offering[],
  language: Language,
  ports: Pick<Ports, 'ontology'>,
): Html {
  const words = awardWords[language]
  const chosen = (name: string) => parameters.get(name) ?? ''
  const select = (name: string, label: string, options: readonly (readonly [string, string])[]) =>
    field({
      name,
      label,
      control: (attributes) =>
        html`<select ${attributes}>${optionList([['', words.any], ...options], chosen(name))}</select>`,
    })
  const day = (name: string, label: string) =>
    field({
      name,
      label,
      control: (attributes) => html`<input ${attributes} type="date" value="${chosen(name)}">`,
    })
  return html`<form method="get" action="/awards" role="search" class="filters">
${field({
  name: 'q',
  label: words.search,
  hint: words.searchHint,
  control: (attributes) => html`<input ${attributes} type="search" maxlength="300" value="${chosen('q')}">`,
})}
${select(
  'offeringId',
  words.offering,
  offerings.map((one) => [one.id, offeringName(one, language, ports)]),
)}
${select('state', words.state, Object.entries(words.states))}
${select('collected', words.collected, [
  ['yes', words.collectedYes],
  ['no', words.collectedNo],
])}
${day('awardedFrom', words.from)}
${day('awardedTo', words.to)}
<p class="actions"><button type="submit" class="quiet">${words.show}</button></p>
</form>`
}
