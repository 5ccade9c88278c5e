import { Openid4vciDraftVersion, Openid4vciIssuer } from '@openid4vc/openid4vci'
import { hashCode, offerAddress, offerUrl, preAuthorizedCode } from '#core/credentials/present-offer.ts'
import { isId } from '#core/ids.ts'
import type { Ports } from '#core/ports.ts'
import { sameText } from '#core/same-text.ts'
import { authorizationServerMetadata, type IssuerProfile, issuerMetadata } from './metadata.ts'
import { sdkCallbacks } from './openid4vci-sdk.ts'

/**
 * The credential offer a wallet reads by its address (OpenID4VCI 1.0 §4.1), which is what stands behind
 * `/offers/`. `undefined` unless its code is alive and this the address of its presentation: not yet made,
 * spent, expired, shown elsewhere and unknown look the same from outside. Holds no personal data.
 */
export async function credentialOfferObject(
  address: string,
  profile: IssuerProfile,
  ports: Pick<Ports, 'store' | 'clock' | 'random' | 'signers' | 'settings'>,
): Promise<object | undefined> {
  const [id = ''] = address.split('.', 1)
  if (!isId(id, 'ofr')) return undefined
  const offer = await ports.store.findOffer(id)
  if (offer?.state !== 'presented' || offer.codeExpiresAt <= ports.clock.now()) return undefined
  if (!sameText(address, offerAddress(offer, ports.signers))) return undefined
  const code = preAuthorizedCode(id, offer.presentations, ports.signers)
  // A changed platform secret would make another code than the one that was promised.
  if (hashCode(code) !== offer.preAuthorizedCodeHash) return undefined
  const sdk = new Openid4vciIssuer({ callbacks: sdkCallbacks(ports) })
  const { credentialOfferObject: object } = await sdk.createCredentialOffer({
    issuerMetadata: {
      originalDraftVersion: Openid4vciDraftVersion.V1,
      credentialIssuer: issuerMetadata(profile, ports),
      authorizationServers: [authorizationServerMetadata(ports)],
      knownCredentialConfigurations: {},
    } as never,
    credentialConfigurationIds: offer.configurationIds,
    credentialOfferUri: offerUrl(offer, ports),
    grants: {
      'urn:ietf:params:oauth:grant-type:pre-authorized_code': {
        'pre-authorized_code': code,
        ...(offer.asksTxCode && offer.txCode
          ? {
              tx_code: {
                input_mode: 'numeric',
                length: offer.txCode.length,
                description: offer.txCode.byMail ? 'Sent to you by e-mail' : 'Given to you with this offer',
              },
            }
          : {}),
      },
    },
  })
  return object
}
