import type { Language } from '../language.ts'
import { en } from './en.ts'
import { fr } from './fr.ts'

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

const all: Record<Language, Words> = { en, fr }

export function wordsIn(language: Language): Words {
  return all[language]
}

/**
 * Words of one page kept beside it: `const words = inBoth({ title: 'Modules' }, { title: 'Modules' })`,
 * then `words[language].title`. The French object must have exactly the English keys.
 */
export function inBoth<T>(english: T, french: SameKeys<NoInfer<T>>): Record<Language, SameKeys<T>> {
  return { en: english as SameKeys<T>, fr: french }
}
