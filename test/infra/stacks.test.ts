import { Match } from 'aws-cdk-lib/assertions'
import { expect, test } from 'vitest'
import { example, propertiesOf, templates } from './templates.ts'

const { data, api } = templates()
const retained = { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' }

test('records are streamed, kept to any second, and neither deleted nor replaced by a slip', () => {
  data.hasResource('AWS::DynamoDB::GlobalTable', {
    ...retained,
    Properties: Match.objectLike({
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

test('a learner key that was deleted can be brought back by nothing here', () => {
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
})

test('each institution and the platform has a P-256 key that only signs and is never thrown away', () => {
  data.resourceCountIs('AWS::KMS::Key', 3)
  data.allResources('AWS::KMS::Key', retained)
  data.allResourcesProperties('AWS::KMS::Key', { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' })
  const aliases = Object.values(propertiesOf(data, 'AWS::KMS::Alias')).map((alias) => alias['AliasName'])
  expect(aliases).toHaveLength(3)
  expect(new Set(aliases)).toEqual(
    new Set([
      'alias/academy-example-k3vq7m2a',
      'alias/academy-example-p6xw4t5e',
      'alias/academy-example-platform',
    ]),
  )
})

test('the master secret is made by Secrets Manager as 64 hexadecimal digits, and is in no template', () => {
  data.hasResource('AWS::SecretsManager::Secret', {
    ...retained,
    Properties: Match.objectLike({
      GenerateSecretString: {
        PasswordLength: 64,
        ExcludeUppercase: true,
        ExcludePunctuation: true,
        ExcludeCharacters: 'ghijklmnopqrstuvwxyz',
        RequireEachIncludedType: false,
      },
    }),
  })
})

test('every function is Node 24 on ARM with a role, a log and a time of its own', () => {
  const functions = Object.values(propertiesOf(api, 'AWS::Lambda::Function'))
  expect(functions).toHaveLength(5)
  for (const fn of functions) {
    expect(fn).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      LoggingConfig: { LogFormat: 'JSON', LogGroup: { Ref: expect.any(String) } },
      Environment: { Variables: { NODE_ENV: 'production', PUBLIC_URL: 'https://academy.example' } },
    })
    expect(fn['Timeout']).toBeLessThanOrEqual(60)
  }
  const roles = functions.map((fn) => JSON.stringify(fn['Role']))
  expect(new Set(roles).size).toBe(5)
})

test('every log is forgotten after the days the deployment names', () => {
  api.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 90 })
})

test('the API is throttled, and its log holds no path', () => {
  api.hasResourceProperties('AWS::ApiGatewayV2::Stage', {
    StageName: '$default',
    DefaultRouteSettings: { ThrottlingBurstLimit: 400, ThrottlingRateLimit: 200 },
  })
  const [stage] = Object.values(propertiesOf(api, 'AWS::ApiGatewayV2::Stage'))
  const { Format = '' } = (stage?.['AccessLogSettings'] ?? {}) as { Format?: string }
  expect(Object.keys(JSON.parse(Format))).toContain('route')
  expect(Format).not.toMatch(/context\.(path|identity|authorizer)|requestOverride/)
})

test('an event that cannot be delivered is reported by itself, tried again five times, and then kept aside', () => {
  api.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
    FunctionResponseTypes: ['ReportBatchItemFailures'],
    BisectBatchOnFunctionError: true,
    MaximumRetryAttempts: 5,
    DestinationConfig: { OnFailure: { Destination: Match.anyValue() } },
  })
  api.hasResourceProperties('AWS::SQS::Queue', {
    SqsManagedSseEnabled: true,
    MessageRetentionPeriod: 1_209_600,
  })
  api.hasResourceProperties('AWS::Events::Rule', { ScheduleExpression: 'rate(1 minute)' })
})

test('only events of the outbox ring the bell', () => {
  const [source] = Object.values(propertiesOf(api, 'AWS::Lambda::EventSourceMapping'))
  const { Filters = [] } = (source?.['FilterCriteria'] ?? {}) as { Filters?: { Pattern: string }[] }
  expect(Filters.map(({ Pattern }) => JSON.parse(Pattern))).toEqual([
    { eventName: ['INSERT'], dynamodb: { Keys: { pk: { S: [{ suffix: '#OUT#0' }] } } } },
  ])
})

test('the same deployment gives the same templates', () => {
  const again = templates()
  expect(again.data.toJSON()).toEqual(data.toJSON())
  expect(again.api.toJSON()).toEqual(api.toJSON())
})

test('the example names nothing that exists', () => {
  expect(JSON.stringify(example)).toMatch(/academy\.example/)
  expect(JSON.stringify(example)).not.toMatch(/\b\d{12}\b/)
})
