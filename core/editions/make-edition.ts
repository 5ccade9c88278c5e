import { type Actor, authorise } from '#core/access/operations.ts'
import type { Award } from '#core/awards/award.ts'
import { awardBadge } from '#core/badges/badge.ts'
import { bakePng, bakeSvg } from '#core/badges/bake.ts'
import { certificateContent } from '#core/certificates/certificate.ts'
import { issueCredential } from '#core/credentials/issue-credential.ts'
import { drawable } from '#core/edc/drawable-text.ts'
import { type AwardId, tenantOf } from '#core/ids.ts'
import { bytesOf } from '#core/jose/base64url.ts'
import type { Ports } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import { certificateLink } from '#core/share/certificate-link.ts'
import { type Edition, type EditionFile, editions } from './editions.ts'

export type EditionPorts = Pick<
  Ports,
  | 'store'
  | 'signers'
  | 'clock'
  | 'random'
  | 'settings'
  | 'primitives'
  | 'ontology'
  | 'pages'
  | 'seals'
  | 'badges'
  | 'certificates'
>

/**
 * One edition of an award as a file, for its learner and the registrar. What has a status entry is issued
 * once and answered again, so that it follows the award; the European credential gets a fresh seal each time.
 * `language` is the certificate's, that of the course when absent.
 * Refuses `not_found`, `award_not_valid` and what making that edition refuses.
 */
export async function makeEdition(
  actor: Actor | undefined,
  { awardId, edition, language }: { awardId: AwardId; edition: Edition; language?: string },
  ports: EditionPorts,
): Promise<EditionFile> {
  const award = await awardFor(actor, awardId, ports)
  const { contentType, extension } = editions[edition]
  const fileName = `${nameOf(edition)}-${awardId}.${extension}`
  return { edition, contentType, fileName, ...(await write(edition, award, ports, language)) }
}

/** The award, if the caller may have its editions; of a foreign tenant's they hear what they would hear of none. */
async function awardFor(
  actor: Actor | undefined,
  awardId: AwardId,
  { store }: Pick<EditionPorts, 'store'>,
): Promise<Award> {
  const award = await store.findAward(awardId)
  const tenant = award?.tenant ?? tenantOf(awardId) ?? actor?.tenant
  if (tenant) {
    authorise(actor, 'downloadEdition', { tenant, ...(award ? { learnerId: award.learnerId } : {}) })
  }
  if (!award) throw new Refusal('not_found', 'There is no such record.')
  if (award.status.state !== 'valid') {
    throw new Refusal('award_not_valid', `The award is ${award.status.state}: nothing is issued of it.`)
  }
  return award
}

async function write(
  edition: Edition,
  award: Award,
  ports: EditionPorts,
  language = award.language,
): Promise<Pick<EditionFile, 'bytes' | 'seal'>> {
  switch (edition) {
    case 'edc': {
      // Its library of certificates is the largest there is, and no other edition needs it.
      const { europeanEdition } = await import('#core/edc/european-edition.ts')
      const { text, level, claimsQualifiedSeal } = await europeanEdition(award, ports)
      return { bytes: bytesOf(text), seal: { level, claimsQualifiedSeal } }
    }
    case 'vc+jwt':
    case 'ob3':
      return { bytes: bytesOf((await issueCredential({ awardId: award.id, format: edition }, ports)).text) }
    case 'ob3-png': {
      const [token, picture] = [
        await badgeToken(award, ports),
        await ports.badges.png(await faceOf(award, ports)),
      ]
      return { bytes: bakePng(picture, token) }
    }
    case 'ob3-svg': {
      const [token, picture] = [
        await badgeToken(award, ports),
        await ports.badges.svg(await faceOf(award, ports)),
      ]
      return { bytes: bytesOf(bakeSvg(picture, token)) }
    }
    case 'pdf':
      return { bytes: await printCertificate(award, language, ports) }
  }
}

/** Its link shows what it says, and how the award stands; the paper itself proves nothing. */
async function printCertificate(award: Award, language: string, ports: EditionPorts): Promise<Uint8Array> {
  const [institution, learner] = await Promise.all([
    ports.store.findInstitution(award.tenant),
    ports.store.findLearner(award.learnerId),
  ])
  if (!institution) throw new Error('an award without its institution')
  if (!learner?.person) throw new Refusal('award_not_valid', 'The learner of this award has been erased.')
  const link = await certificateLink(award, ports)
  const facts = { award, institution, person: learner.person, ontology: ports.ontology, link }
  const content = certificateContent(facts, language)
  return ports.certificates.print({ ...content, ...drawable(content, (text) => ports.pages.lacks(text)) })
}

async function badgeToken({ id }: Award, ports: EditionPorts): Promise<string> {
  return (await issueCredential({ awardId: id, format: 'ob3' }, ports)).text
}

async function faceOf(award: Award, { store, ontology }: EditionPorts) {
  const institution = await store.findInstitution(award.tenant)
  if (!institution) throw new Error('an award without its institution')
  return awardBadge(award, institution, ontology)
}

function nameOf(edition: Edition): string {
  if (edition === 'edc') return 'european-credential'
  if (edition === 'pdf') return 'certificate'
  return edition === 'vc+jwt' ? 'credential' : 'open-badge'
}
