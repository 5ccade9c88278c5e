import { KMSClient } from '@aws-sdk/client-kms'
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { connectDynamo } from '#adapters/dynamodb/connect.ts'
import { kmsVault } from '#adapters/kms/key-vault.ts'
import { nodePrimitives } from '#adapters/node-crypto/primitives.ts'
import { purposeMac } from '#adapters/node-crypto/purpose-mac.ts'
import { systemClock } from '#adapters/node-platform/clock.ts'
import { systemRandom } from '#adapters/node-platform/random.ts'
import { guardedFetch } from '#adapters/outbound/guarded-fetch.ts'
import { readMasterSecret } from '#adapters/secrets-manager/master-secret.ts'
import { masterKey } from '#adapters/store/master-key.ts'
import { makeStore } from '#adapters/store/store.ts'
import { registeredSigners } from '#core/keys/registered-signers.ts'
import type { Ports } from '#core/ports.ts'
import type { Log } from '#http/log.ts'
import { loadOntology } from '#skills-ontology/load.ts'
import type { AwsSettings } from './aws-settings.ts'
import { noBadges, noFiles, noMail, noPages, noSites } from './not-deployed.ts'
import { openGraph } from './open-graph.ts'
import { BadSettings, type Settings } from './settings.ts'
import { readTrustFile } from './trust-file.ts'

/**
 * The world of a function on AWS: records in DynamoDB, keys in KMS, the master secret in Secrets Manager.
 * What is not deployed yet is in `not-deployed.ts`.
 */
export async function awsPorts(settings: Settings, aws: AwsSettings, log: Log): Promise<Ports> {
  const { publicUrl, records: engine, dynamodb, trustFile, ontologyDir, seal, lifetimes } = settings
  if (publicUrl === undefined) throw new BadSettings(['PUBLIC_URL: must be set'])
  if (engine !== 'dynamodb') throw new BadSettings(['RECORDS: must be dynamodb'])
  const clock = systemClock
  const random = systemRandom
  const secret = await readMasterSecret(new SecretsManagerClient({}), aws.masterSecret)
  const store = makeStore({
    records: connectDynamo({ ...dynamodb, now: () => clock.now() }),
    clock,
    random,
    masterKey: masterKey(secret),
  })
  const vault = kmsVault({
    client: new KMSClient({}),
    aliases: aws.signingKeyAliases,
    chains: aws.chains,
    anchors: aws.anchors,
  })
  return {
    clock,
    random,
    store,
    files: noFiles,
    mail: noMail(log),
    signers: registeredSigners({ vault, store, clock, mac: purposeMac(secret) }),
    keyVault: vault,
    outbound: guardedFetch({ now: () => clock.now() }),
    primitives: nodePrimitives(),
    trust: readTrustFile(trustFile),
    ontology: loadOntology(ontologyDir),
    graph: openGraph(settings),
    practicals: { find: () => undefined },
    sites: noSites,
    pages: noPages,
    badges: noBadges,
    seals: { signingTime: seal.signingTime },
    settings: { publicUrl, ...lifetimes },
  }
}
