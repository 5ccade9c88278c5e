import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { Records, RecordTable } from '#core/records.ts'
import { dynamoRecords } from './records.ts'
import { createTables } from './tables.ts'

export interface DynamoConnection {
  /** Of a DynamoDB Local; absent for AWS, whose region and credentials come from the platform as usual. */
  endpoint?: string
  tables: Record<RecordTable, string>
  now: () => Date
}

/**
 * `Records` on the DynamoDB of a region, or of an endpoint. At an endpoint the tables are made when they
 * are missing, before the first answer; in a region they are the deployment's to make.
 */
export function connectDynamo({ endpoint, tables, now }: DynamoConnection): Records & { close(): void } {
  const client = new DynamoDBClient(endpoint ? { endpoint, region: 'local', credentials: anybody } : {})
  const records = dynamoRecords({ client, tables, now })
  let ready: Promise<void> | undefined
  const prepared = async () => {
    if (!endpoint) return
    ready ??= createTables(client, tables)
    await ready.catch((cause) => {
      // Asked again next time: the engine may still be starting.
      ready = undefined
      throw cause
    })
  }
  return {
    async get(key) {
      await prepared()
      return records.get(key)
    },
    async query(query) {
      await prepared()
      return records.query(query)
    },
    async transact(writes) {
      await prepared()
      return records.transact(writes)
    },
    close: () => client.destroy(),
  }
}

/** DynamoDB Local asks for credentials and believes any. */
const anybody = { accessKeyId: 'local', secretAccessKey: 'local' }
