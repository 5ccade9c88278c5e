import { type DataStack, keyAliasPrefix, sealPrefix } from './data-stack.ts'
import type { Deployment } from './deployment.ts'
import type { FunctionPlan } from './functions.ts'
import { pollerOf } from './site-functions.ts'

/** The environment of a function: what every server has, and where its own things are. Nothing in it is secret. */
export function environmentOf(
  plan: FunctionPlan,
  deployment: Deployment,
  data: DataStack,
): Record<string, string> {
  const node = { NODE_ENV: 'production' }
  // Whoever has no records is no server; it is given what to do, and does it.
  if (plan.records.length === 0) return node
  const { graph, mail, settings, sites, timeStamps, traces, trust } = deployment
  return {
    ...node,
    ...Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, String(value)])),
    ACADEMY_NAME: deployment.name,
    PUBLIC_URL: deployment.publicUrl,
    RECORDS: 'dynamodb',
    RECORDS_TABLE: data.records.tableName,
    KEYS_TABLE: data.learnerKeys.tableName,
    IDENTITY: 'identity.json',
    INSTITUTIONS_FILE: 'institutions.json',
    ...(trust ? { TRUST_FILE: 'trust.json' } : {}),
    ...(timeStamps ? { TSA_URL: timeStamps.server, TSA_CERT_FILE: 'time-stamps.pem' } : {}),
    ...(sites && plan.sites ? { SITES_FILE: 'sites.json', POLLER_FUNCTIONS: pollerOf(deployment, '') } : {}),
    MASTER_SECRET: data.secrets.master.secretArn,
    SIGNING_KEY_ALIASES: keyAliasPrefix(deployment),
    ...(plan.files.length > 0 ? { FILES_BUCKET: data.files.bucketName } : {}),
    ...(graph && data.secrets.graph && plan.secrets.includes('graph')
      ? {
          GRAPH: 'neo4j',
          NEO4J_URL: graph.url,
          NEO4J_SECRET: data.secrets.graph.secretArn,
          ...(graph.database === undefined ? {} : { NEO4J_DATABASE: graph.database }),
        }
      : {}),
    ...(traces
      ? {
          OTEL_EXPORTER_OTLP_ENDPOINT: traces.collector,
          OTEL_SERVICE_NAME: deployment.name,
          OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
          OTEL_TRACES_SAMPLER_ARG: String(traces.ratio),
        }
      : {}),
    ...(data.secrets.signIn && plan.secrets.includes('signIn')
      ? { SIGN_IN_SECRET: data.secrets.signIn.secretArn }
      : {}),
    ...(data.secrets.seals.length > 0 && plan.secrets.includes('seals')
      ? { SEAL_SECRETS: sealPrefix(deployment) }
      : {}),
    ...(data.secrets.edge && plan.secrets.includes('edge')
      ? { EDGE_SECRET: data.secrets.edge.secretArn }
      : {}),
    ...(mail && data.secrets.mail && plan.secrets.includes('mail')
      ? { SMTP_URL: mail.server, MAIL_FROM: mail.from, SMTP_SECRET: data.secrets.mail.secretArn }
      : {}),
  }
}
