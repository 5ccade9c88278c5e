import type { Context } from 'hono'
import { html } from 'hono/html'
import type { Actor } from '#core/access/operations.ts'
import type { Ports } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import { readForm } from '../read-form.ts'
import { checkCsrf, csrfField, sessionOf } from '../session.ts'
import type { Html } from './layout.ts'

/** The fields of a form a signed-in person sent from a page of ours. Refuses `not_signed_in` and `not_allowed`. */
export async function readSignedForm(
  c: Context,
): Promise<{ actor: Actor; fields: Awaited<ReturnType<typeof readForm>> }> {
  const actor = sessionOf(c)
  if (!actor) throw new Refusal('not_signed_in', 'Sign in first.')
  await checkCsrf(c)
  return { actor, fields: await readForm(c) }
}

/**
 * The hidden fields of each form that changes something: the browser's own token, and a fresh request id, so
 * that sending twice has one effect. Call this before the answer is made.
 */
export function hiddenFields(c: Context, { random }: Pick<Ports, 'random'>): () => Html {
  const csrf = csrfField(c)
  return () => {
    const requestId = Buffer.from(random.bytes(18)).toString('base64url')
    return html`${csrf}<input type="hidden" name="requestId" value="${requestId}">`
  }
}
