import { randomUUID } from 'node:crypto'
import * as z from 'zod'
import { attributeOf } from './names.ts'
import { type Assembly, place } from './read-assembly.ts'
import type { DeployedFunction } from './runtime.ts'

const zAnswer = z.object({
  statusCode: z.int(),
  headers: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
  cookies: z.array(z.string()).default([]),
  body: z.string().default(''),
  isBase64Encoded: z.boolean().default(false),
})
const zRoute = z.object({ RouteKey: z.string(), Target: z.string() })
const zIntegration = z.object({ IntegrationUri: z.string(), PayloadFormatVersion: z.literal('2.0') })
const zUrl = z.object({
  TargetFunctionArn: z.string(),
  AuthType: z.literal('NONE'),
  InvokeMode: z.enum(['BUFFERED', 'RESPONSE_STREAM']),
})
const zPermission = z.object({
  Action: z.string(),
  FunctionName: z.string(),
  Principal: z.string(),
  SourceArn: z.string().optional(),
  FunctionUrlAuthType: z.string().optional(),
})

/** What API Gateway takes at most, and what a function may answer. */
const mostBytes = 6 * 1024 * 1024

interface Route {
  /** `METHOD /path` or `$default`. */
  key: string
  functionArn: string
}

/**
 * The HTTP API in front of the functions: only the routes of the template that API Gateway is also allowed to
 * follow, requests as events of payload 2.0. Answers a `fetch` for its address.
 */
export function httpFront(
  assembly: Assembly,
  functionAt: (arn: string) => DeployedFunction | undefined,
): typeof fetch {
  const routes = routesOf(assembly)
  const urls = urlsOf(assembly)
  return async (input, init) => {
    const request = new Request(input, init)
    const { pathname, hostname } = new URL(request.url)
    const url = urls.find((one) => one.hostname === hostname)
    const route = url ?? routeOf(routes, request.method, pathname)
    const fn = route && functionAt(route.functionArn)
    if (!route || !fn) return Response.json({ message: 'Not Found' }, { status: 404 })
    const event = await eventOf(request, route)
    if (url?.streams) return fn.invokeStreaming(event)
    if (JSON.stringify(event).length > mostBytes)
      return Response.json({ message: 'Request Entity Too Large' }, { status: 413 })
    const answer = await fn.invoke(event)
    if (JSON.stringify(answer).length > mostBytes)
      return Response.json({ message: 'Internal Server Error' }, { status: 500 })
    return Object.defineProperty(responseOf(answer), 'url', { value: request.url, configurable: true })
  }
}

/** A request as payload 2.0, which API Gateway and Function URLs share. */
async function eventOf(request: Request, { key }: Route): Promise<object> {
  const { pathname, search, host } = new URL(request.url)
  const body = Buffer.from(await request.arrayBuffer())
  const { cookie, ...headers } = { ...Object.fromEntries(request.headers), host } as Record<string, string>
  return {
    version: '2.0',
    routeKey: key,
    rawPath: pathname,
    rawQueryString: search.slice(1),
    headers,
    ...(cookie ? { cookies: cookie.split('; ') } : {}),
    requestContext: {
      domainName: host,
      http: { method: request.method, path: pathname, protocol: 'HTTP/1.1', sourceIp: '192.0.2.7' },
      requestId: randomUUID(),
      routeKey: key,
      stage: '$default',
    },
    // API Gateway sends text as it is and the rest as base64; the functions must take both, and get the latter.
    ...(body.length > 0 ? { body: body.toString('base64') } : {}),
    isBase64Encoded: body.length > 0,
  }
}

/** Functions with an address of their own, which anybody must have been allowed to call. */
function urlsOf(assembly: Assembly): (Route & { hostname: string; streams: boolean })[] {
  const permissions = assembly
    .ofType('AWS::Lambda::Permission')
    .map(({ properties }) => zPermission.parse(properties))
  return assembly.ofType('AWS::Lambda::Url').map((url) => {
    const { TargetFunctionArn: functionArn, InvokeMode } = zUrl.parse(url.properties)
    const allowed = permissions.some(
      (one) =>
        one.Action === 'lambda:InvokeFunctionUrl' &&
        one.Principal === '*' &&
        one.FunctionName === functionArn &&
        one.FunctionUrlAuthType === 'NONE',
    )
    if (!allowed) throw new Error('nobody may call a function that has an address')
    const { hostname } = new URL(attributeOf(url, 'FunctionUrl'))
    return { key: '$default', functionArn, hostname, streams: InvokeMode === 'RESPONSE_STREAM' }
  })
}

function routesOf(assembly: Assembly): Route[] {
  const integrations = new Map(
    assembly
      .ofType('AWS::ApiGatewayV2::Integration')
      .map(({ name, properties }) => [`integrations/${name}`, zIntegration.parse(properties).IntegrationUri]),
  )
  const permissions = assembly
    .ofType('AWS::Lambda::Permission')
    .map(({ properties }) => zPermission.parse(properties))
    .filter(({ Principal }) => Principal === 'apigateway.amazonaws.com')
  const [api] = assembly.ofType('AWS::ApiGatewayV2::Api')
  return assembly.ofType('AWS::ApiGatewayV2::Route').map(({ properties }) => {
    const { RouteKey: key, Target } = zRoute.parse(properties)
    const functionArn = integrations.get(Target)
    if (functionArn === undefined) throw new Error(`the route ${key} leads to no integration`)
    const path = key === '$default' ? '/$default' : key.slice(key.indexOf(' ') + 1)
    const from = `arn:aws:execute-api:${place.region}:${place.account}:${api?.name}/*/*${path}`
    const allowed = permissions.some(
      ({ FunctionName, SourceArn = '' }) =>
        FunctionName === functionArn && (SourceArn === from || SourceArn.endsWith('/*/*')),
    )
    if (!allowed) throw new Error(`API Gateway may not call what the route ${key} leads to`)
    return { key, functionArn }
  })
}

function responseOf(answer: unknown): Response {
  const { statusCode, headers, cookies, body, isBase64Encoded } = zAnswer.parse(answer)
  const response = new Response(
    statusCode === 204 || statusCode === 304 ? null : Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8'),
    { status: statusCode, headers: Object.entries(headers).map(([name, value]) => [name, String(value)]) },
  )
  for (const cookie of cookies) response.headers.append('set-cookie', cookie)
  return response
}

/** The most exact route: one without a variable before one with, `$default` last. */
function routeOf(routes: readonly Route[], method: string, path: string) {
  const matching = routes.filter(({ key }) => {
    const [verb = '', pattern = ''] = key.split(' ')
    if (verb !== 'ANY' && verb !== method) return false
    const exact = pattern
      .replace(/\./g, '\\.')
      .replace(/\{\w+\+\}/g, '.+')
      .replace(/\{\w+\}/g, '[^/]+')
    return new RegExp(`^${exact}$`).test(path)
  })
  return (
    matching.find(({ key }) => !key.includes('{')) ??
    matching.toSorted((a, b) => b.key.length - a.key.length)[0] ??
    routes.find(({ key }) => key === '$default')
  )
}
