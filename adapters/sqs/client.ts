import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'

/** The SDK behind `sqsSender`; loaded by it. */
export function sqsClient(): (QueueUrl: string, MessageBody: string) => Promise<unknown> {
  const client = new SQSClient({})
  return (QueueUrl, MessageBody) => client.send(new SendMessageCommand({ QueueUrl, MessageBody }))
}
