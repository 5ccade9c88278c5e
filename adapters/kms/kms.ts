import type { GetPublicKeyCommandOutput, KMSClientConfig } from '@aws-sdk/client-kms'

/** The two calls of AWS KMS that signing needs. */
export interface Kms {
  getPublicKey(keyId: string): Promise<KmsPublicKey>
  /** ES256 over a SHA-256 digest; the answer is DER. */
  signDigest(keyId: string, digest: Uint8Array): Promise<Uint8Array>
}

type KmsPublicKey = Pick<GetPublicKeyCommandOutput, 'KeySpec' | 'KeyUsage' | 'PublicKey'>

/** KMS of the region. The SDK is loaded by the first call: most requests sign nothing. */
export function awsKms(options: KMSClientConfig = {}): Kms {
  let loaded: Promise<Kms> | undefined
  const client = () => {
    loaded ??= import('./client.ts').then(({ kmsClient }) => kmsClient(options))
    return loaded
  }
  return {
    getPublicKey: async (keyId) => (await client()).getPublicKey(keyId),
    signDigest: async (keyId, digest) => (await client()).signDigest(keyId, digest),
  }
}
