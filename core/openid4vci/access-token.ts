import * as z from 'zod'
import type { CredentialOffer } from '#core/credentials/offer.ts'
import { isId, platformTag } from '#core/ids.ts'
import { parseJws } from '#core/jose/jws.ts'
import { Malformed } from '#core/jose/malformed.ts'
import type { Ports } from '#core/ports.ts'
import type { AuthorizedCredential } from './authorization-details.ts'
import { WalletRefusal } from './wallet-refusal.ts'

/** A live access token and the offer it came from. */
export interface Access {
  offer: Extract<CredentialOffer, { state: 'redeemed' | 'issued' }>
  /** Given when the wallet asked with authorization details: it must then name credentials by identifier. */
  authorizationDetails: AuthorizedCredential[] | undefined
}

const zPayload = z.object({
  iss: z.string(),
  aud: z.string(),
  sub: z.string(),
  jti: z.string(),
  exp: z.number(),
  authorization_details: z
    .array(
      z.object({
        type: z.literal('openid_credential'),
        credential_configuration_id: z.string(),
        credential_identifiers: z.array(z.string()),
      }),
    )
    .exactOptional(),
})

/**
 * The offer a bearer token stands for. The token must be ours (typ, key, signature, issuer, audience), alive,
 * and still the one its offer knows: a revoked or replaced one is refused. Throws `WalletRefusal('invalid_token')`.
 */
export async function verifyAccessToken(
  authorization: string | undefined,
  ports: Pick<Ports, 'store' | 'clock' | 'signers' | 'settings' | 'primitives'>,
): Promise<Access> {
  const token = /^Bearer ([A-Za-z0-9._-]+)$/i.exec(authorization ?? '')?.[1]
  if (!token) throw new WalletRefusal('invalid_token', 'This needs the access token as bearer token.')
  const payload = await verifySignature(token, ports)
  const now = ports.clock.now()
  const { publicUrl } = ports.settings
  if (payload.iss !== publicUrl || payload.aud !== publicUrl) throw refused()
  if (payload.exp * 1000 <= now.getTime())
    throw new WalletRefusal('invalid_token', 'The access token has expired.')
  const offer = isId(payload.sub, 'ofr') ? await ports.store.findOffer(payload.sub) : undefined
  if (offer?.state !== 'redeemed' && offer?.state !== 'issued') throw refused()
  if (offer.tokenId !== payload.jti || offer.tokenExpiresAt <= now) {
    throw new WalletRefusal('invalid_token', 'The access token was revoked or replaced.')
  }
  return { offer, authorizationDetails: payload.authorization_details }
}

async function verifySignature(
  token: string,
  { signers, primitives }: Pick<Ports, 'signers' | 'primitives'>,
): Promise<z.output<typeof zPayload>> {
  try {
    const { header, payload, signature, signingInput } = parseJws(token, { maxCharacters: 8192 })
    const known = header.kid === undefined ? undefined : await signers.find(platformTag, header.kid)
    if (header.typ !== 'at+jwt' || !known || known.state === 'revoked') throw refused()
    const key = await primitives.importEs256(known.publicJwk)
    if (!(await primitives.verifyEs256(key, signingInput, signature))) throw refused()
    const parsed = zPayload.safeParse(payload)
    if (!parsed.success) throw refused()
    return parsed.data
  } catch (cause) {
    if (cause instanceof Malformed) throw refused()
    throw cause
  }
}

function refused(): WalletRefusal {
  return new WalletRefusal('invalid_token', 'The access token is not valid.')
}
