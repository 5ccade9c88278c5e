import { createHash, createPublicKey, hash, type KeyObject, verify, X509Certificate } from 'node:crypto'
import type { TenantTag } from '#core/ids.ts'
import { derToRaw } from '#core/jose/ecdsa-signature.ts'
import { type PublicJwk, parsePublicJwk, thumbprintInput } from '#core/jose/jwk.ts'
import type { KeyVault } from '#core/keys/key-vault.ts'
import { Refusal } from '#core/refusal.ts'
import type { Kms } from './kms.ts'

export interface KmsParts {
  kms: Kms
  /** The key a tenant begins with is the one with the alias of this text and its tag. */
  aliases: string
  /** Certificates of an institution's first key, leaf first, without the anchor; base64 DER. */
  chains: ReadonlyMap<TenantTag, string[]>
  anchors: string[]
}

interface KmsKey {
  kid: string
  publicJwk: PublicJwk
  key: KeyObject
  location: string
}

/**
 * `KeyVault` whose private keys never leave AWS KMS: ECC_NIST_P256 keys, the first one of each tenant under
 * an alias made by the stacks, later ones by their address. KMS is given digests, since it takes no message
 * over 4,096 bytes; every signature is verified before anybody sees it. A KMS that fails after the SDK's own
 * tries is refused as `signing_key_unavailable`.
 */
export function kmsVault({ kms, aliases, chains, anchors }: KmsParts): KeyVault {
  const loaded = new Map<string, Promise<KmsKey>>()

  /** By alias or address. */
  function load(KeyId: string): Promise<KmsKey> {
    let work = loaded.get(KeyId)
    if (!work) {
      work = open(KeyId)
      // A failure must not be remembered: the next one asks again.
      work.catch(() => loaded.delete(KeyId))
      loaded.set(KeyId, work)
    }
    return work
  }

  async function open(KeyId: string): Promise<KmsKey> {
    const answer = await kms.getPublicKey(KeyId).catch((cause) => {
      throw unavailable({ cause })
    })
    if (answer.KeySpec !== 'ECC_NIST_P256' || answer.KeyUsage !== 'SIGN_VERIFY' || !answer.PublicKey) {
      throw new Error('the signing key of a tenant is no ECC_NIST_P256 key for SIGN_VERIFY')
    }
    const key = createPublicKey({ key: Buffer.from(answer.PublicKey), format: 'der', type: 'spki' })
    const publicJwk = parsePublicJwk(key.export({ format: 'jwk' }))
    const kid = hash('sha256', thumbprintInput(publicJwk), 'base64url')
    return { kid, publicJwk, key, location: KeyId }
  }

  return {
    async first(tag) {
      const found = await load(`${aliases}${tag}`)
      if (!leafIsFor(chains.get(tag) ?? [], found.key)) {
        throw new Error('the certificate of an institution is for another key than the one in KMS')
      }
      return found
    },

    async next(_tag, location) {
      const found = location === undefined ? undefined : await load(location).catch(noKeyThere)
      if (found) return found
      throw new Refusal(
        'invalid_input',
        'location: must be the address of an ECC_NIST_P256 key for signing that this deployment may use.',
        { field: 'location' },
      )
    },

    async signer(tag, { kid, location, x5c }) {
      const { publicJwk, key, ...found } = await load(location)
      // An alias that was turned to another key: what that one signs, nobody could verify.
      if (found.kid !== kid) throw unavailable({ detail: `the key ${kid} is not at its address` })
      const own = chains.get(tag) ?? []
      return {
        kid,
        alg: 'ES256',
        publicJwk,
        x5c: x5c ? [...x5c] : leafIsFor(own, key) ? own : [],
        sign: (bytes) => sign(location, key, bytes),
      }
    },

    async anchors() {
      return anchors
    },

    async revocationList() {
      return undefined
    },
  }

  async function sign(KeyId: string, key: KeyObject, bytes: Uint8Array): Promise<Uint8Array> {
    const der = await kms.signDigest(KeyId, createHash('sha256').update(bytes).digest()).catch((cause) => {
      throw unavailable({ cause })
    })
    if (!verify('sha256', bytes, key, der)) throw new Error('KMS gave a signature that does not verify')
    return derToRaw(der)
  }
}

/** What KMS says of an address that is none, or is of no key this deployment may use; asking again changes nothing. */
const ofNoUse = new Set([
  'AccessDeniedException',
  'DisabledException',
  'InvalidArnException',
  'KMSInvalidStateException',
  'NotFoundException',
  'UnsupportedOperationException',
  'ValidationException',
])

/** A KMS that is throttled or away says nothing about the key: its refusal stands, and may be tried again. */
function noKeyThere(error: unknown): undefined {
  if (error instanceof Refusal && !(error.cause instanceof Error && ofNoUse.has(error.cause.name)))
    throw error
}

/** KMS is away, or does not give this key: later, or after its operator did something, it may. */
function unavailable(more: { cause: unknown } | { detail: string }): Refusal {
  return new Refusal(
    'signing_key_unavailable',
    'The institution’s signing key cannot be used; its operator must look into it.',
    more,
  )
}

/** A certificate of another key would make credentials that nobody can verify. */
function leafIsFor([leaf]: string[], key: KeyObject): boolean {
  return leaf === undefined || new X509Certificate(Buffer.from(leaf, 'base64')).publicKey.equals(key)
}
