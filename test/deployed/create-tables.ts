import { CreateTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { Assembly } from './read-assembly.ts'

type CreateTable = ConstructorParameters<typeof CreateTableCommand>[0]

/** Makes the tables of the templates in a DynamoDB Local: with their keys, indexes and streams, as they would be made. */
export async function createTables(client: DynamoDBClient, assembly: Assembly): Promise<void> {
  for (const { name: TableName, properties } of assembly.ofType('AWS::DynamoDB::GlobalTable')) {
    const { AttributeDefinitions, KeySchema, BillingMode, GlobalSecondaryIndexes } = properties
    const { StreamSpecification } = properties as { StreamSpecification?: { StreamViewType: string } }
    const table = {
      TableName,
      AttributeDefinitions,
      KeySchema,
      BillingMode,
      ...(GlobalSecondaryIndexes ? { GlobalSecondaryIndexes } : {}),
      ...(StreamSpecification
        ? {
            StreamSpecification: {
              StreamEnabled: true,
              StreamViewType: StreamSpecification.StreamViewType,
            },
          }
        : {}),
    }
    await client.send(new CreateTableCommand(table as CreateTable))
  }
}
