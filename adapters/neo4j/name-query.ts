import { searchWords, toleratesTypo } from '#core/skills/skills-graph.ts'

/** Name of the full-text index of a language; the tag was checked to be letters only. */
export const indexName = (language: string) => `skill_names_${language}`

/** The words of names as they are indexed: the index breaks them at blanks and changes nothing else. */
export function indexedWords(names: readonly string[]): string {
  return names.flatMap(searchWords).join(' ')
}

/**
 * What to ask the full-text index for a search: each word whole, else as a beginning, else with one letter
 * wrong. `undefined` when the search has no word. Every character that means something to Lucene is escaped,
 * so nothing typed is ever a query.
 */
export function nameQuery(text: string): string | undefined {
  const words = searchWords(text)
  if (words.length === 0) return undefined
  return words
    .map((word) => {
      const plain = word.replace(/[^\p{L}\p{N}]/gu, '\\$&')
      return `+(${plain}^8 ${plain}*^4${toleratesTypo(word) ? ` ${plain}~1` : ''})`
    })
    .join(' ')
}
