import type { Template } from 'aws-cdk-lib/assertions'
import { expect, test } from 'vitest'
import { propertiesOf, templates } from './templates.ts'

const { api } = templates()
const logs = ['logs:CreateLogStream', 'logs:PutLogEvents']
const open = ['dynamodb:ConditionCheckItem', 'dynamodb:DeleteItem', 'dynamodb:PutItem']
const get = 'dynamodb:GetItem'
const query = 'dynamodb:Query'
const secret = ['secretsmanager:GetSecretValue']

/** The written list: what each function may do, by kind of resource. */
const written: Record<string, Record<string, string[]>> = {
  Graphql: {
    log: logs,
    Records: [get, query, ...open],
    LearnerKeys: [get, ...open],
    SigningKey: ['kms:GetPublicKey'],
    MasterSecret: secret,
  },
  Wallet: {
    log: logs,
    Records: [get, query, ...open],
    LearnerKeys: [get],
    SigningKey: ['kms:GetPublicKey', 'kms:Sign'],
    MasterSecret: secret,
  },
  Pages: {
    log: logs,
    Records: [get, query, ...open],
    LearnerKeys: [get, ...open],
    SigningKey: ['kms:GetPublicKey'],
    MasterSecret: secret,
  },
  StatusLists: {
    log: logs,
    Records: [get, query],
    SigningKey: ['kms:GetPublicKey', 'kms:Sign'],
    MasterSecret: secret,
  },
  Outbox: {
    log: logs,
    Records: [get, query, ...open],
    LearnerKeys: [get],
    MasterSecret: secret,
    stream: [
      'dynamodb:DescribeStream',
      'dynamodb:GetRecords',
      'dynamodb:GetShardIterator',
      'dynamodb:ListStreams',
    ],
    dead: ['sqs:GetQueueAttributes', 'sqs:GetQueueUrl', 'sqs:SendMessage'],
  },
}

interface Statement {
  Effect: string
  Action: string | string[]
  Resource: unknown
}

test.each(Object.keys(written))('%s may do what is written, and nothing else', (name) => {
  const allowed = new Map<string, Set<string>>()
  for (const { Effect, Action, Resource } of statementsOf(api, name)) {
    expect(Effect).toBe('Allow')
    for (const resource of [Resource].flat()) {
      const actions = allowed.get(kindOf(resource)) ?? new Set()
      for (const action of [Action].flat()) actions.add(action)
      allowed.set(kindOf(resource), actions)
    }
  }
  const found = Object.fromEntries([...allowed].map(([kind, actions]) => [kind, [...actions].sort()]))
  const sorted = Object.entries(written[name] ?? {}).map(([kind, actions]) => [kind, [...actions].sort()])
  expect(found).toEqual(Object.fromEntries(sorted))
})

test('no function may do everything, or anything to everything', () => {
  const policies = JSON.stringify(propertiesOf(api, 'AWS::IAM::Policy'))
  expect(policies).not.toContain('*')
  expect(JSON.stringify(propertiesOf(api, 'AWS::IAM::Role'))).not.toContain('ManagedPolicyArns')
})

function statementsOf(template: Template, name: string): Statement[] {
  return Object.entries(propertiesOf(template, 'AWS::IAM::Policy'))
    .filter(([id]) => id.startsWith(`${name}Role`))
    .flatMap(([, { PolicyDocument }]) => (PolicyDocument as { Statement: Statement[] }).Statement)
}

/** What a resource of a statement is, read from the reference to it. */
function kindOf(resource: unknown): string {
  const text = JSON.stringify(resource)
  if (text.includes('StreamArn')) return 'stream'
  if (/Log[0-9A-F]{8}"/.test(text)) return 'log'
  if (text.includes('OutboxDead')) return 'dead'
  const kind = /(Records|LearnerKeys|SigningKey|MasterSecret)/.exec(text)?.[1]
  if (!kind) throw new Error(`a statement is about something unknown: ${text}`)
  return kind
}
