import { institutionUrl } from '#core/institutions/institution.ts'
import { type EncodedHeader, encodeHeader } from '#core/jose/jws.ts'
import type { Signer } from '#core/ports.ts'
import { type Disclosable, disclosable, sharedElement, writeSdJwt } from '#core/sd-jwt/write-sd-jwt.ts'
import { statusListUrl } from '../credential.ts'
import { aiSkillTypeMetadata, aiSkillVct } from '../type-metadata.ts'
import { courseText } from './course-text.ts'
import {
  type CredentialContent,
  day,
  evidenceOf,
  issuerAssurance,
  roundedSeconds,
} from './credential-content.ts'

/**
 * The award as SD-JWT VC (draft-ietf-oauth-sd-jwt-vc), with the claim names of the European learning
 * credential. Who the learner is and each part of the achievement can be shown or kept back; who issued,
 * what for, until when and the status cannot.
 */
export async function writeDcSdJwt(
  content: CredentialContent,
  random: (length: number) => Uint8Array,
): Promise<string> {
  const { award, institution, person, holderKey, status, signer, publicUrl } = content
  const course = courseText(award, publicUrl, content.ontology)
  const shown = JSON.stringify({
    iss: institutionUrl(publicUrl, institution.slug),
    iat: roundedSeconds(content.issuedAt),
    exp: Math.floor(content.expiresAt.getTime() / 1000),
    jti: content.jti,
    vct: aiSkillVct(publicUrl),
    'vct#integrity': aiSkillTypeMetadata(publicUrl).integrity,
    // SD-JWT VC §3.2.2: only what is bound to a key names one; the edition behind a shared link is not.
    cnf: holderKey && { jwk: { kty: holderKey.kty, crv: holderKey.crv, x: holderKey.x, y: holderKey.y } },
    status: { status_list: { idx: status.index, uri: statusListUrl(publicUrl, status.list) } },
    issuing_authority: institution.name.en,
    issuing_country: institution.country,
    issuer_assurance: issuerAssurance,
    date_of_issuance: day(award.awardedAt),
    date_of_expiry: award.validUntil && day(award.validUntil),
  })
  const payload: Record<string, Disclosable | readonly Disclosable[]> = {
    family_name: disclosable(person.familyName),
    given_name: disclosable(person.givenName),
    learner_identification: disclosable(content.learnerNumber),
    assessment_grade: disclosable(`passed, ${award.scorePercent} %`),
    ...course.hidden,
    skills: course.skills,
  }
  if (award.evidence.length > 0) {
    payload['evidence'] = evidenceOf(award).map(sharedElement)
  }
  const members = `${shown.slice(1, -1)},${course.members}`
  return writeSdJwt({ header: headerOf(signer), payload, members }, random, (bytes) => signer.sign(bytes))
}

const headers = new WeakMap<Signer, EncodedHeader>()

/** The header with its certificates is the same for every credential of a key. */
function headerOf(signer: Signer): EncodedHeader {
  let header = headers.get(signer)
  if (!header) {
    header = encodeHeader({ alg: 'ES256', typ: 'dc+sd-jwt', kid: signer.kid, x5c: signer.x5c })
    headers.set(signer, header)
  }
  return header
}
