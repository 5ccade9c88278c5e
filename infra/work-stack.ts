import { Duration, Stack, type StackProps } from 'aws-cdk-lib'
import type { ITable } from 'aws-cdk-lib/aws-dynamodb'
import { FilterCriteria, FilterRule, StartingPosition } from 'aws-cdk-lib/aws-lambda'
import { DynamoEventSource, SqsDlq } from 'aws-cdk-lib/aws-lambda-event-sources'
import type { Queue } from 'aws-cdk-lib/aws-sqs'
import type { Construct } from 'constructs'
import { type Academy, AcademyFunction } from './academy-function.ts'
import { allow } from './allow.ts'
import type { PracticalsStack } from './practicals-stack.ts'
import { Timetable } from './timetable.ts'
import { deadQueue, WorkQueue } from './work-queue.ts'

/** What happens behind the doors: projections of the outbox, and the queues they fill. */
export class WorkStack extends Stack {
  readonly functions: AcademyFunction[]
  readonly queues: WorkQueue[]
  /** What the stream and the timetable could not deliver. */
  readonly dead: Queue

  constructor(
    scope: Construct,
    id: string,
    academy: Academy & { practicals: PracticalsStack | undefined },
    props: StackProps,
  ) {
    super(scope, id, props)
    const { name } = academy.deployment
    const projector = new AcademyFunction(this, 'projector', academy)
    const erasure = new AcademyFunction(this, 'erasure', academy)
    const operator = new AcademyFunction(this, 'operator', academy)
    const bulkIssuer = new AcademyFunction(this, 'bulk-issuer', academy)
    const snapshot = new AcademyFunction(this, 'snapshot', academy)
    this.functions = [projector, erasure, bulkIssuer, snapshot, operator]

    this.dead = deadQueue(this, 'EventsDead', `${name}-events-dead`)
    const erasures = new WorkQueue(this, 'Erasures', {
      name: `${name}-erasure`,
      worker: erasure,
      batchSize: 5,
      atOnce: 2,
    })
    erasures.fill(projector, 'ERASURE_QUEUE')
    const bulk = new WorkQueue(this, 'Bulk', {
      name: `${name}-bulk`,
      worker: bulkIssuer,
      batchSize: 1,
      atOnce: 4,
    })
    bulk.fill(projector, 'BULK_QUEUE')
    this.queues = [erasures, bulk]
    if (academy.practicals) this.#tellDispatchers(projector, academy.practicals)
    this.#ring(projector, academy)

    const timetable = new Timetable(this, 'Timetable', { name: `${name}-work`, dead: this.dead })
    // An event stays in the outbox until it is delivered: the bell may be lost, the event is not.
    timetable.add({ id: 'sweep-outbox', every: 'rate(1 minute)', calls: projector, input: {} })
    // What is longer than a function may run goes on here.
    timetable.add({ id: 'bulk-jobs', every: 'rate(1 minute)', calls: bulkIssuer, input: {} })
    // Publishes only when one is due (SNAPSHOT_EVERY_DAYS).
    timetable.add({ id: 'old-run-files', every: 'rate(6 hours)', calls: erasure, input: {} })
    timetable.add({ id: 'snapshot', every: 'rate(1 hour)', calls: snapshot, input: {} })
  }

  /** Which queue tells the dispatcher of which site. */
  #tellDispatchers({ fn }: AcademyFunction, { queues }: PracticalsStack): void {
    const urls = [...queues].map(([site, { queue }]) => [site, queue.queueUrl])
    fn.addEnvironment('DISPATCH_QUEUES', this.toJsonString(Object.fromEntries(urls)))
    const arns = [...queues.values()].map(({ queue }) => queue.queueArn)
    if (fn.role) allow(fn.role, ['sqs:SendMessage'], arns)
  }

  /** The stream of the records tells the projector of each event that is written. */
  #ring({ fn }: AcademyFunction, { data, deployment: { sites = [] } }: Academy): void {
    fn.addEventSource(
      new DynamoEventSource(data.records as ITable, {
        startingPosition: StartingPosition.TRIM_HORIZON,
        batchSize: 100,
        maxBatchingWindow: Duration.seconds(0),
        retryAttempts: 5,
        bisectBatchOnError: true,
        reportBatchItemFailures: true,
        onFailure: new SqsDlq(this.dead),
        filters: [
          FilterCriteria.filter({
            eventName: FilterRule.isEqual('INSERT'),
            // The partitions of the outbox; see `keys.outbox`.
            dynamodb: { Keys: { pk: { S: [{ suffix: '#OUT#0' }] } } },
          }),
          // An attempt that was started at one of the sites; see `keys.dueAttempts`.
          ...(sites.length > 0
            ? [
                FilterCriteria.filter({
                  eventName: FilterRule.isEqual('INSERT'),
                  dynamodb: {
                    NewImage: { gsi2pk: { S: sites.map(({ name }) => ({ suffix: `#DUE#${name}` })) } },
                  },
                }),
              ]
            : []),
          // A bulk job with something to do; see `keys.bulkDue`.
          FilterCriteria.filter({ dynamodb: { NewImage: { gsi2pk: { S: [{ suffix: '#BULKDUE' }] } } } }),
        ],
      }),
    )
  }
}
