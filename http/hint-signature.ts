import { createHmac } from 'node:crypto'
import type { SignedHint } from '#core/practicals/site.ts'
import { sameText } from '#core/same-text.ts'

const shortestSecret = 32

/** What a site sends beside a hint: `sha256=` and the HMAC-SHA-256 (hex) of time, full stop and body. */
export function hintSignature({ timestamp, body }: Omit<SignedHint, 'signature'>, secret: string): string {
  return `sha256=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`
}

/** Whether a hint is signed with the secret. */
export function isSignedHint({ signature, ...hint }: SignedHint, secret: string | undefined): boolean {
  const usable = secret !== undefined && secret.length >= shortestSecret
  // Without a secret the work is the same, so that the time does not tell.
  return sameText(signature, hintSignature(hint, usable ? secret : 'nobody knows')) && usable
}
