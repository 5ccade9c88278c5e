import { Duration, Stack, type StackProps } from 'aws-cdk-lib'
import { CfnBudget } from 'aws-cdk-lib/aws-budgets'
import {
  Alarm,
  ComparisonOperator,
  Dashboard,
  GraphWidget,
  type IMetric,
  Metric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch'
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions'
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { Key } from 'aws-cdk-lib/aws-kms'
import { Topic } from 'aws-cdk-lib/aws-sns'
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions'
import type { Queue } from 'aws-cdk-lib/aws-sqs'
import type { Construct } from 'constructs'
import type { AcademyFunction } from './academy-function.ts'
import type { ApiStack } from './api-stack.ts'
import type { DataStack } from './data-stack.ts'
import type { Deployment } from './deployment.ts'
import type { PracticalsStack } from './practicals-stack.ts'
import type { WorkStack } from './work-stack.ts'

interface Watched {
  deployment: Deployment
  data: DataStack
  api: ApiStack
  work: WorkStack
  practicals: PracticalsStack | undefined
}

const minute = Duration.minutes(1)
const fiveMinutes = Duration.minutes(5)

/** When somebody is called. */
interface Limit {
  above: number
  /** Of so many periods, the last ones… */
  of: number
  /** …this many were above; all of them unless said. */
  bad?: number
  why: string
  whenSilent?: TreatMissingData
  /** What is counted only when it goes wrong: silence is no news that it is over. */
  isNeverOver?: true
}

/** Alarms, the dashboard and the budget: what an operator looks at, and what calls them. */
export class WatchStack extends Stack {
  readonly #topic: Topic
  readonly #name: string

  constructor(scope: Construct, id: string, watched: Watched, props: StackProps) {
    super(scope, id, props)
    const { deployment, api, work, practicals } = watched
    this.#name = deployment.name
    this.#topic = this.#alarmTopic(deployment)
    const functions = [...api.functions, ...work.functions, ...(practicals?.functions ?? [])]
    const queues = [...work.queues, ...(practicals?.queues.values() ?? [])]
    const dead = [work.dead, ...(practicals ? [practicals.dead] : []), ...queues.map((queue) => queue.dead)]
    for (const queue of dead) this.#deadAlarm(queue)
    this.#lagAlarms(work)
    for (const { name } of deployment.sites ?? []) this.#dispatchAlarm(name)
    this.#doorAlarm(api)
    for (const fn of functions) this.#functionAlarms(fn)
    this.#dashboard(watched, functions, dead)
    if (deployment.monthlyBudgetUsd !== undefined) this.#budget(deployment.monthlyBudgetUsd, deployment)
  }

  #alarmTopic({ operators, name }: Deployment): Topic {
    const masterKey = new Key(this, 'AlarmKey', {
      description: `Alarms of ${name} on their way`,
      enableKeyRotation: true,
    })
    masterKey.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
        resources: ['*'],
        conditions: { StringEquals: { 'aws:SourceAccount': this.account } },
      }),
    )
    const topic = new Topic(this, 'Alarms', { topicName: `${name}-alarms`, masterKey, enforceSSL: true })
    for (const address of operators) topic.addSubscription(new EmailSubscription(address))
    return topic
  }

  /** One of the academy's own metrics; the functions write them into their logs. */
  #own(metricName: string, statistic: 'max' | 'sum', of: { site?: string } = {}): Metric {
    const dimensionsMap = { deployment: this.#name, ...of }
    return new Metric({ namespace: 'Academy', metricName, dimensionsMap, statistic, period: minute })
  }

  #alarm(id: string, metric: IMetric, limit: Limit): void {
    const { above, of, bad = of, why, whenSilent = TreatMissingData.NOT_BREACHING, isNeverOver } = limit
    const alarm = new Alarm(this, id, {
      alarmName: `${this.#name}: ${id}`,
      alarmDescription: why,
      metric,
      threshold: above,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: of,
      datapointsToAlarm: bad,
      treatMissingData: whenSilent,
    })
    alarm.addAlarmAction(new SnsAction(this.#topic))
    if (!isNeverOver) alarm.addOkAction(new SnsAction(this.#topic))
  }

  #deadAlarm(queue: Queue): void {
    const metric = queue.metricApproximateNumberOfMessagesVisible({ period: minute, statistic: 'max' })
    this.#alarm(`${queue.node.path.split('/').slice(1).join('-')}`, metric, {
      above: 0,
      of: 1,
      why: 'Work could not be done in five tries. Look at the log of the function, mend the cause, then npm run ops -- replay.',
    })
  }

  #lagAlarms(work: WorkStack): void {
    this.#alarm('ProjectionLag', this.#own('ProjectionLagSeconds', 'max'), {
      above: 300,
      of: 3,
      why: 'An event has been waiting for more than five minutes, or nobody looks at the outbox. npm run ops -- parked, and the log of the projector.',
      // It is told every minute: silence means that nobody looks.
      whenSilent: TreatMissingData.BREACHING,
    })
    this.#alarm('StatusListAge', this.#own('StatusListLagSeconds', 'max'), {
      above: 120,
      of: 2,
      why: 'A revocation or suspension is not yet in the lists that others read.',
      // Told with the lag above, whose alarm calls when both are silent: then nobody knows that this one is over.
      whenSilent: TreatMissingData.IGNORE,
    })
    this.#alarm('EventsParked', this.#own('EventsParkedCount', 'sum'), {
      above: 0,
      of: 1,
      why: 'An event was put aside because a projection does not take it. npm run ops -- parked says which and why.',
      isNeverOver: true,
    })
    this.#alarm('SigningErrors', this.#own('SigningErrorsCount', 'sum').with({ period: fiveMinutes }), {
      above: 0,
      of: 1,
      why: 'KMS did not sign, though it was asked again: a quota, a key that was disabled, or a policy. The log says which (signing-failed). It may be one institution alone, so one is enough; that none follows says only that nobody asked.',
      isNeverOver: true,
    })
    const [projector] = work.functions
    if (!projector) return
    const iteratorAge = projector.fn.metric('IteratorAge', { statistic: 'max', period: minute })
    this.#alarm('StreamAge', iteratorAge, {
      above: 300_000,
      of: 3,
      why: 'The stream of the records is read more than five minutes late (milliseconds).',
    })
  }

  #dispatchAlarm(site: string): void {
    this.#alarm(`DispatchAge-${site}`, this.#own('DispatchLagSeconds', 'max', { site }), {
      above: 300,
      of: 3,
      why: 'An attempt at this site wants to be sent or looked at for more than five minutes, or nobody looks after the site. The log of its poller, and the page of the site.',
      // It is told every minute.
      whenSilent: TreatMissingData.BREACHING,
    })
  }

  #doorAlarm({ api }: ApiStack): void {
    this.#alarm('ServerErrors', api.metricServerError({ period: minute, statistic: 'sum' }), {
      above: 5,
      of: 5,
      bad: 3,
      why: 'People and wallets are answered 5xx again and again, which a function that answers does not count as its own error. The log of the API says at which route, that of the function why.',
    })
  }

  /**
   * A function called once a minute fails once a minute: one a minute is enough, if it lasts. What may take a quarter
   * of an hour is called too seldom for that; its next try may be a day away.
   */
  #functionAlarms({ fn, node, seconds }: AcademyFunction): void {
    const isLong = seconds > 600
    this.#alarm(`${node.id}Errors`, fn.metricErrors({ period: isLong ? fiveMinutes : minute }), {
      above: 0,
      ...(isLong ? { of: 1 } : { of: 5, bad: 3 }),
      why: isLong
        ? 'The function failed or ran out of time; its log says where.'
        : 'The function fails again and again; its log says where.',
    })
    this.#alarm(`${node.id}Throttles`, fn.metricThrottles({ period: minute }), {
      above: 0,
      of: 5,
      bad: 3,
      why: 'The account, or what was set aside for it, has no more room for this function: ask for a higher concurrency.',
    })
  }

  #dashboard({ deployment, data, api }: Watched, functions: AcademyFunction[], dead: Queue[]): void {
    const graph = (title: string, left: IMetric[], right: IMetric[] = []) =>
      new GraphWidget({ title, left, right, width: 12 })
    const each = (of: (fn: AcademyFunction) => IMetric) => functions.map(of)
    new Dashboard(this, 'Dashboard', {
      dashboardName: deployment.name,
      widgets: [
        [
          graph('Requests and errors', [
            api.api.metricCount(),
            api.api.metricClientError(),
            api.api.metricServerError(),
          ]),
          graph('Latency (ms)', [
            api.api.metricLatency({ statistic: 'p50' }),
            api.api.metricLatency({ statistic: 'p99' }),
          ]),
        ],
        [
          graph(
            'Errors by function',
            each(({ fn, node }) => fn.metricErrors({ label: node.id })),
          ),
          graph(
            'Time by function (ms, p95)',
            each(({ fn, node }) => fn.metricDuration({ statistic: 'p95', label: node.id })),
          ),
        ],
        [
          graph('How far projections lag (s)', [
            this.#own('ProjectionLagSeconds', 'max'),
            this.#own('StatusListLagSeconds', 'max'),
            this.#own('GraphLagSeconds', 'max'),
            ...(deployment.sites ?? []).map(({ name: site }) =>
              this.#own('DispatchLagSeconds', 'max', { site }),
            ),
          ]),
          graph(
            'Events',
            [this.#own('EventsDeliveredCount', 'sum'), this.#own('EventsWaitingCount', 'max')],
            [this.#own('EventsParkedCount', 'sum')],
          ),
        ],
        [
          graph(
            'Put aside',
            dead.map((queue) => queue.metricApproximateNumberOfMessagesVisible()),
          ),
          graph(
            'Records: capacity and throttling',
            [data.records.metricConsumedReadCapacityUnits(), data.records.metricConsumedWriteCapacityUnits()],
            [data.records.metricThrottledRequestsForOperations()],
          ),
        ],
      ],
    })
  }

  #budget(amount: number, { name, operators }: Deployment): void {
    const subscribers = operators.map((address) => ({ subscriptionType: 'EMAIL', address }))
    const notify = (notificationType: 'ACTUAL' | 'FORECASTED', threshold: number) => ({
      notification: { notificationType, comparisonOperator: 'GREATER_THAN', threshold },
      subscribers,
    })
    new CfnBudget(this, 'Budget', {
      budget: {
        budgetName: `${name}-monthly`,
        budgetType: 'COST',
        timeUnit: 'MONTHLY',
        budgetLimit: { amount, unit: 'USD' },
      },
      notificationsWithSubscribers: [notify('ACTUAL', 80), notify('ACTUAL', 100), notify('FORECASTED', 100)],
    })
  }
}
