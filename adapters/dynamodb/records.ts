import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import {
  type CancellationReason,
  type DynamoDBClient,
  TransactionCanceledException,
  TransactionInProgressException,
} from '@aws-sdk/client-dynamodb'
import {
  DynamoDBDocumentClient,
  GetCommand,
  QueryCommand,
  type QueryCommandInput,
  TransactWriteCommand,
  type TransactWriteCommandInput,
} from '@aws-sdk/lib-dynamodb'
import type {
  RecordCondition,
  RecordItem,
  RecordQuery,
  Records,
  RecordTable,
  RecordWrite,
  TransactResult,
} from '#core/records.ts'
import { Refusal } from '#core/refusal.ts'
import { checkKey, checkQuery, checkWrites, isEmptyRange, keyOf } from '../store/record-rules.ts'
import { fromAttributes, sortAttributes, toAttributes } from './attributes.ts'

export interface DynamoParts {
  client: DynamoDBClient
  tables: Record<RecordTable, string>
  now: () => Date
  /** Waiting between tries of a transaction that met another one; tests hand in one that does not wait. */
  wait?: (milliseconds: number) => Promise<unknown>
}

const tries = 10
const longestWaitMs = 800

/**
 * `Records` on two DynamoDB tables (see `tables.ts`). Reads by key are consistent. A transaction that meets
 * another or is throttled is tried again; one whose answer was lost is repeated by the SDK under the same
 * token, so it counts once.
 */
export function dynamoRecords({ client, tables, now, wait = pause }: DynamoParts): Records {
  const documents = DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } })
  const nowSeconds = () => Math.floor(now().getTime() / 1000)
  const tableName = (table: RecordTable | undefined) => tables[table ?? 'records']

  return {
    async get(key) {
      checkKey(key)
      const { Item } = await documents.send(
        new GetCommand({
          TableName: tableName(key.table),
          Key: { pk: key.pk, sk: key.sk },
          ConsistentRead: true,
        }),
      )
      return alive(Item && fromAttributes(Item, key.table), nowSeconds())
    },

    async query(query) {
      checkQuery(query)
      if (isEmptyRange(query.sk)) return { items: [] }
      const names = sortAttributes(query.index)
      const found: RecordItem[] = []
      let from = query.cursor === undefined ? undefined : startKey(query, query.cursor)
      // One more than asked for tells whether there is a next page; DynamoDB itself often says so wrongly.
      do {
        const answer = await documents.send(
          new QueryCommand({
            ...queryInput(query, nowSeconds()),
            TableName: tableName(query.table),
            Limit: query.limit + 1 - found.length,
            ...(from ? { ExclusiveStartKey: from } : {}),
          }),
        )
        found.push(...(answer.Items ?? []).map((item) => fromAttributes(item, query.table)))
        from = answer.LastEvaluatedKey
      } while (from && found.length <= query.limit)
      const items = found.slice(0, query.limit)
      const last = found.length > query.limit ? items.at(-1) : undefined
      if (!last) return { items }
      const attributes = toAttributes(last)
      return { items, cursor: JSON.stringify(names.map((name) => attributes[name])) }
    },

    async transact(writes) {
      checkWrites(writes)
      const at = nowSeconds()
      const items = writes.map((write) => transactItem(write, tableName(keyOf(write).table), at))
      let token = randomUUID()
      let open: TransactionInProgressException | undefined
      for (let attempt = 0; attempt < tries; attempt++) {
        // Full jitter: two who met wait for different times.
        if (attempt > 0) await wait(Math.random() * Math.min(longestWaitMs, 25 * 2 ** attempt))
        try {
          await documents.send(new TransactWriteCommand({ TransactItems: items, ClientRequestToken: token }))
          return { ok: true }
        } catch (error) {
          if (error instanceof TransactionInProgressException) {
            open = error
            continue
          }
          if (!(error instanceof TransactionCanceledException)) throw error
          const reasons = error.CancellationReasons ?? []
          // A meeting may hide a condition further up that does not hold: only a clean answer counts.
          if (!reasons.some(({ Code }) => passing.has(Code ?? '')))
            return failedCondition(reasons, writes, at, error)
          // What was cancelled is settled; the same token would be answered with the cancellation again.
          token = randomUUID()
          open = undefined
        }
      }
      // Whether what is still in progress will be written nobody knows.
      if (open) throw open
      throw new Refusal('storage_busy', 'The storage is busy. Nothing was saved; try again.')
    },
  }
}

