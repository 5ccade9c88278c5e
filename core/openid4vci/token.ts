import {
  Oauth2AuthorizationServer,
  Oauth2ServerErrorResponseError,
  preAuthorizedCodeGrantIdentifier,
} from '@openid4vc/oauth2'
import type { CredentialOffer } from '#core/credentials/offer.ts'
import { endOffer } from '#core/credentials/offer-credential.ts'
import { txCodeMac } from '#core/credentials/open-offer.ts'
import { hashCode, preAuthorizedCode } from '#core/credentials/present-offer.ts'
import { isId, type OfferId, platformTag } from '#core/ids.ts'
import { toBase64Url } from '#core/jose/base64url.ts'
import type { Ports } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import { sameText } from '#core/same-text.ts'
import { type AuthorizedCredential, parseAuthorizationDetails } from './authorization-details.ts'
import { sdkCallbacks } from './openid4vci-sdk.ts'
import { WalletRefusal } from './wallet-refusal.ts'

export type TokenPorts = Pick<Ports, 'store' | 'clock' | 'random' | 'signers' | 'settings'>

const tries = 10

/**
 * Token endpoint, pre-authorized code flow (OpenID4VCI 1.0 §6). The code is spent by one conditional write on
 * its offer: of two requests with one code, one gets a token. A spent code that comes back revokes the
 * offer's token, since one of the two senders is not the wallet. Throws `WalletRefusal`.
 */
export async function redeemCode(
  form: Record<string, string>,
  request: { url: string; headers: Headers },
  ports: TokenPorts,
): Promise<object> {
  const asked = parseTokenRequest(form, request, ports)
  const id = offerOfCode(asked.code, ports)
  if (!id) throw invalidCode()
  const redeemed = await spendCode(id, asked, ports)
  const { settings, clock } = ports
  const details = asked.authorizationDetails
  const signer = await ports.signers.active(platformTag)
  return new Oauth2AuthorizationServer({ callbacks: sdkCallbacks(ports) }).createAccessTokenResponse({
    authorizationServer: settings.publicUrl,
    audience: settings.publicUrl,
    subject: id,
    expiresInSeconds: settings.accessTokenLifetimeSeconds,
    now: clock.now(),
    signer: { method: 'custom', alg: 'ES256', kid: signer.kid },
    additionalAccessTokenPayload: {
      jti: redeemed.tokenId,
      ...(details ? { authorization_details: details } : {}),
    },
    additionalAccessTokenResponsePayload: details ? { authorization_details: details } : {},
  })
}

interface TokenRequest {
  code: string
  txCode: string | undefined
  authorizationDetails: AuthorizedCredential[] | undefined
}

function parseTokenRequest(
  form: Record<string, string>,
  request: { url: string; headers: Headers },
  ports: TokenPorts,
): TokenRequest {
  const server = new Oauth2AuthorizationServer({ callbacks: sdkCallbacks(ports) })
  // Proofs by DPoP are not offered in our metadata; a header sent anyway leads to a plain bearer token.
  const headers = new Headers(request.headers)
  headers.delete('dpop')
  let parsed: ReturnType<typeof server.parseAccessTokenRequest>
  try {
    parsed = server.parseAccessTokenRequest({
      request: { method: 'POST', url: request.url, headers },
      accessTokenRequest: form,
    })
  } catch (cause) {
    if (!(cause instanceof Oauth2ServerErrorResponseError)) throw cause
    const code =
      cause.errorResponse.error === 'unsupported_grant_type' ? 'unsupported_grant_type' : 'invalid_request'
    throw new WalletRefusal(
      code,
      'The token request cannot be read or asks for a grant that is not offered.',
      { cause },
    )
  }
  if (parsed.grant.grantType !== preAuthorizedCodeGrantIdentifier) {
    throw new WalletRefusal('unsupported_grant_type', 'Only the pre-authorized code grant is offered.')
  }
  const details = form['authorization_details']
  return {
    code: parsed.grant.preAuthorizedCode,
    txCode: parsed.grant.txCode,
    authorizationDetails: details === undefined ? undefined : parseAuthorizationDetails(details),
  }
}

/** The offer a code belongs to, if its MAC is ours: made-up codes never reach the records. */
export function offerOfCode(code: string, { signers }: Pick<Ports, 'signers'>): OfferId | undefined {
  const [id = '', presentation = ''] = code.split('.', 3)
  if (code.length > 200 || !isId(id, 'ofr') || !/^[1-9][0-9]{0,5}$/.test(presentation)) return undefined
  return sameText(code, preAuthorizedCode(id, Number(presentation), signers)) ? id : undefined
}

type Redeemed = Extract<CredentialOffer, { state: 'redeemed' }>

