import { readFileSync } from 'node:fs'
import { runInNewContext } from 'node:vm'
import { Match } from 'aws-cdk-lib/assertions'
import { describe, expect, test } from 'vitest'
import { edgeHeaders } from '../../functions/behind-edge.ts'
import { readSettings } from '../../functions/settings.ts'
import { parseDeployment } from '../../infra/deployment.ts'
import { atEachSite, type Entry, entries } from '../../infra/functions.ts'
import { doors } from '../../infra/routes.ts'
import { example, fullest, propertiesOf, templates, whole } from './templates.ts'

const template = templates(whole)
const [data, api, work, watch] = [template('data'), template('api'), template('work'), template('watch')]
const practicals = template('practicals')
const retained = { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' }

describe('data', () => {
  test('records are streamed, kept to any second, and neither deleted nor replaced by a slip', () => {
    data.hasResource('AWS::DynamoDB::GlobalTable', {
      ...retained,
      Properties: Match.objectLike({
        BillingMode: 'PAY_PER_REQUEST',
        StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
        TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
        SSESpecification: { SSEEnabled: true, SSEType: 'KMS' },
        GlobalSecondaryIndexes: [
          Match.objectLike({ IndexName: 'gsi1' }),
          Match.objectLike({ IndexName: 'gsi2' }),
        ],
        Replicas: [
          Match.objectLike({
            DeletionProtectionEnabled: true,
            PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
          }),
        ],
      }),
    })
  })

  test('a learner key that was deleted can be brought back by nothing but a backup of few days', () => {
    const tables = propertiesOf(data, 'AWS::DynamoDB::GlobalTable')
    const [keys, ...more] = Object.values(tables).filter((table) => !('GlobalSecondaryIndexes' in table))
    expect(more).toEqual([])
    expect(keys).not.toHaveProperty('StreamSpecification')
    expect(keys?.['Replicas']).toEqual([
      expect.objectContaining({
        DeletionProtectionEnabled: true,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: false },
      }),
    ])
    data.allResources('AWS::DynamoDB::GlobalTable', retained)
    const [plan] = Object.values(propertiesOf(data, 'AWS::Backup::BackupPlan'))
    expect(plan?.['BackupPlan']).toMatchObject({
      BackupPlanRule: [{ ScheduleExpression: 'cron(0 3 * * ? *)', Lifecycle: { DeleteAfterDays: 7 } }],
    })
    const [selection] = Object.values(propertiesOf(data, 'AWS::Backup::BackupSelection'))
    expect(selection?.['BackupSelection']).toMatchObject({
      Resources: [{ 'Fn::GetAtt': [expect.stringMatching(/^LearnerKeys/), 'Arn'] }],
    })
    data.hasResource('AWS::Backup::BackupVault', {
      ...retained,
      Properties: Match.objectLike({ EncryptionKeyArn: Match.anyValue() }),
    })
  })

  test('files are private, encrypted, reached by TLS only, not versioned, and outlive the stack', () => {
    data.hasResource('AWS::S3::Bucket', {
      ...retained,
      Properties: Match.objectLike({
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
        BucketEncryption: Match.anyValue(),
        OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
        VersioningConfiguration: Match.absent(),
      }),
    })
    data.hasResourceProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: Match.objectLike({
        Statement: [
          Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
        ],
      }),
    })
  })

  test('each institution and the platform has a P-256 key that only signs and is never thrown away', () => {
    const sign = { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' }
    const keys = data.findResources('AWS::KMS::Key', { Properties: sign })
    expect(Object.keys(keys)).toHaveLength(3)
    for (const { Properties } of Object.values(keys)) expect(Properties.PendingWindowInDays).toBe(30)
    data.allResources('AWS::KMS::Key', retained)
    const aliases = Object.values(propertiesOf(data, 'AWS::KMS::Alias')).map((alias) =>
      String(alias['AliasName']),
    )
    expect(aliases.sort()).toEqual([
      'alias/academy-example-k3vq7m2a',
      'alias/academy-example-p6xw4t5e',
      'alias/academy-example-platform',
    ])
  })

  test('a further key of an institution stands beside the first one, for rotation', () => {
    const [first, ...others] = whole.institutions
    const rotated = { ...whole, institutions: [{ ...first, furtherKeys: ['2027'] }, ...others] }
    const aliases = propertiesOf(templates(rotated as typeof whole)('data'), 'AWS::KMS::Alias')
    expect(Object.values(aliases).map((alias) => alias['AliasName'])).toContain(
      'alias/academy-example-k3vq7m2a-2027',
    )
  })

  test('secrets are made by Secrets Manager, and their values are in no template', () => {
    const made = Object.values(propertiesOf(data, 'AWS::SecretsManager::Secret'))
    expect(made.map((secret) => secret['GenerateSecretString'])).toEqual([
      {
        PasswordLength: 64,
        ExcludeUppercase: true,
        ExcludePunctuation: true,
        ExcludeCharacters: 'ghijklmnopqrstuvwxyz',
        RequireEachIncludedType: false,
      },
      {
        SecretStringTemplate: '{"user":"neo4j"}',
        GenerateStringKey: 'password',
        ExcludePunctuation: true,
        PasswordLength: 40,
      },
      expect.objectContaining({ SecretStringTemplate: '{"user":"academy"}', GenerateStringKey: 'password' }),
      // Of the two institutions that seal with a key of a trust service: what is there first is no key.
      { PasswordLength: 8 },
      { PasswordLength: 8 },
      // Of the two sites: an operator puts in what the sites give.
      expect.objectContaining({ SecretStringTemplate: '{}' }),
      expect.objectContaining({ SecretStringTemplate: '{}' }),
    ])
    for (const secret of made) expect(secret).not.toHaveProperty('SecretString')
    expect(made.flatMap(({ Name }) => (Name === undefined ? [] : [Name]))).toEqual([
      'academy-example/seals/north-lake',
      'academy-example/seals/institut-du-port',
    ])
    data.allResources('AWS::SecretsManager::Secret', retained)
  })

  test('a trial is deleted with everything in it', () => {
    const trial = templates({ ...whole, stage: 'trial' })('data')
    for (const type of ['AWS::DynamoDB::GlobalTable', 'AWS::KMS::Key', 'AWS::SecretsManager::Secret'])
      trial.allResources(type, { DeletionPolicy: 'Delete' })
    const tables = JSON.stringify(propertiesOf(trial, 'AWS::DynamoDB::GlobalTable'))
    expect(tables).not.toContain('"DeletionProtectionEnabled":true')
  })
})

