import { institutionDid } from '#core/institutions/institution.ts'
import { bytesOf, textToBase64Url, toBase64Url } from '#core/jose/base64url.ts'
import type { PublicJwk } from '#core/jose/jwk.ts'
import {
  bitstringEntry,
  type CredentialContent,
  day,
  evidenceOf,
  issuerAssurance,
  roundedSeconds,
  skillsOf,
  uuidOf,
  wordsOf,
} from './credential-content.ts'

/** did:jwk of a public key. */
function didJwk({ kty, crv, x, y }: PublicJwk): string {
  return `did:jwk:${textToBase64Url(JSON.stringify({ kty, crv, x, y }))}`
}

let create: typeof import('did-jwt-vc').createVerifiableCredentialJwt | undefined

/**
 * The award as W3C Verifiable Credential 1.1 in a JWT, made by did-jwt-vc with our signer. `exp` is always
 * written: a reader that only knows the JWT must see the end, too.
 */
export async function writeJwtVcJson(content: CredentialContent & { holderKey: PublicJwk }): Promise<string> {
  const { award, institution, person, signer, publicUrl } = content
  const words = wordsOf(award)
  const holder = didJwk(content.holderKey)
  const issuer = institutionDid(publicUrl, institution.slug)
  // When it was awarded, not when the wallet came for it.
  const nbf = roundedSeconds(award.awardedAt)
  // Loaded when the first one is made: a function that issues other formats starts without it.
  create ??= (await import('did-jwt-vc')).createVerifiableCredentialJwt
  return create(
    {
      iss: issuer,
      sub: holder,
      nbf,
      exp: Math.floor(content.expiresAt.getTime() / 1000),
      jti: `urn:uuid:${uuidOf(content.jti)}`,
      vc: {
        '@context': ['https://www.w3.org/2018/credentials/v1'],
        type: ['VerifiableCredential', 'AiSkillCredential'],
        credentialSubject: {
          id: holder,
          familyName: person.familyName,
          givenName: person.givenName,
          learnerIdentification: content.learnerNumber,
          achievement: {
            name: words.title,
            description: words.description,
            awardedOn: day(award.awardedAt),
            ...(award.validUntil ? { validUntil: day(award.validUntil) } : {}),
            awardingBody: { id: issuer, name: institution.name.en, country: institution.country },
            language: award.language,
            eqfLevel: award.eqfLevel,
            ects: award.ects,
            workloadHours: award.workloadHours,
            iscedF: award.iscedF,
            participation: award.participation,
            supervision: award.supervision,
            assessment: { type: award.assessmentType, result: `passed, ${award.scorePercent} %` },
            qualityAssurance: words.qualityAssurance,
            stackability: words.stackability,
            learningOutcomes: words.outcomes,
            ontology: award.ontology,
          },
          skills: skillsOf(content),
        },
        ...(award.evidence.length > 0 ? { evidence: evidenceOf(award) } : {}),
        // VC 1.1 §4.9 takes one status or several; suspension can be lifted, so it has its own list.
        credentialStatus: [
          bitstringEntry(content, 'revocation'),
          bitstringEntry(content, 'suspension'),
        ] as never,
        issuerAssurance,
      },
    },
    { did: issuer, alg: 'ES256', signer: async (data) => toBase64Url(await signer.sign(dataBytes(data))) },
    { header: { alg: 'ES256', typ: 'JWT', kid: `${issuer}#${signer.kid}` } },
  )
}

function dataBytes(data: string | Uint8Array): Uint8Array {
  return typeof data === 'string' ? bytesOf(data) : data
}
