import type { Text } from '#core/text.ts'
import type { JsonObject } from './graph.ts'
import { countryCodes, labelIn, languageCodes, type VocabularyName, vocabularies } from './vocabularies.ts'

/** Words in some languages; unlike `Text`, none of them is certain. */
export type Words = Readonly<Record<string, string | undefined>>

/** What all parts of one credential share while it is written. */
export interface Draft {
  /** Languages shown, the primary one first. */
  languages: readonly string[]
  /** Words in the languages shown; in any language when they have none of those; `undefined` without words. */
  say(words: Words | undefined): Record<string, string> | undefined
  /** A thing with an `id` that no other thing of the credential has. Members without a value are left out. */
  thing(type: string, members: JsonObject): JsonObject
}

/** Starts a credential. Ids count per class, as in the official samples: `urn:epass:creditPoint:1`. */
export function startDraft(languages: readonly string[]): Draft {
  const counts = new Map<string, number>()
  return {
    languages,
    say: (words) => inLanguages(words, languages),
    thing(type, members) {
      const count = (counts.get(type) ?? 0) + 1
      counts.set(type, count)
      const name = `${type.charAt(0).toLowerCase()}${type.slice(1)}`
      return withoutGaps({ id: `urn:epass:${name}:${count}`, type, ...members })
    },
  }
}

function inLanguages(
  words: Words | undefined,
  languages: readonly string[],
): Record<string, string> | undefined {
  if (!words) return undefined
  const present = Object.entries(words).filter((entry): entry is [string, string] => !!entry[1]?.trim())
  const shown = present.filter(([language]) => languages.includes(language))
  const english = present.filter(([language]) => language === 'en')
  const chosen = [shown, english, present.slice(0, 1)].find((entries) => entries.length > 0)
  return chosen && Object.fromEntries(chosen)
}

/** Leaves out members that are `undefined` and empty lists: RDF has no empty value. */
export function withoutGaps(members: JsonObject): JsonObject {
  const out: JsonObject = {}
  for (const [name, value] of Object.entries(members)) {
    if (value === undefined || (Array.isArray(value) && value.length === 0)) continue
    out[name] = value
  }
  return out
}

/** A value of a vocabulary; `undefined` when the vocabulary does not have it, so that the checks name the gap. */
export function concept(
  vocabulary: VocabularyName,
  code: string | undefined,
  label?: Words,
): JsonObject | undefined {
  const known = code === undefined ? undefined : labelIn(vocabulary, code)
  if (known === undefined) return undefined
  const { scheme, base, ...more } = vocabularies[vocabulary]
  const words = label ?? (known === '' ? undefined : { en: known })
  return withoutGaps({
    id: `${base}${code}`,
    type: 'Concept',
    inScheme: { id: scheme, type: 'ConceptScheme' },
    prefLabel: words,
    notation: 'notation' in more ? more.notation : undefined,
  })
}

/** Language by BCP 47 tag; only its first part counts. */
export function languageConcept(tag: string): JsonObject | undefined {
  return concept('language', languageCodes[tag.split('-')[0]?.toLowerCase() ?? ''])
}

/** Country by its two letters. */
export function countryConcept(alpha2: string): JsonObject | undefined {
  return concept('country', countryCodes[alpha2])
}

/** A remark about something, under a heading of our own. */
export function note(draft: Draft, words: Words | undefined, heading?: Text): JsonObject | undefined {
  const literal = draft.say(words)
  if (!literal) return undefined
  const subject =
    heading &&
    draft.thing('Concept', {
      inScheme: { id: 'urn:epass:conceptScheme:1', type: 'ConceptScheme' },
      // English always: readers find a remark by it.
      prefLabel: { ...draft.say(heading), en: heading.en },
    })
  return draft.thing('Note', { noteLiteral: literal, subject })
}

/** xsd:dateTime in UTC with whole seconds, the form the official issuer writes. */
export function dateTime(at: Date): string {
  return `${at.toISOString().slice(0, 19)}Z`
}

/** xsd:duration of a number of hours: 12.5 is `PT12H30M`. */
export function hours(count: number): string | undefined {
  const minutes = Math.round(count * 60)
  if (!(minutes > 0) || !Number.isFinite(minutes)) return undefined
  const rest = minutes % 60
  const whole = (minutes - rest) / 60
  return `PT${whole > 0 ? `${whole}H` : ''}${rest > 0 ? `${rest}M` : ''}`
}