function partition<Item>(items: Item[], isFirst: (item: Item) => boolean): [Item[], Item[]] {
  return [items.filter(isFirst), items.filter((item) => !isFirst(item))]
}

const isAtSites = (entry: Entry) => atEachSite.some((one) => one === entry)

describe('functions', () => {
  const withFunctions = [api, practicals, work]
  const functions = withFunctions.flatMap((one) => Object.values(propertiesOf(one, 'AWS::Lambda::Function')))

  test('every one is Node 24 on ARM with a role, a log and a time of its own', () => {
    expect(functions.map((fn) => String(fn['FunctionName'])).sort()).toEqual(
      entries
        .flatMap((entry) => (isAtSites(entry) ? [`${entry}-north`, `${entry}-south`] : [entry]))
        .map((name) => `academy-example-${name}`)
        .sort(),
    )
    for (const fn of functions) {
      expect(fn).toMatchObject({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        LoggingConfig: { LogFormat: 'JSON', LogGroup: { Ref: expect.any(String) } },
        Environment: { Variables: { NODE_ENV: 'production' } },
      })
      expect(fn['Timeout']).toBeLessThanOrEqual(900)
    }
    const roles = functions.map((fn) => JSON.stringify(fn['Role']))
    expect(new Set(roles).size).toBe(functions.length)
  })

  test('every log is forgotten after the days the deployment names', () => {
    for (const one of withFunctions)
      one.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 90 })
  })

  test('a role may be taken by Lambda only', () => {
    for (const one of withFunctions) {
      for (const [id, role] of Object.entries(propertiesOf(one, 'AWS::IAM::Role'))) {
        const { Statement } = role['AssumeRolePolicyDocument'] as { Statement: { Principal: object }[] }
        const service = id.startsWith('Timetable') ? 'scheduler.amazonaws.com' : 'lambda.amazonaws.com'
        expect(Statement.map(({ Principal }) => Principal)).toEqual([{ Service: service }])
      }
    }
  })

  test('no environment holds what looks like a secret', () => {
    const texts = JSON.stringify(functions.map((fn) => fn['Environment']))
    expect(texts).not.toMatch(/password|[0-9a-f]{64}|eyJ|BEGIN/i)
  })
})

