import { createHash, createPublicKey, hash, type KeyObject, verify, X509Certificate } from 'node:crypto'
import { GetPublicKeyCommand, type KMSClient, SignCommand } from '@aws-sdk/client-kms'
import { platformTag, type TenantTag } from '#core/ids.ts'
import { derToRaw } from '#core/jose/ecdsa-signature.ts'
import { parsePublicJwk, thumbprintInput } from '#core/jose/jwk.ts'
import type { Signer, Signers } from '#core/ports.ts'
import { purposeMac } from '../node-crypto/purpose-mac.ts'

export interface KmsParts {
  client: Pick<KMSClient, 'send'>
  /** The key of a tenant is the one with the alias of this text and its tag. */
  aliases: string
  /** 32 bytes, for what is only ever checked here. */
  masterSecret: Uint8Array
  /** Certificates of an institution's key, leaf first, without the anchor; base64 DER. */
  chains: ReadonlyMap<TenantTag, string[]>
  anchors: string[]
}

/**
 * `Signers` whose private keys never leave AWS KMS: one ECC_NIST_P256 key for each institution and one for
 * the platform. KMS is given digests, since it takes no message over 4,096 bytes; every signature is
 * verified before anybody sees it.
 */
export function kmsSigners({ client, aliases, masterSecret, chains, anchors }: KmsParts): Signers {
  const loaded = new Map<TenantTag, Promise<Signer>>()

  function load(tag: TenantTag): Promise<Signer> {
    let work = loaded.get(tag)
    if (!work) {
      work = open(tag)
      // A failure must not be remembered: the next one asks again.
      work.catch(() => loaded.delete(tag))
      loaded.set(tag, work)
    }
    return work
  }

  async function open(tag: TenantTag): Promise<Signer> {
    const KeyId = `${aliases}${tag}`
    const answer = await client.send(new GetPublicKeyCommand({ KeyId }))
    if (answer.KeySpec !== 'ECC_NIST_P256' || answer.KeyUsage !== 'SIGN_VERIFY' || !answer.PublicKey) {
      throw new Error('the signing key of a tenant is no ECC_NIST_P256 key for SIGN_VERIFY')
    }
    const key = createPublicKey({ key: Buffer.from(answer.PublicKey), format: 'der', type: 'spki' })
    const publicJwk = parsePublicJwk(key.export({ format: 'jwk' }))
    const x5c = chains.get(tag) ?? []
    checkLeaf(x5c, key)
    return {
      kid: hash('sha256', thumbprintInput(publicJwk), 'base64url'),
      alg: 'ES256',
      publicJwk,
      x5c,
      async sign(bytes) {
        const signed = await client.send(
          new SignCommand({
            KeyId,
            Message: createHash('sha256').update(bytes).digest(),
            MessageType: 'DIGEST',
            SigningAlgorithm: 'ECDSA_SHA_256',
          }),
        )
        const der = signed.Signature ?? new Uint8Array()
        if (!verify('sha256', bytes, key, der)) throw new Error('KMS gave a signature that does not verify')
        return derToRaw(der)
      },
    }
  }

  return {
    async active(tag) {
      const signer = await load(tag)
      if (tag !== platformTag && signer.x5c.length === 0) {
        throw new Error('an institution was asked to sign before its key has a certificate')
      }
      return signer
    },
    async published(tag) {
      const { kid, alg, publicJwk, x5c } = await load(tag)
      return [{ kid, alg, publicJwk, x5c }]
    },
    async anchors() {
      return anchors
    },
    async revocationList() {
      return undefined
    },
    mac: purposeMac(masterSecret),
  }
}

/** A certificate of another key would make credentials that nobody can verify. */
function checkLeaf([leaf]: string[], key: KeyObject): void {
  if (leaf === undefined) return
  if (!new X509Certificate(Buffer.from(leaf, 'base64')).publicKey.equals(key)) {
    throw new Error('the certificate of an institution is for another key than the one in KMS')
  }
}
