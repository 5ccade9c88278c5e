import { neo4jSkillsGraph } from '#adapters/neo4j/skills-graph.ts'
import { skillsGraphContract } from '#test/contracts/skills-graph.ts'
import { emptyNeo4j, neo4jAddress } from './empty-neo4j.ts'

skillsGraphContract(
  'Neo4j',
  async () => {
    await emptyNeo4j()
    return neo4jSkillsGraph(neo4jAddress())
  },
  25,
)
