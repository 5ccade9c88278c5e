import { Stack } from 'aws-cdk-lib'
import { Effect, PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam'
import type { CfnFunction, Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda'
import { acknowledge } from './acknowledge.ts'
import type { Deployment, Site } from './deployment.ts'

const interfaces = [
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
]

/**
 * Puts a function into a network. Lambda makes the interfaces under the function's own role and asks for these
 * actions on everything; the function itself is forbidden them.
 */
export function joinNetwork(
  fn: LambdaFunction,
  role: Role,
  { subnets, securityGroups }: NonNullable<Deployment['network']>,
): void {
  cfnOf(fn).vpcConfig = { subnetIds: subnets, securityGroupIds: securityGroups }
  role.addToPolicy(new PolicyStatement({ actions: interfaces, resources: ['*'] }))
  const { functionName } = cfnOf(fn)
  role.addToPolicy(
    new PolicyStatement({
      effect: Effect.DENY,
      actions: interfaces,
      resources: ['*'],
      conditions: {
        ArnEquals: {
          'lambda:SourceFunctionArn': Stack.of(fn).formatArn({
            service: 'lambda',
            resource: `function:${functionName}`,
          }),
        },
      },
    }),
  )
  acknowledge(role, {
    'AwsSolutions-IAM5[Resource::*]':
      'Lambda makes network interfaces under this role and asks for it on everything; a second statement forbids it to the function itself.',
  })
}

/** Mounts the folder of a site. The access point says as whom the functions write, and below which folder. */
export function mountFolder(
  fn: LambdaFunction,
  role: Role,
  { accessPoint, path }: NonNullable<Site['mount']>,
): void {
  cfnOf(fn).fileSystemConfigs = [{ arn: accessPoint, localMountPath: path }]
  role.addToPolicy(
    new PolicyStatement({
      actions: ['elasticfilesystem:ClientMount', 'elasticfilesystem:ClientWrite'],
      resources: [accessPoint.replace(/access-point\/.*$/, 'file-system/*')],
      conditions: { StringEquals: { 'elasticfilesystem:AccessPointArn': accessPoint } },
    }),
  )
  acknowledge(role, {
    [`AwsSolutions-IAM5[Resource::${accessPoint.replace(/access-point\/.*$/, 'file-system/*')}]`]:
      'Through the one access point of the site only, as the condition says; the access point is of one file system.',
  })
}

const cfnOf = (fn: LambdaFunction) => fn.node.defaultChild as CfnFunction
