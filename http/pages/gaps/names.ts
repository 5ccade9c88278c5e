import type { GapDimension } from '#core/gaps/gap-slice.ts'
import { nuts1Regions } from '#core/offerings/nuts1.ts'
import type { Ports } from '#core/ports.ts'
import { inLanguage, type Text } from '#core/text.ts'
import type { Language } from '../language.ts'
import { namesAndNumbers } from '../names-and-numbers.ts'
import { frenchSpaces } from '../reader.ts'
import { gapWords } from './words.ts'

export type GapNames = ReturnType<typeof gapNames>

/** Numbers, and the names of every code a gap may be asked by, for a reader. */
export function gapNames(language: Language, ports: Pick<Ports, 'ontology'>) {
  const show = namesAndNumbers(language, ports, gapWords[language].hidden)
  const { ontology } = ports
  const countries = new Intl.DisplayNames([language], { type: 'region' })
  const named = (label: Text | undefined, id: string) => {
    const value = label ? inLanguage(label, language).value : id
    return language === 'fr' ? frenchSpaces(value) : value
  }
  const month = new Intl.DateTimeFormat(language === 'fr' ? 'fr-FR' : 'en-GB', {
    month: 'long',
    year: 'numeric',
    timeZone: 'UTC',
  })
  function nameOf(dimension: GapDimension | 'module', code: string): string {
    switch (dimension) {
      case 'sector':
        return show.sector(code)
      case 'role':
        return show.role(code)
      case 'skill':
        return show.skill(code)
      case 'module':
        return show.module(code)
      case 'domain':
        return named(ontology.domains.get(code)?.label, code)
      case 'targetGroup':
        return named(ontology.targetGroups.get(code)?.label, code)
      case 'country':
        return /^[A-Z]{2}$/.test(code) ? (countries.of(code) ?? code) : code
      case 'nuts1': {
        const region = nuts1Regions.get(code)
        return region ? `${region.name} (${code})` : code
      }
    }
  }
  return {
    ...show,
    nameOf,
    month: (yearAndMonth: string) => month.format(new Date(`${yearAndMonth}-01T00:00:00Z`)),
  }
}
