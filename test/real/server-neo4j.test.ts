import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { memorySkillsGraph } from '#adapters/memory/skills-graph.ts'
import { rebuildSupply, releaseOntology } from '#core/skills/project-graph.ts'
import type { SkillsGraph } from '#core/skills/skills-graph.ts'
import { readSettings } from '#functions/settings.ts'
import { startLocal } from '#functions/start-local.ts'
import { emptyNeo4j, neo4jAddress } from './empty-neo4j.ts'

test('the whole academy on GRAPH=neo4j searches there, and its supply equals the records', async () => {
  await emptyNeo4j()
  const dataDir = mkdtempSync(join(tmpdir(), 'academy-neo4j-'))
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }))
  const environment = { PORT: '0', DATA_DIR: dataDir, GRAPH: 'neo4j', NEO4J_URL: neo4jAddress().url }
  const logged: unknown[] = []
  const server = await startLocal(readSettings(environment), (line) => logged.push(line))
  const { url, ports } = server
  try {
    const query = '{ skills(search: "promt enginering") { edges { node { slug prerequisites { slug } } } } }'
    const answer = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    })
    const { data } = (await answer.json()) as { data: { skills: { edges: { node: { slug: string } }[] } } }
    expect(data.skills.edges[0]?.node.slug).toBe('prompt-engineering')

    const truth = memorySkillsGraph()
    await releaseOntology({ ...ports, graph: truth })
    expect(await rebuildSupply({ ...ports, graph: truth })).toBeGreaterThan(0)
    await rebuildSupply(ports)
    const supply = (graph: SkillsGraph) =>
      Promise.all([...ports.ontology.sectors.keys()].map((sector) => graph.gapSlice(sector, 20_000)))
    expect(await supply(ports.graph)).toEqual(await supply(truth))
    expect(logged.filter((line) => (line as { level: string }).level === 'error')).toEqual([])
  } finally {
    await server.stop()
  }
})
