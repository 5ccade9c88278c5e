import MiniSearch from 'minisearch'
import type { GraphSkill } from '#core/skills/graph-content.ts'
import { searchTerms, searchWords } from '#core/skills/skills-graph.ts'

type Named = { id: string; name: string; others: string }

export type NameIndex = MiniSearch<Named>
type Findable = Pick<GraphSkill, 'id' | 'findable' | 'names'>

/** Names of skills in one language, ready to be searched. */
export function nameIndex(skills: readonly Findable[], language: string): NameIndex {
  const index = emptyIndex()
  index.addAll(namesIn(skills, language))
  return index
}

/** The same for many thousand, made a few at a time: others are answered meanwhile. */
export async function nameIndexBesides(skills: readonly Findable[], language: string): Promise<NameIndex> {
  const index = emptyIndex()
  await index.addAllAsync(namesIn(skills, language), { chunkSize: namesAtOnce })
  return index
}

const namesAtOnce = 200

function emptyIndex(): NameIndex {
  return new MiniSearch<Named>({
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
}

function namesIn(skills: readonly Findable[], language: string): Named[] {
  return skills
    .filter(({ findable }) => findable)
    .map(({ id, names }) => {
      const [name = '', ...others] = names[language] ?? names['en'] ?? []
      return { id, name, others: others.join('\n') }
    })
}

/** Ids by how well they are hit; ties in the order of their ids. */
export function searchNames(index: NameIndex, text: string, limit: number): string[] {
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
