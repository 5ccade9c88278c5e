import { Oauth2ServerErrorResponseError } from '@openid4vc/oauth2'
import { Openid4vciIssuer } from '@openid4vc/openid4vci'
import type { IssuedCredential } from '#core/credentials/credential.ts'
import { issueCredential } from '#core/credentials/issue-credential.ts'
import {
  type CredentialConfigurationId,
  type CredentialOffer,
  credentialConfigurations,
} from '#core/credentials/offer.ts'
import type { OfferId } from '#core/ids.ts'
import type { PublicJwk } from '#core/jose/jwk.ts'
import type { Ports } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import { type Access, verifyAccessToken } from './access-token.ts'
import { credentialIssuer, type IssuerProfile, issuerMetadata } from './metadata.ts'
import { spendNonce } from './nonce.ts'
import { notificationId } from './notification.ts'
import { sdkCallbacks } from './openid4vci-sdk.ts'
import { type VerifiedProof, verifyProof } from './verify-proof.ts'
import { WalletRefusal } from './wallet-refusal.ts'

export type CredentialPorts = Pick<
  Ports,
  'store' | 'clock' | 'random' | 'signers' | 'settings' | 'primitives' | 'ontology'
>

const tries = 10

/**
 * Credential endpoint (OpenID4VCI 1.0 §8). Everything is verified before the nonce is spent, and the nonce
 * is spent before anything is issued: a request that fails its checks can be mended and sent again, one that
 * was answered cannot be replayed. Throws `WalletRefusal`.
 */
export async function answerCredentialRequest(
  authorization: string | undefined,
  readBody: () => Promise<unknown>,
  profile: IssuerProfile,
  ports: CredentialPorts,
): Promise<object> {
  const access = await verifyAccessToken(authorization, ports)
  try {
    return await issue(access, await readBody(), profile, ports)
  } catch (error) {
    if (error instanceof WalletRefusal) await noteRefusal(access.offer.id, error, ports)
    throw error
  }
}

async function issue(
  access: Access,
  body: unknown,
  profile: IssuerProfile,
  ports: CredentialPorts,
): Promise<object> {
  const { configurationId, proofs } = parseRequest(body, access, profile, ports)
  const verified = await verifyProofs(proofs, profile, ports)
  for (const [nonce, end] of new Map(verified.map((proof) => [proof.nonce, proof.nonceEnd]))) {
    if (!(await spendNonce(nonce, end, ports))) {
      throw new WalletRefusal('invalid_nonce', 'The nonce was used before; ask for a new one.')
    }
  }
  const holderKeys = verified.flatMap((proof) => proof.holderKeys)
  const credentials = await issueAll(access.offer, configurationId, holderKeys, ports)
  await recordIssue(access.offer.id, configurationId, credentials, ports)
  const sdk = new Openid4vciIssuer({ callbacks: sdkCallbacks(ports) })
  const [first] = credentials
  return sdk.createCredentialResponse({
    credentialRequest: {} as never,
    credentials: credentials.map(({ text }) => ({ credential: text })),
    ...(first ? { notificationId: notificationId(access.offer.id, first.id, ports.signers) } : {}),
  })
}

/** Which configuration is asked for, and with which proofs; what the token does not grant is refused. */
function parseRequest(
  body: unknown,
  { offer, authorizationDetails }: Access,
  profile: IssuerProfile,
  ports: CredentialPorts,
): { configurationId: CredentialConfigurationId; proofs: string[] } {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new WalletRefusal('invalid_credential_request', 'The body must be a JSON object.')
  }
  const { credential_configuration_id: byConfiguration, credential_identifier: byIdentifier } =
    body as Record<string, unknown>
  if ((byConfiguration === undefined) === (byIdentifier === undefined)) {
    throw new WalletRefusal(
      'invalid_credential_request',
      'Exactly one of credential_configuration_id and credential_identifier is needed.',
    )
  }
  if ('credential_response_encryption' in body) {
    throw new WalletRefusal('invalid_encryption_parameters', 'Encrypted answers are not offered.')
  }
  const configurationId = authorizationDetails
    ? byDetails(byIdentifier, authorizationDetails)
    : byOffer(byConfiguration, offer)
  return { configurationId, proofs: parseProofs(body, profile, ports) }
}

function byOffer(asked: unknown, { configurationIds }: CredentialOffer): CredentialConfigurationId {
  if (asked === undefined) {
    throw new WalletRefusal('unknown_credential_identifier', 'No credential identifier was given.')
  }
  const found = configurationIds.find((id) => id === asked)
  if (!found) {
    throw new WalletRefusal(
      'unknown_credential_configuration',
      'This credential configuration is not known or not granted.',
    )
  }
  return found
}

function byDetails(
  asked: unknown,
  details: NonNullable<Access['authorizationDetails']>,
): CredentialConfigurationId {
  if (asked === undefined) {
    throw new WalletRefusal(
      'invalid_credential_request',
      'The token was given with credential identifiers: name the credential by one of them.',
    )
  }
  const granted = details.find(({ credential_identifiers: ids }) => ids.some((id) => id === asked))
  const id = granted?.credential_configuration_id
  if (id === undefined || !Object.hasOwn(credentialConfigurations, id)) {
    throw new WalletRefusal('unknown_credential_identifier', 'This credential identifier is not known.')
  }
  return id as CredentialConfigurationId
}

