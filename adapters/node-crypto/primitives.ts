import { createPublicKey, hash, type KeyObject, verify } from 'node:crypto'
import { gunzipSync, inflateSync } from 'node:zlib'
import { rawToDer } from '#core/jose/ecdsa-signature.ts'
import type { Primitives, VerifyKey } from '#core/ports.ts'

/**
 * The computations of verification on `node:crypto`. Keys are bare KeyObjects and signatures DER: the
 * same work through `{ dsaEncoding: 'ieee-p1363' }` or WebCrypto takes up to three times as long.
 */
export function nodePrimitives(): Primitives {
  return {
    sha256: (text) => hash('sha256', text, 'base64url'),
    importEs256({ kty, crv, x, y }) {
      if (kty !== 'EC' || crv !== 'P-256') throw new Error('the key is not an EC key on P-256')
      // Node checks that the point lies on the curve; only the four public members reach it.
      return createPublicKey({ key: { kty, crv, x, y }, format: 'jwk' }) as unknown as VerifyKey
    },
    verifyEs256(key, bytes, signature) {
      if (signature.length !== 64) return false
      return verify('sha256', bytes, key as unknown as KeyObject, rawToDer(signature))
    },
    inflate: (bytes, maxBytes) => inflateSync(bytes, { maxOutputLength: maxBytes }),
    gunzip: (bytes, maxBytes) => gunzipSync(bytes, { maxOutputLength: maxBytes }),
  }
}
