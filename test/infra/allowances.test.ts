import type { Template } from 'aws-cdk-lib/assertions'
import { describe, expect, test } from 'vitest'
import { entries, functions } from '../../infra/functions.ts'
import { propertiesOf, templates, whole } from './templates.ts'

const template = templates(whole)
const parts = ['api', 'work'] as const

const logs = ['logs:CreateLogStream', 'logs:PutLogEvents']
const change = ['dynamodb:ConditionCheckItem', 'dynamodb:DeleteItem', 'dynamodb:PutItem']
const get = 'dynamodb:GetItem'
const query = 'dynamodb:Query'
const secret = ['secretsmanager:GetSecretValue']
const sign = ['kms:GetPublicKey', 'kms:Sign']
const objects = ['s3:DeleteObject', 's3:GetObject', 's3:PutObject']
const ask = ['lambda:InvokeFunction']
const take = [
  'sqs:ChangeMessageVisibility',
  'sqs:DeleteMessage',
  'sqs:GetQueueAttributes',
  'sqs:GetQueueUrl',
  'sqs:ReceiveMessage',
]

/** The written list: what each function may do, by kind of resource. */
const written: Record<string, Record<string, string[]>> = {
  graphql: {
    log: logs,
    Records: [get, query, ...change],
    'Records index': [query],
    LearnerKeys: [get, ...change],
    SigningKey: sign,
    'Files objects': objects,
    Files: ['s3:ListBucket'],
    MasterSecret: secret,
    GraphLogin: secret,
    Painter: ask,
  },
  wallet: {
    log: logs,
    Records: [get, query, ...change],
    'Records index': [query],
    LearnerKeys: [get],
    SigningKey: sign,
    MasterSecret: secret,
  },
  pages: {
    log: logs,
    Records: [get, query, ...change],
    'Records index': [query],
    LearnerKeys: [get, ...change],
    SigningKey: sign,
    'Files objects': objects,
    Files: ['s3:ListBucket'],
    MasterSecret: secret,
    GraphLogin: secret,
    Painter: ask,
  },
  'status-lists': {
    log: logs,
    Records: [get, query],
    'Records index': [query],
    SigningKey: sign,
    MasterSecret: secret,
  },
  painter: { log: logs },
  projector: {
    log: logs,
    Records: [get, query, ...change],
    'Records index': [query],
    LearnerKeys: [get],
    MasterSecret: secret,
    GraphLogin: secret,
    MailLogin: secret,
    Erasures: ['sqs:SendMessage'],
    Bulk: ['sqs:SendMessage'],
    stream: [
      'dynamodb:DescribeStream',
      'dynamodb:GetRecords',
      'dynamodb:GetShardIterator',
      'dynamodb:ListStreams',
    ],
    EventsDead: ['sqs:GetQueueAttributes', 'sqs:GetQueueUrl', 'sqs:SendMessage'],
  },
  erasure: {
    log: logs,
    Records: [get, query],
    'Records index': [query],
    'Files objects': ['s3:DeleteObject', 's3:PutObject'],
    Files: ['s3:ListBucket'],
    MasterSecret: secret,
    Erasures: take,
  },
  'bulk-issuer': {
    log: logs,
    Records: [get, query, ...change],
    'Records index': [query],
    LearnerKeys: [get, ...change],
    MasterSecret: secret,
    Bulk: take,
  },
  snapshot: {
    log: logs,
    Records: [get, query, ...change],
    'Records index': [query],
    MasterSecret: secret,
  },
  operator: {
    log: logs,
    Records: [get, query, ...change],
    'Records index': [query],
    LearnerKeys: ['dynamodb:DeleteItem', get],
    'Files objects': ['s3:GetObject'],
    Files: ['s3:ListBucket'],
    MasterSecret: secret,
    GraphLogin: secret,
  },
}

interface Statement {
  Effect: string
  Action: string | string[]
  Resource: unknown
}

test('every function is on the list', () => {
  expect(Object.keys(written).sort()).toEqual([...entries].sort())
})

describe.each(entries)('%s', (entry) => {
  test('may do what is written, and nothing else', () => {
    const allowed = new Map<string, Set<string>>()
    for (const { Effect, Action, Resource } of parts.flatMap((part) =>
      statementsOf(template(part), functions[entry].id),
    )) {
      expect(Effect).toBe('Allow')
      for (const resource of [Resource].flat()) {
        const actions = allowed.get(kindOf(resource)) ?? new Set()
        for (const action of [Action].flat()) actions.add(action)
        allowed.set(kindOf(resource), actions)
      }
    }
    const found = Object.fromEntries([...allowed].map(([kind, actions]) => [kind, [...actions].sort()]))
    const sorted = Object.entries(written[entry] ?? {}).map(([kind, actions]) => [kind, [...actions].sort()])
    expect(found).toEqual(Object.fromEntries(sorted))
  })
})

test('no function may do everything, or anything to everything; the one star ends the names of files', () => {
  for (const part of parts) {
    const policies = JSON.stringify(propertiesOf(template(part), 'AWS::IAM::Policy'))
    expect(
      policies.replaceAll(/"Fn::ImportValue":"[^"]*ExportsOutputFnGetAttFiles[^"]*"\},"\/\*"/g, ''),
    ).not.toContain('*')
    expect(JSON.stringify(propertiesOf(template(part), 'AWS::IAM::Role'))).not.toContain('ManagedPolicyArns')
  }
})

test('the timetable may call what is on it, and nothing else', () => {
  const [policy] = Object.entries(propertiesOf(template('work'), 'AWS::IAM::Policy'))
    .filter(([id]) => id.startsWith('TimetableRole'))
    .map(([, properties]) => properties['PolicyDocument'] as { Statement: Statement[] })
  const allowed = policy?.Statement.map(({ Action, Resource }) => [
    Action,
    [Resource].flat().map(kindOf).join(' '),
  ])
  expect(allowed).toEqual([
    ['sqs:SendMessage', 'EventsDead'],
    ['lambda:InvokeFunction', 'BulkIssuer Projector Snapshot'],
  ])
})

function statementsOf(from: Template, name: string): Statement[] {
  return Object.entries(propertiesOf(from, 'AWS::IAM::Policy'))
    .filter(([id]) => id.startsWith(`${name}Role`))
    .flatMap(([, { PolicyDocument }]) => (PolicyDocument as { Statement: Statement[] }).Statement)
}

/** What a resource of a statement is, read from the reference to it. */
function kindOf(resource: unknown): string {
  const text = JSON.stringify(resource)
  if (text.includes('StreamArn')) return 'stream'
  if (/Log[0-9A-F]{8}"/.test(text)) return 'log'
  const kind =
    /(Records|LearnerKeys|SigningKey|MasterSecret|GraphLogin|MailLogin|Files|EventsDead|Erasures|BulkIssuer|Bulk|Painter|Projector|Snapshot)/.exec(
      text,
    )?.[1]
  if (!kind) throw new Error(`a statement is about something unknown: ${text}`)
  if (text.includes('/index/')) return `${kind} index`
  return text.includes('/*') ? `${kind} objects` : kind
}