/** Reasons that go away by themselves. */
const passing: ReadonlySet<string> = new Set([
  'TransactionConflict',
  'ThrottlingError',
  'ProvisionedThroughputExceeded',
])

function failedCondition(
  reasons: CancellationReason[],
  writes: RecordWrite[],
  at: number,
  error: TransactionCanceledException,
): TransactResult {
  const failed = reasons.findIndex(({ Code }) => Code === 'ConditionalCheckFailed')
  const write = writes[failed]
  if (!write) throw error
  const item = reasons[failed]?.Item
  const found = alive(item && fromAttributes(item, keyOf(write).table), at)
  return { ok: false, failed, ...(found ? { found } : {}) }
}

/** DynamoDB removes expired items up to days later; until then they are there and must not be seen. */
function alive(item: RecordItem | undefined, at: number): RecordItem | undefined {
  return item?.ttl !== undefined && item.ttl <= at ? undefined : item
}

const notExpired = '(attribute_not_exists(#ttl) OR #ttl > :now)'

function condition(holds: RecordCondition | undefined, at: number) {
  if (holds === undefined) return {}
  const expired = { '#ttl': 'ttl' }
  if (holds === 'absent') {
    return {
      ConditionExpression: 'attribute_not_exists(#pk) OR #ttl <= :now',
      ExpressionAttributeNames: { '#pk': 'pk', ...expired },
      ExpressionAttributeValues: { ':now': at },
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
    }
  }
  if (holds === 'present') {
    return {
      ConditionExpression: `attribute_exists(#pk) AND ${notExpired}`,
      ExpressionAttributeNames: { '#pk': 'pk', ...expired },
      ExpressionAttributeValues: { ':now': at },
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
    }
  }
  return {
    ConditionExpression: `#version = :version AND ${notExpired}`,
    ExpressionAttributeNames: { '#version': 'version', ...expired },
    ExpressionAttributeValues: { ':version': holds.version, ':now': at },
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
  }
}

type TransactItem = NonNullable<TransactWriteCommandInput['TransactItems']>[number]

function transactItem(write: RecordWrite, TableName: string, at: number): TransactItem {
  if ('put' in write) return { Put: { TableName, Item: toAttributes(write.put), ...condition(write.if, at) } }
  const { pk, sk } = keyOf(write)
  if ('delete' in write) return { Delete: { TableName, Key: { pk, sk }, ...condition(write.if, at) } }
  return {
    ConditionCheck: {
      TableName,
      Key: { pk, sk },
      ConditionExpression: undefined,
      ...condition(write.if, at),
    },
  }
}

function queryInput(query: RecordQuery, at: number): Omit<QueryCommandInput, 'TableName'> {
  const pk = query.index ? `${query.index}pk` : 'pk'
  const sk = query.index ? `${query.index}sk` : 'sk'
  const range = keyRange(query.sk)
  return {
    ...(query.index ? { IndexName: query.index } : { ConsistentRead: true }),
    KeyConditionExpression: `#pk = :pk${range.expression}`,
    FilterExpression: notExpired,
    ExpressionAttributeNames: { '#pk': pk, '#ttl': 'ttl', ...(range.expression ? { '#sk': sk } : {}) },
    ExpressionAttributeValues: { ':pk': query.pk, ':now': at, ...range.values },
    ScanIndexForward: !query.descending,
  }
}

function keyRange(range: RecordQuery['sk']): { expression: string; values: Record<string, string> } {
  if (!range || ('beginsWith' in range && range.beginsWith === '')) return { expression: '', values: {} }
  if ('beginsWith' in range) {
    return { expression: ' AND begins_with(#sk, :prefix)', values: { ':prefix': range.beginsWith } }
  }
  return { expression: ' AND #sk BETWEEN :from AND :to', values: { ':from': range.from, ':to': range.to } }
}

function startKey(query: RecordQuery, cursor: string): Record<string, string> {
  const values: unknown = JSON.parse(cursor)
  const names = sortAttributes(query.index)
  if (!Array.isArray(values) || values.length !== names.length) throw new Error('a cursor of another query')
  const key: Record<string, string> = { [query.index ? `${query.index}pk` : 'pk']: query.pk }
  for (const [position, name] of names.entries()) key[name] = String(values[position])
  return key
}
