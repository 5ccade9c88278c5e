import { memorySkillsGraph } from '#adapters/memory/skills-graph.ts'
import { neo4jSkillsGraph } from '#adapters/neo4j/skills-graph.ts'
import type { SkillsGraph } from '#core/skills/skills-graph.ts'
import type { Settings } from './settings.ts'

/** The engine that `GRAPH` names: this process's memory, or Neo4j. */
export function openGraph({ graph, neo4j }: Pick<Settings, 'graph' | 'neo4j'>): SkillsGraph {
  return graph === 'memory' ? memorySkillsGraph() : neo4jSkillsGraph(neo4j)
}
