/** Words in several languages, keyed by BCP 47 tag. English and French are always there. */
export interface Text {
  en: string
  fr: string
  [language: string]: string
}

/**
 * Picks the words for a reader: asked language, then its base tag (`de-AT` → `de`), then English.
 * Returns the language really used, so that a page can mark it with `lang`.
 */
export function inLanguage(text: Text, asked: string): { value: string; language: string } {
  const base = asked.split('-')[0] ?? asked
  for (const language of [asked, base]) {
    const value = Object.hasOwn(text, language) ? text[language] : undefined
    if (value) return { value, language }
  }
  return { value: text.en, language: 'en' }
}
