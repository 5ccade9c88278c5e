import { institutionUrl } from '#core/institutions/institution.ts'
import { type EncodedHeader, encodeHeader } from '#core/jose/jws.ts'
import type { Signer } from '#core/ports.ts'
import { disclosable, plainly, writeSdJwt } from '#core/sd-jwt/write-sd-jwt.ts'
import { statusListUrl } from '../credential.ts'
import { aiSkillTypeMetadata, aiSkillVct } from '../type-metadata.ts'
import {
  type CredentialContent,
  day,
  evidenceOf,
  issuerAssurance,
  roundedSeconds,
  skillsOf,
  wordsOf,
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
  const words = wordsOf(award)
  const { kty, crv, x, y } = holderKey
  const payload = {
    iss: institutionUrl(publicUrl, institution.slug),
    iat: roundedSeconds(content.issuedAt),
    exp: Math.floor(content.expiresAt.getTime() / 1000),
    jti: content.jti,
    vct: aiSkillVct(publicUrl),
    'vct#integrity': aiSkillTypeMetadata(publicUrl).integrity,
    cnf: plainly({ jwk: { kty, crv, x, y } }),
    status: plainly({ status_list: { idx: status.index, uri: statusListUrl(publicUrl, status.list) } }),
    issuing_authority: institution.name.en,
    issuing_country: institution.country,
    issuer_assurance: plainly(issuerAssurance),
    date_of_issuance: day(award.awardedAt),
    ...(award.validUntil ? { date_of_expiry: day(award.validUntil) } : {}),
    achievement_title: words.title,
    achievement_description: words.description,
    language_of_classes: plainly([award.language]),
    ontology: plainly(award.ontology),
    family_name: disclosable(person.familyName),
    given_name: disclosable(person.givenName),
    learner_identification: disclosable(content.learnerNumber),
    learning_outcomes: disclosable(plainly(words.outcomes)),
    assessment_grade: disclosable(`passed, ${award.scorePercent} %`),
    assessment_type: disclosable(award.assessmentType),
    expected_study_time: disclosable(`${award.workloadHours} hours`),
    ects_credits: disclosable(award.ects),
    level_of_learning_experience: disclosable(award.eqfLevel),
    form_of_participation: disclosable(award.participation),
    supervision: disclosable(award.supervision),
    isced_f: disclosable(award.iscedF),
    types_of_quality_assurance: disclosable(plainly([words.qualityAssurance])),
    integration_stackability_options: disclosable(words.stackability),
    skills: skillsOf(content).map((skill) => disclosable(plainly(skill))),
    ...(award.evidence.length > 0
      ? { evidence: evidenceOf(award).map((one) => disclosable(plainly(one))) }
      : {}),
  }
  return writeSdJwt({ header: headerOf(signer), payload }, random, (bytes) => signer.sign(bytes))
}

const headers = new WeakMap<Signer, EncodedHeader>()

function headerOf(signer: Signer): EncodedHeader {
  let header = headers.get(signer)
  if (!header) {
    header = encodeHeader({ alg: 'ES256', typ: 'dc+sd-jwt', kid: signer.kid, x5c: signer.x5c })
    headers.set(signer, header)
  }
  return header
}
