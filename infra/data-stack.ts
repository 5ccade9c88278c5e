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
import { Secret } from 'aws-cdk-lib/aws-secretsmanager'
import type { Construct } from 'constructs'
import { acknowledge } from './acknowledge.ts'
import type { Deployment } from './deployment.ts'

const text = (name: string) => ({ name, type: AttributeType.STRING })

/** What must outlive every function: records, learner keys, signing keys, the master secret. */
export class DataStack extends Stack {
  readonly records: TableV2
  readonly learnerKeys: TableV2
  readonly masterSecret: Secret
  readonly signingKeys: Key[]

  constructor(scope: Construct, id: string, deployment: Deployment, props: StackProps) {
    super(scope, id, props)

    this.records = new TableV2(this, 'Records', {
      partitionKey: text('pk'),
      sortKey: text('sk'),
      globalSecondaryIndexes: ['gsi1', 'gsi2'].map((indexName) => ({
        indexName,
        partitionKey: text(`${indexName}pk`),
        sortKey: text(`${indexName}sk`),
        projectionType: ProjectionType.ALL,
      })),
      billing: Billing.onDemand(),
      encryption: TableEncryptionV2.awsManagedKey(),
      dynamoStream: StreamViewType.NEW_IMAGE,
      timeToLiveAttribute: 'ttl',
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
    })

    // A key that was deleted must be gone: no stream carries it away, no point in time brings it back.
    this.learnerKeys = new TableV2(this, 'LearnerKeys', {
      partitionKey: text('pk'),
      sortKey: text('sk'),
      billing: Billing.onDemand(),
      encryption: TableEncryptionV2.awsManagedKey(),
      timeToLiveAttribute: 'ttl',
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: false },
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
    })
    acknowledge(this.learnerKeys, {
      'AwsSolutions-DDB3':
        'Erasing a learner is deleting their key. A restore to a point in time would bring erased people back.',
    })

    // 64 hexadecimal digits, made by Secrets Manager: 256 random bits that no template and no person has seen.
    this.masterSecret = new Secret(this, 'MasterSecret', {
      generateSecretString: {
        passwordLength: 64,
        excludeUppercase: true,
        excludePunctuation: true,
        excludeCharacters: 'ghijklmnopqrstuvwxyz',
        requireEachIncludedType: false,
      },
      removalPolicy: RemovalPolicy.RETAIN,
    })
    acknowledge(this.masterSecret, {
      'AwsSolutions-SMG4':
        'Every code, cursor and learner key stands on it: replacing it by a timetable would lose all of them. It changes by hand, with a re-wrapping of the learner keys.',
    })

    this.signingKeys = signers(deployment).map((tag) => {
      return new Key(this, `SigningKey-${tag}`, {
        alias: `${keyAliasPrefix(deployment)}${tag}`,
        description: `ES256 key of ${tag} in ${deployment.name}`,
        keySpec: KeySpec.ECC_NIST_P256,
        keyUsage: KeyUsage.SIGN_VERIFY,
        pendingWindow: Duration.days(30),
        removalPolicy: RemovalPolicy.RETAIN,
      })
    })
  }
}

/** Whoever signs: each institution its credentials, the platform the tokens of the wallet protocol. */
function signers({ institutions }: Deployment): string[] {
  return [...institutions.map(({ tag }) => tag), 'platform']
}

/** The key of a tenant is found by this and its tag; the same at every synth, unlike a key's own address. */
export function keyAliasPrefix({ name }: Deployment): string {
  return `alias/${name}-`
}
