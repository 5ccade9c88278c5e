import { GetPublicKeyCommand, KMSClient, type KMSClientConfig, SignCommand } from '@aws-sdk/client-kms'
import type { Kms } from './kms.ts'

/** KMS of the region, by the SDK. */
export function kmsClient(options: KMSClientConfig): Kms {
  const client = new KMSClient(options)
  return {
    getPublicKey: (KeyId) => client.send(new GetPublicKeyCommand({ KeyId })),
    async signDigest(KeyId, Message) {
      const input = { KeyId, Message, MessageType: 'DIGEST', SigningAlgorithm: 'ECDSA_SHA_256' } as const
      return (await client.send(new SignCommand(input))).Signature ?? new Uint8Array()
    },
  }
}
