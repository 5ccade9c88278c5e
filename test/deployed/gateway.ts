import { randomUUID } from 'node:crypto'
import * as z from 'zod'
import type { Assembly } from './read-assembly.ts'
import type { DeployedFunction } from './runtime.ts'

const zAnswer = z.object({
  statusCode: z.int(),
  headers: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
  cookies: z.array(z.string()).default([]),
  body: z.string().default(''),
  isBase64Encoded: z.boolean().default(false),
})

/** What API Gateway takes at most, and what a function may answer. */
const mostBytes = 6 * 1024 * 1024

/**
 * The HTTP API in front of the functions: only the routes of the template, requests as events of payload
 * 2.0. Answers a `fetch` for its address.
 */
export function gateway(
  routes: Assembly['routes'],
  functions: ReadonlyMap<string, DeployedFunction>,
): typeof fetch {
  return async (input, init) => {
    const request = new Request(input, init)
    const { pathname, search, host } = new URL(request.url)
    const route = routeOf(routes, request.method, pathname)
    const fn = route && functions.get(route.functionId)
    if (!route || !fn) return Response.json({ message: 'Not Found' }, { status: 404 })
    const body = Buffer.from(await request.arrayBuffer())
    const { cookie, ...headers } = { ...Object.fromEntries(request.headers), host } as Record<string, string>
    const answer = await fn.invoke({
      version: '2.0',
      routeKey: route.key,
      rawPath: pathname,
      rawQueryString: search.slice(1),
      headers,
      ...(cookie ? { cookies: cookie.split('; ') } : {}),
      requestContext: {
        domainName: host,
        http: { method: request.method, path: pathname, protocol: 'HTTP/1.1', sourceIp: '192.0.2.7' },
        requestId: randomUUID(),
        routeKey: route.key,
        stage: '$default',
      },
      // API Gateway sends text as it is and the rest as base64; the functions must take both, and get the latter.
      ...(body.length > 0 ? { body: body.toString('base64') } : {}),
      isBase64Encoded: body.length > 0,
    })
    const text = JSON.stringify(answer)
    if (text.length > mostBytes) return Response.json({ message: 'Internal Server Error' }, { status: 500 })
    return Object.defineProperty(responseOf(answer), 'url', { value: request.url })
  }
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
function routeOf(routes: Assembly['routes'], method: string, path: string) {
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
