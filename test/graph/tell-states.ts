import { neo4jSkillsGraph } from '#adapters/neo4j/skills-graph.ts'
import { generatedStates } from './generated-states.ts'

/**
 * Run by the replay test as a process of its own: `tell-states.ts URL COUNT`. Tells a Neo4j of generated
 * states, a hundred at a time, and prints a line after each; killed in mid-stream by the test.
 */
const [url = '', count = '0'] = process.argv.slice(2)
const graph = neo4jSkillsGraph({ url })
const states = generatedStates(Number(count))
for (let from = 0; from < states.length; from += 100) {
  const { applied } = await graph.project(states.slice(from, from + 100))
  console.log(`${from + 100} ${applied}`)
}
await graph.close()
