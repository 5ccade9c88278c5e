import { CreateTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { Assembly } from './read-assembly.ts'

type CreateTable = ConstructorParameters<typeof CreateTableCommand>[0]

/** Makes the tables of a template in a DynamoDB Local: with their keys and indexes, as they would be made. */
export async function createTables(client: DynamoDBClient, tables: Assembly['tables']): Promise<void> {
  for (const { name: TableName, properties } of tables) {
    const { AttributeDefinitions, KeySchema, BillingMode, GlobalSecondaryIndexes } = properties
    const indexes = GlobalSecondaryIndexes ? { GlobalSecondaryIndexes } : {}
    const table = { TableName, AttributeDefinitions, KeySchema, BillingMode, ...indexes }
    await client.send(new CreateTableCommand(table as CreateTable))
  }
}
