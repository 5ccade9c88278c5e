import {
  type App,
  CrossStackReferences,
  Duration,
  ReferenceStrength,
  Stack,
  type StackProps,
} from 'aws-cdk-lib'
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager'
import {
  AllowedMethods,
  CacheHeaderBehavior,
  CachePolicy,
  CacheQueryStringBehavior,
  Distribution,
  Function as EdgeFunction,
  FunctionCode,
  FunctionEventType,
  FunctionRuntime,
  HttpVersion,
  OriginRequestPolicy,
  SecurityPolicyProtocol,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront'
import { FunctionUrlOrigin, HttpOrigin } from 'aws-cdk-lib/aws-cloudfront-origins'
import type { Secret } from 'aws-cdk-lib/aws-secretsmanager'
import { CfnWebACL } from 'aws-cdk-lib/aws-wafv2'
import type { Construct } from 'constructs'
import { acknowledge } from './acknowledge.ts'
import type { ApiStack } from './api-stack.ts'
import type { Deployment } from './deployment.ts'
import { streamsPath } from './routes.ts'

interface Edge {
  deployment: Deployment
  edge: NonNullable<Deployment['edge']>
  api: ApiStack
  originSecret: Secret
}

/** As `functions/behind-edge.ts` reads them; both replace what a visitor sent by that name. */
const edgeHeaders = { origin: 'x-academy-origin', visitor: 'x-academy-visitor' }

/** Requests of one address in five minutes, above which the firewall answers 403. */
const mostRequests = 5000

/**
 * Runs in CloudFront before anything else. The policies that name headers cannot add the visitor's address and leave
 * the `Host` of the visitor out, which API Gateway and Function URLs refuse; what a visitor sent by that name is
 * replaced. Which origin answers was decided by the path before: the function behind a stream knows one path only.
 */
const atViewerRequest = `function handler(event) {
  var request = event.request;
  request.headers['${edgeHeaders.visitor}'] = { value: event.viewer.ip };
  if (request.uri === '${streamsPath}') request.uri = '/graphql';
  return request;
}
`

/** CloudFront in front of the API, and in us-east-1 the firewall in front of CloudFront. */
export function edgeStacks(app: App, { deployment, edge, api, originSecret }: Edge): Stack[] {
  const { name, region, account } = deployment
  const inAccount = account === undefined ? {} : { account }
  const firewall = new FirewallStack(app, `${name}-firewall`, { env: { region: 'us-east-1', ...inAccount } })
  // Read as an output when this is deployed: no function of CDK's has to carry it between the regions.
  const own = new EdgeStack(
    app,
    `${name}-edge`,
    { deployment, edge, api, originSecret, firewall },
    {
      env: { ...(region === undefined ? {} : { region }), ...inAccount },
      crossRegionReferences: true,
    },
  )
  return [firewall, own]
}

/** AWS's own rules for the common attacks, and a limit for each address. */
class FirewallStack extends Stack {
  readonly webAcl: CfnWebACL

  constructor(scope: Construct, id: string, props: StackProps) {
    super(scope, id, { ...props, crossRegionReferences: true })
    const seen = (metricName: string) => ({
      sampledRequestsEnabled: true,
      cloudWatchMetricsEnabled: true,
      metricName,
    })
    const managed = (ruleName: string, priority: number) => ({
      name: ruleName,
      priority,
      overrideAction: { none: {} },
      statement: { managedRuleGroupStatement: { vendorName: 'AWS', name: ruleName } },
      visibilityConfig: seen(ruleName),
    })
    this.webAcl = new CfnWebACL(this, 'WebAcl', {
      scope: 'CLOUDFRONT',
      defaultAction: { allow: {} },
      visibilityConfig: seen('academy'),
      rules: [
        {
          name: 'rate',
          priority: 0,
          action: { block: {} },
          statement: { rateBasedStatement: { limit: mostRequests, aggregateKeyType: 'IP' } },
          visibilityConfig: seen('rate'),
        },
        managed('AWSManagedRulesAmazonIpReputationList', 1),
        managed('AWSManagedRulesKnownBadInputsRuleSet', 2),
      ],
    })
    CrossStackReferences.of(this.webAcl).produce(ReferenceStrength.WEAK)
  }
}

class EdgeStack extends Stack {
  constructor(
    scope: Construct,
    id: string,
    { deployment, edge, api, originSecret, firewall }: Edge & { firewall: FirewallStack },
    props: StackProps,
  ) {
    super(scope, id, props)
    // Read by CloudFormation when it deploys: the template holds where the value is, and under which name.
    const customHeaders = {
      [edgeHeaders.origin]: originSecret.secretValueFromJson(edge.originKey).unsafeUnwrap(),
    }
    const whoVisits = new EdgeFunction(this, 'WhoVisits', {
      comment: `Tells the functions of ${deployment.name} who visits`,
      runtime: FunctionRuntime.JS_2_0,
      code: FunctionCode.fromInline(atViewerRequest),
    })
    const everything = {
      origin: new HttpOrigin(`${api.api.apiId}.execute-api.${api.region}.${api.urlSuffix}`, {
        customHeaders,
      }),
      functionAssociations: [{ function: whoVisits, eventType: FunctionEventType.VIEWER_REQUEST }],
      viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
      allowedMethods: AllowedMethods.ALLOW_ALL,
      originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
      compress: true,
    }
    // What the functions say may be kept, and for how long, and nothing else; answers differ by language.
    const asTold = new CachePolicy(this, 'AsTold', {
      cachePolicyName: `${deployment.name}-as-told`,
      minTtl: Duration.seconds(0),
      defaultTtl: Duration.seconds(0),
      maxTtl: Duration.days(1),
      headerBehavior: CacheHeaderBehavior.allowList('Accept', 'Accept-Language', 'Origin'),
      queryStringBehavior: CacheQueryStringBehavior.all(),
      enableAcceptEncodingBrotli: true,
      enableAcceptEncodingGzip: true,
    })
    const kept = { ...everything, cachePolicy: asTold, allowedMethods: AllowedMethods.ALLOW_GET_HEAD_OPTIONS }
    const distribution = new Distribution(this, 'Distribution', {
      comment: deployment.name,
      domainNames: [new URL(deployment.publicUrl).hostname],
      certificate: Certificate.fromCertificateArn(this, 'Certificate', edge.certificate),
      minimumProtocolVersion: SecurityPolicyProtocol.TLS_V1_2_2021,
      httpVersion: HttpVersion.HTTP2_AND_3,
      webAclId: firewall.webAcl.attrArn,
      defaultBehavior: { ...everything, cachePolicy: CachePolicy.CACHING_DISABLED },
      additionalBehaviors: {
        ...Object.fromEntries(
          ['/status/*', '/bitstring/*', '/.well-known/*', '/institutions/*', '/vct/*', '/static/*'].map(
            (path) => [path, kept],
          ),
        ),
        ...(api.streams
          ? {
              [streamsPath]: {
                ...everything,
                // Something comes every 12 seconds, if only a colon.
                origin: new FunctionUrlOrigin(api.streams, {
                  customHeaders,
                  readTimeout: Duration.seconds(60),
                }),
                cachePolicy: CachePolicy.CACHING_DISABLED,
                compress: false,
              },
            }
          : {}),
      },
    })
    acknowledge(distribution, {
      'AwsSolutions-CFR1': 'Learners and employers are everywhere; no country is shut out.',
      'AwsSolutions-CFR3':
        'A log here would hold addresses of people and of offers; the log of the API holds what is needed.',
    })
  }
}
