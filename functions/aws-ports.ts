import { readFileSync } from 'node:fs'
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { connectDynamo } from '#adapters/dynamodb/connect.ts'
import { kmsVault } from '#adapters/kms/key-vault.ts'
import { awsKms, type Kms } from '#adapters/kms/kms.ts'
import { remotePainters } from '#adapters/lambda/painter.ts'
import { nodePrimitives } from '#adapters/node-crypto/primitives.ts'
import { purposeMac } from '#adapters/node-crypto/purpose-mac.ts'
import { systemClock } from '#adapters/node-platform/clock.ts'
import { systemRandom } from '#adapters/node-platform/random.ts'
import type { Tracing } from '#adapters/opentelemetry/open.ts'
import { awsFiles } from '#adapters/s3/aws-files.ts'
import { readLogin, readMasterSecret, readText } from '#adapters/secrets-manager/secrets.ts'
import { masterKey } from '#adapters/store/master-key.ts'
import { makeStore } from '#adapters/store/store.ts'
import { registeredSigners } from '#core/keys/registered-signers.ts'
import type { Ports } from '#core/ports.ts'
import { releaseOntology } from '#core/skills/project-graph.ts'
import { describeError, type Log } from '#http/log.ts'
import { unpackShipped } from '#skills-ontology/packed.ts'
import { awsEsco } from './aws-esco.ts'
import { awsGraph } from './aws-graph.ts'
import { awsMail } from './aws-mail.ts'
import { awsOutbound } from './aws-outbound.ts'
import type { AwsSettings } from './aws-settings.ts'
import { publishMetrics } from './metrics.ts'
import { noEsco, noFiles, noMail, noPainters, noSites } from './not-given.ts'
import { openOntologies } from './ontologies.ts'
import { sealOptions } from './seal-options.ts'
import { secretSeals } from './secret-seals.ts'
import { BadSettings, type Settings } from './settings.ts'

/**
 * The world of a function on AWS: records in DynamoDB, keys in KMS, secrets in Secrets Manager. What only some
 * functions have (`own`) they hand in, so that the others do not carry it. What it was
 * not given is in `not-given.ts`.
 */
export async function awsPorts(
  settings: Settings,
  aws: AwsSettings,
  { log, secrets, tracing }: { log: Log; secrets: SecretsManagerClient; tracing?: Tracing | undefined },
  own: Partial<Ports> = {},
): Promise<Ports> {
  const { publicUrl, records: engine, dynamodb, trustFile, seal, lifetimes } = settings
  if (publicUrl === undefined) throw new BadSettings(['PUBLIC_URL: must be set'])
  if (engine !== 'dynamodb') throw new BadSettings(['RECORDS: must be dynamodb'])
  const clock = systemClock
  const random = systemRandom
  const secret = await readMasterSecret(secrets, aws.masterSecret)
  const records = connectDynamo({ ...dynamodb, now: () => clock.now() })
  const traced = tracing ? { trace: tracing.trace } : {}
  const store = makeStore({
    records: tracing?.records(records, 'dynamodb') ?? records,
    clock,
    random,
    masterKey: masterKey(secret),
    ...traced,
  })
  const inKms = kmsVault({
    kms: countedKms((cause) => {
      publishMetrics(aws.deployment, clock.now().getTime(), { SigningErrorsCount: 1 })
      log({ level: 'error', event: 'signing-failed', error: describeError(cause, false) })
    }),
    aliases: aws.signingKeyAliases,
    chains: aws.chains,
    anchors: aws.anchors,
  })
  const vault = tracing?.vault(inKms) ?? inKms
  const core = { publicUrl, ...lifetimes }
  const files = aws.filesBucket === undefined ? noFiles : awsFiles(aws.filesBucket)
  const ontologies = openOntologies(bundledOntology(), store)
  return {
    clock,
    random,
    store,
    files,
    mail: settings.smtp
      ? awsMail(settings.smtp, () => readLogin(secrets, aws.smtpSecret ?? ''))
      : noMail(log),
    signers: registeredSigners({ vault, store, clock, mac: purposeMac(secret) }),
    keyVault: vault,
    outbound: awsOutbound(clock),
    primitives: nodePrimitives(),
    trust:
      trustFile === undefined
        ? { anchors: [], dids: [], revocationLists: [] }
        : (await import('./trust-file.ts')).readTrustFile(trustFile),
    get ontology() {
      return ontologies.ontology
    },
    ontologies,
    esco: files === noFiles ? noEsco : awsEsco(files, clock),
    graph: awsGraph({
      settings,
      readLogin: () => readLogin(secrets, aws.neo4jSecret ?? ''),
      fill: (graph) => releaseOntology({ graph, ontology: ontologies.ontology, settings: core }),
    }),
    practicals: { find: () => undefined },
    sites: noSites,
    ...(aws.painterFunction === undefined ? noPainters : remotePainters(aws.painterFunction)),
    seals: {
      ...sealOptions(seal),
      ...(aws.seals.slugs.length > 0
        ? { keys: secretSeals(aws.seals, { readText: (id) => readText(secrets, id), clock }) }
        : {}),
    },
    settings: core,
    ...traced,
    ...own,
    ...(tracing && own.sites ? { sites: tracing.sites(own.sites) } : {}),
  }
}

/** KMS, which tells of each signature and key it did not give: whoever asked hears only that it is so. */
function countedKms(failed: (cause: unknown) => void): Kms {
  const kms = awsKms()
  const counted = async <T>(call: Promise<T>) => {
    try {
      return await call
    } catch (cause) {
      failed(cause)
      throw cause
    }
  }
  return {
    getPublicKey: (keyId) => counted(kms.getPublicKey(keyId)),
    signDigest: (keyId, digest) => counted(kms.signDigest(keyId, digest)),
  }
}

/** The ontology beside the bundle, read when it is first asked for. */
function bundledOntology(): () => Ports['ontology'] {
  let read: Ports['ontology'] | undefined
  return () => {
    read ??= unpackShipped(readFileSync('ontology.json', 'utf8'))
    return read
  }
}
