import { readFileSync } from 'node:fs'
import * as z from 'zod'
import { isTenantTag, type TenantTag } from '#core/ids.ts'
import type { Institution } from '#core/institutions/institution.ts'
import { BadSettings } from './settings.ts'

export const zTenantTag = z.custom<TenantTag>((value) => typeof value === 'string' && isTenantTag(value))

const zText = z.object({ en: z.string(), fr: z.string() }).catchall(z.string())
/** What `INSTITUTIONS_FILE` holds. */
export const zInstitutions = z.strictObject({
  institutions: z.array(
    z.strictObject({
      tag: zTenantTag,
      slug: z.string(),
      name: zText,
      country: z.string(),
      legalIdentifier: z.string(),
      homepage: z.string(),
      certificates: z.array(z.string()).optional(),
      sealKey: z.literal('trust-service').optional(),
    }),
  ),
  anchors: z.array(z.string()),
})

const queueUrl = z.url('must be the address of a queue').optional()

const zAwsEnvironment = z.object({
  ACADEMY_NAME: z.string('must be the name of the deployment'),
  MASTER_SECRET: z.string('must be the address of a secret'),
  SIGNING_KEY_ALIASES: z
    .string('must be the beginning of the aliases of the signing keys')
    .startsWith('alias/'),
  INSTITUTIONS_FILE: z.string('must name a file'),
  NEO4J_SECRET: z.string('must be the address of a secret').optional(),
  SMTP_SECRET: z.string('must be the address of a secret').optional(),
  SIGN_IN_SECRET: z.string('must be the address of a secret').optional(),
  SEAL_SECRETS: z
    .string('must be the beginning of the names of secrets, up to a slash')
    .regex(/^[a-z0-9-]+\/seals\/$/, 'must be the beginning of the names of secrets, up to a slash')
    .optional(),
  FILES_BUCKET: z.string('must be the name of a bucket').optional(),
  PAINTER_FUNCTION: z.string('must be the name of a function').optional(),
  ERASURE_QUEUE: queueUrl,
  BULK_QUEUE: queueUrl,
  DISPATCH_QUEUES: z
    .string()
    .transform(parseJson)
    .pipe(z.record(z.string(), z.url(), 'must name the address of a queue for each site'))
    .default({}),
  POLLER_FUNCTIONS: z.string('must be the beginning of the names of functions').optional(),
  PROGRESS_URL: z.url('must be the address where subscriptions are answered').optional(),
  EDGE_SECRET: z.string('must be the address of a secret').optional(),
  SITE: z.string('must be the name of a site').optional(),
  SITE_SECRET: z.string('must be the address of a secret').optional(),
})

/** What a function needs beside the settings every server has. The stacks in `infra/` set it. */
export interface AwsSettings {
  /** Name of the deployment, which its metrics carry. */
  deployment: string
  /** Address of the master secret in Secrets Manager. */
  masterSecret: string
  signingKeyAliases: string
  institutions: Institution[]
  chains: Map<TenantTag, string[]>
  anchors: string[]
  /** Address of user and password of Neo4j in Secrets Manager; there when the graph is there. */
  neo4jSecret: string | undefined
  /** The same of the mail server. */
  smtpSecret: string | undefined
  /** Address of the secrets of the clients people sign in by, by client id. */
  signInSecret: string | undefined
  /** Institutions that seal with a key of a trust service, and how the names of the secrets with the keys begin. */
  seals: { slugs: string[]; prefix: string | undefined }
  filesBucket: string | undefined
  painterFunction: string | undefined
  /** `dispatch`: by site, what tells its dispatcher that there is something to send. */
  queues: { erasure: string | undefined; bulk: string | undefined; dispatch: ReadonlyMap<string, string> }
  /** How the names of the functions that look after sites begin; the site's name ends them. */
  pollerFunctions: string | undefined
  /** Where subscriptions of GraphQL are answered. */
  streamsAt: string | undefined
  /** Address of what CloudFront shows, by any name; absent where it does not stand in front. */
  edgeSecret: string | undefined
  /** The one site a function works for, and the address of what opens it. */
  site: string | undefined
  siteSecret: string | undefined
}

/** A setting only some functions have, at one that needs it. Throws `BadSettings`, which names the variable. */
export function needed<T>(value: T | undefined, variable: string): T {
  if (value === undefined) throw new BadSettings([`${variable}: must be set for this function`])
  return value
}

/** Throws `BadSettings`, which names every variable that cannot be used. */
export function readAwsSettings(environment: NodeJS.ProcessEnv): AwsSettings {
  const { data: env, error } = zAwsEnvironment.safeParse(environment)
  if (error) throw new BadSettings(error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`))
  if ((env.NEO4J_SECRET === undefined) === (environment['GRAPH'] === 'neo4j'))
    throw new BadSettings(['NEO4J_SECRET: must be set when GRAPH is neo4j, and only then'])
  if ((env.SMTP_SECRET === undefined) !== (environment['SMTP_URL'] === undefined))
    throw new BadSettings(['SMTP_SECRET: must be set with SMTP_URL, and only with it'])
  const { institutions, anchors } = readInstitutions(env.INSTITUTIONS_FILE)
  return {
    masterSecret: env.MASTER_SECRET,
    signingKeyAliases: env.SIGNING_KEY_ALIASES,
    institutions: institutions.map(({ certificates: _chain, sealKey: _seal, ...institution }) => institution),
    chains: new Map(institutions.map(({ tag, certificates = [] }) => [tag, certificates])),
    anchors,
    deployment: env.ACADEMY_NAME,
    neo4jSecret: env.NEO4J_SECRET,
    smtpSecret: env.SMTP_SECRET,
    signInSecret: env.SIGN_IN_SECRET,
    seals: {
      slugs: institutions.filter(({ sealKey }) => sealKey !== undefined).map(({ slug }) => slug),
      prefix: env.SEAL_SECRETS,
    },
    filesBucket: env.FILES_BUCKET,
    painterFunction: env.PAINTER_FUNCTION,
    queues: {
      erasure: env.ERASURE_QUEUE,
      bulk: env.BULK_QUEUE,
      dispatch: new Map(Object.entries(env.DISPATCH_QUEUES)),
    },
    pollerFunctions: env.POLLER_FUNCTIONS,
    streamsAt: env.PROGRESS_URL,
    edgeSecret: env.EDGE_SECRET,
    site: env.SITE,
    siteSecret: env.SITE_SECRET,
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function readInstitutions(file: string): z.output<typeof zInstitutions> {
  try {
    return zInstitutions.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    throw new BadSettings(['INSTITUTIONS_FILE: must name a file with the institutions of the deployment'])
  }
}
