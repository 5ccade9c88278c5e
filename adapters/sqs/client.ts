import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'

/** The SDK behind `sqsSender`; loaded by it. */
export function sqsClient(): (
  url: string,
  body: string,
  attributes: Record<string, string>,
) => Promise<unknown> {
  const client = new SQSClient({})
  return (QueueUrl, MessageBody, attributes) => {
    const MessageAttributes = Object.fromEntries(
      Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]),
    )
    return client.send(new SendMessageCommand({ QueueUrl, MessageBody, MessageAttributes }))
  }
}
