import * as z from 'zod'
import { inStep } from '#core/trace.ts'
import { describeError } from '#http/log.ts'
import type { LambdaWorld } from './lambda-world.ts'

const zBatch = z.object({
  Records: z.array(
    z.object({
      messageId: z.string(),
      body: z.string(),
      messageAttributes: z
        .object({ traceparent: z.object({ stringValue: z.string() }).optional() })
        .default({}),
    }),
  ),
})

/** Whether an event comes from a queue, and not from the timetable. */
export function isBatch(input: unknown): boolean {
  return zBatch.safeParse(input).success
}

/**
 * Does the work of each message of a batch. One that fails is reported by itself and comes back; the others are
 * done. A message that cannot be read fails like any other, and so ends in the queue of what could not be done.
 */
export async function eachMessage<T>(
  input: unknown,
  zWork: z.ZodType<T>,
  { log, ports }: Pick<LambdaWorld, 'log'> & { ports: Pick<LambdaWorld['ports'], 'trace'> },
  work: (message: T) => Promise<void>,
): Promise<{ batchItemFailures: { itemIdentifier: string }[] }> {
  const batchItemFailures: { itemIdentifier: string }[] = []
  for (const { messageId, body, messageAttributes } of zBatch.parse(input).Records) {
    const step = {
      name: 'message',
      kind: 'consumer',
      from: messageAttributes.traceparent?.stringValue,
    } as const
    try {
      await inStep(ports.trace, step, () => work(zWork.parse(JSON.parse(body))))
    } catch (error) {
      log({ level: 'error', event: 'message', messageId, error: describeError(error, false) })
      batchItemFailures.push({ itemIdentifier: messageId })
    }
  }
  return { batchItemFailures }
}
