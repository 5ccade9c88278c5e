// The library's container of ASN.1 types needs the Reflect metadata API; it must be there first.
import 'reflect-metadata'
import { X509Certificate } from '@peculiar/x509'
import type { SealSignature } from './read-seal.ts'
import type { SealAlgorithm } from './seal.ts'

interface Verification {
  import: EcKeyImportParams | RsaHashedImportParams
  verify: EcdsaParams | RsaPssParams | { name: string }
}

const verifications: Readonly<Record<SealAlgorithm, Verification>> = {
  ES256: { import: { name: 'ECDSA', namedCurve: 'P-256' }, verify: { name: 'ECDSA', hash: 'SHA-256' } },
  RS256: {
    import: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
    verify: { name: 'RSASSA-PKCS1-v1_5' },
  },
  // RFC 7518 §3.5: the salt is as long as the hash.
  PS256: { import: { name: 'RSA-PSS', hash: 'SHA-256' }, verify: { name: 'RSA-PSS', saltLength: 32 } },
}

/** NIST SP 800-131A: nothing shorter than 2048 bits signs any more. */
const smallestRsaBytes = 256

/**
 * Whether a signature was made over this credential with the key of its first certificate. Says nothing
 * about trust in that certificate. Through WebCrypto, so that the same code runs offline in a browser.
 */
export async function verifySealSignature(signature: SealSignature): Promise<boolean> {
  const { import: importParameters, verify } = verifications[signature.alg]
  if (
    signature.alg === 'ES256'
      ? signature.signature.length !== 64
      : signature.signature.length < smallestRsaBytes
  ) {
    return false
  }
  try {
    const { publicKey } = new X509Certificate(signature.x5c[0] ?? '')
    const key = await crypto.subtle.importKey('spki', publicKey.rawData, importParameters, false, ['verify'])
    return await crypto.subtle.verify(
      verify,
      key,
      signature.signature as Uint8Array<ArrayBuffer>,
      signature.signingInput as Uint8Array<ArrayBuffer>,
    )
  } catch {
    // A key of another kind than the algorithm, or no certificate at all.
    return false
  }
}
