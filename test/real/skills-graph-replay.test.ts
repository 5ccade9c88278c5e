import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { memorySkillsGraph } from '#adapters/memory/skills-graph.ts'
import { connectNeo4j } from '#adapters/neo4j/connect.ts'
import { neo4jSkillsGraph } from '#adapters/neo4j/skills-graph.ts'
import type { SkillsGraph } from '#core/skills/skills-graph.ts'
import { generatedContent, generatedSectors, generatedStates } from '#test/graph/generated-states.ts'
import { emptyNeo4j, neo4jAddress } from './empty-neo4j.ts'

const count = 10_000

const everything = async (graph: SkillsGraph) => ({
  waiting: await graph.waiting(),
  sectors: await Promise.all(generatedSectors.map((sector) => graph.gapSlice(sector, 20_000))),
})

/** Tells a part of the states from a process of its own; killed after so many lines when told to. */
function teller(
  url: string,
  killAfter = Number.POSITIVE_INFINITY,
): Promise<{ lines: number; killed: boolean }> {
  const script = join(import.meta.dirname, '..', 'graph', 'tell-states.ts')
  const child = spawn(process.execPath, [script, url, String(count)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let lines = 0
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.stdout.on('data', (bytes: Buffer) => {
      lines += bytes.toString().split('\n').length - 1
      if (lines >= killAfter) child.kill('SIGKILL')
    })
    child.on('close', (code, signal) => {
      if (code === 0 || signal === 'SIGKILL') resolve({ lines, killed: signal === 'SIGKILL' })
      else reject(new Error(`the teller ended with ${code}`))
    })
  })
}

test('10,000 events told twice by four copies at once, one of them killed in mid-stream, count as once in order', async () => {
  await emptyNeo4j()
  const address = neo4jAddress()
  const neo4j = neo4jSkillsGraph(address)
  const truth = memorySkillsGraph()
  for (const graph of [neo4j, truth]) await graph.release(generatedContent)
  await truth.project(generatedStates(count))

  const first = await Promise.all([teller(address.url, 30), ...[1, 2, 3].map(() => teller(address.url))])
  expect(first[0]?.killed).toBe(true)
  expect(first[0]?.lines).toBeLessThan(count / 100)
  expect(await everything(neo4j)).toEqual(await everything(truth))

  const again = await Promise.all([1, 2, 3, 4].map(() => neo4j.project(generatedStates(count))))
  expect(again.map(({ applied }) => applied)).toEqual([0, 0, 0, 0])
  expect(await everything(neo4j)).toEqual(await everything(truth))

  const tombstones = connectNeo4j(address)
  const kept = await tombstones.read(
    'MATCH (l:Learner {erased: true}) WHERE l.sector IS NOT NULL OR size(l.waiting) > 0 OR EXISTS { (l)-[:HAS]->() } RETURN l.id',
  )
  expect(kept).toEqual([])
  await tombstones.close()
  await neo4j.close()
}, 300_000)
