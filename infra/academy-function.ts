import { Duration, RemovalPolicy } from 'aws-cdk-lib'
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
import type { Deployment } from './deployment.ts'

interface FunctionProps {
  deployment: Deployment
  /** Folder of its bundle. */
  bundle: string
  timeoutSeconds: number
  environment: Record<string, string>
}

/** One function of the academy with its own role, which may write its own log and nothing else yet. */
export class AcademyFunction extends Construct {
  readonly fn: LambdaFunction

  constructor(
    scope: Construct,
    id: string,
    { deployment, bundle, timeoutSeconds, environment }: FunctionProps,
  ) {
    super(scope, id)
    const logGroup = new LogGroup(this, 'Log', {
      retention: deployment.logRetentionDays as RetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    })
    // The policy AWS ships for functions may write every log of the account.
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') })
    logGroup.grantWrite(role)
    this.fn = new LambdaFunction(this, 'Handler', {
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: 1024,
      timeout: Duration.seconds(timeoutSeconds),
      handler: 'index.handler',
      code: Code.fromAsset(bundle),
      role,
      logGroup,
      loggingFormat: LoggingFormat.JSON,
      environment: { NODE_ENV: 'production', ...environment },
    })
  }
}