describe('traces', () => {
  const environments = (deployment: typeof whole) => {
    const of = templates(deployment)
    return (['api', 'practicals', 'work'] as const).flatMap((part) =>
      Object.values(propertiesOf(of(part), 'AWS::Lambda::Function')).map(
        ({ Environment }) => (Environment as { Variables: Record<string, unknown> }).Variables,
      ),
    )
  }
  const tracing = (variables: Record<string, unknown>) =>
    Object.fromEntries(Object.entries(variables).filter(([name]) => name.startsWith('OTEL_')))

  test('every function that reads records sends them where the deployment says, at its ratio', () => {
    const traces = { collector: 'https://collector.example:4318', ratio: 0.25 }
    const [servers, others] = partition(environments({ ...fullest, traces }), (one) => 'RECORDS' in one)
    expect(servers).toHaveLength(entries.length + atEachSite.length - others.length)
    for (const server of servers) {
      expect(tracing(server)).toEqual({
        OTEL_EXPORTER_OTLP_ENDPOINT: 'https://collector.example:4318',
        OTEL_SERVICE_NAME: 'academy-example',
        OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
        OTEL_TRACES_SAMPLER_ARG: '0.25',
      })
    }
    for (const other of others) expect(tracing(other)).toEqual({})
    // As the function will read it.
    expect(readSettings(tracing(servers[0] ?? {}) as NodeJS.ProcessEnv).traces).toMatchObject({
      exporter: 'otlp',
      sampler: 'parentbased_traceidratio',
      ratio: 0.25,
    })
  })

  test('nobody sends any where it says nothing', () => {
    expect(whole.traces).toBeUndefined()
    for (const variables of environments(whole)) expect(tracing(variables)).toEqual({})
    expect(readSettings({}).traces).toBeUndefined()
  })
})

test('every server is told of the authority for time stamps, and nobody where there is none', () => {
  const stamping = (deployment: typeof whole) => {
    const api = templates(deployment)('api')
    return Object.values(propertiesOf(api, 'AWS::Lambda::Function')).map(({ Environment }) => {
      const { Variables } = Environment as { Variables: Record<string, unknown> }
      return 'RECORDS' in Variables ? [Variables['TSA_URL'], Variables['TSA_CERT_FILE']] : []
    })
  }
  const told = stamping(fullest).filter(({ length }) => length > 0)
  expect(told.length).toBeGreaterThan(3)
  for (const one of told) expect(one).toEqual(['https://tsa.example/', 'time-stamps.pem'])
  for (const one of stamping(whole).flat()) expect(one).toBeUndefined()
})

