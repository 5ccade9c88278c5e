import type { Language } from '../language.ts'
import { en } from './en.ts'
import { fr } from './fr.ts'

const noBreak = '\u00a0'

/** The same keys in each language: a French text that is missing does not compile. */
export type SameKeys<T> = {
  readonly [Key in keyof T]: T[Key] extends string
    ? string
    : T[Key] extends (...values: infer Values) => string
      ? (...values: Values) => string
      : SameKeys<T[Key]>
}

/** Every word of the shared layout and of the pages of verification, claim and sharing. */
export type Words = SameKeys<typeof en>

const all: Record<Language, Words> = { en, fr: typeset(fr) }

export function wordsIn(language: Language): Words {
  return all[language]
}

/**
 * Words of one page kept beside it: `const words = inBoth({ title: 'Modules' }, { title: 'Modules' })`,
 * then `words[language].title`. The French object must have exactly the English keys.
 */
export function inBoth<T>(english: T, french: SameKeys<NoInfer<T>>): Record<Language, SameKeys<T>> {
  return { en: english as SameKeys<T>, fr: typeset(french) as SameKeys<T> }
}

/** French sets a space before its high signs and inside its quotes, at which no line may end. */
export function frenchSpaces(text: string): string {
  return text.replaceAll(/ (?=[;:?!»%])/g, noBreak).replaceAll('« ', `«${noBreak}`)
}

/** The same for every text of a page, also for those that are made of values. */
function typeset<T>(words: T): T {
  if (typeof words === 'string') return frenchSpaces(words) as T
  if (typeof words === 'function') {
    const make = words as unknown as (...values: unknown[]) => unknown
    return ((...values: unknown[]) => typeset(make(...values))) as T
  }
  if (Array.isArray(words)) return words.map(typeset) as T
  if (typeof words !== 'object' || words === null || Object.getPrototypeOf(words) !== Object.prototype)
    return words
  return Object.fromEntries(Object.entries(words).map(([key, value]) => [key, typeset(value)])) as T
}
