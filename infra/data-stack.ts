import { Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib'
import {
  AttributeType,
  Billing,
  ProjectionType,
  StreamViewType,
  TableEncryptionV2,
  TableV2,
} from 'aws-cdk-lib/aws-dynamodb'
import { Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms'
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3'
import { Secret, type SecretStringGenerator } from 'aws-cdk-lib/aws-secretsmanager'
import type { Construct } from 'constructs'
import { acknowledge } from './acknowledge.ts'
import type { Deployment } from './deployment.ts'
import { KeyBackup } from './key-backup.ts'

const text = (name: string) => ({ name, type: AttributeType.STRING })

/** What must outlive every function: records, learner keys, files, signing keys, secrets. */
export class DataStack extends Stack {
  readonly records: TableV2
  readonly learnerKeys: TableV2
  readonly files: Bucket
  readonly signingKeys: Key[]
  readonly secrets: {
    master: Secret
    graph?: Secret
    mail?: Secret
    signIn?: Secret
    /** One for each institution that seals with a key of a trust service. */
    seals: Secret[]
    edge?: Secret
    sites: Map<string, Secret>
  }

  constructor(scope: Construct, id: string, deployment: Deployment, props: StackProps) {
    super(scope, id, props)
    const kept = deployment.stage !== 'trial'
    const removalPolicy = kept ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY
    const table = {
      partitionKey: text('pk'),
      sortKey: text('sk'),
      billing: Billing.onDemand(),
      encryption: TableEncryptionV2.awsManagedKey(),
      timeToLiveAttribute: 'ttl',
      deletionProtection: kept,
      removalPolicy,
    }

    this.records = new TableV2(this, 'Records', {
      ...table,
      globalSecondaryIndexes: ['gsi1', 'gsi2'].map((indexName) => ({
        indexName,
        partitionKey: text(`${indexName}pk`),
        sortKey: text(`${indexName}sk`),
        projectionType: ProjectionType.ALL,
      })),
      dynamoStream: StreamViewType.NEW_IMAGE,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    })

    // Erasing a learner is deleting their key, which must then be gone: no stream carries it away, and no restore
    // to a point in time brings erased people back; a backup of few days is kept instead.
    this.learnerKeys = new TableV2(this, 'LearnerKeys', {
      ...table,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: false },
    })
    new KeyBackup(this, 'KeyBackup', { table: this.learnerKeys, deployment, removalPolicy })

    this.files = new Bucket(this, 'Files', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      // Not versioned: what is deleted of an erased learner must be gone.
      versioned: false,
      lifecycleRules: [{ abortIncompleteMultipartUploadAfter: Duration.days(1) }],
      removalPolicy,
    })
    acknowledge(this.files, {
      'AwsSolutions-S1':
        'Only the functions reach it, and they log what they do; a log of names would outlive the erasure of whom they are about.',
    })

    this.signingKeys = signingKeyNames(deployment).map(
      (name) =>
        new Key(this, `SigningKey-${name}`, {
          alias: `${keyAliasPrefix(deployment)}${name}`,
          description: `ES256 key ${name} of ${deployment.name}`,
          keySpec: KeySpec.ECC_NIST_P256,
          keyUsage: KeyUsage.SIGN_VERIFY,
          pendingWindow: Duration.days(30),
          removalPolicy,
        }),
    )

    const secret = (
      id: string,
      generateSecretString: SecretStringGenerator,
      why: string,
      secretName?: string,
    ) => {
      const named = secretName === undefined ? {} : { secretName }
      const made = new Secret(this, id, { ...named, generateSecretString, removalPolicy })
      acknowledge(made, { 'AwsSolutions-SMG4': why })
      return made
    }
    this.secrets = {
      // 64 hexadecimal digits, made by Secrets Manager: 256 random bits that no template and no person has seen.
      master: secret(
        'MasterSecret',
        {
          passwordLength: 64,
          excludeUppercase: true,
          excludePunctuation: true,
          excludeCharacters: 'ghijklmnopqrstuvwxyz',
          requireEachIncludedType: false,
        },
        'Every code, cursor and learner key stands on it: replacing it by a timetable would lose all of them. It changes by hand, with a re-wrapping of the learner keys.',
      ),
      // Made with a random password, which may be given to Neo4j or replaced by what it has.
      ...(deployment.graph ? { graph: secret('GraphLogin', login('neo4j'), loginReason('Neo4j')) } : {}),
      ...(deployment.mail
        ? { mail: secret('MailLogin', login('academy'), loginReason('The mail server')) }
        : {}),
      ...(hasSecretClients(deployment)
        ? {
            signIn: secret(
              'SignInClients',
              empty,
              'The identity providers issue the secrets; whoever renews them there puts them here, by client id.',
            ),
          }
        : {}),
      // By its name an operator knows where the key belongs; what is in it first is no key, and seals nothing.
      seals: deployment.institutions
        .filter(({ sealKey }) => sealKey !== undefined)
        .map(({ tag, slug }) =>
          secret(
            `SealKey-${tag}`,
            { passwordLength: 8 },
            'The trust service certifies the key for years; whoever has it renewed puts the new one here.',
            `${sealPrefix(deployment)}${slug}`,
          ),
        ),
      ...(deployment.edge
        ? {
            edge: secret(
              'EdgeOrigin',
              {
                secretStringTemplate: '{}',
                generateStringKey: 'first',
                excludePunctuation: true,
                passwordLength: 48,
              },
              'CloudFront is told the value when the edge stack is deployed: a timetable that changed it alone would shut everybody out. It changes by hand, the old value beside the new one until nobody sends it.',
            ),
          }
        : {}),
      sites: new Map(
        (deployment.sites ?? []).map(({ name }) => [
          name,
          secret(
            `SiteTokens-${name}`,
            empty,
            'The site issues the tokens; whoever renews them there puts them here, and the functions read them anew within minutes.',
          ),
        ]),
      ),
    }
  }
}

/** Whoever signs: each institution its credentials, the platform the tokens of the wallet protocol. */
function signingKeyNames({ institutions }: Deployment): string[] {
  return [
    ...institutions.flatMap(({ tag, furtherKeys }) => [tag, ...furtherKeys.map((name) => `${tag}-${name}`)]),
    'platform',
  ]
}

/** The key of a tenant is found by this and its tag; the same at every synth, unlike a key's own address. */
export function keyAliasPrefix({ name }: Deployment): string {
  return `alias/${name}-`
}

/** How the names of the secrets begin that hold keys of trust services; the slug of the institution ends them. */
export function sealPrefix({ name }: Deployment): string {
  return `${name}/seals/`
}

/** An object into which an operator puts what others issue; Secrets Manager makes none without a member. */
const empty = {
  secretStringTemplate: '{}',
  generateStringKey: 'unused',
  passwordLength: 8,
} satisfies SecretStringGenerator

/** Whether people sign in by a client that has a secret. */
function hasSecretClients({ identity }: Deployment): boolean {
  return identity.issuers.some(({ signIn }) => (signIn?.clientAuthentication ?? 'none') !== 'none')
}

/** A user and a random password, as a JSON object of the two. */
const login = (user: string): SecretStringGenerator => ({
  secretStringTemplate: JSON.stringify({ user }),
  generateStringKey: 'password',
  excludePunctuation: true,
  passwordLength: 40,
})

const loginReason = (server: string) =>
  `${server} is run elsewhere: whoever changes its password there changes it here.`
