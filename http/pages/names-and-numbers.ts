import { html } from 'hono/html'
import type { Ports } from '#core/ports.ts'
import { labelFor } from '#core/skills/label.ts'
import { inLanguage, type Text } from '#core/text.ts'
import type { Language } from './language.ts'
import { frenchSpaces } from './reader.ts'

export type NamesAndNumbers = ReturnType<typeof namesAndNumbers>

/** Names from the ontology and numbers for a reader; `null` is a hidden number and `hidden` the word for it. */
export function namesAndNumbers(
  language: Language,
  { ontology }: Pick<Ports, 'ontology'>,
  hidden: string = '–',
) {
  const locale = language === 'fr' ? 'fr-FR' : 'en-GB'
  const number = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 })
  const percent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 })
  const signed = new Intl.NumberFormat(locale, { signDisplay: 'exceptZero' })
  const hiddenMark = html`<span class="tag">${hidden}</span>`
  const named = (label: Text | undefined, id: string) => {
    const value = label ? inLanguage(label, language).value : id
    return language === 'fr' ? frenchSpaces(value) : value
  }
  return {
    plain: (value: number) => number.format(value),
    number: (value: number | null) => (value === null ? hiddenMark : number.format(value)),
    percent: (value: number | null) => (value === null ? hiddenMark : percent.format(value / 100)),
    signed: (value: number) => signed.format(value),
    skill(id: string) {
      const skill = ontology.skills.get(id)
      return skill ? labelFor(skill, language, ontology).value : id
    },
    module: (id: string) => named(ontology.modules.get(id)?.title, id),
    sector: (id: string) => named(ontology.sectors.get(id)?.label, id),
    role: (id: string) => named(ontology.roles.get(id)?.label, id),
  }
}
