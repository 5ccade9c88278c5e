import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { p256 } from '@noble/curves/nist.js'
import * as z from 'zod'
import { AwsError, type AwsService, jsonService } from './door.ts'

const zKey = z.object({ KeyId: z.string() })
const zSign = z.object({
  ...zKey.shape,
  Message: z.base64(),
  MessageType: z.literal('DIGEST'),
  SigningAlgorithm: z.literal('ECDSA_SHA_256'),
})

export interface Kms {
  service: AwsService
  /** The public key of an address or alias, SPKI DER. */
  publicKey(keyId: string): Buffer
  /** Puts a key that was made elsewhere behind an address or alias. */
  adopt(keyId: string, key: KeyObject): void
  /** What is answered instead of a signature, until it is set back. */
  corrupt: ((signature: Uint8Array) => Uint8Array) | undefined
}

/**
 * The calls of KMS that signing needs. Unlike Node it signs digests, as KMS does. `addressOf` finds the key
 * behind an alias or an id; keys themselves are made when first asked for, and live as long as this does.
 */
export function kmsStandIn(addressOf: (keyId: string) => string | undefined): Kms {
  const keys = new Map<string, { spki: Buffer; secret: Uint8Array }>()
  const found = (keyId: string) => {
    const arn = addressOf(keyId)
    if (arn === undefined) throw new AwsError('NotFoundException', 'there is no such key')
    const known = keys.get(arn) ?? keyParts(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey)
    keys.set(arn, known)
    return { arn, ...known }
  }
  // A policy speaks of the key, whatever name it was called by; of a key that is not there, of the name.
  const needs = (action: string, keyId: string) => [{ action, resource: addressOf(keyId) ?? keyId }]
  const kms: Kms = {
    corrupt: undefined,
    publicKey: (keyId) => found(keyId).spki,
    adopt(keyId, key) {
      const arn = addressOf(keyId)
      if (arn === undefined) throw new Error(`there is no key ${keyId}`)
      keys.set(arn, keyParts(key))
    },
    service: jsonService('TrentService', 'kms', {
      GetPublicKey(input) {
        const { KeyId } = zKey.parse(input)
        return {
          needs: needs('kms:GetPublicKey', KeyId),
          answer() {
            const { arn, spki } = found(KeyId)
            const PublicKey = spki.toString('base64')
            return { KeyId: arn, PublicKey, KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' }
          },
        }
      },
      Sign(input) {
        const { KeyId, Message } = zSign.parse(input)
        return {
          needs: needs('kms:Sign', KeyId),
          answer() {
            const digest = Buffer.from(Message, 'base64')
            if (digest.length !== 32) throw new AwsError('ValidationException', 'a digest is 32 bytes')
            const { arn, secret } = found(KeyId)
            const signature = p256.sign(digest, secret, { prehash: false, lowS: false }).toDERRawBytes()
            const Signature = Buffer.from(kms.corrupt?.(signature) ?? signature).toString('base64')
            return { KeyId: arn, Signature, SigningAlgorithm: 'ECDSA_SHA_256' }
          },
        }
      },
    }),
  }
  return kms
}

function keyParts(key: KeyObject) {
  const pem = key.export({ type: 'pkcs8', format: 'pem' })
  const { d = '' } = createPrivateKey(pem).export({ format: 'jwk' })
  const spki = createPublicKey(pem).export({ type: 'spki', format: 'der' })
  return { spki, secret: Buffer.from(d, 'base64url') }
}
