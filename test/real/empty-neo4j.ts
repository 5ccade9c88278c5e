import { connectNeo4j, type Neo4jAddress } from '#adapters/neo4j/connect.ts'

/** Where the test engine listens; throws when it was not started. */
export function neo4jAddress(): Neo4jAddress {
  const url = process.env['NEO4J_TEST_URL']
  if (!url) throw new Error('NEO4J_TEST_URL is not set: run `npm run test:real`, which starts Neo4j.')
  return { url }
}

/** Takes everything out of the test engine, indexes excepted. */
export async function emptyNeo4j(): Promise<void> {
  const neo4j = connectNeo4j(neo4jAddress())
  let deleted: unknown
  do {
    const [row] = await neo4j.write('MATCH (n) WITH n LIMIT 20000 DETACH DELETE n RETURN count(*) AS deleted')
    deleted = row?.['deleted']
  } while (deleted !== 0)
  await neo4j.close()
}
