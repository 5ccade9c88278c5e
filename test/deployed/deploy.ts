import { createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import * as z from 'zod'
import { dynamoRecords } from '#adapters/dynamodb/records.ts'
import { nodePrimitives } from '#adapters/node-crypto/primitives.ts'
import { purposeMac } from '#adapters/node-crypto/purpose-mac.ts'
import { systemClock } from '#adapters/node-platform/clock.ts'
import { systemRandom } from '#adapters/node-platform/random.ts'
import { keys } from '#adapters/store/keys.ts'
import { masterKey } from '#adapters/store/master-key.ts'
import { makeStore } from '#adapters/store/store.ts'
import { defaultCoreSettings } from '#core/ports.ts'
import type { Records } from '#core/records.ts'
import { batchedRecords } from '#functions/seed/batched-records.ts'
import type { SeedPorts } from '#functions/seed/cohorts.ts'
import { demoInstitutions, northLake } from '#functions/seed/institutions.ts'
import { loadOntology } from '#skills-ontology/load.ts'
import { type AwsDoor, type AwsService, awsDoor } from './aws/door.ts'
import { dynamodbStandIn } from './aws/dynamodb.ts'
import { type Kms, kmsStandIn } from './aws/kms.ts'
import { lambdaStandIn } from './aws/lambda.ts'
import { s3StandIn } from './aws/s3.ts'
import { secretsStandIn } from './aws/secrets.ts'
import { type Queues, sqsStandIn } from './aws/sqs.ts'
import { createTables } from './create-tables.ts'
import { type Login, login, publicUrl, synthesize } from './deployment.ts'
import { edgeFront, withEdge } from './edge.ts'
import { httpFront } from './front.ts'
import { arnOf } from './names.ts'
import { isAllowed, type Statement, statementsOf } from './policy.ts'
import { type QueuePump, queuePump } from './queue-pump.ts'
import { type Assembly, place, readAssembly } from './read-assembly.ts'
import { type DeployedFunction, runFunction } from './runtime.ts'
import { type Scheduled, schedulesOf } from './schedules.ts'
import { type StreamPump, streamPump } from './stream-pump.ts'

export interface Deployed {
  name: string
  publicUrl: string
  assembly: Assembly
  /** By the name of the academy, through CloudFront where there is one. */
  fetch: typeof fetch
  /** At the addresses of API Gateway and of functions, by the routes of the template. */
  fetchBehind: typeof fetch
  /** By its entry point: `graphql`, `projector`, … */
  function(entry: string): DeployedFunction
  /** The core's ports on the records behind the functions, for what an institution would already have. */
  ports: SeedPorts
  /** Work of many writes in few transactions. */
  inBatches(work: (ports: SeedPorts) => Promise<void>): Promise<void>
  /** The time AWS would let pass: a projector that was killed holds no outbox any more. */
  forgetHolds(): Promise<void>
  /** Every call of the functions to AWS, and where faults are put in. */
  aws: AwsDoor
  kms: Kms
  queues: Queues
  queueArn(name: string): string
  stream: StreamPump
  pumps: QueuePump[]
  schedules: Scheduled[]
  /** What the clock would do: calls what is on the timetable. */
  tick(only?: (schedule: Scheduled) => boolean): Promise<void>
  /** Until nothing is on its way any more: what the stream tells, what lies in the queues. */
  settle(): Promise<void>
  login: Login
  stop(): Promise<void>
}

export interface DeployOptions {
  dynamodbEndpoint: string
  /** Further members of the deployment file. */
  more?: object
  /** The institution seals with a key of a trust service, whose secret is `SealKey`. */
  sealKey?: 'trust-service'
  /** Synthesized with the context flag `edge`. */
  edge?: boolean
  /** Values of secrets, by the beginning of their logical ids. */
  secrets?: Record<string, string>
}

/** Who runs `npm run ops` for a deployment; `docs/aws.md` has what they may. */
export const operatorByHand = 'an-operator'

const nobody = { accessKeyId: 'local', secretAccessKey: 'local' }

/**
 * Makes the cloud assembly of an academy and runs its functions, as they would be deployed,
 * on a DynamoDB Local and stand-ins of the other services. Their environment is what the templates say and what
 * Lambda adds, and each call they make is held against the policies of their role, so that what is missing in a
 * template fails here.
 */
export async function deploy({
  dynamodbEndpoint,
  more = {},
  sealKey,
  edge = false,
  secrets = {},
}: DeployOptions): Promise<Deployed> {
  const run = randomBytes(4).toString('hex')
  const name = `academy-${run}`
  const folder = mkdtempSync(join(tmpdir(), `${name}-`))
  // The institution's first key is made before everything, for its certificate is in the deployment file.
  const ownKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  const publicKey = createPublicKey(ownKey.export({ type: 'pkcs8', format: 'pem' })).export({
    type: 'spki',
    format: 'der',
  })
  const people = await login()
  const institution = sealKey === undefined ? northLake : { ...northLake, sealKey }
  const out = await synthesize({
    name,
    folder,
    publicKey,
    institution,
    login: people,
    more: { ...more, ...(edge ? withEdge : {}) },
    context: edge ? { edge: true } : {},
  })
  const services: AwsService[] = []
  const policies = new Map<string, Statement[]>()
  const aws = await awsDoor({
    services,
    may: (caller, needed) => isAllowed(policies.get(caller) ?? [], needed),
  })
  const assembly = readAssembly(out, { run, queueUrl: aws.url })

  const kms = kmsStandIn((keyId) => keyAddress(assembly, keyId))
  kms.adopt(`alias/${name}-${northLake.tag}`, ownKey)
  const master = randomBytes(32)
  const values = secretValues(assembly, {
    MasterSecret: master.toString('hex'),
    EdgeOrigin: JSON.stringify({ first: randomBytes(24).toString('hex') }),
    ...secrets,
  })
  const queues = sqsStandIn(queueRules(assembly), () => aws.url)
  const functions = new Map<string, DeployedFunction>()
  const functionAt = (arn: string) => functions.get(arn)
  services.push(
    dynamodbStandIn(dynamodbEndpoint, (table) => arnOf('AWS::DynamoDB::GlobalTable', table)),
    kms.service,
    secretsStandIn(
      values,
      (name) => assembly.ofType('AWS::SecretsManager::Secret').find((secret) => secret.name === name)?.arn,
    ),
    queues.service,
    lambdaStandIn(
      (fn) => arnOf('AWS::Lambda::Function', fn),
      (fn, event) => functionAt(arnOf('AWS::Lambda::Function', fn))?.invoke(event),
    ),
    s3StandIn(join(folder, 's3'), (bucket) => arnOf('AWS::S3::Bucket', bucket)),
  )

  const client = new DynamoDBClient({
    endpoint: dynamodbEndpoint,
    region: place.region,
    credentials: nobody,
  })
  await createTables(client, assembly)
  for (const fn of assembly.ofType('AWS::Lambda::Function')) {
    const { Code, Handler, Timeout, MemorySize, Environment, Role } = zFunction.parse(fn.properties)
    const role = assembly.byArn(Role)
    if (!role) throw new Error(`${fn.name} has no role`)
    policies.set(fn.name, statementsOf(role.name, assembly))
    const started = await runFunction({
      name: fn.name,
      assetFolder: assembly.assetFolder(Code.S3Key),
      handler: Handler,
      timeoutSeconds: Timeout,
      megabytes: MemorySize,
      environment: { ...Environment.Variables, ...addedByLambda(fn.name, aws.url) },
    })
    functions.set(fn.arn, started)
  }

  policies.set(operatorByHand, statementsOfOperator(name))
  const { stream, pumps } = eventSources(assembly, { dynamodbEndpoint, queues, functionAt, policies })
  const tables = assembly.ofType('AWS::DynamoDB::GlobalTable').map((table) => table.name)
  const tableOf = (id: string) => tables.find((table) => table.startsWith(id)) ?? ''
  const records = dynamoRecords({
    client,
    tables: { records: tableOf('Records'), keys: tableOf('LearnerKeys') },
    now: () => systemClock.now(),
  })
  const schedules = schedulesOf(assembly)
  const fetchBehind = httpFront(assembly, functionAt)
  const settle = async () => {
    for (let round = 0; round < 50; round++) {
      let moved = await stream.pump()
      for (const pump of pumps) moved += await pump.pump()
      if (moved === 0) return
    }
    throw new Error('the queues do not come to rest')
  }
  return {
    name,
    publicUrl,
    assembly,
    fetch: edgeFront(assembly, values, fetchBehind) ?? fetchBehind,
    fetchBehind,
    function(entry) {
      const found = functionAt(arnOf('AWS::Lambda::Function', `${name}-${entry}`))
      if (!found) throw new Error(`there is no function ${entry}`)
      return found
    },
    ports: portsOver(records, master),
    async inBatches(work) {
      const batched = batchedRecords(records)
      await work(portsOver(batched, master))
      await batched.flush()
    },
    async forgetHolds() {
      await records.transact(demoInstitutions.map(({ tag }) => ({ delete: keys.outboxHold(tag) })))
    },
    aws,
    kms,
    queues,
    queueArn: (queue) => arnOf('AWS::SQS::Queue', `${name}-${queue}`),
    stream,
    pumps,
    schedules,
    async tick(only = () => true) {
      for (const schedule of schedules.filter(only)) {
        // Called without waiting for an answer, as by the service: a failure is the function's own.
        await functionAt(schedule.functionArn)
          ?.invoke(schedule.input)
          .catch(() => {})
      }
    },
    settle,
    login: people,
    async stop() {
      for (const fn of functions.values()) await fn.stop()
      client.destroy()
      await aws.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function statementsOfOperator(deployment: string): Statement[] {
  const allow = (Action: string[], Resource: string[]) => ({ Effect: 'Allow' as const, Action, Resource })
  const fn = (entry: string) => arnOf('AWS::Lambda::Function', `${deployment}-${entry}`)
  const queues = arnOf('AWS::SQS::Queue', `${deployment}-*`)
  const onQueues = [
    'GetQueueAttributes',
    'ReceiveMessage',
    'DeleteMessage',
    'SendMessage',
    'StartMessageMoveTask',
  ]
  return [
    allow(['lambda:InvokeFunction'], [fn('operator'), fn('projector')]),
    allow(['sqs:ListQueues'], ['*']),
    allow(
      onQueues.map((action) => `sqs:${action}`),
      [queues],
    ),
  ]
}

function portsOver(records: Records, master: Uint8Array): SeedPorts {
  const [clock, random] = [systemClock, systemRandom]
  const notHere = () => Promise.reject(new Error('the harness signs nothing'))
  return {
    clock,
    random,
    store: makeStore({ records, clock, random, masterKey: masterKey(master) }),
    ontology: loadOntology(),
    primitives: nodePrimitives(),
    settings: { publicUrl, ...defaultCoreSettings },
    signers: {
      mac: purposeMac(master),
      active: notHere,
      published: notHere,
      find: notHere,
      anchors: notHere,
      revocationList: notHere,
    },
  }
}

const zFunction = z.object({
  Code: z.object({ S3Key: z.string() }),
  Handler: z.string(),
  Timeout: z.number(),
  MemorySize: z.number(),
  Role: z.string(),
  Environment: z.object({ Variables: z.record(z.string(), z.string()) }),
})

/** What Lambda adds to the environment of a template, and where the SDK finds the stand-ins. */
function addedByLambda(name: string, url: string): Record<string, string> {
  return {
    AWS_REGION: place.region,
    // The stand-in knows by it who asks.
    AWS_ACCESS_KEY_ID: name,
    AWS_SECRET_ACCESS_KEY: 'not checked here',
    AWS_ENDPOINT_URL: url,
  }
}

const zAlias = z.object({ AliasName: z.string(), TargetKeyId: z.string() })

/** The address of a key by its alias, its id or itself; a key whose alias is not in the templates is not found. */
function keyAddress(assembly: Assembly, keyId: string): string | undefined {
  const target = assembly
    .ofType('AWS::KMS::Alias')
    .map(({ properties }) => zAlias.parse(properties))
    .find(({ AliasName }) => AliasName === keyId)?.TargetKeyId
  const wanted = target ?? keyId
  return assembly.ofType('AWS::KMS::Key').find(({ arn, name }) => arn === wanted || name === wanted)?.arn
}

function secretValues(assembly: Assembly, values: Record<string, string>): Map<string, string> {
  return new Map(
    assembly.ofType('AWS::SecretsManager::Secret').map(({ logicalId, arn }) => {
      const found = Object.entries(values).find(([id]) => logicalId.startsWith(id))
      if (!found) throw new Error(`no value was given for the secret ${logicalId}`)
      return [arn, found[1]]
    }),
  )
}

const zQueue = z.object({
  VisibilityTimeout: z.number().default(30),
  RedrivePolicy: z.object({ deadLetterTargetArn: z.string(), maxReceiveCount: z.number() }).optional(),
})

function queueRules(assembly: Assembly) {
  return assembly.ofType('AWS::SQS::Queue').map(({ arn, properties }) => {
    const { VisibilityTimeout, RedrivePolicy } = zQueue.parse(properties)
    return {
      arn,
      visibilitySeconds: VisibilityTimeout,
      ...(RedrivePolicy
        ? { dead: { arn: RedrivePolicy.deadLetterTargetArn, after: RedrivePolicy.maxReceiveCount } }
        : {}),
    }
  })
}

const streamActions = ['DescribeStream', 'GetRecords', 'GetShardIterator'].map((name) => `dynamodb:${name}`)
const queueActions = ['ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'].map((name) => `sqs:${name}`)

/** Lambda reads a stream and a queue under the role of the function: what that may not do, Lambda cannot either. */
function eventSources(
  assembly: Assembly,
  parts: {
    dynamodbEndpoint: string
    queues: Queues
    functionAt: (arn: string) => DeployedFunction | undefined
    policies: Map<string, Statement[]>
  },
): { stream: StreamPump; pumps: QueuePump[] } {
  const pumps: QueuePump[] = []
  let stream: StreamPump | undefined
  for (const mapping of assembly.ofType('AWS::Lambda::EventSourceMapping')) {
    const source = z
      .object({ EventSourceArn: z.string(), FunctionName: z.string() })
      .parse(mapping.properties)
    // The mapping may name the function by its name or its address.
    const fn = assembly
      .ofType('AWS::Lambda::Function')
      .find(({ name, arn }) => [name, arn].includes(source.FunctionName))
    if (!fn) throw new Error('a mapping leads to no function')
    mapping.properties['FunctionName'] = fn.arn
    const isQueue = source.EventSourceArn.includes(':sqs:')
    for (const action of isQueue ? queueActions : streamActions) {
      if (!isAllowed(parts.policies.get(fn.name) ?? [], { action, resource: source.EventSourceArn }))
        throw new Error(`the role of ${fn.name} may not ${action}`)
    }
    if (isQueue) pumps.push(queuePump(mapping, parts.queues, parts.functionAt))
    else {
      stream = streamPump({
        mapping,
        endpoint: parts.dynamodbEndpoint,
        tableName: /table\/([^/]+)\/stream/.exec(source.EventSourceArn)?.[1] ?? '',
        functionAt: parts.functionAt,
        putAside: (queueArn, body) => {
          if (
            !isAllowed(parts.policies.get(fn.name) ?? [], { action: 'sqs:SendMessage', resource: queueArn })
          )
            throw new Error(`the role of ${fn.name} may not put aside what it cannot do`)
          parts.queues.send(queueArn, body)
        },
      })
    }
  }
  if (!stream) throw new Error('nobody reads the stream of the records')
  return { stream, pumps }
}
