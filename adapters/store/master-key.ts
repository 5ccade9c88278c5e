import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto'

/**
 * What the store does with the deployment's one master secret. Each purpose has its own derived key, so
 * a text sealed for one purpose never opens for another.
 */
export interface MasterKey {
  /** AES-256-GCM; `boundTo` is authenticated with it and must be the same to open. */
  seal(purpose: SealPurpose, bytes: Uint8Array, boundTo: string): Promise<Uint8Array>
  /** `undefined` when it was not sealed here for this purpose and this binding. */
  open(purpose: SealPurpose, sealed: Uint8Array, boundTo: string): Promise<Uint8Array | undefined>
  /** HMAC-SHA256, lower-case hex. */
  mac(purpose: 'subject' | 'email' | 'site-account', text: string): string
}

type SealPurpose = 'learner-key' | 'cursor' | 'bulk-key' | 'upload'

/** The embedded form: keys derived by HKDF-SHA256 from 32 secret bytes. */
export function masterKey(secret: Uint8Array): MasterKey {
  if (secret.length !== 32) throw new Error('the master key is 32 bytes')
  const derived = new Map<string, Buffer>()
  const keyFor = (purpose: string): Buffer => {
    let key = derived.get(purpose)
    if (!key) {
      key = Buffer.from(hkdfSync('sha256', secret, new Uint8Array(), `academy/${purpose}`, 32))
      derived.set(purpose, key)
    }
    return key
  }
  return {
    async seal(purpose, bytes, boundTo) {
      return sealBytes(keyFor(purpose), bytes, boundTo)
    },
    async open(purpose, sealed, boundTo) {
      return openBytes(keyFor(purpose), sealed, boundTo)
    },
    mac(purpose, text) {
      return createHmac('sha256', keyFor(purpose)).update(text).digest('hex')
    },
  }
}

const nonceBytes = 12
const tagBytes = 16

/** AES-256-GCM under a fresh nonce: nonce ‖ ciphertext ‖ tag. The nonce comes from the platform, never from a seeded source. */
export function sealBytes(key: Uint8Array, bytes: Uint8Array, boundTo: string): Uint8Array {
  const nonce = randomBytes(nonceBytes)
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  cipher.setAAD(Buffer.from(boundTo))
  return Buffer.concat([nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()])
}

/** The bytes `sealBytes` was given; `undefined` for another key, another binding or a changed text. */
export function openBytes(key: Uint8Array, sealed: Uint8Array, boundTo: string): Uint8Array | undefined {
  if (sealed.length < nonceBytes + tagBytes) return undefined
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, nonceBytes), {
    authTagLength: tagBytes,
  })
  decipher.setAAD(Buffer.from(boundTo))
  decipher.setAuthTag(sealed.subarray(sealed.length - tagBytes))
  try {
    return Buffer.concat([
      decipher.update(sealed.subarray(nonceBytes, sealed.length - tagBytes)),
      decipher.final(),
    ])
  } catch {
    return undefined
  }
}
