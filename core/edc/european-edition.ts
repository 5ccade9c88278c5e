import type { Award } from '#core/awards/award.ts'
import { europeanStatus } from '#core/credentials/edition-status.ts'
import { learnerNumber } from '#core/credentials/formats/credential-content.ts'
import { bytesOf } from '#core/jose/base64url.ts'
import type { Ports } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import { type SealedEdition, sealEuropeanCredential } from './seal-credential.ts'
import { languageCodes } from './vocabularies.ts'

/** Each language adds its pages, some hundred kilobytes. */
const maxLanguages = 4

/**
 * The sealed European Digital Credential of a valid award. Made anew each time and kept nowhere: the same award
 * gives the same credential with the same id, dated as the award; only the seal is fresh. Refuses
 * `award_not_valid` for an erased learner, and what `sealEuropeanCredential` refuses.
 */
export async function europeanEdition(
  award: Award,
  ports: Pick<Ports, 'store' | 'signers' | 'clock' | 'random' | 'ontology' | 'settings' | 'pages' | 'seals'>,
): Promise<SealedEdition> {
  const { store, signers, ontology } = ports
  const [institution, learner, signer] = await Promise.all([
    store.findInstitution(award.tenant),
    store.findLearner(award.learnerId),
    signers.active(award.tenant),
  ])
  if (!institution) throw new Error('an award without its institution')
  if (!learner?.person) throw new Refusal('award_not_valid', 'The learner of this award has been erased.')
  const module = ontology.modules.get(award.moduleId)
  const { givenName, familyName } = learner.person
  return sealEuropeanCredential(
    {
      award,
      ...(module ? { module } : {}),
      publicUrl: ports.settings.publicUrl,
      ontology,
      idBytes: signers.mac('european-credential', bytesOf(award.id)).subarray(0, 16),
      issuedAt: award.awardedAt,
      learner: { givenName, familyName, number: learnerNumber(award.learnerId, signers) },
      institution,
      languages: languagesOf(award),
      ...(ports.seals.statusEntries ? { status: await europeanStatus(award, signer.kid, ports) } : {}),
    },
    (await ports.seals.keys?.get(institution.slug)) ?? signer,
    ports.seals,
    ports,
  )
}

/** Languages that title, description and all outcomes have, the one of the course first, then English. */
export function languagesOf(award: Pick<Award, 'title' | 'description' | 'outcomes' | 'language'>) {
  const texts = [award.title, award.description, ...award.outcomes.map(({ statement }) => statement)]
  const has = (language: string) => texts.every((text) => (text[language] ?? '').trim() !== '')
  const wished = [award.language, 'en', 'fr', ...Object.keys(award.title)]
  const known = [...new Set(wished)].filter((language) => languageCodes[language] && has(language))
  const [first = 'en', ...more] = known.slice(0, maxLanguages)
  return [first, ...more] as [string, ...string[]]
}
