import MiniSearch from 'minisearch'
import type { GraphSkill } from '#core/skills/graph-content.ts'
import { searchTerms, searchWords } from '#core/skills/skills-graph.ts'

type Named = { id: string; name: string; others: string }

/** Names of skills in one language, ready to be searched. */
export function nameIndex(skills: readonly GraphSkill[], language: string): MiniSearch<Named> {
  const index = new MiniSearch<Named>({
    fields: ['name', 'others'],
    tokenize: searchWordsOfAny,
    // The words are plain already.
    processTerm: (term) => term,
    searchOptions: {
      combineWith: 'AND',
      boost: { name: 2 },
      weights: { prefix: 0.5, fuzzy: 0.2 },
    },
  })
  index.addAll(
    skills
      .filter(({ findable }) => findable)
      .map(({ id, names }) => {
        const [name = '', ...others] = names[language] ?? names['en'] ?? []
        return { id, name, others: others.join('\n') }
      }),
  )
  return index
}

/** Ids by how well they are hit; ties in the order of their ids. */
export function searchNames(index: MiniSearch<Named>, text: string, limit: number): string[] {
  const terms = searchTerms(text)
  if (terms.length === 0) return []
  const find = (typos: boolean) =>
    index.search(terms.map(({ word }) => word).join(' '), {
      prefix: (_word, place) => terms[place]?.asBeginning ?? false,
      fuzzy: (_word, place) => (typos && terms[place]?.withTypo ? 1 : false),
    })
  const exact = find(false)
  const hits = exact.length > 0 ? exact : find(true)
  hits.sort((a, b) => b.score - a.score || (String(a.id) < String(b.id) ? -1 : 1))
  return hits.slice(0, limit).map(({ id }) => String(id))
}

// Alternative names of one skill may be many: each line is a name of its own, cut by itself.
const searchWordsOfAny = (text: string) => text.split('\n').flatMap(searchWords)
