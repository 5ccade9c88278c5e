import { Duration, RemovalPolicy, Stack, Tags } from 'aws-cdk-lib'
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import {
  Architecture,
  Code,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
} from 'aws-cdk-lib/aws-lambda'
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs'
import { Construct } from 'constructs'
import { allow, allowOnData } from './allow.ts'
import type { DataStack } from './data-stack.ts'
import type { Deployment, Site } from './deployment.ts'
import { environmentOf } from './environment.ts'
import { type Entry, type FunctionPlan, functions } from './functions.ts'
import { pollerArns } from './site-functions.ts'
import { joinNetwork, mountFolder } from './site-network.ts'

/** What every stack with functions is given. */
export interface Academy {
  deployment: Deployment
  data: DataStack
  /** Where the bundle of a function lies. */
  bundles: (entry: Entry) => string
}

/**
 * One function of the academy with its own role, which may write its own log and do to the data what its plan
 * says; nothing else yet.
 */
export class AcademyFunction extends Construct {
  readonly fn: LambdaFunction
  readonly logGroup: LogGroup
  /** How long one call of it may take. */
  readonly seconds: number

  /**
   * `site`: the one it works for, of those of which each has a function of its own. `mostAtOnce`: so much of the
   * account's concurrency is its own, and no more.
   */
  constructor(
    scope: Construct,
    entry: Entry,
    { deployment, data, bundles }: Academy,
    { site, mostAtOnce }: { site?: Site; mostAtOnce?: number } = {},
  ) {
    const plan: FunctionPlan = functions[entry]
    super(scope, site ? `${plan.id}-${site.name}` : plan.id)
    this.seconds = plan.seconds
    this.logGroup = new LogGroup(this, 'Log', {
      retention: deployment.logRetentionDays as RetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    })
    // The policy AWS ships for functions may write every log of the account.
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') })
    this.logGroup.grantWrite(role)
    this.fn = new LambdaFunction(this, 'Handler', {
      functionName: `${deployment.name}-${entry}${site ? `-${site.name}` : ''}`,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: plan.megabytes,
      timeout: Duration.seconds(plan.seconds),
      handler: 'index.handler',
      code: Code.fromAsset(bundles(entry)),
      role,
      logGroup: this.logGroup,
      loggingFormat: LoggingFormat.JSON,
      environment: environmentOf(plan, deployment, data),
      ...(mostAtOnce === undefined ? {} : { reservedConcurrentExecutions: mostAtOnce }),
    })
    Tags.of(this.fn).add('entry', entry)
    allowOnData(role, plan, data)
    if (plan.sites) allow(role, ['lambda:InvokeFunction'], pollerArns(Stack.of(this), deployment))
    if (site && deployment.network) joinNetwork(this.fn, role, deployment.network)
    if (site?.mount) mountFolder(this.fn, role, site.mount)
  }

  /** Lets it ask another function and wait for the answer. */
  mayAsk(other: AcademyFunction, variable: string): void {
    const { functionArn, functionName } = other.fn
    this.fn.addEnvironment(variable, functionName)
    if (this.fn.role) allow(this.fn.role, ['lambda:InvokeFunction'], [functionArn])
  }
}
