import * as z from 'zod'
import type { OfferLogWhat } from '#core/credentials/offer.ts'
import type { CredentialId, OfferId } from '#core/ids.ts'
import { bytesOf, toBase64Url } from '#core/jose/base64url.ts'
import type { Ports, Signers } from '#core/ports.ts'
import { sameText } from '#core/same-text.ts'
import { verifyAccessToken } from './access-token.ts'
import { WalletRefusal } from './wallet-refusal.ts'

const events = {
  credential_accepted: 'credential-accepted',
  credential_failure: 'credential-failure',
  credential_deleted: 'credential-deleted',
} as const satisfies Record<string, OfferLogWhat>

const zNotification = z.looseObject({
  notification_id: z.string().max(200),
  event: z.enum(Object.keys(events) as [keyof typeof events, ...(keyof typeof events)[]]),
})

/** Names one answer of the credential endpoint; made again to recognise it, so it is stored nowhere. */
export function notificationId(
  offer: OfferId,
  firstCredential: CredentialId,
  signers: Pick<Signers, 'mac'>,
): string {
  return `n-${toBase64Url(signers.mac('notification', bytesOf(JSON.stringify([offer, firstCredential]))))}`
}

/**
 * Notification endpoint (OpenID4VCI 1.0 §11): what became of a credential in the wallet goes into the log of
 * its offer. The wallet's own description is not kept: it could hold anything. Saying it twice is harmless.
 */
export async function takeNotification(
  authorization: string | undefined,
  readBody: () => Promise<unknown>,
  ports: Pick<Ports, 'store' | 'clock' | 'signers' | 'settings' | 'primitives'>,
): Promise<void> {
  const { offer } = await verifyAccessToken(authorization, ports)
  const parsed = zNotification.safeParse(await readBody())
  if (!parsed.success) {
    throw new WalletRefusal('invalid_notification_request', 'The notification does not have the right form.')
  }
  const { notification_id: id, event } = parsed.data
  const known = offer.issued.some(({ credentialId }) =>
    sameText(id, notificationId(offer.id, credentialId, ports.signers)),
  )
  if (!known) throw new WalletRefusal('invalid_notification_id', 'There is no such notification id.')
  await ports.store.noteOffer(offer.id, { at: ports.clock.now(), what: events[event] })
}
