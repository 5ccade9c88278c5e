import type { SkillsGraph } from '#core/skills/skills-graph.ts'
import type { Settings } from './settings.ts'

/** Three failures end the graph's round of the projector, which has less than a minute for everybody. */
const retrySeconds = 5

export interface AwsGraph {
  settings: Pick<Settings, 'graph' | 'neo4j'>
  /** Of Neo4j, out of its secret. */
  readLogin: () => Promise<{ user: string; password: string }>
  /** Puts the ontology in force into a graph. */
  fill: (graph: SkillsGraph) => Promise<void>
}

/**
 * The graph of a function, opened by its first question, so that one who asks nothing loads nothing. In
 * memory it holds the ontology only: nobody asks a function's own memory who holds what, and states that are
 * told to it are let go.
 */
export function awsGraph({ settings, readLogin, fill }: AwsGraph): SkillsGraph {
  let opened: Promise<SkillsGraph> | undefined
  const graph = () => {
    opened ??= open().catch((cause) => {
      opened = undefined
      throw cause
    })
    return opened
  }
  async function open(): Promise<SkillsGraph> {
    if (settings.graph === 'neo4j') {
      const { neo4jSkillsGraph } = await import('#adapters/neo4j/skills-graph.ts')
      return neo4jSkillsGraph({ ...settings.neo4j, ...(await readLogin()), retrySeconds })
    }
    const { memorySkillsGraph } = await import('#adapters/memory/skills-graph.ts')
    const made = memorySkillsGraph()
    await fill(made)
    return { ...made, project: async () => ({ applied: 0, waiting: [] }) }
  }
  return {
    release: async (content) => (await graph()).release(content),
    closure: async (wanted) => (await graph()).closure(wanted),
    plan: async (wanted, held) => (await graph()).plan(wanted, held),
    search: async (search) => (await graph()).search(search),
    gapSlice: async (sector, limit) => (await graph()).gapSlice(sector, limit),
    project: async (states) => (await graph()).project(states),
    forgetLearners: async () => (await graph()).forgetLearners(),
    waiting: async () => (await graph()).waiting(),
    async close() {
      await (await opened)?.close()
      opened = undefined
    },
  }
}
