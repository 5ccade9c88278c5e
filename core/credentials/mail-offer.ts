import type { OfferId } from '#core/ids.ts'
import type { OutboxEvent } from '#core/outbox.ts'
import type { Ports } from '#core/ports.ts'
import { mailedTxCode } from './open-offer.ts'

/**
 * Projection of the outbox: tells the learner of an open offer, with the transaction code when one is sent
 * by mail. An offer that has moved on, or a learner who was erased, gets no mail. An offer is mailed once, by its
 * log: only a server that dies between sending and noting it there sends the same mail again.
 */
export async function mailOffer(
  event: OutboxEvent,
  { store, mail, signers, settings, clock }: Pick<Ports, 'store' | 'mail' | 'signers' | 'settings' | 'clock'>,
): Promise<void> {
  if (event.type !== 'offer.opened') return
  const offer = await store.findOffer(event.offerId)
  if (offer?.state !== 'open') return
  const [learner, award] = await Promise.all([
    store.findLearner(offer.learnerId),
    store.findAward(offer.awardId),
  ])
  if (!learner?.person || award?.status.state !== 'valid') return
  if (await isTold(offer.id, store)) return
  const code = mailedTxCode(offer, signers)
  const link = `${settings.publicUrl}/claim/${offer.id}`
  // Both languages: nobody has said yet which one they read.
  const sent = await mail.send(offer.tenant, {
    to: learner.person.email,
    subject: `${award.title.en} / ${award.title.fr}`.slice(0, 200),
    text: [
      award.supersedes
        ? `Your award "${award.title.en}" was corrected. This one replaces what you have; collect it into a wallet:`
        : `You passed "${award.title.en}". Collect your credential into a wallet:`,
      link,
      ...(code ? [`Code your wallet asks for: ${code}`] : []),
      `The offer ends on ${offer.expiresAt.toISOString().slice(0, 10)}.`,
      '',
      award.supersedes
        ? `Votre titre « ${award.title.fr} » a été corrigé. Celui-ci remplace le précédent ; recueillez-le dans un portefeuille :`
        : `Vous avez réussi « ${award.title.fr} ». Recueillez votre attestation dans un portefeuille :`,
      link,
      ...(code ? [`Code que votre portefeuille demande : ${code}`] : []),
      `L’offre prend fin le ${offer.expiresAt.toISOString().slice(0, 10)}.`,
    ].join('\n'),
    language: 'en',
    about: offer.learnerId,
    reference: offer.id,
  })
  const at = clock.now()
  await store.noteOffer(
    offer.id,
    sent.outcome === 'sent' ? { at, what: 'mailed' } : { at, what: 'mail-refused', code: String(sent.code) },
  )
}

/** Of an open offer the log has few lines, and what became of its mail is among the first. */
async function isTold(id: OfferId, store: Pick<Ports['store'], 'offerLog'>): Promise<boolean> {
  const lines = await store.offerLog(id, 100)
  return lines.some(({ what }) => what === 'mailed' || what === 'mail-refused')
}