async function spendCode(id: OfferId, asked: TokenRequest, ports: TokenPorts): Promise<Redeemed> {
  const codeHash = hashCode(asked.code)
  let raced = false
  for (let attempt = 0; attempt < tries; attempt++) {
    const now = ports.clock.now()
    const offer = await ports.store.findOffer(id)
    if (!offer) throw invalidCode()
    if (offer.state === 'redeemed' || offer.state === 'issued') {
      // Both of a raced pair saw the code alive: the loser is refused, and nothing is revoked.
      if (raced || offer.preAuthorizedCodeHash !== codeHash) throw await refuse(id, spent(), ports)
      if (await revokeToken(offer, ports)) throw await refuse(id, spent(), ports)
      continue
    }
    if (offer.state !== 'presented' || offer.preAuthorizedCodeHash !== codeHash) {
      throw await refuse(id, new WalletRefusal('invalid_grant', 'The code is not valid any more.'), ports)
    }
    if (offer.codeExpiresAt <= now) {
      throw await refuse(id, new WalletRefusal('invalid_grant', 'The code has expired.'), ports)
    }
    refuseUngranted(asked.authorizationDetails, offer)
    const wrong = txCodeProblem(offer, asked.txCode, ports)
    if (wrong?.code === 'invalid_request') throw await refuse(id, wrong, ports)
    const next = wrong ? afterWrongTxCode(offer, now, ports) : redeem(offer, now, ports)
    const what = next.state === 'redeemed' ? 'token-issued' : next.state === 'locked' ? 'locked' : undefined
    if (await ports.store.saveOfferChange(next, what && { at: now, what })) {
      if (next.state === 'redeemed') return next
      throw await refuse(id, wrong ?? invalidCode(), ports)
    }
    raced = true
  }
  throw new Refusal('storage_busy', 'Too many changes of one offer at once; try again.')
}

function redeem(
  { codeExpiresAt: _end, asksTxCode: _asks, ...offer }: Extract<CredentialOffer, { state: 'presented' }>,
  now: Date,
  { random, settings }: TokenPorts,
): Redeemed {
  return {
    ...offer,
    version: offer.version + 1,
    state: 'redeemed',
    tokenId: toBase64Url(random.bytes(32)),
    tokenExpiresAt: new Date(now.getTime() + settings.accessTokenLifetimeSeconds * 1000),
    redeemedAt: now,
  }
}

function txCodeProblem(
  offer: Extract<CredentialOffer, { state: 'presented' }>,
  txCode: string | undefined,
  { signers }: TokenPorts,
): WalletRefusal | undefined {
  if (!offer.asksTxCode || !offer.txCode) {
    return txCode === undefined
      ? undefined
      : new WalletRefusal('invalid_request', 'No transaction code was asked for.')
  }
  if (txCode === undefined) return new WalletRefusal('invalid_request', 'The transaction code is missing.')
  // MACs are compared, so that time tells nothing about the code.
  if (txCode.length <= 20 && sameText(txCodeMac(offer.id, txCode, signers), offer.txCode.mac))
    return undefined
  return new WalletRefusal('invalid_grant', 'The transaction code is wrong.')
}

function afterWrongTxCode(
  offer: Extract<CredentialOffer, { state: 'presented' }>,
  now: Date,
  { settings }: TokenPorts,
): CredentialOffer {
  const wrongTries = offer.wrongTries + 1
  if (wrongTries >= settings.txCodeTries) return endOffer({ ...offer, wrongTries }, 'locked', now)
  return { ...offer, wrongTries, version: offer.version + 1 }
}

async function revokeToken(
  offer: Extract<CredentialOffer, { state: 'redeemed' | 'issued' }>,
  ports: TokenPorts,
): Promise<boolean> {
  const now = ports.clock.now()
  if (offer.tokenExpiresAt <= now) return true
  const next = { ...offer, version: offer.version + 1, tokenExpiresAt: now }
  return ports.store.saveOfferChange(next, { at: now, what: 'tokens-revoked' })
}

function refuseUngranted(details: AuthorizedCredential[] | undefined, offer: CredentialOffer): void {
  const granted: readonly string[] = offer.configurationIds
  if (details?.some(({ credential_configuration_id: asked }) => !granted.includes(asked))) {
    throw new WalletRefusal(
      'invalid_authorization_details',
      'A credential was asked for that is not offered.',
    )
  }
}

/** Notes a refusal in the offer's log, for "why did the wallet refuse?", and hands it back. */
async function refuse(id: OfferId, refusal: WalletRefusal, ports: TokenPorts): Promise<WalletRefusal> {
  const { code, message: reason } = refusal
  await ports.store.noteOffer(id, { at: ports.clock.now(), what: 'token-refused', code, reason })
  return refusal
}

function spent(): WalletRefusal {
  return new WalletRefusal('invalid_grant', 'The code was used before.')
}

function invalidCode(): WalletRefusal {
  return new WalletRefusal('invalid_grant', 'The code is not valid.')
}
