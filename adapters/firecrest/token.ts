import { readFileSync } from 'node:fs'
import * as z from 'zod'
import type { Clock } from '#core/ports.ts'
import { QueueError } from '#core/practicals/queue.ts'
import { parseJson, siteRequest, siteTimeoutMs } from '../slurm/site-request.ts'

/** One OAuth 2.0 client of the site's identity provider, which acts as one account of the machine. */
export interface FirecrestAccount {
  user: string
  clientId: string
  /** The client's secret; read anew for every token. */
  secretFile: string
}

export interface TokenSource {
  /** A token that lives for at least another minute. Throws `QueueError` `auth` or `unavailable`: nothing was sent. */
  get(): Promise<string>
  /** This one was refused, whatever it said of itself. */
  drop(token: string): void
}

const zToken = z.object({
  access_token: z.string().regex(/^[\x21-\x7e]{1,16384}$/),
  token_type: z.string().regex(/^bearer$/i),
  expires_in: z.number().positive().max(86_400).optional(),
})
/** FirecREST refuses a token that has less than half a minute left. */
const slackSeconds = 60
/** RFC 6749 §5.1 leaves the lifetime open; this is a short one. */
const shortLifetimeSeconds = 120

/** Tokens by client credentials (RFC 6749 §4.4), kept until shortly before their end. */
export function tokenSource(
  { tokenUrl, clock, timeoutMs = siteTimeoutMs }: { tokenUrl: string; clock: Clock; timeoutMs?: number },
  account: FirecrestAccount,
): TokenSource {
  let kept: { token: string; until: number } | undefined
  let asking: Promise<string> | undefined

  async function fetchToken(): Promise<string> {
    const { status, bytes } = await siteRequest({
      method: 'POST',
      url: new URL(tokenUrl),
      headers: {
        authorization: basic(account.clientId, readSecret(account.secretFile)),
        'content-type': 'application/x-www-form-urlencoded',
        accept: 'application/json',
      },
      body: Buffer.from('grant_type=client_credentials'),
      timeoutMs,
      lost: 'unavailable',
    })
    if (status === 400 || status === 401)
      throw new QueueError('auth', 'the identity provider of the site refuses the client')
    const read = zToken.safeParse(parseJson(bytes.toString('utf8')))
    if (status !== 200 || !read.success)
      throw new QueueError('unavailable', 'the identity provider of the site gives no token')
    const { access_token: token, expires_in: seconds = shortLifetimeSeconds } = read.data
    // Of a very short-lived one, half its life.
    const usable = Math.max(seconds - slackSeconds, seconds / 2)
    kept = { token, until: clock.now().getTime() + usable * 1000 }
    return token
  }

  return {
    async get() {
      if (kept && clock.now().getTime() < kept.until) return kept.token
      asking ??= fetchToken().finally(() => {
        asking = undefined
      })
      return asking
    },
    drop(token) {
      if (kept?.token === token) kept = undefined
    },
  }
}

function readSecret(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (cause) {
    throw new QueueError('auth', 'the secret file of the site cannot be read', { cause })
  }
}

/** RFC 6749 §2.3.1: both parts are form-encoded before they are joined. */
function basic(clientId: string, secret: string): string {
  const encoded = (text: string) => new URLSearchParams({ _: text }).toString().slice(2)
  return `Basic ${Buffer.from(`${encoded(clientId)}:${encoded(secret)}`).toString('base64')}`
}
