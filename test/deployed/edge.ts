import { runInNewContext } from 'node:vm'
import * as z from 'zod'
import { type Assembly, type CloudResource, place } from './read-assembly.ts'

const zBehaviour = z.object({
  TargetOriginId: z.string(),
  AllowedMethods: z.array(z.string()).default(['GET', 'HEAD']),
  FunctionAssociations: z
    .array(z.object({ EventType: z.literal('viewer-request'), FunctionARN: z.string() }))
    .default([]),
})
const zDistribution = z.object({
  Aliases: z.array(z.string()),
  Origins: z.array(
    z.object({
      Id: z.string(),
      DomainName: z.string(),
      OriginCustomHeaders: z.array(z.object({ HeaderName: z.string(), HeaderValue: z.string() })).default([]),
    }),
  ),
  CacheBehaviors: z.array(zBehaviour.extend({ PathPattern: z.string() })).default([]),
  DefaultCacheBehavior: zBehaviour,
})

/**
 * CloudFront as the template describes it, without its cache: the first path that fits chooses the origin, the
 * function of that behaviour runs as it stands in the template, and the origin's own headers replace those of the
 * visitor. Answers a `fetch` for the name of the academy, and nothing for an assembly without a distribution.
 */
export function edgeFront(
  assembly: Assembly,
  secrets: ReadonlyMap<string, string>,
  behind: typeof fetch,
): typeof fetch | undefined {
  const [distribution] = assembly.ofType('AWS::CloudFront::Distribution')
  if (!distribution) return undefined
  const config = zDistribution.parse(distribution.properties['DistributionConfig'])
  const functions = assembly.ofType('AWS::CloudFront::Function')
  return async (input, init) => {
    const request = new Request(input, init)
    const url = new URL(request.url)
    if (!config.Aliases.includes(url.hostname)) throw new Error('nobody answers by this name')
    const behaviour =
      config.CacheBehaviors.find(({ PathPattern }) => fits(PathPattern, url.pathname)) ??
      config.DefaultCacheBehavior
    if (!behaviour.AllowedMethods.includes(request.method)) return new Response(null, { status: 403 })
    const headers = new Headers(request.headers)
    let path = url.pathname
    for (const { FunctionARN } of behaviour.FunctionAssociations) {
      const changed = atViewerRequest(
        functions.find(({ arn }) => arn === FunctionARN),
        path,
        headers,
      )
      path = changed.uri
      for (const [name, { value }] of Object.entries(changed.headers)) headers.set(name, value)
    }
    const origin = config.Origins.find(({ Id }) => Id === behaviour.TargetOriginId)
    if (!origin) throw new Error('a behaviour of the distribution leads to no origin')
    for (const { HeaderName, HeaderValue } of origin.OriginCustomHeaders)
      headers.set(HeaderName, resolved(HeaderValue, secrets))
    const body = request.method === 'GET' || request.method === 'HEAD' ? null : await request.arrayBuffer()
    const answer = await behind(`https://${origin.DomainName}${path}${url.search}`, {
      method: request.method,
      headers,
      body,
    })
    return Object.defineProperty(answer, 'url', { value: request.url, configurable: true })
  }
}

/** Whom CloudFront answers here. */
const viewer = '198.51.100.23'

const zChanged = z.object({
  uri: z.string(),
  headers: z.record(z.string(), z.object({ value: z.string() })),
})

function atViewerRequest(fn: CloudResource | undefined, uri: string, headers: Headers) {
  if (!fn) throw new Error('a behaviour of the distribution asks a function that is not there')
  const code = z.string().parse(fn.properties['FunctionCode'])
  const listed = Object.fromEntries([...headers].map(([name, value]) => [name, { value }]))
  const event = JSON.stringify({ viewer: { ip: viewer }, request: { uri, headers: listed } })
  return zChanged.parse(JSON.parse(String(runInNewContext(`${code}\nJSON.stringify(handler(${event}))`))))
}

/** A reference that CloudFormation follows when it deploys, to one member of a secret. */
function resolved(value: string, secrets: ReadonlyMap<string, string>): string {
  const [, arn = '', member = ''] =
    /^\{\{resolve:secretsmanager:(.+):SecretString:([^:]+)::\}\}$/.exec(value) ?? []
  const text = z.record(z.string(), z.string()).parse(JSON.parse(secrets.get(arn) ?? '{}'))[member]
  if (text === undefined) throw new Error('an origin is told a value that no secret holds')
  return text
}

function fits(pattern: string, path: string): boolean {
  const exact = pattern.replaceAll('.', '\\.').replaceAll('*', '.*')
  return new RegExp(`^${exact}$`).test(path)
}

/** What a deployment file says for CloudFront. */
export const withEdge = {
  region: place.region,
  edge: { certificate: `arn:aws:acm:us-east-1:${place.account}:certificate/edge` },
}
