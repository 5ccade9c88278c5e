import { type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { acknowledge } from './acknowledge.ts'
import type { DataStack } from './data-stack.ts'
import type { FunctionPlan } from './functions.ts'

/** Adds one statement to a role, when there is anything to allow. */
export function allow(role: IRole, actions: readonly string[], resources: string[]): void {
  if (actions.length > 0 && resources.length > 0)
    role.addToPrincipalPolicy(new PolicyStatement({ actions: [...actions], resources }))
}

/** What the plan of a function says of the data, in statements that name each resource by itself. */
export function allowOnData(role: IRole, plan: FunctionPlan, data: DataStack): void {
  const { records, learnerKeys, files, secrets, signingKeys } = data
  allow(role, plan.records, [records.tableArn])
  if (plan.records.includes('dynamodb:Query'))
    allow(
      role,
      ['dynamodb:Query'],
      ['gsi1', 'gsi2'].map((index) => `${records.tableArn}/index/${index}`),
    )
  allow(role, plan.learnerKeys, [learnerKeys.tableArn])
  allow(
    role,
    plan.signingKeys,
    signingKeys.map(({ keyArn }) => keyArn),
  )
  const objects = { read: 's3:GetObject', write: 's3:PutObject', delete: 's3:DeleteObject' } as const
  const actions = Object.entries(objects).filter(([may]) => plan.files.includes(may as 'read'))
  allow(
    role,
    actions.map(([, action]) => action),
    [files.arnForObjects('*')],
  )
  // Without it S3 says "forbidden" of what is not there, instead of "not there".
  if (plan.files.includes('list') || plan.files.includes('read'))
    allow(role, ['s3:ListBucket'], [files.bucketArn])
  if (actions.length > 0) {
    acknowledge(role, {
      [`AwsSolutions-IAM5[Resource::${data.stackName}:ExportsOutputFnGetAttFiles8E6940B8ArnD8EE6C03/*]`]:
        'The names of files begin with the tag of an institution, and a function works for all of them; it is the one bucket of this academy.',
    })
  }
  const of = {
    master: [secrets.master],
    graph: [secrets.graph],
    mail: [secrets.mail],
    signIn: [secrets.signIn],
    seals: secrets.seals,
    edge: [secrets.edge],
  }
  const read = plan.secrets.flatMap((name) => of[name]).flatMap((secret) => secret?.secretArn ?? [])
  allow(role, ['secretsmanager:GetSecretValue'], read)
}
