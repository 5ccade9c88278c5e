import type { Context } from 'hono'
import { html } from 'hono/html'
import { labelFor } from '#core/skills/label.ts'
import type { Mapping, Ontology } from '#core/skills/ontology.ts'
import { inLanguage, type Text } from '#core/text.ts'
import type { Language } from './language.ts'
import type { Html } from './layout.ts'

/** Who reads a page: the language of its own words, and the languages wanted for labels, best first. */
export interface Reader {
  language: Language
  wanted: readonly string[]
  /** Where links to skills lead, without a trailing slash; to the version in force unless said. */
  skillsAt?: string
}

const tag = /^[a-z]{2,3}(-[a-z0-9]{1,8}){0,3}$/i

/**
 * The page itself speaks English or French; labels may be there in more languages. `?lang=` counts first, then the
 * languages of `Accept-Language` when nobody chose one for the page, then the page's own.
 */
export function readerOf(c: Context, language: Language): Reader {
  const asked = c.req.query('lang')
  if (asked !== undefined && tag.test(asked)) return { language, wanted: [asked.toLowerCase(), language] }
  const chosen = /(?:^|;\s*)lang=(en|fr)(?:;|$)/.test(c.req.header('cookie') ?? '')
  const accepted = chosen ? [] : acceptedLanguages(c.req.header('accept-language') ?? '')
  return { language, wanted: [...accepted, language] }
}

function acceptedLanguages(header: string): string[] {
  const weighed = header
    .slice(0, 500)
    .split(',')
    .map((part) => {
      const [range = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase())
      const q = parameters.find((text) => text.startsWith('q='))?.slice(2)
      return { range, weight: q === undefined ? 1 : Number(q) || 0 }
    })
    .filter(({ range, weight }) => tag.test(range) && weight > 0)
  return weighed.sort((a, b) => b.weight - a.weight).map(({ range }) => range)
}

/** A label in the first wanted language there is; marked with `lang` when it is not the page's own. */
export function labelled(
  thing: { label: Text; mappings?: readonly Mapping[] },
  { language, wanted }: Reader,
  ontology: Pick<Ontology, 'escoLabels'>,
): Html {
  const { value, language: used } = bestLabel(thing, wanted, ontology)
  return marked(value, used, language)
}

export function bestLabel(
  thing: { label: Text; mappings?: readonly Mapping[] },
  wanted: readonly string[],
  ontology: Pick<Ontology, 'escoLabels'>,
): { value: string; language: string } {
  for (const asked of wanted) {
    const found = labelFor(thing, asked, ontology)
    if (found.language === asked || found.language === asked.split('-')[0]) return found
  }
  return labelFor(thing, 'en', ontology)
}

/** Words in the page's language, or in English marked as such. */
export function inPage(text: Text, language: Language): Html {
  const found = inLanguage(text, language)
  return marked(found.value, found.language, language)
}

export function marked(value: string, used: string, language: Language): Html {
  const text = used === 'fr' ? frenchSpaces(value) : value
  return used === language ? html`${text}` : html`<span lang="${used}">${text}</span>`
}

/** French sets a space before some signs that no line may break at; the source keeps a plain one. */
export function frenchSpaces(text: string): string {
  return text.replace(/ (?=[;:!?»])/g, '\u00a0').replace(/(?<=«) /g, '\u00a0')
}
