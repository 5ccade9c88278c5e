import * as z from 'zod'
import type { Queues } from './aws/sqs.ts'
import { type CloudResource, place } from './read-assembly.ts'
import type { DeployedFunction } from './runtime.ts'

const zMapping = z.strictObject({
  EventSourceArn: z.string(),
  FunctionName: z.string(),
  BatchSize: z.int(),
  FunctionResponseTypes: z.tuple([z.literal('ReportBatchItemFailures')]),
  ScalingConfig: z.object({ MaximumConcurrency: z.int() }).optional(),
  Tags: z.unknown().optional(),
})
const zFailures = z.object({
  batchItemFailures: z.array(z.object({ itemIdentifier: z.string() })).default([]),
})

export interface QueuePump {
  queueArn: string
  /** Gives the function what is visible, one batch; answers how many messages. Twice, to see that it does no harm. */
  pump(times?: 1 | 2): Promise<number>
}

/** A queue on its way to a function: what it reports as failed, and all of a batch that fails, stays in the queue. */
export function queuePump(
  mapping: CloudResource,
  queues: Queues,
  functionAt: (arn: string) => DeployedFunction | undefined,
): QueuePump {
  const { EventSourceArn: queueArn, FunctionName, BatchSize } = zMapping.parse(mapping.properties)
  const fn = functionAt(FunctionName)
  if (!fn) throw new Error('a mapping leads to no function')
  return {
    queueArn,
    async pump(times = 1) {
      const messages = queues.receive(queueArn, BatchSize)
      if (messages.length === 0) return 0
      const event = {
        Records: messages.map(({ messageId, receiptHandle, body, received }) => ({
          messageId,
          receiptHandle,
          body,
          attributes: { ApproximateReceiveCount: String(received) },
          messageAttributes: {},
          eventSource: 'aws:sqs',
          eventSourceARN: queueArn,
          awsRegion: place.region,
        })),
      }
      let failed: ReadonlySet<string>
      try {
        let answer: unknown
        for (let time = 0; time < times; time++) answer = await fn.invoke(event)
        const { batchItemFailures } = zFailures.parse(answer ?? {})
        failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier))
      } catch {
        failed = new Set(messages.map(({ messageId }) => messageId))
      }
      for (const { messageId, receiptHandle = '' } of messages)
        if (!failed.has(messageId)) queues.remove(queueArn, receiptHandle)
      return messages.length
    },
  }
}
