import { Oauth2AuthorizationServer } from '@openid4vc/oauth2'
import { type CredentialIssuerMetadata, Openid4vciIssuer } from '@openid4vc/openid4vci'
import { credentialConfigurations } from '#core/credentials/offer.ts'
import { aiSkillClaims, aiSkillColours, aiSkillVct, claimPath } from '#core/credentials/type-metadata.ts'
import type { Ports } from '#core/ports.ts'
import { sdkCallbacks } from './openid4vci-sdk.ts'

/**
 * Two sets of configurations at two issuer identifiers: `plain` at BASE for every wallet, `eudi` at BASE/eudi
 * for those that refuse a document in which one configuration does not ask for key attestation.
 */
export type IssuerProfile = 'plain' | 'eudi'

/** Credential issuer identifier, and what the `aud` of a proof must be. */
export function credentialIssuer(publicUrl: string, profile: IssuerProfile): string {
  return profile === 'plain' ? publicUrl : `${publicUrl}/eudi`
}

type MetadataPorts = Pick<Ports, 'settings' | 'random' | 'signers'>

/** OpenID4VCI 1.0 §12.2. */
export function issuerMetadata(profile: IssuerProfile, ports: MetadataPorts): CredentialIssuerMetadata {
  const { publicUrl, batchSize } = ports.settings
  const issuer = credentialIssuer(publicUrl, profile)
  return new Openid4vciIssuer({ callbacks: sdkCallbacks(ports) }).createCredentialIssuerMetadata({
    credential_issuer: issuer,
    authorization_servers: [publicUrl],
    credential_endpoint: `${issuer}/credential`,
    nonce_endpoint: `${publicUrl}/nonce`,
    notification_endpoint: `${publicUrl}/notification`,
    batch_credential_issuance: { batch_size: batchSize },
    display: [
      { name: 'AI Skills Academy', locale: 'en' },
      { name: 'Académie des compétences en IA', locale: 'fr' },
    ],
    credential_configurations_supported: {
      AiSkill_sdjwt: {
        format: credentialConfigurations.AiSkill_sdjwt,
        vct: aiSkillVct(publicUrl),
        scope: 'AiSkill_sdjwt',
        ...binding(profile),
        credential_metadata: { display, claims: claims() },
      },
      AiSkill_jwt: {
        format: credentialConfigurations.AiSkill_jwt,
        scope: 'AiSkill_jwt',
        credential_definition: { type: ['VerifiableCredential', 'AiSkillCredential'] },
        ...binding(profile),
        credential_metadata: { display },
      },
    },
  })
}

/** RFC 8414 with the additions of OpenID4VCI 1.0 §12.3. Also served as OpenID configuration. */
export function authorizationServerMetadata(ports: MetadataPorts) {
  const { publicUrl } = ports.settings
  const server = new Oauth2AuthorizationServer({ callbacks: sdkCallbacks(ports) })
  return server.createAuthorizationServerMetadata({
    issuer: publicUrl,
    token_endpoint: `${publicUrl}/token`,
    jwks_uri: `${publicUrl}/jwks.json`,
    grant_types_supported: ['urn:ietf:params:oauth:grant-type:pre-authorized_code'],
    // RFC 8414 requires the member; without an authorization endpoint no response type is supported.
    response_types_supported: [],
    token_endpoint_auth_methods_supported: ['none'],
    'pre-authorized_grant_anonymous_access_supported': true,
  })
}

const display = [
  { name: 'AI skill', locale: 'en', ...aiSkillColours },
  { name: 'Compétence en IA', locale: 'fr', ...aiSkillColours },
]

function binding(profile: IssuerProfile) {
  return {
    cryptographic_binding_methods_supported: ['jwk', 'did:jwk', 'did:key'],
    credential_signing_alg_values_supported: ['ES256'],
    proof_types_supported: {
      jwt: {
        proof_signing_alg_values_supported: ['ES256'],
        ...(profile === 'eudi' ? { key_attestations_required: {} } : {}),
      },
    },
  }
}

function claims() {
  return aiSkillClaims.map(([path, en, fr, _sd, mandatory]) => ({
    path: claimPath(path),
    ...(mandatory ? { mandatory } : {}),
    display: [
      { name: en, locale: 'en' },
      { name: fr, locale: 'fr' },
    ],
  }))
}
