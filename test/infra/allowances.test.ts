import type { Template } from 'aws-cdk-lib/assertions'
import { describe, expect, test } from 'vitest'
import { entries, functions } from '../../infra/functions.ts'
import { fullest, propertiesOf, templates } from './templates.ts'

/** The fullest: what another deployment has is less. */
const template = templates(fullest, { edge: true })
const parts = ['api', 'practicals', 'work'] as const

const logs = ['logs:CreateLogStream', 'logs:PutLogEvents']
const change = ['dynamodb:ConditionCheckItem', 'dynamodb:DeleteItem', 'dynamodb:PutItem']
const get = 'dynamodb:GetItem'
const query = 'dynamodb:Query'
const secret = ['secretsmanager:GetSecretValue']
const sign = ['kms:GetPublicKey', 'kms:Sign']
const objects = ['s3:DeleteObject', 's3:GetObject', 's3:PutObject']
const ask = ['lambda:InvokeFunction']
const files = ['s3:DeleteObject', 's3:PutObject']
const take = [
  'sqs:ChangeMessageVisibility',
  'sqs:DeleteMessage',
  'sqs:GetQueueAttributes',
  'sqs:GetQueueUrl',
  'sqs:ReceiveMessage',
]

const interfaces = [
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
]
const mount = ['elasticfilesystem:ClientMount', 'elasticfilesystem:ClientWrite']

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
    EdgeOrigin: secret,
    MasterSecret: secret,
    GraphLogin: secret,
    SealKey: secret,
    Painter: ask,
    poller: ask,
  },
  progress: {
    log: logs,
    Records: [get, query, 'dynamodb:PutItem'],
    'Records index': [query],
    LearnerKeys: [get],
    EdgeOrigin: secret,
    MasterSecret: secret,
    poller: ask,
  },
  wallet: {
    log: logs,
    Records: [get, query, ...change],
    'Records index': [query],
    LearnerKeys: [get],
    SigningKey: sign,
    EdgeOrigin: secret,
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
    EdgeOrigin: secret,
    SignInClients: secret,
    MasterSecret: secret,
    GraphLogin: secret,
    SealKey: secret,
    Painter: ask,
    poller: ask,
  },
  'status-lists': {
    log: logs,
    Records: [get, query],
    'Records index': [query],
    SigningKey: sign,
    EdgeOrigin: secret,
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
    Dispatch: ['sqs:SendMessage'],
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
    Records: [get, query, ...change],
    'Records index': [query],
    'Files objects': files,
    Files: ['s3:ListBucket'],
    MasterSecret: secret,
    Erasures: take,
    poller: ask,
  },
  dispatcher: {
    log: logs,
    Records: [get, query, ...change],
    'Records index': [query],
    LearnerKeys: [get],
    'Files objects': files,
    Files: ['s3:ListBucket'],
    MasterSecret: secret,
    'SiteTokens of its site': secret,
    Dispatch: take,
    poller: ask,
    'any network interface': interfaces,
    'the file system of its site': mount,
  },
  poller: {
    log: logs,
    Records: [get, query, ...change],
    'Records index': [query],
    LearnerKeys: [get],
    'Files objects': files,
    Files: ['s3:ListBucket'],
    MasterSecret: secret,
    'SiteTokens of its site': secret,
    poller: ask,
    'any network interface': interfaces,
    'the file system of its site': mount,
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
    'Files objects': objects,
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
      if (Effect === 'Deny') continue
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

test('no function may do everything; a star ends the names of files, and stands where Lambda asks for it', () => {
  for (const part of parts) {
    const policies = JSON.stringify(propertiesOf(template(part), 'AWS::IAM::Policy'))
    expect(
      policies
        .replaceAll(/"Fn::ImportValue":"[^"]*ExportsOutputFnGetAttFiles[^"]*"\},"\/\*"/g, '')
        .replaceAll(
          /"ec2:[^\]]*NetworkInterfaces"\],("Condition":\{.*?\}\},)?"Effect":"\w+","Resource":"\*"/g,
          '',
        )
        .replaceAll('file-system/*', ''),
    ).not.toContain('*')
    expect(JSON.stringify(propertiesOf(template(part), 'AWS::IAM::Role'))).not.toContain('ManagedPolicyArns')
  }
})

