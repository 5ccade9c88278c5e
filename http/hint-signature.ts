import { createHmac } from 'node:crypto'
import type { SignedHint } from '#core/practicals/site.ts'
import { sameText } from './same-text.ts'

const shortestSecret = 32

/** Whether a hint is signed with the secret: `sha256=` and the HMAC-SHA-256 (hex) of time, full stop and body. */
export function isSignedHint(
  { timestamp, signature, body }: SignedHint,
  secret: string | undefined,
): boolean {
  const usable = secret !== undefined && secret.length >= shortestSecret
  // Without a secret the work is the same, so that the time does not tell.
  const mac = createHmac('sha256', usable ? secret : 'nobody knows').update(`${timestamp}.${body}`)
  return sameText(signature, `sha256=${mac.digest('hex')}`) && usable
}
