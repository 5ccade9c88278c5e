import { readFileSync } from 'node:fs'
import * as z from 'zod'
import { contradictions } from './contradictions.ts'

/** A text of one form, refused in the same words whether it is missing or wrong. */
const form = (pattern: RegExp, right: string) => z.string(right).max(8100, right).regex(pattern, right)

/** Of an unknown setting it is said which there are. */
const knows =
  (names: readonly string[]) =>
  ({ code }: { code?: string | undefined }) =>
    code === 'unrecognized_keys' ? `is not known here; there are ${names.join(', ')}` : undefined

/** Settings that belong together. */
const group = <Shape extends z.core.$ZodLooseShape>(shape: Shape) =>
  z.strictObject(shape, { error: knows(Object.keys(shape)) })

const tag = form(/^[a-z2-7]{8}$/, 'must be eight characters of base32 in lower case')
const words = form(/^.{1,300}$/s, 'must be a text of up to 300 characters')
const text = z.object({ en: words, fr: words }).catchall(words)
const base64Certificate = form(/^[A-Za-z0-9+/]{200,8000}={0,2}$/, 'must be a DER certificate in base64')
const label = form(/^[a-z0-9][a-z0-9-]{0,19}$/, 'must be up to 20 small letters, digits and hyphens')
const regionName = form(/^[a-z]{2}(-[a-z]+)+-\d$/, 'must be the name of a region')
const arn = (service: string) =>
  form(
    new RegExp(`^(?=.{1,300}$)arn:aws(-[a-z]+)*:${service}:[a-z0-9-]*:\\d{12}:.+$`),
    `must be the address (ARN) of something in ${service}`,
  )
const awsId = (kind: string) => form(new RegExp(`^${kind}-[0-9a-f]{8,17}$`), `must be the id of a ${kind}`)

/** Days CloudWatch can keep a log. */
const retentions = [7, 14, 30, 60, 90, 180, 365] as const

const zInstitution = group({
  tag,
  slug: form(
    /^(?=.{1,80}$)[a-z0-9]+(-[a-z0-9]+)*$/,
    'must be up to 80 small letters and digits, with single hyphens between',
  ),
  name: text,
  country: form(/^[A-Z]{2}$/, 'must be a country of ISO 3166-1'),
  legalIdentifier: form(/^.{3,100}$/s, 'must be a text of 3 to 100 characters'),
  homepage: z.url({ protocol: /^https$/, error: 'must be an https address' }).max(300),
  /** Of its first key, leaf first, without the anchor; absent until the first deployment has made the key. */
  certificates: z.array(base64Certificate).min(1).max(5).optional(),
  /** European credentials are sealed with the key a trust service has certified, which its secret holds. */
  sealKey: z.literal('trust-service', 'must be trust-service, or left out').optional(),
  /** Names of further keys, for rotation; `npm run ops -- keys` takes them over by their alias. */
  furtherKeys: z.array(label).max(20).default([]),
})

/** Judged by the functions' own code; here only what decides about resources. */
const zIssuer = z.looseObject({
  issuer: z.url('must be the address of an OpenID provider'),
  signIn: z.looseObject({ clientAuthentication: z.string().optional() }).optional(),
})

/** Users and passwords are not here: they are in the secret the stacks make. */
const zGraph = group({
  engine: z.literal('neo4j', 'must be neo4j'),
  url: form(
    /^(?=.{1,300}$)(neo4j|bolt)(\+s)?:\/\/[a-z0-9.-]+(:\d{1,5})?$/,
    'must be a neo4j+s:// or bolt+s:// address without user and path',
  ),
  database: form(/^[a-z][a-z0-9.-]{2,62}$/, 'must be the name of a database').optional(),
})

/** A mail server; its user and password are in the secret the stacks make. */
const zMail = group({
  server: form(
    /^(?=.{1,300}$)smtps?:\/\/[a-z0-9.-]+(:\d{1,5})?$/,
    'must be smtps://host:port or smtp://host:port (STARTTLS)',
  ),
  from: form(/^.{3,320}$/s, 'must be address@domain or Name <address@domain>'),
})

/** Where a collector of OpenTelemetry takes traces, as one beside the function at `http://localhost:4318`. */
const zTraces = group({
  collector: z.url({ protocol: /^https?$/, error: 'must be an http or https address' }).max(300),
  /** The part of requests that is traced. */
  ratio: z.number().min(0).max(1).default(0.05),
})

/** A time stamp authority (RFC 3161) and whom its certificates are trusted by. */
const zTimeStamps = group({
  server: z.url({ protocol: /^https$/, error: 'must be an https address' }).max(300),
  certificates: z.array(base64Certificate).min(1).max(10),
})

