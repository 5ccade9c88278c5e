import type { Text } from '#core/text.ts'
import type { Mapping, Ontology } from './ontology.ts'

/**
 * The label for a reader, with the language it is really in: asked tag, its base tag (`de-AT` → `de`), the label
 * of an ESCO concept that means exactly the same in one of these languages, English.
 */
export function labelFor(
  { label, mappings = [] }: { label: Text; mappings?: readonly Mapping[] },
  asked: string,
  { escoLabels }: Pick<Ontology, 'escoLabels'>,
): { value: string; language: string; source: 'own' | 'esco' } {
  const languages = [asked, asked.split('-')[0] ?? asked]
  for (const language of languages) {
    const value = own(label, language)
    if (value) return { value, language, source: 'own' }
  }
  const exact = mappings.find(({ relation, scheme }) => relation === 'exactMatch' && scheme === 'esco')
  const concept = exact?.uri === undefined ? undefined : escoLabels.get(exact.uri)
  for (const language of concept ? languages : []) {
    const value = own(concept ?? {}, language)
    if (value) return { value, language, source: 'esco' }
  }
  return { value: label.en, language: 'en', source: 'own' }
}

/** A description for a reader; `undefined` when there is none at all. */
export function descriptionFor(
  description: Partial<Text>,
  asked: string,
): { value: string; language: string } | undefined {
  for (const language of [asked, asked.split('-')[0] ?? asked, 'en', ...Object.keys(description)]) {
    const value = own(description, language)
    if (value) return { value, language }
  }
  return undefined
}

// A language tag comes from outside: `constructor` must not find anything.
function own(texts: Partial<Record<string, string>>, language: string): string | undefined {
  return Object.hasOwn(texts, language) ? texts[language] : undefined
}