test('what a role may stands in policies of its own, where this list looks for it', () => {
  for (const part of ['data', ...parts] as const) {
    const from = template(part)
    for (const role of Object.values(propertiesOf(from, 'AWS::IAM::Role')))
      expect(Object.keys(role).sort()).toEqual(['AssumeRolePolicyDocument', 'Tags'])
    from.resourceCountIs('AWS::IAM::ManagedPolicy', 0)
    for (const [id, { Roles, Users, Groups }] of Object.entries(propertiesOf(from, 'AWS::IAM::Policy'))) {
      const [name] = id.split('DefaultPolicy')
      expect([Roles, Users, Groups]).toEqual([
        [{ Ref: expect.stringMatching(`^${name}[0-9A-F]{8}$`) }],
        undefined,
        undefined,
      ])
    }
  }
})

test('a door is opened by API Gateway at its routes only; anybody may come where live streams are, and nowhere else', () => {
  const permissions = Object.values(propertiesOf(template('api'), 'AWS::Lambda::Permission'))
  const [streams, doors] = [true, false].map((isAnybody) =>
    permissions.filter(({ Principal }) => (Principal === '*') === isAnybody),
  )
  for (const { FunctionName, FunctionUrlAuthType, InvokedViaFunctionUrl } of streams ?? []) {
    expect(JSON.stringify(FunctionName)).toContain('"ProgressHandler')
    expect(FunctionUrlAuthType === 'NONE' || InvokedViaFunctionUrl === true).toBe(true)
  }
  expect(streams).toHaveLength(2)
  expect(doors?.length).toBeGreaterThan(10)
  for (const { Action, Principal, SourceArn } of doors ?? []) {
    expect([Action, Principal]).toEqual(['lambda:InvokeFunction', 'apigateway.amazonaws.com'])
    expect(JSON.stringify(SourceArn)).toContain('execute-api')
  }
  for (const part of ['practicals', 'work'] as const)
    template(part).resourceCountIs('AWS::Lambda::Permission', 0)
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
    ['lambda:InvokeFunction', 'BulkIssuer Erasure Projector Snapshot'],
  ])
})

test('what Lambda may do to put a function into the network, the function itself may not', () => {
  for (const id of ['Dispatchernorth', 'Pollersouth']) {
    const denied = statementsOf(template('practicals'), id).filter(({ Effect }) => Effect === 'Deny')
    expect(denied).toMatchObject([
      { Action: interfaces, Condition: { ArnEquals: { 'lambda:SourceFunctionArn': expect.anything() } } },
    ])
  }
})

test('a function reaches the secret and the folder of its own site only', () => {
  for (const [site, other] of [
    ['north', 'south'],
    ['south', 'north'],
  ] as const) {
    for (const id of ['Dispatcher', 'Poller']) {
      const own = JSON.stringify(statementsOf(template('practicals'), `${id}${site}`))
      expect(own).toContain(`SiteTokens${site}`)
      expect(own).not.toContain(`SiteTokens${other}`)
      expect(own.includes('elasticfilesystem:')).toBe(site === 'south')
    }
  }
})

function statementsOf(from: Template, name: string): Statement[] {
  return Object.entries(propertiesOf(from, 'AWS::IAM::Policy'))
    .filter(([id]) => new RegExp(`^${name}[a-z]*Role`).test(id))
    .flatMap(([, { PolicyDocument }]) => (PolicyDocument as { Statement: Statement[] }).Statement)
}

/** What a resource of a statement is, read from the reference to it. */
function kindOf(resource: unknown): string {
  const text = JSON.stringify(resource)
  if (text === '"*"') return 'any network interface'
  if (text.includes('file-system/*')) return 'the file system of its site'
  if (text.includes('-poller-')) return 'poller'
  if (text.includes('SiteTokens')) return 'SiteTokens of its site'
  if (text.includes('StreamArn')) return 'stream'
  if (/Log[0-9A-F]{8}"/.test(text)) return 'log'
  const kind =
    /(Records|LearnerKeys|SigningKey|SealKey|MasterSecret|GraphLogin|MailLogin|SignInClients|EdgeOrigin|Files|EventsDead|PollsDead|Erasures|Erasure|BulkIssuer|Bulk|Dispatch|Painter|Poller|Projector|Snapshot)/.exec(
      text,
    )?.[1]
  if (!kind) throw new Error(`a statement is about something unknown: ${text}`)
  if (text.includes('/index/')) return `${kind} index`
  return text.includes('/*') ? `${kind} objects` : kind
}
