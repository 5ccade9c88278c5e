import { hash } from 'node:crypto'
import {
  type CallbackContext,
  clientAuthenticationAnonymous,
  HashAlgorithm,
  setGlobalConfig as setOauth2Config,
} from '@openid4vc/oauth2'
import { setGlobalConfig as setOpenid4vciConfig } from '@openid4vc/openid4vci'
import { platformTag } from '#core/ids.ts'
import { writeJws } from '#core/jose/jws.ts'
import type { Ports } from '#core/ports.ts'

/**
 * What the protocol library asks of us. It signs access tokens with the platform's key; proofs are checked by
 * `verify-proof.ts`, which hands in its own `verifyJwt`, so the one here refuses everything.
 */
export function sdkCallbacks(ports: Pick<Ports, 'random' | 'signers'>): CallbackContext {
  return {
    hash: (data, algorithm) => {
      if (algorithm !== HashAlgorithm.Sha256) throw new Error('only SHA-256 is used')
      return hash('sha256', data, 'buffer')
    },
    generateRandom: (length) => ports.random.bytes(length),
    async signJwt(_signer, { header, payload }) {
      const signer = await ports.signers.active(platformTag)
      const jwt = await writeJws(
        { typ: header.typ ?? 'JWT', alg: 'ES256', kid: signer.kid },
        payload,
        (bytes) => signer.sign(bytes),
      )
      return { jwt, signerJwk: { ...signer.publicJwk } }
    },
    verifyJwt: () => ({ verified: false }),
    decryptJwe: () => ({ decrypted: false }),
    encryptJwe: () => {
      throw new Error('responses are not encrypted')
    },
    clientAuthentication: clientAuthenticationAnonymous(),
  }
}

/**
 * The library refuses http addresses, also our own. On a developer's machine without a certificate BASE is
 * http://127.0.0.1; no wallet would come there, but the documents must still be readable.
 */
export function allowOwnAddress(publicUrl: string): void {
  if (!publicUrl.startsWith('http://')) return
  setOauth2Config({ allowInsecureUrls: true })
  setOpenid4vciConfig({ allowInsecureUrls: true })
}
