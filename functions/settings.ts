import { isIP } from 'node:net'
import * as z from 'zod'
import type { TraceSettings } from '#adapters/opentelemetry/trace-settings.ts'
import { samplers } from '#adapters/opentelemetry/trace-settings.ts'
import { type CoreSettings, defaultCoreSettings } from '#core/ports.ts'
import { type TrustedProxies, trustedProxies } from '#http/visitor-address.ts'
import { type LogLevel, logLevels } from './json-log.ts'
import { withSecretFiles } from './secret-files.ts'

/** Requests per minute and address, by the kind of door; a burst of one minute's worth is let through. */
interface RateLimits {
  graphql: number
  wallet: number
  pages: number
  signIn: number
  analytics: number
}

interface SmtpSettings {
  host: string
  port: number
  implicitTls: boolean
  plain: boolean
  login?: { user: string; password: string }
  from: string
  caFile: string | undefined
}

export interface Settings {
  /** 0 asks the system for a free port. */
  port: number
  /** The address the port is opened on: this machine's own, unless it is reached from elsewhere. */
  listenAddress: string
  /** Absent: made from the scheme, the loopback address and the port once it is known. */
  publicUrl: string | undefined
  /** Proxies in front, which say who visits; absent: whoever is at the other end of the socket. */
  trustedProxies: TrustedProxies | undefined
  dataDir: string
  tls: { certFile: string; keyFile: string } | undefined
  records: 'sqlite' | 'dynamodb'
  /** Used when `records` is `dynamodb`; `endpoint` only for a DynamoDB Local. */
  dynamodb: { endpoint?: string; tables: { records: string; keys: string } }
  graph: 'memory' | 'neo4j'
  /** Used when `graph` is `neo4j`. */
  neo4j: { url: string; user?: string; password?: string; database?: string }
  /** `embedded`, or the path of an issuer register. */
  identity: string
  /** The institutions of the academy, made at start when they are not there. */
  institutionsFile: string | undefined
  trustFile: string | undefined
  /** Where practicals run; on this machine when absent. */
  sitesFile: string | undefined
  /** Folder of the ontology's source files; the shipped one when absent. */
  ontologyDir: string | undefined
  /** Folder of ESCO's CSV files that curators may import from the page. */
  escoDir: string | undefined
  seal: {
    signingTime: 'iat' | 'sigT'
    /** Whether European credentials carry an entry in the status lists. */
    statusEntries: boolean
    /** A time stamp authority and the file with the certificates its stamps are trusted by. */
    timeStamps: { url: string; certFile: string } | undefined
    /** Folder of sealing keys with their certificates: `{institution}.pem`. */
    keysDir: string | undefined
  }
  /** A server that takes mail; without one it stays in the outbox. */
  smtp: SmtpSettings | undefined
  production: boolean
  /** Absent: nothing is traced, and the library not loaded. */
  traces: TraceSettings | undefined
  /** Of `/metrics`, which is not there without one. */
  metricsToken: string | undefined
  /** Lines of the log below it are left out. */
  logLevel: LogLevel
  rateLimits: RateLimits
  /** 0: snapshots are published by hand alone. */
  snapshotEveryDays: number
  lifetimes: Omit<CoreSettings, 'publicUrl'>
}

/** A setting that cannot be used; each line names the variable and what it must be, never its value. */
export class BadSettings extends Error {
  constructor(problems: readonly string[]) {
    super(problems.join('\n'))
    this.name = 'BadSettings'
  }
}

const whole = (minimum: number, maximum: number, standard: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, 'must be a whole number')
    .transform(Number)
    .refine((value) => value >= minimum && value <= maximum, `must be from ${minimum} to ${maximum}`)
    .default(standard)

const tableName = z.string().regex(/^[A-Za-z0-9_.-]{3,255}$/, 'must be 3 to 255 letters, digits, _ . or -')
const path = z.string().min(1, 'must not be empty').max(4096)

