import type { GraphContent } from '../graph-content.ts'
import type { EscoGraph } from './esco-graph.ts'

/** The skills of ESCO as the content of a graph, to be searched: names only, for ESCO has no prerequisites. */
export function escoContent(esco: EscoGraph, digest: string): GraphContent {
  return {
    digest,
    languages: [...new Set(['en', ...esco.languages])],
    demand: [],
    skills: esco.concepts.flatMap(({ uri, kind, names, status }) =>
      kind === 'skill' && Object.keys(names).length > 0
        ? [{ id: uri, findable: status === undefined || status === 'released', names, requires: [] }]
        : [],
    ),
  }
}
