import type { Ports } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import type { Verification } from '#core/verification/verification.ts'
import { type VerifyPorts, verifyCredential } from '#core/verification/verify-credential.ts'
import { showOnly } from './hide-claims.ts'
import { shareLinkId } from './link-text.ts'
import type { ShareLink } from './share-link.ts'

/**
 * What whoever has the link may see: the credential with the chosen parts, verified now by the same engine
 * as any other. Refuses `not_found` alike for a link that is unknown, ended, withdrawn, or whose learner
 * was erased: the credential's text went with their key.
 */
export async function openShareLink(
  text: string,
  ports: VerifyPorts & Pick<Ports, 'store'>,
): Promise<{ link: ShareLink; credential: string; verification: Verification }> {
  const id = shareLinkId(text)
  const link = id && (await ports.store.findShareLink(id))
  if (!link || link.expiresAt <= ports.clock.now()) throw gone()
  const issued = await ports.store.findIssued(link.awardId, 'dc+sd-jwt', link.holderThumbprint)
  if (!issued) throw gone()
  const credential = await showOnly(issued.text, link.show, ports.primitives)
  return { link, credential, verification: await verifyCredential(credential, {}, ports) }
}

function gone(): Refusal {
  return new Refusal('not_found', 'This link has ended or was withdrawn.')
}
