import { CfnOutput, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib'
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway'
import {
  DomainName,
  HttpApi,
  HttpRoute,
  HttpRouteKey,
  LogGroupLogDestination,
} from 'aws-cdk-lib/aws-apigatewayv2'
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations'
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager'
import { type FunctionUrl, FunctionUrlAuthType, InvokeMode } from 'aws-cdk-lib/aws-lambda'
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs'
import type { Construct } from 'constructs'
import { type Academy, AcademyFunction } from './academy-function.ts'
import { acknowledge } from './acknowledge.ts'
import { doors, type RoutedEntry, routes, streamsPath } from './routes.ts'

/** The doors of the academy; may be deleted and made again. */
export class ApiStack extends Stack {
  readonly api: HttpApi
  readonly functions: AcademyFunction[]
  /** Where answers are streamed; absent where none are. */
  readonly streams: FunctionUrl | undefined

  constructor(scope: Construct, id: string, academy: Academy, props: StackProps) {
    super(scope, id, props)
    const painter = new AcademyFunction(this, 'painter', academy)
    const byEntry = Object.fromEntries(
      doors.map((entry) => [entry, new AcademyFunction(this, entry, academy)]),
    ) as Record<RoutedEntry, AcademyFunction>
    for (const entry of ['graphql', 'pages'] as const) byEntry[entry].mayAsk(painter, 'PAINTER_FUNCTION')
    this.functions = [painter, ...Object.values(byEntry)]
    const { liveStreams } = academy.deployment
    this.streams =
      liveStreams === undefined ? undefined : this.#progress(academy, byEntry.graphql, liveStreams)
    this.api = this.#api(academy, byEntry)
  }

  /**
   * Has an address of its own, since API Gateway passes answers on only when they are whole. AWS asks nobody there
   * who they are, since learners have no account with it: the function verifies tokens as every door does.
   */
  #progress(academy: Academy, graphql: AcademyFunction, mostAtOnce: number): FunctionUrl {
    const progress = new AcademyFunction(this, 'progress', academy, { mostAtOnce })
    const streams = progress.fn.addFunctionUrl({
      authType: FunctionUrlAuthType.NONE,
      invokeMode: InvokeMode.RESPONSE_STREAM,
    })
    const { edge, publicUrl } = academy.deployment
    const value = edge ? `${publicUrl}${streamsPath}` : `${streams.url}graphql`
    graphql.fn.addEnvironment('PROGRESS_URL', value)
    this.functions.push(progress)
    new CfnOutput(this, 'ProgressAddress', { value, description: 'Where practicals are followed live.' })
    return streams
  }

  #api({ deployment }: Academy, byEntry: Record<RoutedEntry, AcademyFunction>): HttpApi {
    const accessLog = new LogGroup(this, 'AccessLog', {
      retention: deployment.logRetentionDays as RetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    })
    const integrations = Object.fromEntries(
      Object.entries(byEntry).map(([entry, { fn }]) => [entry, new HttpLambdaIntegration(`To-${entry}`, fn)]),
    ) as Record<RoutedEntry, HttpLambdaIntegration>
    const domain = deployment.domain && this.#domain(deployment.publicUrl, deployment.domain.certificate)
    const api = new HttpApi(this, 'Api', {
      apiName: deployment.name,
      createDefaultStage: false,
      // With a name of its own, nobody is to come by the other one.
      disableExecuteApiEndpoint: domain !== undefined,
    })
    for (const { path, to, why } of routes) {
      for (const route of api.addRoutes({ path, integration: integrations[to] })) open(route, why)
    }
    const toPages = new HttpRoute(this, 'ToPages', {
      httpApi: api,
      routeKey: HttpRouteKey.DEFAULT,
      integration: integrations.pages,
    })
    open(toPages, 'Anybody may read the pages; what is personal asks for a session in the function.')
    api.addStage('Live', {
      stageName: '$default',
      autoDeploy: true,
      throttle: { rateLimit: deployment.requestsPerSecond, burstLimit: deployment.burst },
      ...(domain ? { domainMapping: { domainName: domain } } : {}),
      accessLogSettings: {
        destination: new LogGroupLogDestination(accessLog),
        // Not the path: it may hold the code of an offer or of a shared link. The route says enough.
        format: AccessLogFormat.custom(
          JSON.stringify({
            requestId: '$context.requestId',
            at: '$context.requestTimeEpoch',
            route: '$context.routeKey',
            status: '$context.status',
            milliseconds: '$context.responseLatency',
            bytes: '$context.responseLength',
            integrationError: '$context.integrationErrorMessage',
          }),
        ),
      },
    })
    if (!domain) {
      new CfnOutput(this, 'ApiAddress', {
        value: api.apiEndpoint,
        description: 'Where the academy answers for whatever stands in front.',
      })
    }
    return api
  }

  #domain(publicUrl: string, certificateArn: string): DomainName {
    const domain = new DomainName(this, 'Domain', {
      domainName: new URL(publicUrl).hostname,
      certificate: Certificate.fromCertificateArn(this, 'Certificate', certificateArn),
    })
    new CfnOutput(this, 'DomainTarget', {
      value: domain.regionalDomainName,
      description: 'What the name of the academy must point to (CNAME or alias).',
    })
    return domain
  }
}

/** API Gateway checks no token here: its authorizers take RSA keys only, and one issuer each. */
function open(route: HttpRoute, why: string): void {
  acknowledge(route, { 'AwsSolutions-APIG4': why })
}
