import * as z from 'zod'
import { WalletRefusal } from './wallet-refusal.ts'

/** RFC 9396 object of type `openid_credential` (OpenID4VCI 1.0 §5.1.1), with the identifiers we give. */
export interface AuthorizedCredential {
  type: 'openid_credential'
  credential_configuration_id: string
  credential_identifiers: string[]
}

const zDetails = z
  .array(
    z.looseObject({
      type: z.literal('openid_credential'),
      credential_configuration_id: z.string().min(1).max(100),
    }),
  )
  .min(1)
  .max(10)

/** What a wallet asks for in a token request; each configuration gets one identifier of its own. */
export function parseAuthorizationDetails(text: string): AuthorizedCredential[] {
  const refusal = () =>
    new WalletRefusal('invalid_authorization_details', 'The authorization details cannot be read.')
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw refusal()
  }
  const parsed = zDetails.safeParse(json)
  if (!parsed.success) throw refusal()
  const ids = [...new Set(parsed.data.map((one) => one.credential_configuration_id))]
  return ids.map((id) => ({
    type: 'openid_credential',
    credential_configuration_id: id,
    credential_identifiers: [`${id}.1`],
  }))
}