const d = defaultCoreSettings
/** Where a collector of OpenTelemetry takes spans as JSON over http. */
const collector = z.url({ protocol: /^https?$/, error: 'must be an http or https address' }).max(300)
const zEnvironment = z.object({
  PORT: whole(0, 65_535, 4000),
  LISTEN_ADDRESS: z
    .string()
    .refine((text) => isIP(text) !== 0, 'must be an IP address, as 127.0.0.1 or 0.0.0.0')
    .default('127.0.0.1'),
  PUBLIC_URL: z
    .string()
    .max(300)
    .refine(isPublicUrl, 'must be an http or https address without path, query or trailing slash')
    .optional(),
  DATA_DIR: path.default('.data'),
  TRUSTED_PROXIES: z
    .string()
    .max(1000)
    .transform((text) => trustedProxies(text))
    .refine((list) => list !== undefined, 'must be IP addresses and networks, with commas between')
    .optional(),
  TLS_CERT_FILE: path.optional(),
  TLS_KEY_FILE: path.optional(),
  RECORDS: z.enum(['sqlite', 'dynamodb'], 'must be sqlite or dynamodb').default('sqlite'),
  RECORDS_TABLE: tableName.default('academy-records'),
  KEYS_TABLE: tableName.default('academy-keys'),
  DYNAMODB_ENDPOINT: z.string().max(300).refine(isPublicUrl, 'must be an http or https address').optional(),
  GRAPH: z.enum(['memory', 'neo4j'], 'must be memory or neo4j').default('memory'),
  NEO4J_URL: z
    .string()
    .max(300)
    .refine(isBoltUrl, 'must be a bolt or neo4j address without user, path or query')
    .default('bolt://127.0.0.1:7687'),
  NEO4J_USER: path.optional(),
  NEO4J_PASSWORD: path.optional(),
  NEO4J_AUTH_FILE: path.optional(),
  NEO4J_DATABASE: z
    .string()
    .regex(/^[a-z][a-z0-9.-]{2,62}$/, 'must be the name of a database')
    .optional(),
  IDENTITY: path.default('embedded'),
  INSTITUTIONS_FILE: path.optional(),
  TRUST_FILE: path.optional(),
  SITES_FILE: path.optional(),
  ONTOLOGY_DIR: path.optional(),
  ESCO_DIR: path.optional(),
  SEAL_SIGNING_TIME: z.enum(['iat', 'sigT'], 'must be iat or sigT').default('iat'),
  SEAL_STATUS: z.enum(['off', 'bitstring'], 'must be off or bitstring').default('off'),
  SEAL_KEYS_DIR: path.optional(),
  TSA_URL: z.string().max(300).refine(isTsaUrl, 'must be an https address, or http on loopback').optional(),
  TSA_CERT_FILE: path.optional(),
  SMTP_URL: z
    .string()
    .max(300)
    .refine((text) => smtpAddress(text) !== undefined, 'must be smtp://host:port or smtps://host:port')
    .optional(),
  SMTP_USER: path.optional(),
  SMTP_PASSWORD: path.optional(),
  SMTP_PASSWORD_FILE: path.optional(),
  SMTP_CA_FILE: path.optional(),
  MAIL_FROM: z
    .string()
    .max(320)
    .regex(
      /^([^<>\r\n"]{1,100} <[^\s@<>]+@[^\s@<>]+>|[^\s@<>]+@[^\s@<>]+)$/,
      'must be address@domain or Name <address@domain>',
    )
    .optional(),
  METRICS_TOKEN: z.string().min(16, 'must have 16 characters or more').max(200).optional(),
  METRICS_TOKEN_FILE: path.optional(),
  OTEL_SDK_DISABLED: z.enum(['true', 'false'], 'must be true or false').default('false'),
  OTEL_TRACES_EXPORTER: z.enum(['none', 'otlp', 'console'], 'must be none, otlp or console').optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: collector.optional(),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: collector.optional(),
  OTEL_EXPORTER_OTLP_PROTOCOL: z.literal('http/json', 'must be http/json').optional(),
  OTEL_TRACES_SAMPLER: z.enum(samplers, `must be ${samplers.join(' or ')}`).default('parentbased_always_on'),
  OTEL_TRACES_SAMPLER_ARG: z
    .string()
    .regex(/^(0(\.\d{1,9})?|1(\.0{1,9})?)$/, 'must be a number from 0 to 1')
    .default('1'),
  OTEL_BSP_SCHEDULE_DELAY: whole(10, 60_000, 5000),
  NODE_ENV: z.string().optional(),
  LOG_LEVEL: z.enum(logLevels, 'must be info, warn or error').default('info'),
  RATE_LIMIT_GRAPHQL: whole(1, 1_000_000, 6000),
  RATE_LIMIT_WALLET: whole(1, 1_000_000, 1200),
  RATE_LIMIT_PAGES: whole(1, 1_000_000, 1200),
  RATE_LIMIT_SIGN_IN: whole(1, 1_000_000, 300),
  RATE_LIMIT_ANALYTICS: whole(1, 1_000_000, 240),
  OFFER_LIFETIME_DAYS: whole(1, 365, d.offerLifetimeDays),
  PRE_AUTHORIZED_CODE_LIFETIME_SECONDS: whole(30, 3600, d.preAuthorizedCodeLifetimeSeconds),
  ACCESS_TOKEN_LIFETIME_SECONDS: whole(30, 3600, d.accessTokenLifetimeSeconds),
  NONCE_LIFETIME_SECONDS: whole(30, 3600, d.nonceLifetimeSeconds),
  TX_CODE_TRIES: whole(1, 20, d.txCodeTries),
  BATCH_SIZE: whole(1, 100, d.batchSize),
  CREDENTIAL_LIFETIME_DAYS: whole(1, 36_500, d.credentialLifetimeDays),
  STATUS_LIST_TTL_SECONDS: whole(1, 86_400, d.statusListTtlSeconds),
  STATUS_LIST_WINDOW_SECONDS: whole(0, 300, d.statusListWindowSeconds),
  STATUS_LIST_SIZE: whole(131_072, 8_388_608, d.statusListSize),
  SNAPSHOT_THRESHOLD: whole(5, 1000, d.snapshotThreshold),
  RUN_FILES_DAYS: whole(1, 3650, d.runFilesKeptDays),
  BULK_ROWS: whole(1, 1_000_000, d.bulkRows),
  SNAPSHOT_EVERY_DAYS: whole(0, 366, 7),
  KEY_DOCUMENTS_TTL_SECONDS: whole(1, 86_400, d.keyDocumentsTtlSeconds),
})

/** The one place that reads the environment. Throws `BadSettings` naming every variable that cannot be used. */
export function readSettings(environment: NodeJS.ProcessEnv): Settings {
  // An empty variable counts as one that is not set, as in most shells and service files.
  const { given, problems } = withSecretFiles(
    Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== '')),
  )
  const result = zEnvironment.safeParse(given)
  if (result.error)
    problems.push(...result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`))
  if (given['TLS_CERT_FILE'] && !given['TLS_KEY_FILE'])
    problems.push('TLS_KEY_FILE: must be set with TLS_CERT_FILE')
  if (given['TLS_KEY_FILE'] && !given['TLS_CERT_FILE'])
    problems.push('TLS_CERT_FILE: must be set with TLS_KEY_FILE')
  problems.push(...missingToBeReached(given))
  if (given['TRUSTED_PROXIES'] && (given['IDENTITY'] ?? 'embedded') === 'embedded')
    problems.push(
      'TRUSTED_PROXIES: must be left out with the embedded identity, which is for this machine only',
    )
  if (Boolean(given['TSA_URL']) !== Boolean(given['TSA_CERT_FILE']))
    problems.push('TSA_CERT_FILE: must be set with TSA_URL, and only with it')
  if (Boolean(given['NEO4J_USER']) !== Boolean(given['NEO4J_PASSWORD']))
    problems.push('NEO4J_PASSWORD: must be set with NEO4J_USER, and only with it')
  if (Boolean(given['SMTP_URL']) !== Boolean(given['MAIL_FROM']))
    problems.push('MAIL_FROM: must be set with SMTP_URL, and only with it')
  if (Boolean(given['SMTP_USER']) !== Boolean(given['SMTP_PASSWORD']))
    problems.push('SMTP_PASSWORD: must be set with SMTP_USER, and only with it')
  if (!result.success || problems.length > 0) throw new BadSettings(problems)
  const env = result.data
  return {
    port: env.PORT,
    listenAddress: env.LISTEN_ADDRESS,
    publicUrl: env.PUBLIC_URL,
    trustedProxies: env.TRUSTED_PROXIES,
    dataDir: env.DATA_DIR,
    tls:
      env.TLS_CERT_FILE && env.TLS_KEY_FILE
        ? { certFile: env.TLS_CERT_FILE, keyFile: env.TLS_KEY_FILE }
        : undefined,
    records: env.RECORDS,
    dynamodb: {
      ...(env.DYNAMODB_ENDPOINT ? { endpoint: env.DYNAMODB_ENDPOINT } : {}),
      tables: { records: env.RECORDS_TABLE, keys: env.KEYS_TABLE },
    },
    graph: env.GRAPH,
    neo4j: {
      url: env.NEO4J_URL,
      ...(env.NEO4J_USER ? { user: env.NEO4J_USER } : {}),
      ...(env.NEO4J_PASSWORD ? { password: env.NEO4J_PASSWORD } : {}),
      ...(env.NEO4J_DATABASE ? { database: env.NEO4J_DATABASE } : {}),
    },
    identity: env.IDENTITY,
    institutionsFile: env.INSTITUTIONS_FILE,
    trustFile: env.TRUST_FILE,
    sitesFile: env.SITES_FILE,
    ontologyDir: env.ONTOLOGY_DIR,
    escoDir: env.ESCO_DIR,
    seal: {
      signingTime: env.SEAL_SIGNING_TIME,
      statusEntries: env.SEAL_STATUS === 'bitstring',
      keysDir: env.SEAL_KEYS_DIR,
      timeStamps:
        env.TSA_URL && env.TSA_CERT_FILE ? { url: env.TSA_URL, certFile: env.TSA_CERT_FILE } : undefined,
    },
    smtp: smtpOf(env),
    traces: tracesOf(env),
    metricsToken: env.METRICS_TOKEN,
    production: env.NODE_ENV === 'production',
    logLevel: env.LOG_LEVEL,
    snapshotEveryDays: env.SNAPSHOT_EVERY_DAYS,
    rateLimits: {
      graphql: env.RATE_LIMIT_GRAPHQL,
      wallet: env.RATE_LIMIT_WALLET,
      pages: env.RATE_LIMIT_PAGES,
      signIn: env.RATE_LIMIT_SIGN_IN,
      analytics: env.RATE_LIMIT_ANALYTICS,
    },
    lifetimes: {
      offerLifetimeDays: env.OFFER_LIFETIME_DAYS,
      preAuthorizedCodeLifetimeSeconds: env.PRE_AUTHORIZED_CODE_LIFETIME_SECONDS,
      accessTokenLifetimeSeconds: env.ACCESS_TOKEN_LIFETIME_SECONDS,
      nonceLifetimeSeconds: env.NONCE_LIFETIME_SECONDS,
      txCodeTries: env.TX_CODE_TRIES,
      batchSize: env.BATCH_SIZE,
      credentialLifetimeDays: env.CREDENTIAL_LIFETIME_DAYS,
      statusListTtlSeconds: env.STATUS_LIST_TTL_SECONDS,
      statusListWindowSeconds: env.STATUS_LIST_WINDOW_SECONDS,
      statusListSize: env.STATUS_LIST_SIZE,
      snapshotThreshold: env.SNAPSHOT_THRESHOLD,
      runFilesKeptDays: env.RUN_FILES_DAYS,
      bulkRows: env.BULK_ROWS,
      keyDocumentsTtlSeconds: env.KEY_DOCUMENTS_TTL_SECONDS,
    },
  }
}

/** Who opens the port to others needs a name they know it by, a certificate, and people who sign in elsewhere. */
function missingToBeReached(given: NodeJS.ProcessEnv): string[] {
  const address = given['LISTEN_ADDRESS'] ?? '127.0.0.1'
  if (/^(127\.|::1$)/.test(address)) return []
  const needs = 'with a LISTEN_ADDRESS that others reach'
  return [
    ...(given['TLS_CERT_FILE'] ? [] : [`TLS_CERT_FILE: must be set ${needs}`]),
    ...(given['PUBLIC_URL']?.startsWith('https://') ? [] : [`PUBLIC_URL: must be an https address ${needs}`]),
    ...((given['IDENTITY'] ?? 'embedded') === 'embedded'
      ? [`IDENTITY: must name an issuer register ${needs}`]
      : []),
  ]
}

function isPublicUrl(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined
  return url !== undefined && /^https?:$/.test(url.protocol) && url.origin === text
}

function isBoltUrl(text: string): boolean {
  return /^(bolt|neo4j)(\+s|\+ssc)?:\/\/(\[[0-9a-f:]+\]|[a-z0-9.-]+)(:\d{1,5})?$/i.test(text)
}

function isTsaUrl(text: string): boolean {
  const url = URL.parse(text)
  const loopback = url !== null && ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname)
  return url?.protocol === 'https:' || (url?.protocol === 'http:' && loopback)
}

const smtpPorts = { 'smtp:': 587, 'smtps:': 465 } as const

/** Host and port of a mail server. Name and password have variables of their own: addresses end up in logs. */
function smtpAddress(text: string): { host: string; port: number; implicitTls: boolean } | undefined {
  const url = URL.parse(text)
  const { protocol = '', hostname = '', port = '', username = '', pathname = '', search = '' } = url ?? {}
  if (protocol !== 'smtp:' && protocol !== 'smtps:') return undefined
  if (hostname === '' || username !== '' || !['', '/'].includes(pathname) || search !== '') return undefined
  const host = hostname.replaceAll(/^\[|\]$/g, '')
  return { host, port: port === '' ? smtpPorts[protocol] : Number(port), implicitTls: protocol === 'smtps:' }
}

function smtpOf(env: z.output<typeof zEnvironment>): SmtpSettings | undefined {
  const address = env.SMTP_URL === undefined ? undefined : smtpAddress(env.SMTP_URL)
  if (!address || env.MAIL_FROM === undefined) return undefined
  const { SMTP_USER: user, SMTP_PASSWORD: password } = env
  return {
    ...address,
    // A password or an address goes over no wire in the clear; the own machine has none.
    plain: !address.implicitTls && ['127.0.0.1', '::1', 'localhost'].includes(address.host),
    ...(user !== undefined && password !== undefined ? { login: { user, password } } : {}),
    from: env.MAIL_FROM,
    caFile: env.SMTP_CA_FILE,
  }
}

/** An address to export to asks for it, as the exporter by its name does; nothing else is on by itself. */
function tracesOf(env: z.output<typeof zEnvironment>): TraceSettings | undefined {
  const address = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? env.OTEL_EXPORTER_OTLP_ENDPOINT
  const exporter = env.OTEL_TRACES_EXPORTER ?? (address === undefined ? 'none' : 'otlp')
  if (exporter === 'none' || env.OTEL_SDK_DISABLED === 'true') return undefined
  return {
    exporter,
    sampler: env.OTEL_TRACES_SAMPLER,
    ratio: Number(env.OTEL_TRACES_SAMPLER_ARG),
    delayMilliseconds: env.OTEL_BSP_SCHEDULE_DELAY,
  }
}
