import type { Actor } from '#core/access/operations.ts'
import { readSeal, sealedCredential } from '#core/edc/read-seal.ts'
import { type EditionPorts, makeEdition } from '#core/editions/make-edition.ts'
import type { AwardId } from '#core/ids.ts'

/** The European edition of an award as somebody downloads it. */
export async function europeanFile(actor: Actor | undefined, awardId: AwardId, ports: EditionPorts) {
  const { bytes, seal } = await makeEdition(actor, { awardId, edition: 'edc' }, ports)
  const text = Buffer.from(bytes).toString()
  return { text, ...seal, credentialId: sealedCredential(readSeal(text))['id'] }
}
