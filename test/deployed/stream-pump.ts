import * as z from 'zod'
import { matchesPattern } from './event-pattern.ts'
import { type CloudResource, place } from './read-assembly.ts'
import type { DeployedFunction } from './runtime.ts'

interface StreamRecord {
  eventID: string
  eventName: 'INSERT' | 'MODIFY' | 'REMOVE'
  dynamodb: { SequenceNumber: string; Keys: unknown; NewImage?: unknown }
}

const zMapping = z.strictObject({
  EventSourceArn: z.string(),
  FunctionName: z.string(),
  StartingPosition: z.literal('TRIM_HORIZON'),
  BatchSize: z.int(),
  BisectBatchOnFunctionError: z.boolean(),
  MaximumRetryAttempts: z.int(),
  MaximumBatchingWindowInSeconds: z.int().optional(),
  FunctionResponseTypes: z.tuple([z.literal('ReportBatchItemFailures')]),
  FilterCriteria: z.object({ Filters: z.array(z.object({ Pattern: z.string() })) }).optional(),
  DestinationConfig: z.object({ OnFailure: z.object({ Destination: z.string() }) }),
  Tags: z.unknown().optional(),
})

const zFailures = z.object({
  batchItemFailures: z.array(z.object({ itemIdentifier: z.string() })).default([]),
})

export interface StreamPump {
  /**
   * Gives the function what was written since, as the mapping of the template says. Answers how many records it
   * was given. `change` may deliver otherwise than in order and once.
   */
  pump(change?: (batch: StreamRecord[]) => StreamRecord[][]): Promise<number>
}

/** The records of a table on their way to a function: filtered, in batches, tried again, split, put aside. */
export function streamPump(parts: {
  mapping: CloudResource
  endpoint: string
  tableName: string
  functionAt: (arn: string) => DeployedFunction | undefined
  putAside: (queueArn: string, body: string) => void
}): StreamPump {
  const mapping = zMapping.parse(parts.mapping.properties)
  const patterns = (mapping.FilterCriteria?.Filters ?? []).map(
    ({ Pattern }) => JSON.parse(Pattern) as unknown,
  )
  const reader = streamReader(parts.endpoint, parts.tableName)
  const fn = parts.functionAt(mapping.FunctionName)
  if (!fn) throw new Error('a mapping leads to no function')

  async function deliver(batch: StreamRecord[], triesLeft: number): Promise<void> {
    if (batch.length === 0) return
    let failed: StreamRecord[]
    try {
      const { batchItemFailures } = zFailures.parse((await fn?.invoke({ Records: batch })) ?? {})
      if (batchItemFailures.length === 0) return
      const ids = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier))
      const first = batch.findIndex(({ dynamodb }) => ids.has(dynamodb.SequenceNumber))
      // A failure nobody was given counts as a failure of the whole batch.
      failed = batch.slice(Math.max(0, first))
    } catch {
      failed = batch
    }
    if (failed.length > 1 && mapping.BisectBatchOnFunctionError) {
      const middle = Math.ceil(failed.length / 2)
      await deliver(failed.slice(0, middle), triesLeft)
      await deliver(failed.slice(middle), triesLeft)
    } else if (triesLeft > 0) await deliver(failed, triesLeft - 1)
    else {
      const [first] = failed
      const where = { startSequenceNumber: first?.dynamodb.SequenceNumber, batchSize: failed.length }
      parts.putAside(
        mapping.DestinationConfig.OnFailure.Destination,
        JSON.stringify({
          requestContext: { condition: 'RetryAttemptsExhausted' },
          DDBStreamBatchInfo: where,
        }),
      )
    }
  }

  return {
    async pump(change = (batch) => [batch]) {
      const records = (await reader()).filter(
        (record) => patterns.length === 0 || patterns.some((pattern) => matchesPattern(pattern, record)),
      )
      for (let from = 0; from < records.length; from += mapping.BatchSize) {
        for (const batch of change(records.slice(from, from + mapping.BatchSize)))
          await deliver(batch, mapping.MaximumRetryAttempts)
      }
      return records.length
    },
  }
}

const zStreams = z.object({ Streams: z.array(z.object({ StreamArn: z.string() })).min(1) })
const zShards = z.object({
  StreamDescription: z.object({ Shards: z.array(z.object({ ShardId: z.string() })) }),
})
const zIterator = z.object({ ShardIterator: z.string() })
const zRecords = z.object({
  NextShardIterator: z.string().optional(),
  Records: z.array(z.custom<StreamRecord>((value) => typeof value === 'object' && value !== null)),
})

/** Reads a stream of DynamoDB Local from its beginning; each call answers what is new. */
function streamReader(endpoint: string, TableName: string): () => Promise<StreamRecord[]> {
  const iterators = new Map<string, string | undefined>()
  let StreamArn: string | undefined
  const ask = async (operation: string, input: object): Promise<unknown> => {
    const answer = await fetch(endpoint, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': `DynamoDBStreams_20120810.${operation}`,
        authorization: `AWS4-HMAC-SHA256 Credential=local/20260101/${place.region}/dynamodb/aws4_request, SignedHeaders=host, Signature=0`,
        'x-amz-date': '20260101T000000Z',
      },
      body: JSON.stringify(input),
    })
    if (!answer.ok) throw new Error(`${operation}: ${await answer.text()}`)
    return answer.json()
  }
  return async () => {
    StreamArn ??= zStreams.parse(await ask('ListStreams', { TableName })).Streams[0]?.StreamArn
    const { Shards } = zShards.parse(await ask('DescribeStream', { StreamArn })).StreamDescription
    const found: StreamRecord[] = []
    for (const { ShardId } of Shards) {
      if (!iterators.has(ShardId)) {
        const start = { StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' }
        iterators.set(ShardId, zIterator.parse(await ask('GetShardIterator', start)).ShardIterator)
      }
      for (;;) {
        const ShardIterator = iterators.get(ShardId)
        if (ShardIterator === undefined) break
        const { NextShardIterator, Records } = zRecords.parse(await ask('GetRecords', { ShardIterator }))
        iterators.set(ShardId, NextShardIterator)
        found.push(...Records)
        if (Records.length === 0) break
      }
    }
    return found
  }
}