describe('api', () => {
  test('it is throttled, has the name of the academy only, and its log holds no path', () => {
    api.hasResourceProperties('AWS::ApiGatewayV2::Stage', {
      StageName: '$default',
      DefaultRouteSettings: { ThrottlingBurstLimit: 400, ThrottlingRateLimit: 200 },
    })
    api.hasResourceProperties('AWS::ApiGatewayV2::Api', { DisableExecuteApiEndpoint: true })
    api.hasResourceProperties('AWS::ApiGatewayV2::DomainName', {
      DomainName: 'academy.example',
      DomainNameConfigurations: [
        { CertificateArn: 'arn:aws:acm:eu-central-1:123456789012:certificate/one', EndpointType: 'REGIONAL' },
      ],
    })
    const [stage] = Object.values(propertiesOf(api, 'AWS::ApiGatewayV2::Stage'))
    const { Format = '' } = (stage?.['AccessLogSettings'] ?? {}) as { Format?: string }
    expect(Object.keys(JSON.parse(Format))).toContain('route')
    expect(Format).not.toMatch(/context\.(path|identity|authorizer)|requestOverride/)
  })

  test('live streams are streamed, and take no more of the account than they were given', () => {
    api.hasResourceProperties('AWS::Lambda::Url', { InvokeMode: 'RESPONSE_STREAM' })
    const shares = Object.values(propertiesOf(api, 'AWS::Lambda::Function'))
      .filter((fn) => 'ReservedConcurrentExecutions' in fn)
      .map((fn) => [fn['FunctionName'], fn['ReservedConcurrentExecutions']])
    expect(shares).toEqual([['academy-example-progress', whole.liveStreams]])
  })
})

describe('practicals', () => {
  test('each site is looked after every minute, by a function that has its secret and its network', () => {
    const schedules = Object.values(propertiesOf(practicals, 'AWS::Scheduler::Schedule'))
    expect(schedules.map(({ Name, ScheduleExpression }) => [Name, ScheduleExpression])).toEqual([
      ['poll-north', 'rate(1 minute)'],
      ['poll-south', 'rate(1 minute)'],
    ])
    for (const fn of Object.values(propertiesOf(practicals, 'AWS::Lambda::Function'))) {
      const site = String(fn['FunctionName']).split('-').at(-1)
      expect(fn).toMatchObject({
        Environment: { Variables: { SITE: site, SITES_FILE: 'sites.json', SITE_SECRET: expect.anything() } },
        VpcConfig: whole.network && {
          SubnetIds: whole.network.subnets,
          SecurityGroupIds: whole.network.securityGroups,
        },
      })
      expect('FileSystemConfigs' in fn).toBe(site === 'south')
    }
  })

  test('an academy without sites has no such stack', () => {
    expect(() => templates(parseDeployment(example))('practicals')).toThrow()
  })
})

const ofBoth = (type: string) => [work, practicals].flatMap((one) => Object.values(propertiesOf(one, type)))

describe('work', () => {
  test('an event that cannot be delivered is reported by itself, tried again five times, and then kept aside', () => {
    work.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      BisectBatchOnFunctionError: true,
      MaximumRetryAttempts: 5,
      DestinationConfig: { OnFailure: { Destination: Match.anyValue() } },
    })
  })

  test('only events of the outbox, attempts that were started and jobs with something to do ring the bell', () => {
    const sources = Object.values(propertiesOf(work, 'AWS::Lambda::EventSourceMapping'))
    const [stream] = sources.filter((source) => 'FilterCriteria' in source)
    const { Filters = [] } = (stream?.['FilterCriteria'] ?? {}) as { Filters?: { Pattern: string }[] }
    expect(Filters.map(({ Pattern }) => JSON.parse(Pattern))).toEqual([
      { eventName: ['INSERT'], dynamodb: { Keys: { pk: { S: [{ suffix: '#OUT#0' }] } } } },
      {
        eventName: ['INSERT'],
        dynamodb: { NewImage: { gsi2pk: { S: [{ suffix: '#DUE#north' }, { suffix: '#DUE#south' }] } } },
      },
      { dynamodb: { NewImage: { gsi2pk: { S: [{ suffix: '#BULKDUE' }] } } } },
    ])
  })

  test('every queue is encrypted and reached by TLS only; every queue of work has a dead one', () => {
    const queues = ofBoth('AWS::SQS::Queue')
    for (const queue of queues) {
      expect(queue).toMatchObject({ SqsManagedSseEnabled: true })
      const isDead = String(queue['QueueName']).endsWith('-dead')
      if (isDead) expect(queue['MessageRetentionPeriod']).toBe(14 * 86_400)
      else expect(queue['RedrivePolicy']).toMatchObject({ maxReceiveCount: 5 })
    }
    const policies = ofBoth('AWS::SQS::QueuePolicy')
    expect(policies).toHaveLength(queues.length)
    for (const policy of policies)
      expect(JSON.stringify(policy)).toContain('{"Bool":{"aws:SecureTransport":"false"}}')
  })

  test('a message is hidden six times as long as its function may take', () => {
    for (const queue of ofBoth('AWS::SQS::Queue'))
      if (queue['RedrivePolicy']) expect(queue['VisibilityTimeout']).toBeGreaterThanOrEqual(360)
  })

  test('the outbox is swept every minute', () => {
    work.hasResourceProperties('AWS::Scheduler::Schedule', {
      Name: 'sweep-outbox',
      ScheduleExpression: 'rate(1 minute)',
      Target: Match.objectLike({ DeadLetterConfig: Match.anyValue(), RetryPolicy: Match.anyValue() }),
    })
  })
})

