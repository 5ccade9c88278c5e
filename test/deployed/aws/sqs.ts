import { createHash, randomUUID } from 'node:crypto'
import * as z from 'zod'
import { place } from '../read-assembly.ts'
import { AwsError, type AwsService, jsonService } from './door.ts'

interface QueuedMessage {
  messageId: string
  body: string
  attributes: Record<string, string>
  /** Times it was handed out. */
  received: number
  /** Milliseconds since 1970: before, nobody is given it. */
  visibleAt: number
  sentAt: number
  receiptHandle?: string
}

/** A queue as its template describes it. */
export interface QueueRules {
  arn: string
  visibilitySeconds: number
  dead?: { arn: string; after: number }
}

export interface Queues {
  service: AwsService
  send(arn: string, body: string, attributes?: Record<string, string>): void
  /** Hands out what is visible; a message that was handed out too often goes to the dead queue instead. */
  receive(arn: string, most: number): QueuedMessage[]
  remove(arn: string, receiptHandle: string): void
  /** Makes everything visible at once: the time that AWS would let pass. */
  release(arn: string): void
  all(arn: string): QueuedMessage[]
}

const zQueue = z.object({ QueueUrl: z.string() })
const zSend = z.object({
  ...zQueue.shape,
  MessageBody: z.string().min(1).max(1_048_576),
  DelaySeconds: z.int().min(0).max(900).default(0),
})
const zReceive = z.object({
  ...zQueue.shape,
  MaxNumberOfMessages: z.int().min(1).max(10).default(1),
})
const zDelete = z.object({ ...zQueue.shape, ReceiptHandle: z.string() })
const zList = z.object({ QueueNamePrefix: z.string() })
const zMove = z.object({ SourceArn: z.string() })

/** The calls of SQS that are made here, at `address`, in memory, with visibility, receive counts and dead queues. */
export function sqsStandIn(rules: readonly QueueRules[], address: () => string): Queues {
  const queues = new Map(rules.map((rule) => [rule.arn, { rule, messages: [] as QueuedMessage[] }]))
  const queueOf = (arn: string) => {
    const queue = queues.get(arn)
    if (!queue) throw new AwsError('AWS.SimpleQueueService.NonExistentQueue', 'there is no such queue')
    return queue
  }
  const arnOfUrl = (url: string) =>
    rules.find(({ arn }) => arn.endsWith(`:${new URL(url).pathname.split('/').at(-1)}`))?.arn ?? url

  function send(
    arn: string,
    body: string,
    attributes: Record<string, string> = {},
    delaySeconds = 0,
  ): string {
    const messageId = randomUUID()
    const sentAt = Date.now()
    queueOf(arn).messages.push({
      messageId,
      body,
      attributes,
      received: 0,
      sentAt,
      visibleAt: sentAt + delaySeconds * 1000,
    })
    return messageId
  }

  function receive(arn: string, most: number): QueuedMessage[] {
    const { rule, messages } = queueOf(arn)
    const now = Date.now()
    for (const message of messages.filter(({ visibleAt }) => visibleAt <= now)) {
      if (!rule.dead || message.received < rule.dead.after) continue
      messages.splice(messages.indexOf(message), 1)
      send(rule.dead.arn, message.body, message.attributes)
    }
    const given = messages.filter(({ visibleAt }) => visibleAt <= now).slice(0, most)
    for (const message of given) {
      message.received++
      message.visibleAt = now + rule.visibilitySeconds * 1000
      message.receiptHandle = randomUUID()
    }
    return given.map((message) => ({ ...message }))
  }

  function remove(arn: string, receiptHandle: string): void {
    const { messages } = queueOf(arn)
    const at = messages.findIndex((message) => message.receiptHandle === receiptHandle)
    if (at >= 0) messages.splice(at, 1)
  }

  const needs = (action: string, arn: string) => [{ action, resource: arn }]
  return {
    send,
    receive,
    remove,
    release(arn) {
      for (const message of queueOf(arn).messages) message.visibleAt = 0
    },
    all: (arn) => [...queueOf(arn).messages],
    service: jsonService('AmazonSQS', 'sqs', {
      SendMessage(input) {
        const { QueueUrl, MessageBody, DelaySeconds } = zSend.parse(input)
        const arn = arnOfUrl(QueueUrl)
        return {
          needs: needs('sqs:SendMessage', arn),
          answer: () => ({
            MessageId: send(arn, MessageBody, {}, DelaySeconds),
            MD5OfMessageBody: createHash('md5').update(MessageBody).digest('hex'),
          }),
        }
      },
      ListQueues(input) {
        const { QueueNamePrefix: prefix } = zList.parse(input)
        const names = rules.map(({ arn }) => arn.split(':').at(-1) ?? '')
        return {
          needs: needs('sqs:ListQueues', '*'),
          answer: () => ({
            QueueUrls: names
              .filter((name) => name.startsWith(prefix))
              .map((name) => `${address()}/${place.account}/${name}`),
          }),
        }
      },
      GetQueueAttributes(input) {
        const arn = arnOfUrl(zQueue.parse(input).QueueUrl)
        return {
          needs: needs('sqs:GetQueueAttributes', arn),
          answer: () => ({
            Attributes: { QueueArn: arn, ApproximateNumberOfMessages: String(queueOf(arn).messages.length) },
          }),
        }
      },
      ReceiveMessage(input) {
        const { QueueUrl, MaxNumberOfMessages } = zReceive.parse(input)
        const arn = arnOfUrl(QueueUrl)
        return {
          needs: needs('sqs:ReceiveMessage', arn),
          answer: () => ({
            Messages: receive(arn, MaxNumberOfMessages).map(({ messageId, body, receiptHandle }) => ({
              MessageId: messageId,
              Body: body,
              MD5OfBody: createHash('md5').update(body).digest('hex'),
              ReceiptHandle: receiptHandle,
            })),
          }),
        }
      },
      DeleteMessage(input) {
        const { QueueUrl, ReceiptHandle } = zDelete.parse(input)
        const arn = arnOfUrl(QueueUrl)
        return {
          needs: needs('sqs:DeleteMessage', arn),
          answer() {
            remove(arn, ReceiptHandle)
            return {}
          },
        }
      },
      StartMessageMoveTask(input) {
        const { SourceArn } = zMove.parse(input)
        return {
          needs: needs('sqs:StartMessageMoveTask', SourceArn),
          answer() {
            const source = rules.find(({ dead }) => dead?.arn === SourceArn)
            // AWS moves back only what came from a queue; what a stream or a timetable left stays.
            if (!source) throw new AwsError('InvalidParameterValue', 'is the dead queue of no queue')
            for (const { body } of queueOf(SourceArn).messages.splice(0)) send(source.arn, body)
            return { TaskHandle: randomUUID() }
          },
        }
      },
    }),
  }
}
