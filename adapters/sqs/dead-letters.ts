import {
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ListQueuesCommand,
  ReceiveMessageCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs'

/** Names of the dead queues of a deployment, behind its own. One of another, whose name begins like it, is none. */
const deadName = /^(erasure|bulk|dispatch-.+|events|polls)-dead$/
/** What a stream and a timetable left; there is no queue it came from. */
const isOfNoQueue = (name: string) => name === 'events' || name === 'polls'

/** What could not be done in a deployment on AWS, by queue. */
export function deadLetters(deployment: string) {
  const client = new SQSClient({})

  async function findAll(): Promise<{ name: string; url: string; arn: string; count: number }[]> {
    const found = []
    const prefix = `${deployment}-`
    const { QueueUrls = [] } = await client.send(
      new ListQueuesCommand({ QueueNamePrefix: prefix, MaxResults: 1000 }),
    )
    for (const url of QueueUrls) {
      const [, name] = deadName.exec(url.split('/').at(-1)?.slice(prefix.length) ?? '') ?? []
      if (name === undefined) continue
      const { Attributes = {} } = await client.send(
        new GetQueueAttributesCommand({
          QueueUrl: url,
          AttributeNames: ['QueueArn', 'ApproximateNumberOfMessages'],
        }),
      )
      const count = Number(Attributes['ApproximateNumberOfMessages'] ?? 0)
      found.push({ name, url, arn: Attributes['QueueArn'] ?? '', count })
    }
    return found.toSorted((a, b) => a.name.localeCompare(b.name))
  }

  /** Events are in the outbox still and the clock comes again; the letters only said that nobody could be told. */
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
      return Object.fromEntries((await findAll()).map(({ name, count }) => [name, count]))
    },

    /** Each back to the queue it came from; the letters of the stream and the timetable are thrown away. */
    async replay(): Promise<void> {
      for (const { name, url, arn, count } of await findAll()) {
        if (isOfNoQueue(name)) await empty(url)
        else if (count > 0) await client.send(new StartMessageMoveTaskCommand({ SourceArn: arn }))
      }
    },
  }
}
