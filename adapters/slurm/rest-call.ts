import { readFileSync } from 'node:fs'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { QueueError } from '#core/practicals/queue.ts'

/** One account at the site. The token is read anew for every call: sites let it live for half an hour. */
export interface SlurmAccount {
  user: string
  tokenFile: string
}

export interface SlurmAnswer {
  status: number
  /** `undefined` when the answer is not JSON. */
  body: unknown
}

export interface RestCall {
  method: 'GET' | 'POST' | 'DELETE'
  /** Below the address of the site: `/slurm/v0.0.38/jobs`. */
  path: string
  body?: object
}

const restTimeoutMs = 15_000
const answerMaxBytes = 64 * 1024 * 1024
const tokenSlackSeconds = 5

/**
 * One request to slurmrestd. Throws `QueueError`: `auth` when the token is absent or has run out (nothing was
 * sent), `unavailable` when no connection came about (nothing was sent), and for a request that may have
 * been heard `unconfirmed` (POST) or `unavailable` (the others). Redirects are not followed.
 */
export async function callRest(
  site: { url: string; now: () => Date; timeoutMs?: number },
  account: SlurmAccount,
  call: RestCall,
): Promise<SlurmAnswer> {
  const token = readToken(account.tokenFile, site.now())
  const payload = call.body === undefined ? undefined : Buffer.from(JSON.stringify(call.body))
  const url = new URL(`${site.url}${call.path}`)
  let connected = false
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const outgoing = (url.protocol === 'https:' ? httpsRequest : httpRequest)(
        url,
        {
          method: call.method,
          agent: false,
          signal: AbortSignal.timeout(site.timeoutMs ?? restTimeoutMs),
          headers: {
            'X-SLURM-USER-NAME': account.user,
            'X-SLURM-USER-TOKEN': token,
            accept: 'application/json',
            ...(payload ? { 'content-type': 'application/json', 'content-length': payload.length } : {}),
          },
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
      outgoing.end(payload)
    })
    const text = await readText(response)
    return { status: response.statusCode ?? 0, body: parseJson(text) }
  } catch (cause) {
    const kind = connected && call.method === 'POST' ? 'unconfirmed' : 'unavailable'
    throw new QueueError(kind, connected ? 'the site did not answer' : 'the site cannot be reached', {
      cause,
    })
  }
}

async function readText(response: IncomingMessage): Promise<string> {
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
  return Buffer.concat(parts).toString('utf8')
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The token of a file, when its `exp` is in the future. Slurm answers an expired one by errors that mean other things too. */
function readToken(file: string, now: Date): string {
  let token: string
  try {
    token = readFileSync(file, 'utf8').trim()
  } catch (cause) {
    throw new QueueError('auth', 'the token file of the site cannot be read', { cause })
  }
  const claims = parseJson(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
  const exp = typeof claims === 'object' && claims !== null && 'exp' in claims ? claims.exp : undefined
  if (typeof exp !== 'number') throw new QueueError('auth', 'the token of the site names no end')
  if (exp * 1000 <= now.getTime() + tokenSlackSeconds * 1000)
    throw new QueueError('auth', 'the token of the site has run out')
  return token
}
