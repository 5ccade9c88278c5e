import { searchTerms, searchWords } from '#core/skills/skills-graph.ts'

/** Name of the full-text index of a language; the tag was checked to be letters only. */
export const indexName = (language: string) => `skill_names_${language}`

/** The words of names as they are indexed: the index breaks them at blanks and changes nothing else. */
export function indexedWords(names: readonly string[]): string {
  return names.flatMap(searchWords).join(' ')
}

/**
 * What to ask the full-text index for a search, and what when that finds nothing: each word whole or as a
 * beginning, then with one letter wrong too. Empty when the search has no word. Every character that means
 * something to Lucene is escaped, so nothing typed is ever a query.
 */
export function nameQueries(text: string): string[] {
  const terms = searchTerms(text)
  if (terms.length === 0) return []
  const query = (typos: boolean) =>
    terms
      .map(({ word, asBeginning, withTypo }) => {
        const plain = word.replace(/[^\p{L}\p{N}]/gu, '\\$&')
        const beginning = asBeginning ? ` ${plain}*^4` : ''
        return `+(${plain}^8${beginning}${typos && withTypo ? ` ${plain}~1` : ''})`
      })
      .join(' ')
  return [query(false), query(true)]
}