function parseProofs(body: object, profile: IssuerProfile, ports: CredentialPorts): string[] {
  const sdk = new Openid4vciIssuer({ callbacks: sdkCallbacks(ports) })
  const credentialIssuerMetadata = issuerMetadata(profile, ports)
  let proofs: { jwt?: string[] | undefined } | undefined
  try {
    const parsed = sdk.parseCredentialRequest({
      credentialRequest: body as Record<string, unknown>,
      issuerMetadata: {
        credentialIssuer: credentialIssuerMetadata,
        knownCredentialConfigurations:
          sdk.getKnownCredentialConfigurationsSupported(credentialIssuerMetadata),
      } as never,
    })
    proofs = parsed.proofs
  } catch (cause) {
    if (!(cause instanceof Oauth2ServerErrorResponseError)) throw cause
    // The library takes a proof that is no compact JWT for a malformed request; the standard has a code for it.
    if (hasJwtProofs(body))
      throw new WalletRefusal('invalid_proof', 'A proof is not a signed JWT.', { cause })
    throw new WalletRefusal(
      'invalid_credential_request',
      'The credential request does not have the right form.',
      {
        cause,
      },
    )
  }
  const jwts = proofs?.jwt ?? []
  if (jwts.length === 0) throw new WalletRefusal('invalid_proof', 'A proof of type jwt is needed.')
  if (jwts.length > ports.settings.batchSize) {
    throw new WalletRefusal('invalid_proof', `At most ${ports.settings.batchSize} proofs are taken at once.`)
  }
  return jwts
}

function hasJwtProofs(body: object): boolean {
  const { proofs, proof } = body as { proofs?: { jwt?: unknown }; proof?: { jwt?: unknown } }
  const jwts =
    proofs === undefined ? [proof?.jwt] : Object.keys(proofs ?? {}).length === 1 ? proofs?.jwt : undefined
  return Array.isArray(jwts) && jwts.every((jwt) => typeof jwt === 'string')
}

async function verifyProofs(
  proofs: string[],
  profile: IssuerProfile,
  ports: CredentialPorts,
): Promise<VerifiedProof[]> {
  const issuer = credentialIssuer(ports.settings.publicUrl, profile)
  const verified: VerifiedProof[] = []
  for (const proof of proofs) verified.push(await verifyProof(proof, issuer, ports))
  const keys = verified.flatMap(({ holderKeys }) => holderKeys.map(({ x, y }) => `${x}.${y}`))
  if (new Set(keys).size !== keys.length) {
    throw new WalletRefusal('invalid_proof', 'Every proof needs a key of its own.')
  }
  if (keys.length > ports.settings.batchSize) {
    throw new WalletRefusal('invalid_proof', `At most ${ports.settings.batchSize} keys are taken at once.`)
  }
  return verified
}

async function issueAll(
  { awardId }: CredentialOffer,
  configurationId: CredentialConfigurationId,
  holderKeys: PublicJwk[],
  ports: CredentialPorts,
): Promise<IssuedCredential[]> {
  const format = credentialConfigurations[configurationId]
  const issued: IssuedCredential[] = []
  try {
    for (const holderKey of holderKeys)
      issued.push(await issueCredential({ awardId, format, holderKey }, ports))
  } catch (cause) {
    if (cause instanceof Refusal && (cause.code === 'award_not_valid' || cause.code === 'not_found')) {
      throw new WalletRefusal('credential_request_denied', cause.message, { cause })
    }
    throw cause
  }
  return issued
}

/** Writes what was issued into the offer; a repeat adds nothing. */
async function recordIssue(
  id: OfferId,
  configurationId: CredentialConfigurationId,
  credentials: IssuedCredential[],
  ports: CredentialPorts,
): Promise<void> {
  const now = ports.clock.now()
  for (let attempt = 0; attempt < tries; attempt++) {
    const offer = await ports.store.findOffer(id)
    // Withdrawn or presented again meanwhile: what was issued stands, the offer keeps its new state.
    if (offer?.state !== 'redeemed' && offer?.state !== 'issued') break
    const known = new Set(offer.issued.map(({ credentialId }) => credentialId))
    const added = credentials.filter((credential) => !known.has(credential.id))
    if (added.length === 0) return
    const issued = [...offer.issued, ...added.map((one) => ({ configurationId, credentialId: one.id }))]
    const complete = offer.configurationIds.every((one) =>
      issued.some((entry) => entry.configurationId === one),
    )
    const base = { ...offer, issued, version: offer.version + 1 }
    const next: CredentialOffer =
      complete && offer.state === 'redeemed' ? { ...base, state: 'issued', issuedAt: now } : base
    if (await ports.store.saveOfferChange(next)) break
  }
  await ports.store.noteOffer(id, { at: now, what: 'credential-issued', code: configurationId })
}

async function noteRefusal(id: OfferId, refusal: WalletRefusal, ports: CredentialPorts): Promise<void> {
  const { code, message: reason } = refusal
  await ports.store.noteOffer(id, { at: ports.clock.now(), what: 'credential-refused', code, reason })
}
