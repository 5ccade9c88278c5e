import type { Clock } from '#core/ports.ts'
import { QueueError } from '#core/practicals/queue.ts'
import { parseJson, type SiteRequest, siteRequest, siteTimeoutMs } from '../slurm/site-request.ts'
import { type FirecrestAccount, tokenSource } from './token.ts'

export interface FirecrestCall {
  method: SiteRequest['method']
  /** Below the address of the site, with its query. */
  path: string
  json?: object
  /** One file, sent as a form (`ops/upload`). */
  file?: { name: string; bytes: Uint8Array }
}

export interface FirecrestAnswer {
  status: number
  bytes: Buffer
  /** `undefined` when the answer is not JSON. */
  body: unknown
  /** FirecREST's own words about an error; `undefined` when the answer is not one of its errors. */
  message: string | undefined
}

/**
 * Requests to FirecREST as one account. A refused token is replaced once, for any request: what was refused was
 * not looked at. Throws `QueueError` as `siteRequest` does; for a submit that may have been heard `unconfirmed`.
 */
export function firecrestCaller(
  { url, clock, timeoutMs = siteTimeoutMs, ...site }: CallerOptions,
  account: FirecrestAccount,
): (call: FirecrestCall) => Promise<FirecrestAnswer> {
  const tokens = tokenSource({ tokenUrl: site.tokenUrl, clock, timeoutMs }, account)

  async function once(call: FirecrestCall, token: string): Promise<FirecrestAnswer> {
    const payload = payloadOf(call)
    const { status, bytes } = await siteRequest({
      method: call.method,
      url: new URL(`${url}${call.path}`),
      headers: {
        authorization: `Bearer ${token}`,
        accept: '*/*',
        ...(payload ? { 'content-type': payload.type } : {}),
      },
      ...(payload ? { body: payload.bytes } : {}),
      timeoutMs,
      // Every file operation may be repeated; a submit may not.
      lost: call.method === 'POST' && call.path.startsWith('/compute/') ? 'unconfirmed' : 'unavailable',
    })
    const body = parseJson(bytes.toString('utf8'))
    const error = typeof body === 'object' && body !== null && 'errorType' in body && 'message' in body
    return { status, bytes, body, message: error ? String(body.message).slice(0, 4000) : undefined }
  }

  return async (call) => {
    const token = await tokens.get()
    const answer = await once(call, token)
    if (answer.status !== 401) return answer
    tokens.drop(token)
    const second = await once(call, await tokens.get())
    if (second.status === 401) throw new QueueError('auth', 'the site refuses the token')
    return second
  }
}

interface CallerOptions {
  url: string
  tokenUrl: string
  clock: Clock
  timeoutMs?: number
}

function payloadOf({ json, file }: FirecrestCall): { type: string; bytes: Buffer } | undefined {
  if (json) return { type: 'application/json', bytes: Buffer.from(JSON.stringify(json)) }
  if (!file) return undefined
  // Names are made by us; bytes are not, so the boundary must not occur in them.
  const bytes = Buffer.from(file.bytes)
  let boundary: string
  do boundary = `academy-${crypto.randomUUID()}`
  while (bytes.includes(boundary))
  const head = `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="${file.name}"\r\ncontent-type: application/octet-stream\r\n\r\n`
  return {
    type: `multipart/form-data; boundary=${boundary}`,
    bytes: Buffer.concat([Buffer.from(head), bytes, Buffer.from(`\r\n--${boundary}--\r\n`)]),
  }
}
