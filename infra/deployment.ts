import { readFileSync } from 'node:fs'
import * as z from 'zod'
import { contradictions } from './contradictions.ts'

const tag = z.string().regex(/^[a-z2-7]{8}$/, 'must be eight characters of base32 in lower case')
const words = z.string().min(1).max(300)
const text = z.object({ en: words, fr: words }).catchall(words)
const base64Certificate = z
  .string()
  .regex(/^[A-Za-z0-9+/]{200,8000}={0,2}$/, 'must be a DER certificate in base64')
const label = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,19}$/, 'must be up to 20 small letters, digits and hyphens')
const regionName = z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'must be the name of a region')
const arn = (service: string) =>
  z
    .string()
    .max(300)
    .regex(
      new RegExp(`^arn:aws(-[a-z]+)*:${service}:[a-z0-9-]*:\\d{12}:.+$`),
      `must be the address (ARN) of something in ${service}`,
    )
const awsId = (kind: string) =>
  z.string().regex(new RegExp(`^${kind}-[0-9a-f]{8,17}$`), `must be the id of a ${kind}`)

/** Days CloudWatch can keep a log. */
const retentions = [7, 14, 30, 60, 90, 180, 365] as const

const zInstitution = z.strictObject({
  tag,
  slug: z
    .string()
    .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/)
    .max(80),
  name: text,
  country: z.string().regex(/^[A-Z]{2}$/, 'must be a country of ISO 3166-1'),
  legalIdentifier: z.string().min(3).max(100),
  homepage: z.url({ protocol: /^https$/ }).max(300),
  /** Of its first key, leaf first, without the anchor; absent until the first deployment has made the key. */
  certificates: z.array(base64Certificate).min(1).max(5).optional(),
  /** Names of further keys, for rotation; `npm run ops -- keys` takes them over by their alias. */
  furtherKeys: z.array(label).max(20).default([]),
})

/** Judged by the functions' own code; here only what decides about resources. */
const zIssuer = z.looseObject({
  issuer: z.url(),
  signIn: z.looseObject({ clientAuthentication: z.string().optional() }).optional(),
})

/** Users and passwords are not here: they are in the secret the stacks make. */
const zGraph = z.strictObject({
  engine: z.literal('neo4j'),
  url: z
    .string()
    .max(300)
    .regex(
      /^(neo4j|bolt)(\+s)?:\/\/[a-z0-9.-]+(:\d{1,5})?$/,
      'must be a neo4j+s:// or bolt+s:// address without user and path',
    ),
  database: z.string().max(63).optional(),
})

/** A mail server; its user and password are in the secret the stacks make. */
const zMail = z.strictObject({
  server: z
    .string()
    .max(300)
    .regex(/^smtps?:\/\/[a-z0-9.-]+(:\d{1,5})?$/, 'must be smtps://host:port or smtp://host:port (STARTTLS)'),
  from: z.string().min(3).max(320),
})

/** Where a collector of OpenTelemetry takes traces, as one beside the function at `http://localhost:4318`. */
const zTraces = z.strictObject({
  collector: z.url({ protocol: /^https?$/ }).max(300),
  /** The part of requests that is traced. */
  ratio: z.number().min(0).max(1).default(0.05),
})

/** An entry of `SITES_FILE` without its token files: the tokens are in a secret of the site. */
const zSite = z.looseObject({
  name: label,
  adapter: z.enum(['slurmrest', 'firecrest'], 'must be slurmrest or firecrest'),
  /** An access point of EFS where the site's folder is, and where the functions see it. */
  mount: z
    .strictObject({
      accessPoint: arn('elasticfilesystem'),
      path: z.string().regex(/^\/mnt\/[a-zA-Z0-9_.-]+$/, 'must be a folder of /mnt'),
    })
    .optional(),
})

/** What the functions are told besides, each with its default in `docs/operations.md`. */
const settingNames = [
  'RATE_LIMIT_GRAPHQL',
  'RATE_LIMIT_WALLET',
  'RATE_LIMIT_PAGES',
  'RATE_LIMIT_SIGN_IN',
  'RATE_LIMIT_ANALYTICS',
  'OFFER_LIFETIME_DAYS',
  'PRE_AUTHORIZED_CODE_LIFETIME_SECONDS',
  'ACCESS_TOKEN_LIFETIME_SECONDS',
  'NONCE_LIFETIME_SECONDS',
  'TX_CODE_TRIES',
  'BATCH_SIZE',
  'CREDENTIAL_LIFETIME_DAYS',
  'STATUS_LIST_TTL_SECONDS',
  'STATUS_LIST_WINDOW_SECONDS',
  'STATUS_LIST_SIZE',
  'SNAPSHOT_THRESHOLD',
  'SNAPSHOT_EVERY_DAYS',
  'RUN_FILES_DAYS',
  'BULK_ROWS',
  'KEY_DOCUMENTS_TTL_SECONDS',
  'SEAL_SIGNING_TIME',
  'SEAL_STATUS',
] as const

