import { randomUUID } from 'node:crypto'
import { DeleteTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { type DynamoParts, dynamoRecords } from '#adapters/dynamodb/records.ts'
import { createTables } from '#adapters/dynamodb/tables.ts'
import type { Clock } from '#core/ports.ts'
import type { Records } from '#core/records.ts'

/** `Records` on fresh tables of the DynamoDB Local that `test/real/start-engines.ts` started. */
export async function freshDynamoRecords(
  clock: Clock,
  more: { timeToLive?: 'off' } = {},
): Promise<{
  records: Records
  client: DynamoDBClient
  tables: DynamoParts['tables']
  close(): Promise<void>
}> {
  const endpoint = process.env['DYNAMODB_ENDPOINT']
  if (!endpoint) throw new Error('DYNAMODB_ENDPOINT is not set: run this suite by `npm run test:real`')
  const client = new DynamoDBClient({
    endpoint,
    region: 'local',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  })
  const name = `academy-${randomUUID().slice(0, 8)}`
  const tables = { records: `${name}-records`, keys: `${name}-keys` }
  await createTables(client, tables, more.timeToLive)
  return {
    records: dynamoRecords({ client, tables, now: () => clock.now() }),
    client,
    tables,
    async close() {
      for (const TableName of Object.values(tables)) await client.send(new DeleteTableCommand({ TableName }))
      client.destroy()
    },
  }
}
