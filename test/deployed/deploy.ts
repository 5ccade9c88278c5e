import { execFileSync } from 'node:child_process'
import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { exportJWK, SignJWT } from 'jose'
import { dynamoRecords } from '#adapters/dynamodb/records.ts'
import { systemClock } from '#adapters/node-platform/clock.ts'
import { systemRandom } from '#adapters/node-platform/random.ts'
import { masterKey } from '#adapters/store/master-key.ts'
import { makeStore } from '#adapters/store/store.ts'
import type { AcademyRole } from '#core/access/operations.ts'
import type { Store } from '#core/store.ts'
import { northLake } from '#functions/seed/institutions.ts'
import { awsStandIn } from './aws-stand-in.ts'
import { certify } from './certify.ts'
import { createTables } from './create-tables.ts'
import { gateway } from './gateway.ts'
import { readAssembly } from './read-assembly.ts'
import { type DeployedFunction, runFunction } from './runtime.ts'

const publicUrl = 'https://academy.example'
const issuer = 'https://login.example'
const region = 'eu-central-1'
const anybody = { accessKeyId: 'local', secretAccessKey: 'local' }

export interface Deployed {
  publicUrl: string
  /** Through the routes of the template. */
  fetch: typeof fetch
  /** By the beginning of its logical id: `Graphql`, `Wallet`, … */
  function(name: string): DeployedFunction
  /** The records behind the functions, for what an institution would already have. */
  store: Store
  /** What KMS and Secrets Manager were asked, by which action. */
  calls: { action: string; resource: string }[]
  tokenOf(subject: string, role: AcademyRole): Promise<string>
  stop(): Promise<void>
}

/**
 * Makes the cloud assembly of an academy of one institution and runs its functions, as they would be
 * deployed, on a DynamoDB Local and stand-ins of KMS and Secrets Manager. Their environment is what the
 * templates say and what Lambda adds, so that what is missing there fails here.
 */
export async function deploy(dynamodbEndpoint: string): Promise<Deployed> {
  const name = `academy-${randomBytes(4).toString('hex')}`
  const folder = mkdtempSync(join(tmpdir(), `${name}-`))
  const secrets: Record<string, string> = {}
  const aws = await awsStandIn(secrets)
  const login = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { chain, anchor } = await certify(
    northLake,
    aws.publicKey(`alias/${name}-${northLake.tag}`),
    publicUrl,
  )
  const identity = {
    issuers: [
      {
        issuer,
        audience: publicUrl,
        jwks: { keys: [{ ...(await exportJWK(login.publicKey)), alg: 'ES256' }] },
        algorithms: ['ES256'],
        rolesClaim: ['roles'],
        roles: { learner: 'learner', assessor: 'assessor', registrar: 'registrar' },
        tenant: { slug: northLake.slug },
      },
    ],
  }
  const institutions = [{ ...northLake, certificates: chain }]
  const file = join(folder, 'deployment.json')
  writeFileSync(file, JSON.stringify({ name, publicUrl, institutions, anchors: [anchor], identity }))
  const assemblyFolder = join(folder, 'cdk.out')
  execFileSync(process.execPath, ['infra/app.ts'], {
    env: { ...process.env, DEPLOYMENT: file, CDK_OUTDIR: assemblyFolder },
    stdio: ['ignore', 'ignore', 'inherit'],
  })

  const run = randomUUID().slice(0, 8)
  const nameOf = (logicalId: string) => `${logicalId}-${run}`
  const assembly = readAssembly(assemblyFolder, name, nameOf)
  const client = new DynamoDBClient({ endpoint: dynamodbEndpoint, region, credentials: anybody })
  await createTables(client, assembly.tables)
  const secret = randomBytes(32)
  const added = {
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: anybody.accessKeyId,
    AWS_SECRET_ACCESS_KEY: anybody.secretAccessKey,
    AWS_ENDPOINT_URL_DYNAMODB: dynamodbEndpoint,
    AWS_ENDPOINT_URL_KMS: aws.url,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: aws.url,
  }
  const functions = new Map<string, DeployedFunction>()
  for (const { id, environment, ...fn } of assembly.functions) {
    secrets[environment['MASTER_SECRET'] ?? ''] = secret.toString('hex')
    functions.set(id, await runFunction({ ...fn, name: id, environment: { ...environment, ...added } }))
  }
  const [graphql] = assembly.functions
  const tables = {
    records: graphql?.environment['RECORDS_TABLE'] ?? '',
    keys: graphql?.environment['KEYS_TABLE'] ?? '',
  }
  const clock = systemClock
  const records = dynamoRecords({ client, tables, now: () => clock.now() })
  return {
    publicUrl,
    fetch: gateway(assembly.routes, functions),
    function(wanted) {
      const found = [...functions].find(([id]) => id.startsWith(wanted))?.[1]
      if (!found) throw new Error(`there is no function ${wanted}`)
      return found
    },
    store: makeStore({ records, clock, random: systemRandom, masterKey: masterKey(secret) }),
    calls: aws.calls,
    tokenOf: (subject, role) =>
      new SignJWT({ roles: [role] })
        .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt' })
        .setIssuer(issuer)
        .setAudience(publicUrl)
        .setSubject(subject)
        .setIssuedAt()
        .setExpirationTime('5m')
        .sign(login.privateKey),
    async stop() {
      for (const fn of functions.values()) await fn.stop()
      client.destroy()
      await aws.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
