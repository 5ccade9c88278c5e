import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { QueueError } from '#core/practicals/queue.ts'

export interface SiteRequest {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  url: URL
  headers: Record<string, string>
  body?: Buffer
  timeoutMs: number
  /** What a request is called that may have been heard and was not answered. */
  lost: 'unconfirmed' | 'unavailable'
}

export interface SiteAnswer {
  status: number
  bytes: Buffer
}

/** How long a site may take for an answer unless told otherwise. */
export const siteTimeoutMs = 15_000
const answerMaxBytes = 64 * 1024 * 1024

/**
 * One request to a site, on a connection of its own. Throws `QueueError`: `unavailable` when no connection came
 * about (nothing was sent), and what `lost` says when there was one. Redirects are not followed.
 */
export async function siteRequest(request: SiteRequest): Promise<SiteAnswer> {
  const { url, method, body } = request
  let connected = false
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const outgoing = (url.protocol === 'https:' ? httpsRequest : httpRequest)(
        url,
        {
          method,
          agent: false,
          signal: AbortSignal.timeout(request.timeoutMs),
          headers: { ...request.headers, ...(body ? { 'content-length': body.length } : {}) },
        },
        resolve,
      )
      outgoing.on('socket', (socket) => {
        // Only from here on can a byte of the request have reached anybody.
        socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', () => {
          connected = true
        })
      })
      outgoing.on('error', reject)
      outgoing.end(body)
    })
    return { status: response.statusCode ?? 0, bytes: await readBytes(response) }
  } catch (cause) {
    throw new QueueError(
      connected ? request.lost : 'unavailable',
      connected ? 'the site did not answer' : 'the site cannot be reached',
      { cause },
    )
  }
}

async function readBytes(response: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of response as AsyncIterable<Buffer>) {
    size += part.length
    if (size > answerMaxBytes) {
      response.destroy()
      throw new Error('the answer of the site is too large')
    }
    parts.push(part)
  }
  return Buffer.concat(parts)
}

/** `undefined` when it is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
