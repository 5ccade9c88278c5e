import {
  createHash,
  createPrivateKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  verify,
} from 'node:crypto'
import { SDJwtInstance } from '@sd-jwt/core'
import { ES256Signer } from 'did-jwt'
import { createVerifiableCredentialJwt, type JwtCredentialPayload, verifyCredential } from 'did-jwt-vc'
import { derToRaw, rawToDer } from '#core/jose/ecdsa-signature.ts'

/** A P-256 key pair of the bench, in the forms its contenders want. */
export function benchKey() {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const jwk = privateKey.export({ format: 'jwk' })
  return {
    privateKey,
    publicKey,
    secret: Buffer.from(jwk.d ?? '', 'base64url'),
    publicJwk: publicKey.export({ format: 'jwk' }),
  }
}

/** did-jwt-vc as it comes: its own signer in JavaScript. */
export function didJwtVcIssuer(did: string, kid: string, secret: Uint8Array) {
  const signer = ES256Signer(secret)
  return (payload: JwtCredentialPayload) =>
    createVerifiableCredentialJwt(
      payload,
      { did, alg: 'ES256', signer },
      { header: { alg: 'ES256', typ: 'JWT', kid } },
    )
}

/** did-jwt-vc verifying with the DID document at hand. */
export function didJwtVcVerifier(did: string, kid: string, publicJwk: object) {
  const resolver = {
    resolve: async () => ({
      didResolutionMetadata: {},
      didDocumentMetadata: {},
      didDocument: {
        id: did,
        verificationMethod: [{ id: kid, type: 'JsonWebKey2020', controller: did, publicKeyJwk: publicJwk }],
        assertionMethod: [kid],
      },
    }),
  }
  return (jwt: string) => verifyCredential(jwt, resolver as Parameters<typeof verifyCredential>[1])
}

/** @sd-jwt/core with the fastest signer and hasher Node has. */
export function sdJwtPeer(privateKey: KeyObject, publicKey: KeyObject) {
  return new SDJwtInstance({
    signAlg: 'ES256',
    hashAlg: 'sha-256',
    signer: (data) =>
      Buffer.from(derToRaw(sign('sha256', Buffer.from(data), privateKey))).toString('base64url'),
    verifier: (data, signature) =>
      verify('sha256', Buffer.from(data), publicKey, rawToDer(Buffer.from(signature, 'base64url'))),
    hasher: (data) =>
      createHash('sha256')
        .update(typeof data === 'string' ? data : Buffer.from(data))
        .digest(),
    saltGenerator: (length) => randomBytes(length).toString('base64url'),
  })
}

/** A signer of ours over a bare key of the bench: what `adapters/file/signers.ts` does with a key file. */
export function bareSigner(privateKey: KeyObject) {
  const key = createPrivateKey(privateKey.export({ format: 'pem', type: 'pkcs8' }))
  return (bytes: Uint8Array) => derToRaw(sign('sha256', bytes, key))
}