const zDeployment = z
  .strictObject({
    /** Begins the name of everything that needs one, so that several academies and stages share an account. */
    name: z.string().regex(/^[a-z][a-z0-9-]{2,23}$/, 'must be 3 to 24 small letters, digits and hyphens'),
    /** A trial may be deleted with everything in it; the others keep their data whatever happens to the stacks. */
    stage: z.enum(['trial', 'staging', 'production'], 'must be trial, staging or production'),
    account: z
      .string()
      .regex(/^\d{12}$/, 'must be the twelve digits of an account')
      .optional(),
    region: regionName.optional(),
    publicUrl: z
      .string()
      .max(300)
      .refine(isHttpsOrigin, 'must be an https address without path, query or trailing slash'),
    /** The name of `publicUrl` at API Gateway; absent where something of your own stands in front. */
    domain: z.strictObject({ certificate: arn('acm') }).optional(),
    /** CloudFront and WAF in front, made when the context flag `edge` is set. */
    edge: z.strictObject({ certificate: arn('acm') }).optional(),
    institutions: z.array(zInstitution).min(1).max(50),
    /** Anchors of those chains. */
    anchors: z.array(base64Certificate).max(20).default([]),
    /** The issuer register, as `IDENTITY` names it elsewhere. */
    identity: z.looseObject({ issuers: z.array(zIssuer).min(1) }),
    /** Foreign issuers, as `TRUST_FILE` names them elsewhere. */
    trust: z.looseObject({}).optional(),
    /** Where practicals run, as `SITES_FILE` says elsewhere; nowhere when absent. */
    sites: z.array(zSite).min(1).max(20).optional(),
    /** The network the functions that reach sites stand in; for sites that are not on the internet. */
    network: z
      .strictObject({
        vpc: awsId('vpc'),
        subnets: z.array(awsId('subnet')).min(1).max(6),
        securityGroups: z.array(awsId('sg')).min(1).max(5),
      })
      .optional(),
    graph: zGraph.optional(),
    /** Absent: no mail leaves, and learners get their offers by the link they are given. */
    mail: zMail.optional(),
    /** Absent: nothing is traced. */
    traces: zTraces.optional(),
    /** Whoever hears of alarms and of money spent. */
    operators: z.array(z.email()).max(10).default([]),
    monthlyBudgetUsd: z.int().min(1).max(1_000_000).optional(),
    logRetentionDays: z.literal(retentions, `must be one of ${retentions.join(', ')}`).default(90),
    /** Days a backup of the learner keys is kept: as long an erased learner could be brought back. */
    keyBackupDays: z.int().min(1).max(30).default(7),
    /** Of the whole API; API Gateway answers 429 above it. */
    requestsPerSecond: z.int().min(1).max(10_000).default(200),
    burst: z.int().min(1).max(5000).default(400),
    /** Most people who follow a practical live at once; absent: nobody does, and runs are asked for again. */
    liveStreams: z.int().min(1).max(500).optional(),
    settings: z.partialRecord(z.enum(settingNames), z.union([z.int(), z.string().max(40)])).default({}),
  })
  .superRefine((deployment, context) => {
    for (const [path, message] of contradictions(deployment))
      context.addIssue({ code: 'custom', path, message })
  })

/** What an operator says of one academy. Holds nothing secret. */
export type Deployment = z.output<typeof zDeployment>

/** Where practicals run, as a deployment names it. */
export type Site = NonNullable<Deployment['sites']>[number]

/** A deployment file that cannot be used; each line names the setting and what would be right, never its value. */
export class BadDeployment extends Error {
  constructor(problems: readonly string[]) {
    super(problems.join('\n'))
    this.name = 'BadDeployment'
  }
}

/** Checks what a deployment file says. Throws `BadDeployment`. */
export function parseDeployment(content: unknown): Deployment {
  const result = zDeployment.safeParse(content)
  if (result.success) return result.data
  throw new BadDeployment(
    result.error.issues.map(({ path, message }) => `${path.join('.') || 'the file'}: ${message}`),
  )
}

/**
 * Reads what `DEPLOYMENT` names: one file, or several with a comma between them, for several academies or
 * stages in one assembly. Throws `BadDeployment`.
 */
export function readDeployments(files: string): Deployment[] {
  const deployments = files.split(',').map((file) => readDeployment(file.trim()))
  const names = deployments.map(({ name }) => name)
  if (new Set(names).size < names.length)
    throw new BadDeployment(['name: two deployments of one assembly may not have the same'])
  return deployments
}

/** Reads one deployment file. Throws `BadDeployment`. */
export function readDeployment(file: string): Deployment {
  let content: unknown
  try {
    content = JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    throw new BadDeployment(['DEPLOYMENT: must name a readable JSON file'])
  }
  return parseDeployment(content)
}

function isHttpsOrigin(address: string): boolean {
  const url = URL.parse(address)
  return url?.protocol === 'https:' && url.origin === address
}
