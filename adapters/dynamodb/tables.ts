import {
  CreateTableCommand,
  DescribeTimeToLiveCommand,
  type DynamoDBClient,
  ResourceInUseException,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb'
import type { RecordTable } from '#core/records.ts'

const text = (AttributeName: string) => ({ AttributeName, AttributeType: 'S' as const })
const primaryKey = [
  { AttributeName: 'pk', KeyType: 'HASH' as const },
  { AttributeName: 'sk', KeyType: 'RANGE' as const },
]
const index = (name: 'gsi1' | 'gsi2') => ({
  IndexName: name,
  KeySchema: [
    { AttributeName: `${name}pk`, KeyType: 'HASH' as const },
    { AttributeName: `${name}sk`, KeyType: 'RANGE' as const },
  ],
  Projection: { ProjectionType: 'ALL' as const },
})

/**
 * Makes the two tables where they are missing: for DynamoDB Local and a first try. A deployment makes
 * them with its infrastructure, where backups, streams and deletion protection differ between the two.
 * `timeToLive: 'off'` keeps DynamoDB from removing expired items by the real time, for tests whose clock stands still.
 */
export async function createTables(
  client: DynamoDBClient,
  tables: Record<RecordTable, string>,
  timeToLive: 'on' | 'off' = 'on',
): Promise<void> {
  const indexed = ['gsi1pk', 'gsi1sk', 'gsi2pk', 'gsi2sk'].map(text)
  await create(client, tables.records, {
    AttributeDefinitions: [text('pk'), text('sk'), ...indexed],
    GlobalSecondaryIndexes: [index('gsi1'), index('gsi2')],
  })
  await create(client, tables.keys, { AttributeDefinitions: [text('pk'), text('sk')] })
  if (timeToLive === 'off') return
  for (const TableName of Object.values(tables)) {
    const described = await client.send(new DescribeTimeToLiveCommand({ TableName }))
    const status = described.TimeToLiveDescription?.TimeToLiveStatus
    if (status === 'ENABLED' || status === 'ENABLING') continue
    const TimeToLiveSpecification = { Enabled: true, AttributeName: 'ttl' }
    await client.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }))
  }
}

async function create(
  client: DynamoDBClient,
  TableName: string,
  more: Pick<
    ConstructorParameters<typeof CreateTableCommand>[0],
    'AttributeDefinitions' | 'GlobalSecondaryIndexes'
  >,
): Promise<void> {
  try {
    await client.send(
      new CreateTableCommand({ TableName, KeySchema: primaryKey, BillingMode: 'PAY_PER_REQUEST', ...more }),
    )
  } catch (cause) {
    if (cause instanceof ResourceInUseException) return
    throw cause
  }
  await waitUntilTableExists({ client, maxWaitTime: 120, minDelay: 1, maxDelay: 2 }, { TableName })
}
