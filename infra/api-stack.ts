import { Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib'
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway'
import { HttpApi, HttpRoute, HttpRouteKey, LogGroupLogDestination } from 'aws-cdk-lib/aws-apigatewayv2'
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations'
import type { ITable } from 'aws-cdk-lib/aws-dynamodb'
import { Rule, Schedule } from 'aws-cdk-lib/aws-events'
import { LambdaFunction as FunctionTarget } from 'aws-cdk-lib/aws-events-targets'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { FilterCriteria, FilterRule, StartingPosition } from 'aws-cdk-lib/aws-lambda'
import { DynamoEventSource, SqsDlq } from 'aws-cdk-lib/aws-lambda-event-sources'
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs'
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs'
import type { Construct } from 'constructs'
import { AcademyFunction } from './academy-function.ts'
import { acknowledge } from './acknowledge.ts'
import { allowances, type Entry } from './allowances.ts'
import { type DataStack, keyAliasPrefix } from './data-stack.ts'
import type { Deployment } from './deployment.ts'
import { routes } from './routes.ts'

/** Where the bundle of a function lies. */
export type Bundles = (entry: Entry) => string

/** The doors of the academy and what works behind them; may be deleted and made again. */
export class ApiStack extends Stack {
  constructor(
    scope: Construct,
    id: string,
    { deployment, data, bundles }: { deployment: Deployment; data: DataStack; bundles: Bundles },
    props: StackProps,
  ) {
    super(scope, id, props)
    const environment = {
      PUBLIC_URL: deployment.publicUrl,
      RECORDS: 'dynamodb',
      RECORDS_TABLE: data.records.tableName,
      KEYS_TABLE: data.learnerKeys.tableName,
      IDENTITY: 'identity.json',
      INSTITUTIONS_FILE: 'institutions.json',
      MASTER_SECRET: data.masterSecret.secretArn,
      SIGNING_KEY_ALIASES: keyAliasPrefix(deployment),
    }
    const make = (id: string, entry: Entry, timeoutSeconds: number) => {
      const bundle = bundles(entry)
      const { fn } = new AcademyFunction(this, id, { deployment, bundle, timeoutSeconds, environment })
      allow(fn, entry, data)
      return fn
    }
    // API Gateway gives up after 30 seconds; whoever waits is told before.
    const byEntry = {
      graphql: make('Graphql', 'graphql', 29),
      wallet: make('Wallet', 'wallet', 29),
      pages: make('Pages', 'pages', 29),
      'status-lists': make('StatusLists', 'status-lists', 29),
    }
    this.#api(deployment, byEntry)
    this.#outbox(make('Outbox', 'outbox', 60), data)
  }

  #api(deployment: Deployment, functions: Record<Exclude<Entry, 'outbox'>, AcademyFunction['fn']>): void {
    const accessLog = new LogGroup(this, 'AccessLog', {
      retention: deployment.logRetentionDays as RetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    })
    const integration = Object.fromEntries(
      Object.entries(functions).map(([entry, fn]) => [entry, new HttpLambdaIntegration(`To-${entry}`, fn)]),
    ) as Record<keyof typeof functions, HttpLambdaIntegration>
    const api = new HttpApi(this, 'Api', {
      apiName: deployment.name,
      createDefaultStage: false,
    })
    for (const { path, to, why } of routes) {
      for (const route of api.addRoutes({ path, integration: integration[to] })) open(route, why)
    }
    const pages = new HttpRoute(this, 'ToPages', {
      httpApi: api,
      routeKey: HttpRouteKey.DEFAULT,
      integration: integration.pages,
    })
    open(pages, 'Anybody may read the pages; what is personal asks for a session in the function.')
    api.addStage('Live', {
      stageName: '$default',
      autoDeploy: true,
      throttle: { rateLimit: deployment.requestsPerSecond, burstLimit: deployment.burst },
      accessLogSettings: {
        destination: new LogGroupLogDestination(accessLog),
        // Not the path: it may hold the code of an offer or of a shared link. The route says enough.
        format: AccessLogFormat.custom(
          JSON.stringify({
            requestId: '$context.requestId',
            at: '$context.requestTimeEpoch',
            route: '$context.routeKey',
            status: '$context.status',
            milliseconds: '$context.responseLatency',
            bytes: '$context.responseLength',
            integrationError: '$context.integrationErrorMessage',
          }),
        ),
      },
    })
  }

  #outbox(fn: AcademyFunction['fn'], { records }: DataStack): void {
    const dead = new Queue(this, 'OutboxDead', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    })
    acknowledge(dead, {
      'AwsSolutions-SQS3': 'It is itself the queue of what could not be delivered.',
    })
    fn.addEventSource(
      new DynamoEventSource(records as ITable, {
        startingPosition: StartingPosition.TRIM_HORIZON,
        batchSize: 100,
        maxBatchingWindow: Duration.seconds(0),
        retryAttempts: 5,
        bisectBatchOnError: true,
        reportBatchItemFailures: true,
        onFailure: new SqsDlq(dead),
        filters: [
          FilterCriteria.filter({
            eventName: FilterRule.isEqual('INSERT'),
            // The partitions of the outbox; see `keys.outbox`.
            dynamodb: { Keys: { pk: { S: [{ suffix: '#OUT#0' }] } } },
          }),
        ],
      }),
    )
    // An event stays in the outbox until it is delivered: the bell may be lost, the event is not.
    new Rule(this, 'OutboxSweep', {
      schedule: Schedule.rate(Duration.minutes(1)),
      targets: [new FunctionTarget(fn, { retryAttempts: 2, maxEventAge: Duration.minutes(5) })],
    })
  }
}

/** API Gateway checks no token here: its authorizers take RSA keys only, and one issuer each. */
function open(route: HttpRoute, why: string): void {
  acknowledge(route, { 'AwsSolutions-APIG4': why })
}

function allow(fn: AcademyFunction['fn'], entry: Entry, data: DataStack): void {
  const { records, learnerKeys, signingKeys, masterSecret } = allowances[entry]
  const tables = { records: data.records.tableArn, learnerKeys: data.learnerKeys.tableArn }
  const indexes = ['gsi1', 'gsi2'].map((index) => `${tables.records}/index/${index}`)
  const statements = [
    { actions: records, resources: [tables.records] },
    { actions: ['dynamodb:Query'], resources: indexes },
    { actions: learnerKeys, resources: [tables.learnerKeys] },
    { actions: signingKeys, resources: data.signingKeys.map(({ keyArn }) => keyArn) },
    { actions: masterSecret, resources: [data.masterSecret.secretArn] },
  ]
  for (const { actions, resources } of statements) {
    if (actions.length > 0) fn.addToRolePolicy(new PolicyStatement({ actions: [...actions], resources }))
  }
}
