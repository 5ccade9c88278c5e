import {
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  QueueDoesNotExist,
  ReceiveMessageCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs'

/** Queues of a deployment that have one for what could not be done; `events` holds what a stream left. */
const queueNames = ['erasure', 'bulk'] as const
const eventsName = 'events'

/** What could not be done in a deployment on AWS, by queue. */
export function deadLetters(deployment: string) {
  const client = new SQSClient({})

  async function find(name: string): Promise<{ url: string; arn: string; count: number } | undefined> {
    try {
      const { QueueUrl = '' } = await client.send(
        new GetQueueUrlCommand({ QueueName: `${deployment}-${name}-dead` }),
      )
      const { Attributes = {} } = await client.send(
        new GetQueueAttributesCommand({
          QueueUrl,
          AttributeNames: ['QueueArn', 'ApproximateNumberOfMessages'],
        }),
      )
      const count = Number(Attributes['ApproximateNumberOfMessages'] ?? 0)
      return { url: QueueUrl, arn: Attributes['QueueArn'] ?? '', count }
    } catch (error) {
      if (error instanceof QueueDoesNotExist) return undefined
      throw error
    }
  }

  /** Events are in the outbox still; the letters only said that nobody could be told. */
  async function empty(QueueUrl: string): Promise<void> {
    for (;;) {
      const { Messages = [] } = await client.send(
        new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
      )
      if (Messages.length === 0) return
      for (const { ReceiptHandle } of Messages)
        await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }))
    }
  }

  return {
    async count(): Promise<Record<string, number>> {
      const counts: Record<string, number> = {}
      for (const name of [...queueNames, eventsName]) {
        const found = await find(name)
        if (found) counts[name] = found.count
      }
      return counts
    },

    /** Each back to the queue it came from; the letters of the stream are thrown away. */
    async replay(): Promise<void> {
      for (const name of queueNames) {
        const found = await find(name)
        if (found && found.count > 0)
          await client.send(new StartMessageMoveTaskCommand({ SourceArn: found.arn }))
      }
      const events = await find(eventsName)
      if (events) await empty(events.url)
    },
  }
}