describe('watch', () => {
  test('every dead queue, every lag and every function has an alarm that somebody hears', () => {
    const alarms = Object.values(propertiesOf(watch, 'AWS::CloudWatch::Alarm'))
    const names = alarms.map((alarm) => String(alarm['AlarmName']).replace('academy-example: ', ''))
    const dead = ofBoth('AWS::SQS::Queue').filter((queue) => String(queue['QueueName']).endsWith('-dead'))
    expect(names.filter((name) => name.includes('Dead'))).toHaveLength(dead.length)
    for (const name of [
      'ProjectionLag',
      'StatusListAge',
      'EventsParked',
      'SigningErrors',
      'StreamAge',
      'DispatchAge-north',
      'DispatchAge-south',
      'ServerErrors',
    ])
      expect(names).toContain(name)
    expect(
      names.filter((name) => name.endsWith('Errors') && !['SigningErrors', 'ServerErrors'].includes(name)),
    ).toHaveLength(entries.length + atEachSite.length)
    for (const alarm of alarms) {
      expect(alarm['AlarmActions']).toHaveLength(1)
      expect(String(alarm['AlarmDescription']).length).toBeGreaterThan(20)
    }
    watch.hasResourceProperties('AWS::SNS::Subscription', {
      Protocol: 'email',
      Endpoint: 'operator@academy.example',
    })
    watch.hasResourceProperties('AWS::SNS::Topic', { KmsMasterKeyId: Match.anyValue() })
  })

  /** What is measured, above which value in how many of how many periods it calls, and what silence means. */
  type Limit = [metric: string, above: number, bad: number, of: number, seconds: number, silence: string]
  const limits: Record<string, Limit> = {
    ProjectionLag: ['ProjectionLagSeconds', 300, 3, 3, 60, 'breaching'],
    StatusListAge: ['StatusListLagSeconds', 120, 2, 2, 60, 'ignore'],
    EventsParked: ['EventsParkedCount', 0, 1, 1, 60, 'notBreaching'],
    SigningErrors: ['SigningErrorsCount', 0, 1, 1, 300, 'notBreaching'],
    ServerErrors: ['5xx', 5, 3, 5, 60, 'notBreaching'],
    StreamAge: ['IteratorAge', 300_000, 3, 3, 60, 'notBreaching'],
    'DispatchAge-north': ['DispatchLagSeconds', 300, 3, 3, 60, 'breaching'],
    'DispatchAge-south': ['DispatchLagSeconds', 300, 3, 3, 60, 'breaching'],
    Dead: ['ApproximateNumberOfMessagesVisible', 0, 1, 1, 60, 'notBreaching'],
    Errors: ['Errors', 0, 3, 5, 60, 'notBreaching'],
    'Errors of what takes long': ['Errors', 0, 1, 1, 300, 'notBreaching'],
    Throttles: ['Throttles', 0, 3, 5, 60, 'notBreaching'],
  }
  const long = /^(BulkIssuer|Snapshot|Operator)Errors$/

  test('each alarm measures what its name says, of a queue, site or function of its own, and calls in minutes', () => {
    const alarms = Object.values(propertiesOf(watch, 'AWS::CloudWatch::Alarm'))
    const measured = alarms.map((alarm) => JSON.stringify([alarm['MetricName'], alarm['Dimensions']]))
    expect(new Set(measured).size).toBe(alarms.length)
    for (const alarm of alarms) {
      const name = String(alarm['AlarmName']).replace('academy-example: ', '')
      const kind = long.test(name) ? 'Errors of what takes long' : name
      const limit = limits[kind] ?? limits[/(Dead|Errors|Throttles)$/.exec(name)?.[1] ?? '']
      const { MetricName, Threshold, DatapointsToAlarm, EvaluationPeriods, Period, TreatMissingData } = alarm
      expect(
        [MetricName, Threshold, DatapointsToAlarm, EvaluationPeriods, Period, TreatMissingData],
        name,
      ).toEqual(limit)
      expect(alarm['ComparisonOperator']).toBe('GreaterThanThreshold')
      // What is counted only when it goes wrong never says that it is over.
      expect('OKActions' in alarm, name).toBe(!['EventsParked', 'SigningErrors'].includes(name))
    }
  })

  test('docs/operations.md says of each alarm when it calls, and of none that is not there', () => {
    const said = { breaching: 'an alarm', ignore: 'the state stays', notBreaching: 'no alarm' }
    const written = Object.entries(limits).map(([name, [metric, above, bad, of, seconds, silence]]) => {
      const called = /^(Dead|Errors|Throttles)$/.test(name) ? `…${name}` : name.replace(/-\w+$/, '-SITE')
      const title =
        name === 'Errors of what takes long'
          ? '`…Errors` of `BulkIssuer`, `Snapshot`, `Operator`'
          : `\`${called}\``
      const periods = seconds === 300 ? `${of} × 5 minutes` : `${of} minute${of === 1 ? '' : 's'}`
      const quiet = ['EventsParked', 'SigningErrors'].includes(name) ? ', and no all-clear' : ''
      return [
        title,
        `\`${metric}\``,
        String(above),
        `${bad} of ${periods}`,
        `${said[silence as keyof typeof said]}${quiet}`,
      ].join(' | ')
    })
    const [, table = ''] = readFileSync('docs/operations.md', 'utf8').split('**Alarms on AWS**')
    const rows = (table.split('**Traces.**')[0] ?? '').match(/^\| .*`.*/gm) ?? []
    const inDocs = rows.map((row) =>
      row
        .split(/ *\| */)
        .slice(1, 6)
        .join(' | '),
    )
    expect(inDocs.sort()).toEqual([...new Set(written)].sort())
  })

  test('what is called once a minute is heard of when it fails each time, and a site that is silent too', () => {
    const alarms = Object.values(propertiesOf(watch, 'AWS::CloudWatch::Alarm'))
    const of = (name: string) => alarms.find(({ AlarmName }) => AlarmName === `academy-example: ${name}`)
    for (const name of ['ProjectorErrors', 'Poller-northErrors', 'Poller-southErrors'])
      expect(Number(of(name)?.['Threshold']), name).toBeLessThan(1)
    for (const site of ['north', 'south']) {
      expect(of(`DispatchAge-${site}`)?.['Dimensions']).toEqual([
        { Name: 'deployment', Value: 'academy-example' },
        { Name: 'site', Value: site },
      ])
    }
  })

  test('the metrics that alarms and dashboard read are those that functions write', () => {
    const written = ['projector', 'poller', 'aws-ports']
      .map((name) => readFileSync(`functions/${name}.ts`, 'utf8'))
      .join()
    const read = JSON.stringify(watch.toJSON()).match(
      /(?<="MetricName":"|Academy\\",\\")[A-Z]\w+(?:Seconds|Count)\b/g,
    )
    expect(new Set(read).size).toBeGreaterThan(5)
    for (const name of read ?? []) expect(written).toMatch(new RegExp(`\\b${name}:`))
  })

  test('a projector that says nothing is an alarm too', () => {
    watch.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: 'academy-example: ProjectionLag',
      TreatMissingData: 'breaching',
      Namespace: 'Academy',
      MetricName: 'ProjectionLagSeconds',
      Dimensions: [{ Name: 'deployment', Value: 'academy-example' }],
    })
  })

  test('there is a dashboard, and a budget that tells the operators', () => {
    watch.resourceCountIs('AWS::CloudWatch::Dashboard', 1)
    watch.hasResourceProperties('AWS::Budgets::Budget', {
      Budget: Match.objectLike({ BudgetLimit: { Amount: 200, Unit: 'USD' } }),
    })
  })
})

describe('edge', () => {
  const withEdge = templates(whole, { edge: 'true' })

  test('without the flag there is none', () => {
    expect(() => template('edge')).toThrow()
  })

  test('CloudFront has the name, a firewall, TLS 1.2, and keeps only what it is told to keep', () => {
    withEdge('edge').hasResourceProperties('AWS::CloudFront::Distribution', {
      DistributionConfig: Match.objectLike({
        Aliases: ['academy.example'],
        WebACLId: { 'Fn::GetStackOutput': Match.objectLike({ Region: 'us-east-1' }) },
        ViewerCertificate: Match.objectLike({ MinimumProtocolVersion: 'TLSv1.2_2021' }),
        DefaultCacheBehavior: Match.objectLike({ ViewerProtocolPolicy: 'redirect-to-https' }),
      }),
    })
    const [firewall] = Object.values(propertiesOf(withEdge('firewall'), 'AWS::WAFv2::WebACL'))
    const rateRule = { RateBasedStatement: { AggregateKeyType: 'IP', Limit: 5000 } }
    const managed = (Name: string) => ({
      Name,
      OverrideAction: { None: {} },
      Statement: { ManagedRuleGroupStatement: { Name, VendorName: 'AWS' } },
    })
    expect(firewall).toMatchObject({
      Scope: 'CLOUDFRONT',
      Rules: [
        { Action: { Block: {} }, Statement: rateRule },
        managed('AWSManagedRulesAmazonIpReputationList'),
        managed('AWSManagedRulesKnownBadInputsRuleSet'),
      ],
    })
    withEdge('edge').resourceCountIs('AWS::Lambda::Function', 0)
    withEdge('api').resourceCountIs('AWS::ApiGatewayV2::DomainName', 0)
  })

  const { DistributionConfig } = Object.values(
    propertiesOf(withEdge('edge'), 'AWS::CloudFront::Distribution'),
  )[0] as { DistributionConfig: Distribution }
  interface Distribution {
    Origins: {
      Id: string
      DomainName: unknown
      OriginCustomHeaders?: { HeaderName: string; HeaderValue: unknown }[]
    }[]
    CacheBehaviors: Behaviour[]
    DefaultCacheBehavior: Behaviour
  }
  interface Behaviour {
    PathPattern?: string
    TargetOriginId: string
    AllowedMethods: string[]
    CachePolicyId: unknown
    FunctionAssociations: { EventType: string; FunctionARN: unknown }[]
  }

  test('every origin is shown a value of a secret that no template holds, and each door reads that secret', () => {
    const originKey = (value: unknown) =>
      JSON.stringify(value).replaceAll(/\{"Fn::ImportValue":"[^"]*EdgeOrigin[^"]*"\}/g, '(the secret)')
    expect(DistributionConfig.Origins).toHaveLength(2)
    for (const { OriginCustomHeaders } of DistributionConfig.Origins) {
      expect(OriginCustomHeaders?.map(({ HeaderName }) => HeaderName)).toEqual([edgeHeaders.origin])
      expect(originKey(OriginCustomHeaders?.[0]?.HeaderValue)).toBe(
        '{"Fn::Join":["",["{{resolve:secretsmanager:",(the secret),":SecretString:first::}}"]]}',
      )
    }
    withEdge('data').hasResourceProperties('AWS::SecretsManager::Secret', {
      GenerateSecretString: {
        SecretStringTemplate: '{}',
        GenerateStringKey: 'first',
        ExcludePunctuation: true,
        PasswordLength: 48,
      },
    })
    const reading = Object.values(propertiesOf(withEdge('api'), 'AWS::Lambda::Function'))
      .filter((fn) => JSON.stringify(fn).includes('"EDGE_SECRET"'))
      .map((fn) => String(fn['FunctionName']).replace('academy-example-', ''))
    expect(reading.sort()).toEqual([...doors, 'progress'].sort())
    const without = JSON.stringify(propertiesOf(api, 'AWS::Lambda::Function'))
    expect(without).not.toContain('EDGE_SECRET')
  })

  test('another value of the secret is shown when the deployment names it', () => {
    const edge = { certificate: whole.edge?.certificate ?? '', originKey: 'second' }
    const rotated = templates({ ...whole, edge }, { edge: true })
    expect(JSON.stringify(propertiesOf(rotated('edge'), 'AWS::CloudFront::Distribution'))).toContain(
      ':SecretString:second::}}',
    )
    // The secret itself is not made anew, which would lose the value that is still shown.
    expect(propertiesOf(rotated('data'), 'AWS::SecretsManager::Secret')).toEqual(
      propertiesOf(withEdge('data'), 'AWS::SecretsManager::Secret'),
    )
  })

  test('live streams are behind the firewall too, not kept, and named by the academy’s own address', () => {
    const [streams] = DistributionConfig.CacheBehaviors.filter(
      ({ PathPattern }) => PathPattern === '/graphql/stream',
    )
    expect(streams?.AllowedMethods).toContain('POST')
    expect(streams?.CachePolicyId).toEqual(DistributionConfig.DefaultCacheBehavior.CachePolicyId)
    const origin = DistributionConfig.Origins.find(({ Id }) => Id === streams?.TargetOriginId)
    expect(JSON.stringify(origin?.DomainName)).toMatch(/"Fn::ImportValue":"[^"]*Progress[^"]*FunctionUrl/)
    const graphql = Object.values(propertiesOf(withEdge('api'), 'AWS::Lambda::Function')).find(
      ({ FunctionName }) => FunctionName === 'academy-example-graphql',
    )
    expect(graphql).toMatchObject({
      Environment: { Variables: { PROGRESS_URL: 'https://academy.example/graphql/stream' } },
    })
  })

  test('before every behaviour CloudFront says who visits, whatever the visitor said', () => {
    const [[id, fn] = []] = Object.entries(propertiesOf(withEdge('edge'), 'AWS::CloudFront::Function'))
    const before = [DistributionConfig.DefaultCacheBehavior, ...DistributionConfig.CacheBehaviors]
    for (const { FunctionAssociations } of before) {
      expect(FunctionAssociations).toEqual([
        { EventType: 'viewer-request', FunctionARN: { 'Fn::GetAtt': [id, 'FunctionARN'] } },
      ])
    }
    const run = (uri: string) =>
      runInNewContext(`${String(fn?.['FunctionCode'])}
        JSON.stringify(handler({
          viewer: { ip: '2001:db8::7' },
          request: { uri: '${uri}', headers: { '${edgeHeaders.visitor}': { value: '192.0.2.66' } } },
        }))`) as string
    expect(JSON.parse(run('/modules'))).toEqual({
      uri: '/modules',
      headers: { [edgeHeaders.visitor]: { value: '2001:db8::7' } },
    })
    expect(JSON.parse(run('/graphql/stream'))).toMatchObject({ uri: '/graphql' })
  })

  test('a flag that says neither yes nor no is refused by name', () => {
    const line = 'edge: the context flag must be true or false'
    expect(() => templates(whole, { edge: 'yes' })).toThrow(line)
    expect(() => templates(whole, { edge: 'false' })).not.toThrow()
  })

  test('the flag without its settings is refused by name', () => {
    expect(() => templates(parseDeployment(example), { edge: true })).toThrow('edge: must be set')
  })
})

test('the example names nothing that exists', () => {
  expect(JSON.stringify(example)).toMatch(/academy\.example/)
  expect(JSON.stringify(example)).not.toMatch(/\b\d{12}\b/)
})
