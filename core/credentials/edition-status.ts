import type { Award } from '#core/awards/award.ts'
import type { Ports } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import { noHolder, type StatusIndex } from './credential.ts'

// As for credentials of wallets: twenty draws in a row hit taken places once in a million.
const draws = 20

/**
 * The place in the lists of an award's European edition, given once and kept: the edition itself is made anew
 * each time and would fill the records, so only its place is stored. Refuses `award_not_valid` for an erased
 * learner and `storage_busy`.
 */
export async function europeanStatus(
  award: Award,
  signedWith: string,
  ports: Pick<Ports, 'store' | 'clock' | 'random' | 'settings'>,
): Promise<StatusIndex> {
  const { store, clock, random, settings } = ports
  for (let attempt = 0; attempt < draws; attempt++) {
    const before = await store.findIssued(award.id, 'edc', noHolder)
    if (before) return before.status
    const now = clock.now()
    const byLifetime = now.getTime() + settings.credentialLifetimeDays * 86_400_000
    const credential = {
      id: random.id(award.tenant, 'crd'),
      tenant: award.tenant,
      awardId: award.id,
      learnerId: award.learnerId,
      format: 'edc' as const,
      holderThumbprint: noHolder,
      status: await store.drawStatusIndex(award.tenant, settings.statusListSize),
      signedWith,
      issuedAt: now,
      expiresAt: new Date(Math.min(byLifetime, award.validUntil?.getTime() ?? byLifetime)),
      text: '',
    }
    const saved = await store.saveCredentialOnce(credential, award.version)
    if (saved.outcome === 'saved') return credential.status
    if (saved.outcome === 'issued-before' && !saved.credential)
      throw new Refusal('award_not_valid', 'The learner of this award has been erased.')
    if (saved.outcome === 'award-changed')
      throw new Refusal('award_not_valid', 'The award has changed in this moment; look at it again.')
  }
  throw new Refusal('storage_busy', 'No status index could be drawn; try again.')
}