/** An entry of `SITES_FILE` without its token files: the tokens are in a secret of the site. */
const zSite = z.looseObject({
  name: label,
  adapter: z.enum(['slurmrest', 'firecrest'], 'must be slurmrest or firecrest'),
  /** An access point of EFS where the site's folder is, and where the functions see it. */
  mount: group({
    accessPoint: arn('elasticfilesystem'),
    path: form(/^\/mnt\/[a-zA-Z0-9_.-]+$/, 'must be a folder of /mnt'),
  }).optional(),
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

const anOrigin = 'must be an https address without path, query or trailing slash'

/** All that a deployment file may say. */
export const zDeployment = group({
  /** Begins the name of everything that needs one, so that several academies and stages share an account. */
  name: form(/^[a-z][a-z0-9-]{2,23}$/, 'must be 3 to 24 small letters, digits and hyphens'),
  /** A trial may be deleted with everything in it; the others keep their data whatever happens to the stacks. */
  stage: z.enum(['trial', 'staging', 'production'], 'must be trial, staging or production'),
  account: form(/^\d{12}$/, 'must be the twelve digits of an account').optional(),
  region: regionName.optional(),
  publicUrl: z.string(anOrigin).max(300, anOrigin).refine(isHttpsOrigin, anOrigin),
  /** The name of `publicUrl` at API Gateway; absent where something of your own stands in front. */
  domain: group({ certificate: arn('acm') }).optional(),
  /** CloudFront and WAF in front, made when the context flag `edge` is set. */
  edge: group({
    certificate: arn('acm'),
    /** Which value in the secret CloudFront shows the functions; another one to rotate it (`docs/aws.md`). */
    originKey: label.default('first'),
  }).optional(),
  institutions: z.array(zInstitution).min(1).max(50),
  /** Anchors of those chains. */
  anchors: z.array(base64Certificate).max(20).default([]),
  /** The issuer register, as `IDENTITY` names it elsewhere. */
  identity: z.looseObject({ issuers: z.array(zIssuer).min(1) }),
  /** Foreign issuers, as `TRUST_FILE` names them elsewhere. */
  trust: z.looseObject({}).optional(),
  /** Absent: European credentials are sealed without a time stamp. */
  timeStamps: zTimeStamps.optional(),
  /** Where practicals run, as `SITES_FILE` says elsewhere; nowhere when absent. */
  sites: z.array(zSite).min(1).max(20).optional(),
  /** The network the functions that reach sites stand in; for sites that are not on the internet. */
  network: group({
    vpc: awsId('vpc'),
    subnets: z.array(awsId('subnet')).min(1).max(6),
    securityGroups: z.array(awsId('sg')).min(1).max(5),
  }).optional(),
  graph: zGraph.optional(),
  /** Absent: no mail leaves, and learners get their offers by the link they are given. */
  mail: zMail.optional(),
  /** Absent: nothing is traced. */
  traces: zTraces.optional(),
  /** Whoever hears of alarms and of money spent. */
  operators: z.array(z.email('must be an address of mail')).max(10).default([]),
  monthlyBudgetUsd: z.int().min(1).max(1_000_000).optional(),
  logRetentionDays: z.literal(retentions, `must be one of ${retentions.join(', ')}`).default(90),
  /** Days a backup of the learner keys is kept: as long an erased learner could be brought back. */
  keyBackupDays: z.int().min(1).max(30).default(7),
  /** Of the whole API; API Gateway answers 429 above it. */
  requestsPerSecond: z.int().min(1).max(10_000).default(200),
  burst: z.int().min(1).max(5000).default(400),
  /** Most people who follow a practical live at once; absent: nobody does, and runs are asked for again. */
  liveStreams: z.int().min(1).max(500).optional(),
  settings: z
    .partialRecord(
      z.enum(settingNames),
      z.union([z.int(), z.string().max(40)], 'must be a whole number or a text of up to 40 characters'),
      { error: knows(settingNames) },
    )
    .default({}),
}).superRefine((deployment, context) => {
  for (const [path, message] of contradictions(deployment))
    context.addIssue({ code: 'custom', path, message })
})

/** The deployment with or without what the context flag `edge` is for. CloudFront then has the academy's name. */
export function atEdge(deployment: Deployment, isOn: boolean): Deployment {
  const { domain, edge, ...others } = deployment
  return isOn ? { ...others, ...(edge ? { edge } : {}) } : { ...others, ...(domain ? { domain } : {}) }
}

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
  const result = zDeployment.safeParse(content, { error: whatIsRight })
  if (result.success) return result.data
  throw new BadDeployment(
    result.error.issues.flatMap((issue) => {
      const { path, message } = issue
      if (issue.code !== 'unrecognized_keys') return `${path.join('.') || 'the file'}: ${message}`
      return issue.keys.map((key) => `${[...path, key.slice(0, 80)].join('.')}: ${message}`)
    }),
  )
}

const kinds: Record<string, string> = { string: 'a text', array: 'a list', int: 'a whole number' }

/** What is said of a setting that does not say itself what would be right. */
function whatIsRight(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === 'invalid_type')
    return `must be ${kinds[issue.expected] ?? (issue.expected === 'number' ? 'a number' : 'an object')}`
  const of = 'origin' in issue && ['string', 'array'].includes(String(issue.origin)) ? 'have' : 'be'
  if (issue.code === 'too_small') return `must ${of} ${issue.minimum} or more`
  if (issue.code === 'too_big') return `must ${of} ${issue.maximum} or less`
  return undefined
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
