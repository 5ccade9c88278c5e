import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Needed } from '../policy.ts'

interface AwsRequest {
  method: string
  path: string
  query: URLSearchParams
  headers: IncomingHttpHeaders
  body: Buffer
}

export interface AwsReply {
  status?: number
  headers?: Record<string, string>
  body?: string | Uint8Array
}

/** One call, understood: what it needs to be allowed, and how it is answered. */
interface AwsCall {
  /** `dynamodb:TransactWriteItems`, `kms:Sign`. */
  operation: string
  needs: Needed[]
  answer(): AwsReply | Promise<AwsReply>
  /** How the service tells an error. */
  refuse(error: AwsError): AwsReply
}

/** A stand-in: answers `undefined` for what is another service's. */
export type AwsService = (request: AwsRequest) => AwsCall | undefined

/** An error in the words of AWS. */
export class AwsError extends Error {
  readonly code: string
  readonly status: number
  readonly more: object

  constructor(
    code: string,
    message: string,
    { status = 400, ...more }: { status?: number; [member: string]: unknown } = {},
  ) {
    super(message)
    this.name = 'AwsError'
    this.code = code
    this.status = status
    this.more = more
  }
}

interface AskedCall {
  caller: string
  operation: string
  needs: Needed[]
}

/** A call that was made: by whom, of what, and whether it was answered. */
interface MadeCall extends Needed {
  caller: string
  operation: string
}

export interface AwsDoor {
  url: string
  /** In order; one entry for everything a call needed. */
  calls: MadeCall[]
  /** What was asked for and not allowed, or not understood. A test that ends with any has failed. */
  wrongs: string[]
  /** Asked before each call is answered; what it throws is what the caller hears. */
  fault: ((call: AskedCall) => void | Promise<void>) | undefined
  /** Told of each call that was done, before its caller hears of it. */
  answered: ((call: AskedCall) => void) | undefined
  close(): Promise<void>
}

export interface DoorOptions {
  services: AwsService[]
  /** Whether the caller, by the id of its access key, may do it; everybody may do everything when absent. */
  may?: (caller: string, needed: Needed) => boolean
}

/**
 * Where every SDK of the functions is sent: one address for all services. Whoever calls is known by the id of
 * the key they sign with, and is allowed what their role allows.
 */
export async function awsDoor({ services, may }: DoorOptions): Promise<AwsDoor> {
  const door: Omit<AwsDoor, 'url' | 'close'> = {
    calls: [],
    wrongs: [],
    fault: undefined,
    answered: undefined,
  }

  async function answer(request: AwsRequest): Promise<AwsReply> {
    const call = services.map((service) => service(request)).find((found) => found !== undefined)
    if (!call) {
      const what = String(request.headers['x-amz-target'] ?? `${request.method} ${request.path}`)
      door.wrongs.push(`no stand-in for ${what}`)
      return { status: 400, body: JSON.stringify({ __type: 'UnknownOperationException', message: what }) }
    }
    const caller = callerOf(request)
    const { operation, needs } = call
    for (const needed of needs) door.calls.push({ caller, operation, ...needed })
    try {
      for (const needed of needs) {
        if (!may || may(caller, needed)) continue
        door.wrongs.push(`${caller} may not ${needed.action} on ${needed.resource}`)
        const code = request.headers['x-amz-target'] ? 'AccessDeniedException' : 'AccessDenied'
        throw new AwsError(code, `not authorized to perform: ${needed.action}`, { status: 403 })
      }
      await door.fault?.({ caller, operation, needs })
      const reply = await call.answer()
      door.answered?.({ caller, operation, needs })
      return reply
    } catch (error) {
      if (error instanceof AwsError) return call.refuse(error)
      door.wrongs.push(`${caller}, ${operation}: ${String(error)}`)
      return call.refuse(new AwsError('InternalFailure', 'the stand-in failed', { status: 500 }))
    }
  }

  const server = createServer(async (incoming, response) => {
    const { pathname, searchParams } = new URL(incoming.url ?? '/', 'http://aws.local')
    const reply = await answer({
      method: incoming.method ?? 'GET',
      path: decodeURIComponent(pathname),
      query: searchParams,
      headers: incoming.headers,
      body: await bodyOf(incoming),
    })
    response.writeHead(reply.status ?? 200, reply.headers ?? {})
    response.end(reply.body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return Object.assign(door, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  })
}

/** The id of the key a request was signed with, whether in a header or in a link. */
function callerOf({ headers, query }: AwsRequest): string {
  const credential =
    query.get('X-Amz-Credential') ?? /Credential=([^,\s]+)/.exec(headers.authorization ?? '')?.[1]
  return credential?.split('/')[0] ?? 'nobody'
}

/** A service of the JSON protocols: the operation is in a header, errors in `__type`. */
export function jsonService(
  prefix: string,
  iam: string,
  operations: Record<string, (input: unknown) => { needs: Needed[]; answer: () => object | Promise<object> }>,
): AwsService {
  return ({ headers, body }) => {
    const target = String(headers['x-amz-target'] ?? '')
    if (!target.startsWith(`${prefix}.`)) return undefined
    const name = target.slice(prefix.length + 1)
    const operation = operations[name]
    if (!operation) return undefined
    const { needs, answer } = operation(JSON.parse(body.toString('utf8') || '{}'))
    return {
      operation: `${iam}:${name}`,
      needs,
      answer: async () => json(200, await answer()),
      refuse: jsonError,
    }
  }
}

export function jsonError({ code, message, status, more }: AwsError): AwsReply {
  return json(status, { __type: code, message, ...more })
}

function json(status: number, body: object): AwsReply {
  return { status, headers: { 'content-type': 'application/x-amz-json-1.1' }, body: JSON.stringify(body) }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}
