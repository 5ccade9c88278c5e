import { createHash } from 'node:crypto'
import type { CloudResource } from './read-assembly.ts'
import { place } from './read-assembly.ts'

/** Properties in which a template may give a resource its name, by type. */
const nameProperties: Record<string, string> = {
  'AWS::DynamoDB::GlobalTable': 'TableName',
  'AWS::SQS::Queue': 'QueueName',
  'AWS::Lambda::Function': 'FunctionName',
  'AWS::S3::Bucket': 'BucketName',
  'AWS::SecretsManager::Secret': 'Name',
  'AWS::IAM::Role': 'RoleName',
  'AWS::Logs::LogGroup': 'LogGroupName',
}

/** What AWS would call a resource: by the name in its template, else by one made of its logical id. */
export function nameOf(
  type: string,
  logicalId: string,
  properties: Record<string, unknown>,
  run: string,
): string {
  const given = properties[nameProperties[type] ?? '']
  if (typeof given === 'string') return given
  if (type === 'AWS::KMS::Key') {
    const hex = createHash('sha256').update(`${logicalId} ${run}`).digest('hex')
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
  }
  if (type === 'AWS::S3::Bucket') return `${logicalId}-${run}`.toLowerCase()
  return `${logicalId}-${run}`
}

/** The address of a resource; of a type nobody here asks about, one that says only what it is. */
export function arnOf(type: string, name: string): string {
  const { partition, region, account } = place
  const arn = (service: string, rest: string) => `arn:${partition}:${service}:${region}:${account}:${rest}`
  switch (type) {
    case 'AWS::DynamoDB::GlobalTable':
      return arn('dynamodb', `table/${name}`)
    case 'AWS::SQS::Queue':
      return arn('sqs', name)
    case 'AWS::KMS::Key':
      return arn('kms', `key/${name}`)
    case 'AWS::Lambda::Function':
      return arn('lambda', `function:${name}`)
    case 'AWS::SecretsManager::Secret':
      return arn('secretsmanager', `secret:${name}-AbCdEf`)
    case 'AWS::S3::Bucket':
      return `arn:${partition}:s3:::${name}`
    case 'AWS::IAM::Role':
      return `arn:${partition}:iam::${account}:role/${name}`
    case 'AWS::Logs::LogGroup':
      return arn('logs', `log-group:${name}:*`)
    default:
      return arn(type.toLowerCase().replaceAll('::', '-'), name)
  }
}

/** What `Ref` gives. */
export function referenceTo({ type, name, arn }: CloudResource, queueUrl: string): string {
  if (type === 'AWS::SQS::Queue') return `${queueUrl}/${place.account}/${name}`
  if (type === 'AWS::SecretsManager::Secret' || type === 'AWS::SNS::Topic') return arn
  return name
}

/** What `Fn::GetAtt` gives. */
export function attributeOf({ type, name, arn }: CloudResource, attribute: string): string {
  if (attribute === 'Arn') return arn
  if (attribute === 'StreamArn' && type === 'AWS::DynamoDB::GlobalTable') return `${arn}/stream/of-${name}`
  if (attribute === 'FunctionUrl' && type === 'AWS::Lambda::Url')
    return `https://${name.toLowerCase()}.lambda-url.${place.region}.on.aws/`
  if (attribute === 'FunctionARN' && type === 'AWS::CloudFront::Function') return arn
  if (attribute === 'QueueName' || attribute === 'TableId') return name
  // Of resources that nobody here runs: a text that is not the address of anything.
  if (!ran.has(type)) return `${type}/${name}/${attribute}`
  throw new Error(`${type} has no attribute ${attribute} here`)
}

/** Types the harness runs: what is asked of them must be known. */
const ran = new Set([
  'AWS::DynamoDB::GlobalTable',
  'AWS::SQS::Queue',
  'AWS::KMS::Key',
  'AWS::Lambda::Function',
  'AWS::SecretsManager::Secret',
  'AWS::S3::Bucket',
  'AWS::IAM::Role',
  'AWS::Logs::LogGroup',
])
