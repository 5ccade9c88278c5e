import { Duration } from 'aws-cdk-lib'
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources'
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs'
import { Construct } from 'constructs'
import type { AcademyFunction } from './academy-function.ts'
import { acknowledge } from './acknowledge.ts'
import { allow } from './allow.ts'

/** Messages that could not be dealt with wait this long for the operator. */
const deadDays = 14

/**
 * Where ends what was no message before: an event of the stream, a schedule that could not be met.
 * `npm run ops -- replay` gives what is in it another try.
 */
export function deadQueue(scope: Construct, id: string, queueName: string): Queue {
  const queue = lastResort(scope, id, queueName)
  // Behind a queue cdk-nag sees what it is; behind anything else it has to be told.
  acknowledge(queue, { 'AwsSolutions-SQS3': 'It is itself the queue of what could not be dealt with.' })
  return queue
}

function lastResort(scope: Construct, id: string, queueName: string): Queue {
  return new Queue(scope, id, {
    queueName,
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    retentionPeriod: Duration.days(deadDays),
  })
}

/** Work for one function: tried five times, then put aside. */
export class WorkQueue extends Construct {
  readonly queue: Queue
  readonly dead: Queue

  constructor(
    scope: Construct,
    id: string,
    props: { name: string; worker: AcademyFunction; batchSize: number; atOnce: number },
  ) {
    super(scope, id)
    const { worker, name, batchSize, atOnce } = props
    this.dead = lastResort(this, 'Dead', `${name}-dead`)
    this.queue = new Queue(this, 'Work', {
      queueName: name,
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(4),
      // While one try is under way nobody else is given the message: six times as long as a try may take.
      visibilityTimeout: Duration.seconds(6 * (worker.fn.timeout?.toSeconds() ?? 60)),
      deadLetterQueue: { queue: this.dead, maxReceiveCount: 5 },
    })
    worker.fn.addEventSource(
      new SqsEventSource(this.queue, {
        batchSize,
        maxConcurrency: atOnce,
        reportBatchItemFailures: true,
      }),
    )
  }

  /** Lets a function put work into it. */
  fill(by: AcademyFunction, variable: string): void {
    by.fn.addEnvironment(variable, this.queue.queueUrl)
    if (by.fn.role) allow(by.fn.role, ['sqs:SendMessage'], [this.queue.queueArn])
  }
}
