import { execFileSync } from 'node:child_process'
import { connectNeo4j } from '#adapters/neo4j/connect.ts'

/** Starts the engine of `test/engines/neo4j` unless it runs; answers where it is and how to undo that. */
export function startNeo4j(): { url: string; stop: () => void } {
  const script = (name: string) =>
    execFileSync('bash', [`test/engines/neo4j/${name}.sh`], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    })
  const [state, setting = ''] = script('start').trim().split('\n')
  return {
    url: setting.slice(setting.indexOf('=') + 1),
    stop: () => {
      if (state === 'started') script('stop')
    },
  }
}

/** Takes everything out of it; answers what it is. */
export async function emptyNeo4j(address: { url: string }): Promise<string> {
  const neo4j = connectNeo4j(address)
  for (let deleted = 1; deleted > 0; ) {
    const [row] = await neo4j.write('MATCH (n) WITH n LIMIT 20000 DETACH DELETE n RETURN count(*) AS deleted')
    deleted = Number(row?.['deleted'] ?? 0)
  }
  const [about] = await neo4j.read(
    'CALL dbms.components() YIELD name, versions, edition RETURN name, versions[0] AS version, edition',
  )
  await neo4j.close()
  return ['name', 'version', 'edition'].map((field) => String(about?.[field])).join(' ')
}
