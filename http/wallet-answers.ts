import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { type WalletErrorCode, WalletRefusal } from '#core/openid4vci/wallet-refusal.ts'
import type { Clock } from '#core/ports.ts'
import type { AcademyEnv } from './environment.ts'

/** HTTP status of each error a wallet is answered. */
const statusOf = {
  invalid_request: 400,
  invalid_grant: 400,
  unsupported_grant_type: 400,
  invalid_authorization_details: 400,
  invalid_token: 401,
  invalid_credential_request: 400,
  unknown_credential_configuration: 400,
  unknown_credential_identifier: 400,
  invalid_proof: 400,
  invalid_nonce: 400,
  invalid_encryption_parameters: 400,
  credential_request_denied: 400,
  invalid_notification_id: 400,
  invalid_notification_request: 400,
} as const satisfies Record<WalletErrorCode, ContentfulStatusCode>

/** The answer of a wallet endpoint; a `WalletRefusal` becomes the error object of the standard. */
export async function answerWallet(
  c: Context<AcademyEnv>,
  work: () => Promise<object | undefined>,
): Promise<Response> {
  // RFC 6749 §5.1: tokens, nonces and credentials are not to be kept by anything in between.
  c.header('Cache-Control', 'no-store')
  try {
    const answer = await work()
    return answer === undefined ? c.body(null, 204) : c.json(answer)
  } catch (error) {
    if (!(error instanceof WalletRefusal)) throw error
    if (error.code === 'invalid_token') c.header('WWW-Authenticate', 'Bearer error="invalid_token"')
    return c.json({ error: error.code, error_description: error.message }, statusOf[error.code])
  }
}

const maxOffers = 10_000

/**
 * Tries of one offer: at most `perMinute`, with that many at once. Whoever knows an offer's address cannot
 * hammer it from many addresses. Answers the seconds to wait, or `undefined` when it may pass.
 */
export function offerTries(perMinute: number, clock: Clock): (offer: string) => number | undefined {
  const buckets = new Map<string, { tokens: number; at: number }>()
  return (offer) => {
    const now = clock.now().getTime()
    const bucket = buckets.get(offer) ?? { tokens: perMinute, at: now }
    const refilled = bucket.tokens + (Math.max(0, now - bucket.at) / 60_000) * perMinute
    const tokens = Math.min(perMinute, refilled)
    buckets.delete(offer)
    buckets.set(offer, { tokens: tokens >= 1 ? tokens - 1 : tokens, at: now })
    const [oldest] = buckets.size > maxOffers ? buckets.keys() : []
    if (oldest !== undefined) buckets.delete(oldest)
    return tokens >= 1 ? undefined : Math.ceil(((1 - tokens) * 60) / perMinute)
  }
}

/** 429 in the form wallets read. */
export function tooManyTries(c: Context<AcademyEnv>, seconds: number): Response {
  c.header('Retry-After', String(seconds))
  c.header('Cache-Control', 'no-store')
  const description = 'Too many tries with this offer. Try again later.'
  return c.json({ error: 'too_many_requests', error_description: description }, 429)
}
