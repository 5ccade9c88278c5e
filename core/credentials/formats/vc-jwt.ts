import { institutionDid, institutionKeyUrl, institutionUrl } from '#core/institutions/institution.ts'
import { writeJws } from '#core/jose/jws.ts'
import { type CredentialContent, roundedSeconds } from './credential-content.ts'
import { openBadge } from './open-badge.ts'

/**
 * The award in the W3C data model 2.0, secured with JOSE (VC-JOSE-COSE §3.1): the payload is the credential
 * itself, without any claim around it.
 */
export async function writeVcJwt(content: CredentialContent): Promise<string> {
  const { institution, publicUrl, signer } = content
  const issuer = institutionDid(publicUrl, institution.slug)
  return writeJws(
    { alg: 'ES256', typ: 'vc+jwt', cty: 'vc', kid: `${issuer}#${signer.kid}` },
    openBadge(content, issuer),
    (bytes) => signer.sign(bytes),
  )
}

/**
 * The award as an Open Badge in the JWT proof format (Open Badges 3.0 §8.2): the payload is the credential
 * with the registered claims that repeat its members; no other header than these; `kid` is an address that
 * answers the key, since verifiers of badges need not know did:web.
 */
export async function writeOb3Jwt(content: CredentialContent): Promise<string> {
  const { award, institution, publicUrl, signer, expiresAt } = content
  const badge = openBadge(content, institutionUrl(publicUrl, institution.slug))
  return writeJws(
    { alg: 'ES256', typ: 'JWT', kid: institutionKeyUrl(publicUrl, institution.slug, signer.kid) },
    {
      ...badge,
      iss: badge.issuer.id,
      jti: badge.id,
      sub: badge.credentialSubject.id,
      nbf: roundedSeconds(award.awardedAt),
      exp: Math.floor(expiresAt.getTime() / 1000),
    },
    (bytes) => signer.sign(bytes),
  )
}
