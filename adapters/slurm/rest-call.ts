import { readFileSync } from 'node:fs'
import { QueueError } from '#core/practicals/queue.ts'
import { parseJson, siteRequest, siteTimeoutMs } from './site-request.ts'

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

const tokenSlackSeconds = 5

/**
 * One request to slurmrestd. Throws `QueueError`: `auth` when the token is absent or has run out (nothing was
 * sent), `unavailable` when no connection came about (nothing was sent), and for a request that may have
 * been heard `unconfirmed` (POST) or `unavailable` (the others).
 */
export async function callRest(
  site: { url: string; now: () => Date; timeoutMs?: number },
  account: SlurmAccount,
  { method, path, body }: RestCall,
): Promise<SlurmAnswer> {
  const token = readToken(account.tokenFile, site.now())
  const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body))
  const { status, bytes } = await siteRequest({
    method,
    url: new URL(`${site.url}${path}`),
    headers: {
      'X-SLURM-USER-NAME': account.user,
      'X-SLURM-USER-TOKEN': token,
      accept: 'application/json',
      ...(payload ? { 'content-type': 'application/json' } : {}),
    },
    ...(payload ? { body: payload } : {}),
    timeoutMs: site.timeoutMs ?? siteTimeoutMs,
    lost: method === 'POST' ? 'unconfirmed' : 'unavailable',
  })
  return { status, body: parseJson(bytes.toString('utf8')) }
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
